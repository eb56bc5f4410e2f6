#include "server/base/method.h"

#include <string.h>

const char *const method_names[METHODS] = {
    [METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
    [METHOD_OPTIONS] = "OPTIONS", [METHOD_OTHER] = "other",
};

enum method method_of(const char *bytes, size_t length)
{
    enum method method = METHOD_GET;
    while (method < METHOD_OTHER && (strlen(method_names[method]) != length ||
                                     memcmp(method_names[method], bytes, length) != 0))
        method++;
    return method;
}
