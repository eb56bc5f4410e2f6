#include "server/guard/gate_log.h"

#include "async/clock.h"
#include <stdio.h>

#define LINES_IN_SECOND 10

static bool may_log(struct loop *loop)
{
    int64_t second = clock_now_ns() / 1000000000;
    if (loop->kills_second != second) {
        loop->kills_second = second;
        loop->kills_logged = 0;
    }
    return loop->log != NULL && loop->kills_logged++ < LINES_IN_SECOND;
}

void gate_log_killed(const struct connection *connection, enum http2_reason cause)
{
    char line[320];
    struct loop *loop = connection->loop;
    if (!may_log(loop))
        return;
    int length =
        loop->shared->logs_json
            ? snprintf(line, sizeof line,
                       "{\"level\":\"warn\",\"msg\":\"HTTP/2 connection cut off\","
                       "\"cause\":\"%s\",\"reason\":\"%s\",\"client_ip\":\"%s\"}\n",
                       http2_reason_name(cause), http2_reason_text(cause), connection->client)
            : snprintf(line, sizeof line, "awaitd: an HTTP/2 connection of %s was cut off for %s\n",
                       connection->client, http2_reason_text(cause));
    log_write(loop->log, line, (size_t)length);
}
