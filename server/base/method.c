#include "server/base/method.h"

#include <string.h>

static const char *const names[METHODS] = {"GET", "HEAD", "OPTIONS", "other"};

enum method method_of(const char *bytes, size_t length)
{
    enum method method = METHOD_GET;
    while (method < METHOD_OTHER &&
           (strlen(names[method]) != length || memcmp(names[method], bytes, length) != 0))
        method++;
    return method;
}

const char *method_name(enum method method)
{
    return names[method];
}
