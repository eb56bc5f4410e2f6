#include "server/http/problem.h"

#include "server/base/status.h"
#include "text/duration.h"
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

bool refuse(struct problem *problem, int status, const char *parameter, const char *format, ...)
{
    *problem = (struct problem){.status = status, .parameter = parameter};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
    va_end(arguments);
    return false;
}

const char *problem_quote(const char *bytes, size_t length, char quoted[PROBLEM_QUOTE_BYTES])
{
    size_t shown = length > 60 ? 60 : length;
    char *at = quoted;
    for (size_t i = 0; i < shown; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x20 && byte < 0x7f)
            *at++ = (char)byte;
        else
            at += sprintf(at, "%%%02X", byte);
    }
    (void)snprintf(at, 4, "%s", shown < length ? "..." : "");
    return quoted;
}

static json_t *bound(const struct problem *problem, int64_t value)
{
    if (!problem->in_seconds)
        return json_integer(value);
    return value % NS_PER_SECOND == 0 ? json_integer(value / NS_PER_SECOND)
                                      : json_real((double)value / NS_PER_SECOND);
}

h2o_iovec_t problem_document(h2o_mem_pool_t *pool, const struct problem *problem)
{
    json_t *document = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
                                 status_reason(problem->status), "status", problem->status,
                                 "detail", problem->detail);
    if (problem->parameter != NULL)
        (void)json_object_set_new(document, "parameter", json_string(problem->parameter));
    if (problem->has_bounds) {
        (void)json_object_set_new(document, "minimum", bound(problem, problem->minimum));
        (void)json_object_set_new(document, "maximum", bound(problem, problem->maximum));
    }
    if (problem->line > 0) {
        (void)json_object_set_new(document, "line", json_integer((json_int_t)problem->line));
        (void)json_object_set_new(document, "column", json_integer((json_int_t)problem->column));
    }
    char *text = json_dumps(document, JSON_REAL_PRECISION(12));
    json_decref(document);
    h2o_iovec_t copy = h2o_strdup(pool, text == NULL ? "{}" : text, SIZE_MAX);
    free(text);
    copy.base[copy.len++] = '\n'; /* in the place of the NUL that h2o_strdup() adds */
    return copy;
}
