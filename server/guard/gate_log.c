#include "server/guard/gate_log.h"

#include "async/clock.h"
#include "server/loop/loop.h"
#include <stdio.h>

#define LINES_IN_SECOND 10

static bool may_log(struct loop_thread *thread)
{
    int64_t second = clock_now_ns() / 1000000000;
    if (thread->kills_second != second) {
        thread->kills_second = second;
        thread->kills_logged = 0;
    }
    return thread->log != NULL && thread->kills_logged++ < LINES_IN_SECOND;
}

void gate_log_killed(const struct connection *connection, enum cause cause)
{
    char line[320];
    struct loop_thread *thread = connection->thread;
    if (!may_log(thread))
        return;
    int length =
        thread->server->logs_json
            ? snprintf(line, sizeof line,
                       "{\"level\":\"warn\",\"msg\":\"HTTP/2 connection cut off\","
                       "\"cause\":\"%s\",\"reason\":\"%s\",\"client_ip\":\"%s\"}\n",
                       cause_name(cause), cause_text(cause), connection->client)
            : snprintf(line, sizeof line, "awaitd: an HTTP/2 connection of %s was cut off for %s\n",
                       connection->client, cause_text(cause));
    log_write(thread->log, line, (size_t)length);
}
