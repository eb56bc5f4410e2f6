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

/* "GET"; "other" for METHOD_OTHER. */
extern const char *const method_names[METHODS];

/* What may be asked of every endpoint, as Allow has it: all of them but METHOD_OTHER. */
#define ALLOWED_METHODS "GET, HEAD, OPTIONS"

/* Case counts (RFC 9110, section 9.1). */
enum method method_of(const char *bytes, size_t length);
