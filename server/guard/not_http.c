#include "server/guard/not_http.h"

#include "server/loop/loop.h"
#include "server/telemetry/notice.h"

static const char libh2os[] = "HTTP/1.1 400 Bad Request\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Connection: close\r\n"
                              "Content-Length: 11\r\n\r\n"
                              "Bad Request";

#define DOCUMENT                                                                                   \
    "{\"type\": \"about:blank\", \"title\": \"Bad Request\", \"status\": 400, \"detail\": "        \
    "\"This is no HTTP/1.1 request that can be read, or it has more than 100 header fields or "    \
    "400 KiB of them (RFC 9112, sections 3 and 5).\"}\n"

_Static_assert(sizeof DOCUMENT - 1 == 209, "the Content-Length below");

static char ours[] = "HTTP/1.1 400 Bad Request\r\n"
                     "Connection: close\r\n"
                     "Content-Type: application/problem+json\r\n"
                     "Cache-Control: no-store\r\n"
                     "Content-Length: 209\r\n\r\n" DOCUMENT;

bool not_http_is_answer(const uv_buf_t *buffers, unsigned count)
{
    return count == 1 && buffers->len == sizeof libh2os - 1 &&
           memcmp(buffers->base, libh2os, sizeof libh2os - 1) == 0;
}

uv_buf_t not_http_answer(struct connection *connection)
{
    counter_add(&connection->loop->metrics.cuts[CUT_UNPARSABLE], 1);
    notice_not_http(connection->loop->log, connection->client);
    return uv_buf_init(ours, sizeof ours - 1);
}
