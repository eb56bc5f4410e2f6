#include "tests/fuzz/answers.h"

#include "tests/fuzz/fuzz.h"
#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

struct answer {
    int status;
    const char *headers;
    const char *body;
    size_t announced; /* the body's length; SIZE_MAX: to the end of the connection */
    bool is_chunked;
};

/* The end of a line is CR LF; no other control byte stands in it. */
static const char *line_end(const char *at, const char *end)
{
    for (; at < end && *at != '\r'; at++)
        FUZZ_CHECK(!iscntrl((unsigned char)*at) || *at == '\t', "a control byte in a header");
    FUZZ_CHECK(end - at >= 2 && at[1] == '\n', "a header line without its end");
    return at;
}

static bool is_token(const char *at, const char *end)
{
    const char *begin = at;
    while (at < end && (isalnum((unsigned char)*at) || strchr("!#$%&'*+-.^_`|~", *at) != NULL))
        at++;
    return at > begin && at == end;
}

static int read_status(const char *at, const char *end)
{
    bool is_sound = end - at >= 13 && memcmp(at, "HTTP/1.1 ", 9) == 0 && at[9] >= '1' &&
                    at[9] <= '5' && isdigit((unsigned char)at[10]) &&
                    isdigit((unsigned char)at[11]) && at[12] == ' ';
    FUZZ_CHECK(is_sound, "no status line");
    return (at[9] - '0') * 100 + (at[10] - '0') * 10 + at[11] - '0';
}

static bool value_of(const char *line, const char *end, const char *name, const char **value)
{
    size_t length = strlen(name);
    if ((size_t)(end - line) <= length || line[length] != ':' ||
        strncasecmp(line, name, length) != 0)
        return false;
    *value = line + length + 1;
    while (*value < end && **value == ' ')
        (*value)++;
    return true;
}

static size_t read_length(const char *value, const char *end)
{
    size_t length = 0;
    FUZZ_CHECK(value < end && end - value < 10, "a Content-Length that is no number");
    for (; value < end; value++) {
        FUZZ_CHECK(isdigit((unsigned char)*value), "a Content-Length that is no number");
        length = length * 10 + (size_t)(*value - '0');
    }
    return length;
}

static void read_header(struct answer *answer, const char *line, const char *end)
{
    const char *value = NULL;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    FUZZ_CHECK(colon != NULL && is_token(line, colon), "a header without a name");
    if (value_of(line, end, "content-length", &value)) {
        FUZZ_CHECK(answer->announced == SIZE_MAX, "Content-Length twice");
        answer->announced = read_length(value, end);
    }
    if (value_of(line, end, "transfer-encoding", &value)) {
        FUZZ_CHECK(end - value == 7 && memcmp(value, "chunked", 7) == 0, "an unknown coding");
        answer->is_chunked = true;
    }
}

/* Returns where the body begins. */
static const char *read_head(struct answer *answer, const char *at, const char *end)
{
    const char *stop = line_end(at, end);
    *answer = (struct answer){.status = read_status(at, stop), .announced = SIZE_MAX};
    answer->headers = stop + 2;
    for (at = answer->headers; (stop = line_end(at, end)) > at; at = stop + 2)
        read_header(answer, at, stop);
    FUZZ_CHECK(!answer->is_chunked || answer->announced == SIZE_MAX, "a length and chunks");
    answer->body = stop + 2;
    return answer->body;
}

static const char *skip_chunks(const char *at, const char *end)
{
    for (;;) {
        char *after = NULL;
        const char *stop = line_end(at, end);
        size_t size = strtoul(at, &after, 16);
        FUZZ_CHECK(isxdigit((unsigned char)*at) && after == stop, "a chunk without its size");
        at = stop + 2;
        FUZZ_CHECK((size_t)(end - at) >= size + 2, "a chunk that is cut");
        FUZZ_CHECK(memcmp(at + size, "\r\n", 2) == 0, "a chunk without its end");
        at += size + 2;
        if (size == 0)
            return at;
    }
}

static bool has_body(const struct answer *answer)
{
    return answer->status >= 200 && answer->status != 204 && answer->status != 304;
}

static bool begins_answer(const char *at, const char *end)
{
    return at == end || (end - at >= 9 && memcmp(at, "HTTP/1.1 ", 9) == 0);
}

/* Returns where the next answer begins. */
static const char *skip_body(const struct answer *answer, const char *end, bool may_be_head)
{
    const char *at = answer->body;
    if (!has_body(answer) || (may_be_head && begins_answer(at, end)))
        return at;
    if (answer->is_chunked)
        return skip_chunks(at, end);
    if (answer->announced == SIZE_MAX)
        return end;
    FUZZ_CHECK((size_t)(end - at) >= answer->announced, "a body that is cut");
    return at + answer->announced;
}

void answers_check_problem(const char *bytes, size_t size, int status)
{
    json_t *problem = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_CHECK(json_is_object(problem), "a problem that is no JSON");
    FUZZ_CHECK(json_integer_value(json_object_get(problem, "status")) == status,
               "a problem of another status");
    FUZZ_CHECK(json_is_string(json_object_get(problem, "type")), "a problem without a type");
    FUZZ_CHECK(json_string_length(json_object_get(problem, "title")) > 0, "without a title");
    FUZZ_CHECK(json_string_length(json_object_get(problem, "detail")) > 0, "without a detail");
    json_decref(problem);
}

static void check_error(const struct answer *answer, const char *next)
{
    const char *value = NULL;
    bool is_problem = false;
    const char *stop = NULL;
    for (const char *at = answer->headers; (stop = line_end(at, next)) > at; at = stop + 2)
        is_problem =
            is_problem || (value_of(at, stop, "content-type", &value) && stop - value == 24 &&
                           memcmp(value, "application/problem+json", 24) == 0);
    FUZZ_CHECK(is_problem, "an error that is no problem+json");
    if (next > answer->body && !answer->is_chunked)
        answers_check_problem(answer->body, (size_t)(next - answer->body), answer->status);
}

size_t answers_check(const uint8_t *bytes, size_t size, bool may_be_head)
{
    const char *at = (const char *)bytes;
    const char *end = size > 0 ? at + size : at;
    size_t count = 0;
    struct answer answer;
    while (at < end) {
        (void)read_head(&answer, at, end);
        at = skip_body(&answer, end, may_be_head);
        if (answer.status >= 400)
            check_error(&answer, at);
        count += answer.status >= 200;
    }
    return count;
}

const char *answers_header(const uint8_t *bytes, size_t size, const char *name, size_t *length)
{
    const char *value = NULL;
    const char *stop = NULL;
    struct answer answer;
    const char *end = (const char *)bytes + size;
    (void)read_head(&answer, (const char *)bytes, end);
    for (const char *at = answer.headers; (stop = line_end(at, end)) > at; at = stop + 2) {
        if (value_of(at, stop, name, &value)) {
            *length = (size_t)(stop - value);
            return value;
        }
    }
    return NULL;
}

void answers_check_log(const char *lines)
{
    for (const char *end = NULL; *lines != '\0'; lines = end + 1) {
        end = strchr(lines, '\n');
        FUZZ_CHECK(end != NULL, "a log line without its end");
        size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL; /* HTTP/2 lets a path have one */
        json_t *line = json_loadb(lines, (size_t)(end - lines), flags, NULL);
        FUZZ_CHECK(json_is_object(line), "a log line that is no JSON");
        json_decref(line);
    }
}
