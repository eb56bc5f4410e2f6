#include "server/guard/not_http.h"

#include "server/guard/fixed_answer.h"
#include "server/loop/connection.h"
#include "server/telemetry/notices.h"

static const char libh2os[] = "HTTP/1.1 400 Bad Request\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Connection: close\r\n"
                              "Content-Length: 11\r\n\r\n"
                              "Bad Request";

#define DETAIL                                                                                     \
    "This is no HTTP/1.1 request that can be read, or it has more than 100 header fields or "      \
    "16 KiB of them (RFC 9112, sections 3 and 5)."

_Static_assert(sizeof FIXED_DOCUMENT("400", "Bad Request", DETAIL) - 1 == 208, "as said below");

static char bytes[] = FIXED_ANSWER("400", "Bad Request", "208", DETAIL);

static const uv_buf_t ours = {.base = bytes, .len = sizeof bytes - 1};

const uv_buf_t *not_http_replace(struct quick_stream *stream, const uv_buf_t *buffers,
                                 unsigned count)
{
    struct connection *connection = container_of(stream, struct connection, stream);
    if (count != 1 || buffers->len != sizeof libh2os - 1 ||
        memcmp(buffers->base, libh2os, sizeof libh2os - 1) != 0)
        return NULL;
    counter_add(&connection->loop->metrics->cuts[CUT_UNPARSABLE], 1);
    notice_not_http(connection->loop->log, connection->client);
    return &ours;
}
