#include "tests/fuzz/loop.h"
#include "config/load.h"

#include "async/clock.h"
#include "server/accept/listener.h"
#include "server/accept/protocol.h"
#include "server/server.h"
#include "tests/fuzz/fuzz.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client that waits for so long has found a hang. */
#define PATIENCE_NS (10 * NS_PER_SECOND)

/* Turns without an event after which no more will come: libh2o's timers of no time need two. */
#define QUIET_TURNS 4

/* A client whose bytes nobody takes for so many turns keeps them. */
#define UNTAKEN_TURNS 64

static struct config config;
static struct server server;
static struct loop *loop;
static struct log logged;
static struct log_buffer lines;

/* ---- the server ------------------------------------------------------------------------------ */

/* The clock is the real one, so limits are small; they are given as an operator gives them. */
static const char *const flags[] = {"awaitd",
                                    "--threads=1",
                                    "--log=off",
                                    "--max-delay=50us",
                                    "--max-count=50",
                                    "--max-duration=500us",
                                    "--max-tasks=64",
                                    "--max-blocking=2",
                                    "--max-body=4KiB",
                                    "--max-headers=16",
                                    NULL};

/* config_load() takes what main() gets, which is not const though nobody writes to it. */
static void load_config(void)
{
    char *environment[] = {NULL};
    enum config_verdict verdict = config_load(&config, (char **)flags, environment, stdout, stderr);
    FUZZ_CHECK(verdict == CONFIG_SERVE, "the configuration of the loop");
}

/* The log without its thread: a buffer that is looked at between inputs. */
static void open_log(void)
{
    (void)pthread_mutex_init(&logged.lock, NULL);
    (void)pthread_cond_init(&logged.changed, NULL);
    lines = (struct log_buffer){
        .log = &logged, .gathered = malloc(LOG_GATHER_BYTES), .filling = malloc(LOG_BUFFER_BYTES)};
    FUZZ_CHECK(lines.gathered != NULL && lines.filling != NULL, "out of memory");
    (void)pthread_mutex_init(&lines.lock, NULL);
    loop->log = &lines;
    logged.json = true;
}

static void end(void)
{
    worker_tell(&server.workers[0], COMMAND_STOP);
    worker_finish(&server.workers[0]);
    server_dispose(&server);
    config_free(&config);
    free(lines.gathered);
    free(lines.filling);
}

static void begin(void)
{
    load_config();
    server.shared.config = &config;
    server.shared.loop_count = 1;
    (void)signal(SIGPIPE, SIG_IGN); /* as signals_take() has it (server/stop.c) */
    FUZZ_CHECK(server_prepare(&server) == 0, "the server of the loop");
    loop = &server.workers[0].loop;
    open_log();
    worker_enter();
    FUZZ_CHECK(atexit(end) == 0, "atexit");
}

/* ---- turning --------------------------------------------------------------------------------- */

static bool take_answer(struct client *client)
{
    bool took = false;
    for (ssize_t got = 1; client->reads && got > 0; took = took || got > 0) {
        if (client->answer_room - client->answer_bytes < 65536) {
            client->answer_room += 65536;
            client->answer = realloc(client->answer, client->answer_room);
            FUZZ_CHECK(client->answer != NULL, "out of memory");
        }
        got = read(client->fd, client->answer + client->answer_bytes,
                   client->answer_room - client->answer_bytes);
        client->answer_bytes += got > 0 ? (size_t)got : 0;
    }
    return took;
}

static bool ends_by_itself(void)
{
    return loop->jobs_out > 0 || co_loop_next_ns(&loop->co_uv.loop) != CO_NEVER;
}

static void settle(struct client *client)
{
    for (int quiet = 0; quiet < QUIET_TURNS; quiet++) {
        bool waits = ends_by_itself();
        (void)uv_run(&loop->uv, waits ? UV_RUN_ONCE : UV_RUN_NOWAIT);
        if (take_answer(client) || waits)
            quiet = -1;
    }
}

/* ---- what is left ---------------------------------------------------------------------------- */

static void check_rest(void)
{
    const struct co_loop *co = &loop->co_uv.loop;
    FUZZ_CHECK(atomic_load(&server.shared.connections) == 0, "a place is still taken");
    FUZZ_CHECK(loop->connections.over_limit_count == 0, "a connection over the limit is left");
    FUZZ_CHECK(list_is_empty(&loop->connections.open), "a connection is still listed");
    FUZZ_CHECK(atomic_load(&server.shared.taken[BUDGET_TASKS]) == 0, "tasks are left");
    FUZZ_CHECK(atomic_load(&server.shared.taken[BUDGET_HELD]) == 0, "memory is held");
    FUZZ_CHECK(list_is_empty(&loop->showings), "a request is left");
    FUZZ_CHECK(list_is_empty(&loop->caged), "a request is left in the cage");
    FUZZ_CHECK(list_is_empty(&loop->has_news), "a request still talks");
    FUZZ_CHECK(list_is_empty(&loop->streams.written), "a write is left");
    FUZZ_CHECK(co->live == 0 && co_loop_next_ns(co) == CO_NEVER, "a coroutine is left");
}

static void take_log(struct client *client)
{
    log_hand_over(&lines);
    FUZZ_CHECK(lines.dropped == 0, "log lines were lost");
    client->log = strndup(lines.filling, lines.used);
    FUZZ_CHECK(client->log != NULL, "out of memory");
    lines.used = 0;
}

static void wait_for_end(struct client *client)
{
    int64_t until_ns = clock_now_ns() + PATIENCE_NS;
    while (loop->connections.count > 0 || ends_by_itself()) {
        FUZZ_CHECK(clock_now_ns() < until_ns, "a connection does not end");
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
        (void)take_answer(client);
    }
    (void)uv_run(&loop->uv, UV_RUN_NOWAIT); /* frees its record */
    (void)take_answer(client);
    check_rest();
    take_log(client);
}

/* ---- the client ------------------------------------------------------------------------------ */

void loop_open(struct client *client, bool reads)
{
    int ends[2];
    struct sockaddr_storage peer = {.ss_family = AF_UNIX};
    struct port port = {.fd = -1};
    if (loop == NULL)
        begin();
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0,
               strerror(errno));
    *client = (struct client){.fd = ends[0], .reads = reads};
    struct connection *connection = connection_open(loop, ends[1], &peer, &port);
    FUZZ_CHECK(connection != NULL, "out of memory");
    protocol_open(connection);
}

void loop_send(struct client *client, const uint8_t *bytes, size_t size)
{
    for (int untaken = 0; size > 0 && untaken < UNTAKEN_TURNS; untaken++) {
        ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            break; /* the server has closed: what it said before is there to be read */
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
            untaken = 0;
        }
        settle(client);
    }
}

void loop_close(struct client *client)
{
    (void)shutdown(client->fd, SHUT_WR);
    wait_for_end(client);
    (void)close(client->fd);
}

void loop_leave(struct client *client)
{
    (void)close(client->fd);
    client->reads = false;
    wait_for_end(client);
}

void loop_free(struct client *client)
{
    free(client->answer);
    free(client->log);
}
