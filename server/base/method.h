/*
 * The methods that awaitd tells apart. Thread: any; constant.
 */
#pragma once

#include <stddef.h>

enum method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_OPTIONS,
    METHOD_OTHER,
    METHODS,
};

/* "GET"; "other" for METHOD_OTHER. */
extern const char *const method_names[METHODS];

/* What may be asked of every path, as Allow has it; and of one that takes a body. */
#define ALLOWED_METHODS           "GET, HEAD, OPTIONS"
#define ALLOWED_METHODS_WITH_POST "GET, HEAD, POST, OPTIONS"

/* Case counts (RFC 9110, section 9.1). */
enum method method_of(const char *bytes, size_t length);
