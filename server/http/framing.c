#include "server/http/framing.h"

#include "text/text.h"
#include <string.h>

/* How often those fields are there that say where a request ends and which host it is for. */
struct fields {
    int hosts;
    int lengths;
    int encodings;
};

static bool is_field(struct text line, const char *name, size_t length)
{
    return line.length > length && line.bytes[length] == ':' &&
           h2o_lcstris(line.bytes, length, name, length);
}

/* Most fields are none of the three, and are done with after their first byte. */
static void note_field(struct text line, struct fields *fields)
{
    switch (line.bytes[0] | 0x20) {
    case 'h':
        fields->hosts += is_field(line, H2O_STRLIT("host"));
        break;
    case 'c':
        fields->lengths += is_field(line, H2O_STRLIT("content-length"));
        break;
    case 't':
        fields->encodings += is_field(line, H2O_STRLIT("transfer-encoding"));
        break;
    default:
        break;
    }
}

/* What is wrong with the lines as such; NULL: nothing. libh2o has found the head to be whole. */
static const char *read_lines(const h2o_buffer_t *input, struct fields *fields)
{
    const char *at = input->bytes;
    const char *end = at + input->size;
    bool is_request_line = true;
    for (const char *lf; (lf = memchr(at, '\n', (size_t)(end - at))) != NULL; at = lf + 1) {
        if (lf == at || lf[-1] != '\r')
            return "A line of the head ends in LF alone, not in CR LF (RFC 9112, section 2.2).";
        struct text line = {at, (size_t)(lf - at) - 1};
        if (line.length == 0) {
            if (at > input->bytes)
                break;
            continue; /* libh2o passes over an empty line before the request, and so do we */
        }
        if (is_request_line)
            is_request_line = false;
        else if (at[0] == ' ' || at[0] == '\t')
            return "A header field goes on in a second line (RFC 9112, section 5.2).";
        else
            note_field(line, fields);
    }
    return NULL;
}

static const char *judge_fields(const h2o_req_t *req, const struct fields *fields)
{
    if (fields->hosts > 1)
        return "There is more than one Host header (RFC 9112, section 3.2).";
    if (fields->lengths > 1)
        return "There is more than one Content-Length (RFC 9112, section 6.3).";
    if (fields->encodings > 1)
        return "There is more than one Transfer-Encoding (RFC 9112, section 6.1).";
    if (fields->lengths > 0 && fields->encodings > 0)
        return "There are both Content-Length and Transfer-Encoding (RFC 9112, section 6.3).";
    if (fields->encodings > 0 && req->version < HTTP_1_1)
        return "HTTP/1.0 has no Transfer-Encoding (RFC 9112, section 6.1).";
    return NULL;
}

/* uri-host [":" port] (RFC 3986, section 3.2.2) has none of these, nor anything but ASCII. */
static const bool is_no_host[128] = {
    [' '] = true, ['\t'] = true, ['/'] = true, ['\\'] = true, ['@'] = true,
    ['?'] = true, ['#'] = true,  ['"'] = true, ['<'] = true,  ['>'] = true,
    ['{'] = true, ['}'] = true,  ['|'] = true, ['^'] = true,  ['`'] = true,
};

bool framing_check(h2o_req_t *req, const h2o_buffer_t *input, struct problem *problem)
{
    struct fields fields = {0};
    const char *wrong = read_lines(input, &fields);
    if (wrong == NULL)
        wrong = judge_fields(req, &fields);
    h2o_iovec_t host = req->input.authority;
    for (size_t i = 0; wrong == NULL && i < host.len; i++) {
        unsigned char byte = (unsigned char)host.base[i];
        if (byte >= sizeof is_no_host / sizeof *is_no_host || is_no_host[byte])
            wrong = "The Host header is not a host and a port (RFC 9112, section 3.2).";
    }
    /* Nobody knows where the next request begins, or libh2o alone does. */
    if (wrong != NULL || fields.encodings > 0)
        req->http1_is_persistent = 0;
    return wrong == NULL || refuse(problem, 400, NULL, "%s", wrong);
}
