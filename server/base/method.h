/*
 * The methods that awaitd tells apart. Thread: any; constant.
 */
#pragma once

#include <stddef.h>

enum method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_OPTIONS,
    METHOD_OTHER,
    METHODS,
};

/* What may be asked of every endpoint, as the Allow header has it. */
#define ALLOWED_METHODS "GET, HEAD, OPTIONS"

enum method method_of(const char *bytes, size_t length);

/* "GET"; "other" for METHOD_OTHER. */
const char *method_name(enum method method);
