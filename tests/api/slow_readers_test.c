/*
 * Clients that take too long to read their answer: who does not read is cut off after
 * write_timeout, who reads, however slowly, gets everything.
 */
#include "tests/support/http.h"
#include "tests/support/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t milliseconds_since(int64_t start_ns)
{
    return (test_now_ns() - start_ns) / 1000000;
}

#define LARGE "/parallel?count=100000&delay=0&timeline=true"

/* A timeline of 100,000 tasks is some 14 MB: more than any socket buffer. */
static const char *const large_answers[] = {
    "--max-count", "100000", "--write-timeout", "1s", "--idle-timeout", "30s", NULL};

/* A client with a receive buffer of so many bytes. Small segments, as on a real network, so that it
   acknowledges what it takes in small steps too. */
static int connect_with_room(const struct service *service, int bytes)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)service->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    int segment_bytes = 1448;
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes),
                     0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void a_client_that_does_not_read(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, large_answers);
    int descriptors = wire_descriptors_at_rest(&service);
    int64_t start_ns = test_now_ns();
    int narrow_json = connect_with_room(&service, 4096);
    wire_get(narrow_json, LARGE);
    int narrow_text = connect_with_room(&service, 4096);
    wire_get(narrow_text, LARGE "&format=text");
    test_nap_ms(100);
    wire_expect_descriptors(&service, descriptors);
    assert_in_range(milliseconds_since(start_ns), 1000, 10000);
    (void)close(narrow_json);
    (void)close(narrow_text);
    service_stop(&service);
}

struct reader {
    int fd;
    size_t bytes;
    bool at_end;
};

static void read_once(struct reader *reader, size_t most)
{
    static char bytes[200000];
    ssize_t got = recv(reader->fd, bytes, most < sizeof bytes ? most : sizeof bytes, 0);
    assert_true(got >= 0);
    reader->bytes += (size_t)got;
    reader->at_end = got == 0;
}

static void read_fast(struct reader *reader, size_t until)
{
    while (!reader->at_end && reader->bytes < until)
        read_once(reader, SIZE_MAX);
}

/* 500 kB in a second. */
static void read_slowly(struct reader *reader, int for_ms)
{
    int64_t start_ns = test_now_ns();
    while (!reader->at_end && milliseconds_since(start_ns) < for_ms) {
        test_nap_ms(20);
        read_once(reader, 10000);
    }
}

static size_t whole_answer_bytes(const struct service *service)
{
    struct reply reply = wire_ask(service, LARGE);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    return reply.body_bytes;
}

/*
 * By reading fast it has the kernel grow the send buffer to some megabytes; then it slows down. The
 * kernel takes more from awaitd only when a third of that is free again, which is much longer than
 * the write time-out: what counts is what the client takes.
 */
static void a_client_that_reads_slowly_gets_everything(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, large_answers);
    size_t bytes = whole_answer_bytes(&service);
    struct reader reader = {.fd = connect_with_room(&service, 200000)};
    raw_send(reader.fd, "GET " LARGE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    read_fast(&reader, bytes / 2);
    read_slowly(&reader, 2500);
    assert_false(reader.at_end);
    read_fast(&reader, SIZE_MAX);
    /* The numbers in it are not always of the same length. */
    assert_in_range(reader.bytes, bytes * 9 / 10, SIZE_MAX);
    (void)close(reader.fd);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_does_not_read),
        cmocka_unit_test(a_client_that_reads_slowly_gets_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
