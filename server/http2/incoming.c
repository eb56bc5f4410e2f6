#include "server/http2/incoming.h"

#include "server/http/request.h"
#include "server/http2/ending.h"
#include <stdlib.h>
#include <strings.h>

/* Of a path that is too long, for the log. */
#define SHOWN_BYTES 256

/* ---- fields ---------------------------------------------------------------------------------- */

/* What a head costs: libh2o's copies and list of it, and a path once more, with a number for each
   of its bytes. So much of it is in a stream's price. */
#define HEAD_COST       2
#define PATH_COST       10
#define HEAD_FREE_BYTES 4096

/* The first room that is made for a body whose length is not told. */
#define BODY_LEAST_BYTES 1024

static h2o_iovec_t keep(struct stream *stream, h2o_iovec_t text)
{
    return h2o_strdup(&stream->req.pool, text.base, text.len);
}

/* RFC 9113, section 8.3.1. nghttp2 has seen that each comes once, and before all others. */
static void add_pseudo_field(struct stream *stream, h2o_iovec_t name, h2o_iovec_t value)
{
    h2o_req_t *req = &stream->req;
    if (h2o_memis(name.base, name.len, H2O_STRLIT(":method")))
        req->input.method = keep(stream, value);
    else if (h2o_memis(name.base, name.len, H2O_STRLIT(":path")))
        req->input.path = keep(stream, value);
    else if (h2o_memis(name.base, name.len, H2O_STRLIT(":authority")))
        req->input.authority = keep(stream, value);
    else if (h2o_memis(value.base, value.len, H2O_STRLIT("https")))
        req->input.scheme = &H2O_URL_SCHEME_HTTPS;
}

static int64_t number_of(h2o_iovec_t digits)
{
    int64_t number = 0;
    for (size_t i = 0; i < digits.len; i++)
        number = number < INT64_MAX / 16 ? 10 * number + (digits.base[i] - '0') : number;
    return number;
}

/* As libh2o's HTTP/1 does it, these are not among the headers that handlers see. */
static bool take_special_field(struct stream *stream, const h2o_token_t *token, h2o_iovec_t value)
{
    if (token == H2O_TOKEN_HOST) {
        stream->host = keep(stream, value);
    } else if (token == H2O_TOKEN_CONTENT_LENGTH) {
        stream->content_length = number_of(value); /* nghttp2 has seen that it is one */
    } else if (token == H2O_TOKEN_EXPECT) {
        stream->awaits_continue = h2o_lcstris(value.base, value.len, H2O_STRLIT("100-continue"));
        stream->expects_more = !stream->awaits_continue;
    } else {
        return false;
    }
    return true;
}

/* What is to be said of the head up to this field; 0: nothing. */
static int judge_field(struct stream *stream, h2o_iovec_t name, h2o_iovec_t value)
{
    stream->head_bytes += name.len + value.len + 32;
    stream->head_cost += HEAD_COST * (name.len + value.len + 32);
    if (stream->head_bytes > HEAD_BYTES || stream->req.headers.size >= HEAD_MOST_FIELDS)
        return 431;
    if (h2o_memis(name.base, name.len, H2O_STRLIT(":path"))) {
        const char *query = memchr(value.base, '?', value.len);
        size_t path_bytes = query == NULL ? value.len : (size_t)(query - value.base);
        if (path_bytes > PATH_BYTES)
            return 414;
        stream->head_cost += PATH_COST * path_bytes;
    }
    return stream->head_cost <= HEAD_FREE_BYTES || stream_pay(stream, stream->head_cost) ? 0 : 503;
}

void incoming_field(struct stream *stream, h2o_iovec_t name, h2o_iovec_t value)
{
    h2o_req_t *req = &stream->req;
    if (stream->refusal == 0)
        stream->refusal = judge_field(stream, name, value);
    if (stream->refusal != 0)
        value.len = value.len < SHOWN_BYTES ? value.len : SHOWN_BYTES;
    if (name.base[0] == ':') {
        add_pseudo_field(stream, name, value);
        return;
    }
    if (stream->refusal != 0)
        return;
    const h2o_token_t *token = h2o_lookup_token(name.base, name.len);
    if (token == NULL) {
        name = keep(stream, name); /* libh2o keeps the pointer */
        value = keep(stream, value);
        h2o_add_header_by_str(&req->pool, &req->headers, name.base, name.len, 0, NULL, value.base,
                              value.len);
    } else if (!take_special_field(stream, token, value)) {
        value = keep(stream, value);
        h2o_add_header(&req->pool, &req->headers, token, NULL, value.base, value.len);
    }
}

/* What nghttp2 leaves to its user (RFC 9113, section 8.3.1): no userinfo, and no two authorities.
   Without :authority the Host field is it. */
static bool check_authority(struct stream *stream)
{
    h2o_iovec_t *authority = &stream->req.input.authority;
    if (authority->base == NULL)
        *authority = stream->host;
    if (stream->host.base != NULL &&
        (stream->host.len != authority->len ||
         strncasecmp(stream->host.base, authority->base, authority->len) != 0))
        return false;
    return authority->base == NULL || memchr(authority->base, '@', authority->len) == NULL;
}

static void send_continue(const struct stream *stream)
{
    static uint8_t name[] = ":status";
    static uint8_t value[] = "100";
    const nghttp2_nv status = {name, value, sizeof name - 1, sizeof value - 1,
                               NGHTTP2_NV_FLAG_NONE};
    (void)nghttp2_submit_headers(stream->session->nghttp2, NGHTTP2_FLAG_NONE, stream->id, NULL,
                                 &status, 1, NULL);
    session_talk(stream->session);
}

static int64_t body_most_bytes(const struct stream *stream)
{
    return stream->session->connection->loop->config->max_body_bytes;
}

void incoming_head_ends(struct stream *stream, bool is_whole)
{
    h2o_req_t *req = &stream->req;
    /* CONNECT has no path, and no end until it is answered (RFC 9113, section 8.5). */
    bool is_connect = req->input.path.base == NULL;
    if (!check_authority(stream)) {
        ending_of_stream(stream->session, HTTP2_STREAM_PROTOCOL_ERROR);
        stream_reset(stream, NGHTTP2_PROTOCOL_ERROR);
        return;
    }
    if (is_connect)
        req->input.path = req->input.authority;
    if (stream->refusal == 431) {
        stream_refuse(stream, 431);
    } else if (stream->refusal != 0) {
        request_of(req)->refusal = stream->refusal;
        stream_handle(stream);
    }
    if (stream->is_handled)
        return;
    if (stream->expects_more)
        stream_refuse(stream, 417);
    else if (stream->content_length > body_most_bytes(stream))
        stream_refuse(stream, 413);
    else if (is_whole || is_connect)
        stream_handle(stream);
    else if (stream->awaits_continue)
        send_continue(stream);
}

/* The client said how long it is, or it grows by doubling. */
static size_t body_room_for(const struct stream *stream, size_t bytes)
{
    size_t room = stream->content_length > 0 ? (size_t)stream->content_length : BODY_LEAST_BYTES;
    while (room < bytes)
        room *= 2;
    return room;
}

/* False: there is no memory for it, or no more to be held. */
static bool keep_body(struct stream *stream, const uint8_t *bytes, size_t length)
{
    h2o_iovec_t *body = &stream->req.entity;
    if (length > stream->body_room_bytes - body->len) {
        size_t room = body_room_for(stream, body->len + length);
        size_t head = stream->head_cost > HEAD_FREE_BYTES ? stream->head_cost : 0;
        char *grown = stream_pay(stream, head + room) ? realloc(stream->body, room) : NULL;
        if (grown == NULL)
            return false;
        stream->body = body->base = grown;
        stream->body_room_bytes = room;
    }
    memcpy(stream->body + body->len, bytes, length);
    return true;
}

void incoming_body(struct stream *stream, const uint8_t *bytes, size_t length)
{
    size_t most = (size_t)body_most_bytes(stream);
    if (stream->is_handled) /* and answered already: the rest of it is nobody's */
        return;
    if (length > most - stream->req.entity.len) {
        stream_refuse(stream, 413);
        return;
    }
    h2o_iovec_t method = stream->req.input.method;
    if (h2o_memis(method.base, method.len, H2O_STRLIT("POST")) &&
        !keep_body(stream, bytes, length)) {
        request_of(&stream->req)->refusal = 503;
        stream_handle(stream);
        return;
    }
    stream->req.entity.len += length;
    (void)nghttp2_session_consume_stream(stream->session->nghttp2, stream->id, length);
}
