#include "tests/support/wire.h"

#include "tests/support/http.h"
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 20000

void wire_get(int fd, const char *target)
{
    char request[1024];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", target);
    assert_in_range(length, 1, sizeof request - 1);
    raw_send(fd, request);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool wait_for_bytes(int fd, int64_t end_ns)
{
    int64_t left_ms = (end_ns - test_now_ns()) / 1000000;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, left_ms > 0 ? (int)left_ms : 0) == 1;
}

/* False when the connection or the time ended before. */
static bool read_exactly(int fd, char *bytes, size_t count, int64_t end_ns)
{
    while (count > 0) {
        ssize_t got = wait_for_bytes(fd, end_ns) ? recv(fd, bytes, count, 0) : 0;
        if (got <= 0)
            return false;
        bytes += got;
        count -= (size_t)got;
    }
    return true;
}

/* Looks ahead for the empty line, so that nothing behind it is taken from the socket. */
static bool read_head(int fd, char *head, size_t size, int64_t end_ns)
{
    ssize_t before = 0;
    while (wait_for_bytes(fd, end_ns)) {
        ssize_t got = recv(fd, head, size - 1, MSG_PEEK);
        if (got <= 0)
            return false;
        const char *end = memmem(head, (size_t)got, "\r\n\r\n", 4);
        if (end != NULL) {
            head[end + 4 - head] = '\0';
            return read_exactly(fd, head, strlen(head), end_ns);
        }
        if ((size_t)got == size - 1)
            return false;
        /* What was seen is still there, so poll() returns at once, also when nothing more will
         * come. */
        if (got == before && test_now_ns() > end_ns) {
            print_message("only the beginning of a head came: %.*s\n", (int)got, head);
            return false;
        }
        if (got == before)
            test_nap_ms(1);
        before = got;
    }
    return false;
}

/* Reads `count` more bytes of the body. */
static bool read_more(int fd, struct reply *reply, size_t count, int64_t end_ns)
{
    size_t needed = reply->body_bytes + count + 1;
    if (needed > reply->body_room) {
        reply->body_room = 2 * needed;
        reply->body = realloc(reply->body, reply->body_room);
        assert_non_null(reply->body);
    }
    bool is_there = read_exactly(fd, reply->body + reply->body_bytes, count, end_ns);
    reply->body_bytes += is_there ? count : 0;
    reply->body[reply->body_bytes] = '\0';
    return is_there;
}

static bool read_chunk_size(int fd, size_t *size, int64_t end_ns)
{
    char line[32];
    size_t length = 0;
    do {
        if (length == sizeof line - 1 || !read_exactly(fd, &line[length], 1, end_ns))
            return false;
    } while (line[length++] != '\n');
    line[length] = '\0';
    char *end;
    *size = strtoul(line, &end, 16);
    return end != line;
}

static bool read_chunks(int fd, struct reply *reply, int64_t end_ns)
{
    char line_end[2];
    for (size_t size = 1; size > 0;)
        if (!read_chunk_size(fd, &size, end_ns) || !read_more(fd, reply, size, end_ns) ||
            !read_exactly(fd, line_end, 2, end_ns))
            return false;
    return true;
}

/* Without a length the connection's end is the body's; a reset is not. */
static bool read_to_end(int fd, struct reply *reply, int64_t end_ns)
{
    while (read_more(fd, reply, 1, end_ns))
        ;
    char none;
    return wait_for_bytes(fd, end_ns) && recv(fd, &none, 1, 0) == 0;
}

static bool read_body(int fd, struct reply *reply, int64_t end_ns)
{
    const char *length = strcasestr(reply->head, "\r\ncontent-length:");
    if (length != NULL)
        return read_more(fd, reply, strtoul(length + 17, NULL, 10), end_ns);
    if (reply_has(reply, "Transfer-Encoding: chunked"))
        return read_chunks(fd, reply, end_ns);
    return reply->status == 204 || read_to_end(fd, reply, end_ns);
}

struct reply wire_read(int fd, int timeout_ms)
{
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    struct reply reply = {.body = calloc(1, 1)};
    if (!read_head(fd, reply.head, sizeof reply.head, end_ns))
        return reply;
    reply.status = atoi(reply.head + strcspn(reply.head, " "));
    reply.is_whole = read_body(fd, &reply, end_ns);
    return reply;
}

void reply_free(struct reply *reply)
{
    free(reply->body);
    reply->body = NULL;
}

bool reply_has(const struct reply *reply, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = strstr(reply->head, "\r\n"); at != NULL; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, line, length) == 0 && strncmp(at + 2 + length, "\r\n", 2) == 0)
            return true;
    return false;
}

struct wire_growth {
    const struct service *service;
    int descriptors;
};

/* ---- whole exchanges ------------------------------------------------------------------------- */

int wire_status(int fd, int timeout_ms)
{
    struct reply reply = wire_read(fd, timeout_ms);
    reply_free(&reply);
    return reply.status;
}

struct reply wire_ask(const struct service *service, const char *target)
{
    int fd = raw_connect(service);
    wire_get(fd, target);
    struct reply reply = wire_read(fd, PATIENCE_MS);
    assert_true(reply.is_whole);
    (void)close(fd);
    return reply;
}

int wire_ask_status(const struct service *service, const char *target)
{
    struct reply reply = wire_ask(service, target);
    reply_free(&reply);
    return reply.status;
}

void wire_reset(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    (void)close(fd);
}

bool wire_is_answered(void *hope)
{
    const struct wire_hope *hoped = hope;
    return wire_ask_status(hoped->service, hoped->target) == hoped->status;
}

/* ---- the service's state --------------------------------------------------------------------- */

static bool was_refused(int fd)
{
    char seen[1024];
    ssize_t length = recv(fd, seen, sizeof seen, MSG_PEEK | MSG_DONTWAIT);
    return length > 0 && memmem(seen, (size_t)length, " 503 ", 5) != NULL;
}

/* Whether the request on `fd` runs: `probe` finds no room any more. */
static bool is_held(const struct service *service, int fd, const char *probe)
{
    bool is_full = false;
    while (!is_full && !was_refused(fd)) {
        test_nap_ms(10);
        is_full = wire_ask_status(service, probe) == 503;
    }
    return !was_refused(fd);
}

/* What ran before may still have had its tasks, or the probe its own: then once more. */
int wire_hold(const struct service *service, const char *request, const char *probe)
{
    int64_t end_ns = test_now_ns() + PATIENCE_MS * 1000000LL;
    while (test_now_ns() < end_ns) {
        int fd = raw_connect(service);
        raw_send(fd, request);
        if (is_held(service, fd, probe))
            return fd;
        (void)close(fd);
    }
    fail_msg("never ran: %s", request);
    return -1;
}

int wire_descriptors_at_rest(const struct service *service)
{
    for (int i = 0; i < 64; i++)
        assert_int_equal(wire_ask_status(service, "/hi?delay=0"), 200);
    int count = service_descriptors(service);
    for (int unchanged = 0; unchanged < 10; unchanged++) {
        test_nap_ms(5);
        int now = service_descriptors(service);
        unchanged = now == count ? unchanged : 0;
        count = now;
    }
    return count;
}

static bool has_no_more_descriptors(void *context)
{
    const struct wire_growth *growth = context;
    return service_descriptors(growth->service) <= growth->descriptors;
}

void wire_expect_descriptors(const struct service *service, int descriptors)
{
    struct wire_growth growth = {service, descriptors};
    test_eventually(has_no_more_descriptors, &growth, 10000, "no more descriptors than before");
}

void wire_expect_busy(const struct reply *reply, const char *name)
{
    assert_int_equal(reply->status, 503);
    assert_true(reply->is_whole);
    assert_true(reply_has(reply, "Content-Type: application/problem+json"));
    const char *retry = strcasestr(reply->head, "\r\nretry-after: ");
    assert_non_null(retry);
    assert_true(atoi(retry + 15) >= 1);
    assert_non_null(strstr(reply->body, name));
}

void wire_leave_with_bytes_unread(int fd)
{
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: test\r\n\r\nGET /hi HT");
    (void)close(fd);
}

void wire_leave_by_reset_with_bytes_unread(int fd)
{
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: test\r\n\r\nGET /hi HT");
    wire_reset(fd);
}
