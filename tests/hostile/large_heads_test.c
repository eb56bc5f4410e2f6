/*
 * Heads of HTTP/1 that are too large: refused as soon as they are, by a problem document that says
 * what is allowed, with TLS and without, wherever on a connection they come. What is just allowed
 * is served.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/metric.h"
#include "tests/support/tls_service_case.h"
#include "tests/support/wire.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON_MS   10000
#define HEAD_MOST 16384
#define PATH_MOST 1024

/* A head that is made of `before`, so many `filler`, and `after`. */
struct head {
    const char *before;
    const char *filler;
    size_t bytes; /* of the fillers */
    const char *after;
    int status; /* 0: the connection waits for more */
    const char *detail;
};

#define TEN   "0123456789"
#define FORTY TEN TEN TEN TEN
#define LINE_OF_200                                                                                \
    "A: " FORTY FORTY FORTY FORTY TEN TEN TEN "01234"                                              \
    "\r\n"
#define END    " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
#define QUERY  "GET /hi?delay=0"
#define FIELDS QUERY " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

static const struct head heads[] = {
    /* A path, plain, with escapes, in absolute form, behind an empty line. */
    {"GET /", "a", PATH_MOST - 1, END, 404, "There is no"},
    {"GET /", "a", PATH_MOST, END, 414, "1024 bytes"},
    {"GET /", "%41", 340 * 3, END, 404, "There is no"},
    {"GET /", "%41", 400 * 3, END, 414, "1024 bytes"},
    {"GET /", "/..", 400 * 3, END, 414, "1024 bytes"},
    {"GET http://x/", "%2e", 400 * 3, END, 414, "1024 bytes"},
    {"\r\nGET /", "a", PATH_MOST, END, 414, "1024 bytes"},
    {"OPTIONS /", "a", PATH_MOST, END, 414, "1024 bytes"},
    /* The line never ends: refused all the same. */
    {"GET /", "a", PATH_MOST + 1, "", 414, "1024 bytes"},
    {"GET /", "%41", 600000, "", 414, "1024 bytes"},
    /* A query may be longer, but not than a head may be. */
    {QUERY "&x=", "a", 16000, END, 400, "no parameter"},
    {QUERY "&x=", "a", 17000, END, 414, "16384 in all"},
    {QUERY "&x=", "%00", 600000, "", 414, "16384 in all"},
    /* Fields: one large, many small, one that never ends. */
    {FIELDS "X: ", "a", HEAD_MOST - sizeof FIELDS - 6, "\r\n\r\n", 200, "Hello"},
    {FIELDS "X: ", "a", HEAD_MOST - sizeof FIELDS + 1, "\r\n\r\n", 431, "16384 bytes"},
    {FIELDS, LINE_OF_200, 90 * 200, "\r\n", 431, "16384 bytes"},
    {FIELDS "X: ", "a", 600000, "", 431, "16384 bytes"},
    {FIELDS "Content-Length: 5\r\nX: ", "a", 17000, "\r\n\r\nhello", 431, "16384 bytes"},
    {FIELDS "Transfer-Encoding: chunked\r\nX: ", "a", 17000, "", 431, "16384 bytes"},
    /* What Accept has beyond some bytes is not guessed at. */
    {FIELDS "Accept: ", "text/plain, ", 8184, "*/*\r\n\r\n", 200, "Hello"},
    {FIELDS "Accept: ", "text/plain, ", 8196, "*/*\r\n\r\n", 431, "Accept"},
    {FIELDS, "Accept: text/html;q=0.123\r\n", 59 * 27, "\r\n", 406, "rules out"},
    /* Neither a method nor a target. */
    {"", "G", 17000, END, 400, "no HTTP/1.1 request"},
    {"GET ", "\t", 17000, END, 400, "no HTTP/1.1 request"},
};

static char *make(const struct head *head)
{
    size_t unit = strlen(head->filler);
    size_t before = strlen(head->before);
    size_t bytes = head->bytes / unit * unit;
    char *text = malloc(before + bytes + strlen(head->after) + 1);
    assert_non_null(text);
    memcpy(text, head->before, before);
    for (size_t i = 0; i < bytes; i += unit)
        memcpy(text + before + i, head->filler, unit);
    (void)strcpy(text + before + bytes, head->after);
    return text;
}

static void expect(int fd, const struct head *head)
{
    struct reply reply = wire_read(fd, SOON_MS);
    if (reply.status != head->status || strstr(reply.body, head->detail) == NULL)
        fail_msg("%.30s...%.30s: %d %.200s", head->before, head->filler, reply.status, reply.body);
    if (reply.status == 414 || reply.status == 431)
        assert_true(reply_has(&reply, "Connection: close") || strstr(reply.body, "Accept"));
    reply_free(&reply);
}

static void each_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        char *text = make(&heads[i]);
        int fd = raw_connect(&service);
        /* Refused half-way, the rest of it cannot be sent. */
        (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
        expect(fd, &heads[i]);
        (void)close(fd);
        free(text);
    }
}

/* Behind another request, in the same segment; and in pieces of a few bytes. */
static void also_behind_another_and_in_pieces(void **state)
{
    static const char first[] = QUERY " HTTP/1.1\r\nHost: x\r\n\r\n";
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        if (heads[i].bytes > 20000)
            continue;
        char *text = make(&heads[i]);
        char *both = malloc(sizeof first + strlen(text));
        assert_non_null(both);
        (void)sprintf(both, "%s%s", first, text);
        for (int is_in_pieces = 0; is_in_pieces < 2; is_in_pieces++) {
            size_t piece = is_in_pieces != 0 ? 97 : strlen(both);
            int fd = raw_connect(&service);
            for (size_t at = 0; at < strlen(both); at += piece)
                (void)send(fd, both + at, strnlen(both + at, piece), MSG_NOSIGNAL);
            assert_int_equal(wire_status(fd, SOON_MS), 200);
            expect(fd, &heads[i]);
            (void)close(fd);
        }
        free(both);
        free(text);
    }
}

static void ask_with_tls(const char *path, const char *field, int status, const char *detail)
{
    const char *const headers[] = {field, NULL};
    const struct ask ask = {
        .headers = headers, .tls_port = certificate_port(&service), .fresh_connection = true};
    struct answer answer = http_ask(&service, path, &ask);
    assert_int_equal(answer.status, status);
    assert_non_null(strstr(answer.body, detail));
    answer_free(&answer);
}

static void within_tls_too(void **state)
{
    const struct head path = {"/", "%41", 400 * 3, "", 0, NULL};
    const struct head query = {"/hi?delay=0&x=", "a", 17000, "", 0, NULL};
    const struct head field = {"X: ", "a", 17000, "", 0, NULL};
    char *texts[] = {make(&path), make(&query), make(&field)};
    (void)state;
    ask_with_tls(texts[0], "A: b", 414, "1024 bytes");
    ask_with_tls(texts[1], "A: b", 414, "16384 in all");
    ask_with_tls("/hi?delay=0", texts[2], 431, "16384 bytes");
    ask_with_tls("/hi?delay=0", "A: b", 200, "Hello");
    for (size_t i = 0; i < COUNT(texts); i++)
        free(texts[i]);
}

/* They are counted as all requests are, and nothing is held for them any more. */
static void they_leave_nothing(void **state)
{
    (void)state;
    assert_true(metric_of(&service,
                          "http_requests_total{method=\"GET\",route=\"other\",code=\"414\"}") > 0);
    metric_expect(&service, "http_connections", 1);
    metric_expect(&service, "awaitd_held_bytes", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_answered),
        cmocka_unit_test(also_behind_another_and_in_pieces),
        cmocka_unit_test(within_tls_too),
        cmocka_unit_test(they_leave_nothing),
    };
    return cmocka_run_group_tests(tests, start_tls_service, stop_tls_service);
}
