#include "server/http/http1.h"

#include "text/text.h"
#include <string.h>

/* picohttpparser's, whose header libh2o does not install. */
struct phr_header {
    const char *name; /* NULL: the line goes on with the last value */
    size_t name_length;
    const char *value;
    size_t value_length;
};

int phr_parse_headers(const char *bytes, size_t length, struct phr_header *fields, size_t *count,
                      size_t seen_length);
int phr_parse_request(const char *bytes, size_t length, const char **method, size_t *method_length,
                      const char **target, size_t *target_length, int *minor_version,
                      struct phr_header *fields, size_t *count, size_t seen_length);

#define PARTIAL (-2)
#define WRONG   (-1)

/* ---- the request line ------------------------------------------------------------------------ */

/* tchar (RFC 9110, section 5.6.2) */
static bool is_token(char byte)
{
    bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    return is_letter || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("-_.!#$%&'*+^`|~", byte) != NULL);
}

/* Those who judge it name what is wrong with it. */
static bool is_target(char byte)
{
    return (unsigned char)byte > ' ' && byte != 0x7f;
}

/* A word of some bytes, and the space behind it. NULL: `outcome` says why. */
static const char *read_word(const char *at, const char *end, bool (*belongs)(char byte),
                             const char **word, size_t *length, int *outcome)
{
    *word = at;
    while (at < end && belongs(*at))
        at++;
    *length = (size_t)(at - *word);
    *outcome = at == end ? PARTIAL : WRONG;
    return at == end || at == *word || *at != ' ' ? NULL : at + 1;
}

/* The same for `text`, as far as it is there. */
static const char *read_text(const char *at, const char *end, const char *text, int *outcome)
{
    size_t wanted = strlen(text);
    size_t there = (size_t)(end - at);
    bool matches = memcmp(at, text, there < wanted ? there : wanted) == 0;
    *outcome = matches ? PARTIAL : WRONG;
    return matches && there >= wanted ? at + wanted : NULL;
}

/* Of CR LF or LF; framing.c refuses the latter with a reason. */
static const char *read_line_end(const char *at, const char *end, int *outcome)
{
    if (at < end && *at == '\r')
        at++;
    return read_text(at, end, "\n", outcome);
}

/* ---- the fields ------------------------------------------------------------------------------ */

static bool is_ignored(const struct phr_header *field, int minor_version)
{
    return minor_version == 0 && field->name != NULL &&
           h2o_lcstris(field->name, field->name_length, H2O_STRLIT("expect"));
}

static void tidy(struct phr_header *fields, size_t *count, int minor_version)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        struct phr_header field = fields[i];
        struct text value = text_trim((struct text){field.value, field.value_length});
        field.value = value.bytes;
        field.value_length = value.length;
        if (!is_ignored(&field, minor_version))
            fields[kept++] = field;
    }
    *count = kept;
}

/* libh2o's name: it calls this for its own. An empty line before the request is let pass (RFC 9112,
   section 2.2). */
int phr_parse_request(const char *bytes, size_t length, const char **method, size_t *method_length,
                      const char **target, size_t *target_length, int *minor_version,
                      struct phr_header *fields, size_t *count, size_t seen_length)
{
    const char *end = bytes + length;
    const char *at = bytes;
    int outcome = PARTIAL;
    if (at < end && (*at == '\r' || *at == '\n'))
        at = read_line_end(at, end, &outcome);
    if (at != NULL)
        at = read_word(at, end, is_token, method, method_length, &outcome);
    if (at != NULL)
        at = read_word(at, end, is_target, target, target_length, &outcome);
    if (at != NULL)
        at = read_text(at, end, "HTTP/1.", &outcome);
    if (at == NULL || at == end)
        return outcome;
    *minor_version = *at++ - '0';
    if (*minor_version < 0 || *minor_version > 9)
        return WRONG;
    at = read_line_end(at, end, &outcome);
    if (at == NULL)
        return outcome;
    size_t line_length = (size_t)(at - bytes);
    size_t seen_fields = seen_length > line_length ? seen_length - line_length : 0;
    int fields_length = phr_parse_headers(at, length - line_length, fields, count, seen_fields);
    if (fields_length < 0)
        return fields_length;
    tidy(fields, count, *minor_version);
    return (int)line_length + fields_length;
}

/* ---- after the request ----------------------------------------------------------------------- */

bool http1_persists(const h2o_req_t *req)
{
    bool keeps_alive = req->version >= HTTP_1_1;
    ssize_t at = -1;
    while ((at = h2o_find_header(&req->headers, H2O_TOKEN_CONNECTION, at)) != -1) {
        h2o_iovec_t value = req->headers.entries[at].value;
        struct text rest = {value.base, value.len};
        while (rest.length > 0) {
            struct text word = text_trim(text_split(&rest, ','));
            if (h2o_lcstris(word.bytes, word.length, H2O_STRLIT("close")))
                return false;
            if (h2o_lcstris(word.bytes, word.length, H2O_STRLIT("keep-alive")))
                keeps_alive = true;
        }
    }
    return keeps_alive;
}
