/*
 * Where awaitd listens, and the line that says so: a port of the kernel's choice, both families of
 * addresses, a Unix socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/http.h"
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void check_serves(const struct service *service, const struct ask *ask)
{
    struct answer answer = http_ask(service, "/hi?delay=0", ask);
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
}

/* ---- the start-up line ---------------------------------------------------------------------- */

static void the_line_says_where_and_with_which_limits(void **state)
{
    (void)state;
    static const char *const arguments[] = {
        "--host=127.0.0.1",   "--log=text",           "--threads=2",
        "--max-delay=1500ms", "--max-duration=40s",   "--max-count=7",
        "--max-tasks=99",     "--max-connections=50", NULL};
    struct service service;
    char expected[256];
    service_start_bare(&service, arguments);
    (void)snprintf(expected, sizeof expected,
                   "awaitd 0.1.0 listening on http://127.0.0.1:%d (2 event loops; max_delay 1.5s, "
                   "max_duration 40s, max_count 7, max_tasks 99, max_connections 50)\n",
                   service.port);
    assert_true(service.port > 0);
    assert_string_equal(service.started, expected);
    service_stop(&service);
}

static void the_line_is_json_when_the_log_is(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--log=json", "--max-count=7", NULL};
    struct service service;
    char address[64];
    service_start(&service, arguments);
    json_t *line = json_loads(service.started, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%d", service.port);
    assert_string_equal(json_string_value(json_object_get(line, "msg")), "listening");
    assert_string_equal(json_string_value(json_object_get(line, "version")), "0.1.0");
    assert_string_equal(json_string_value(json_object_get(line, "address")), address);
    assert_int_equal(json_integer_value(json_object_get(line, "threads")), 2);
    assert_int_equal(json_integer_value(json_object_get(line, "max_count")), 7);
    json_decref(line);
    service_stop(&service);
}

/* Two that share nothing: port 0 is never the same one twice. */
static void port_0_is_one_that_is_free(void **state)
{
    (void)state;
    struct service first;
    struct service second;
    const struct ask plain = {0};
    service_start(&first, NULL);
    service_start(&second, NULL);
    assert_int_not_equal(first.port, second.port);
    check_serves(&first, &plain);
    check_serves(&second, &plain);
    service_stop(&first);
    service_stop(&second);
}

/* ---- addresses ------------------------------------------------------------------------------ */

static bool has_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        (void)close(fd);
    return has;
}

static void aim_at(struct service *service, const char *host)
{
    (void)snprintf(service->base, sizeof service->base, "http://%s:%d", host, service->port);
}

/* Nothing given: every address, of both families. */
static void both_families_are_served(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--log=off", NULL};
    const struct ask plain = {0};
    struct service service;
    service_start_bare(&service, arguments);
    check_serves(&service, &plain);
    if (!has_ipv6()) {
        print_message("this machine has no IPv6: only IPv4 was asked\n");
        service_stop(&service);
        return;
    }
    assert_non_null(strstr(service.started, "http://[::]:"));
    aim_at(&service, "[::1]");
    check_serves(&service, &plain);
    service_stop(&service);
}

/* One address means just that one. */
static void an_address_that_was_not_given_is_not_served(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--host=127.0.0.1", "--log=off", NULL};
    const struct ask tolerant = {.tolerates_failure = true};
    struct service service;
    service_start_bare(&service, arguments);
    aim_at(&service, "127.0.0.2");
    struct answer answer = http_ask(&service, "/hi?delay=0", &tolerant);
    assert_int_equal(answer.status, 0);
    answer_free(&answer);
    service_stop(&service);
}

static void a_name_is_resolved(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--host=localhost", "--log=off", NULL};
    const struct ask plain = {0};
    struct service service;
    service_start_bare(&service, arguments);
    aim_at(&service, "localhost");
    check_serves(&service, &plain);
    service_stop(&service);
}

/* ---- the Unix socket ------------------------------------------------------------------------ */

/* A folder of its own, so that nobody else's file is in the way. */
static char folder[TEST_FOLDER_BYTES];
static char socket_path[64];
static char unix_flag[80];

static int make_folder(void **state)
{
    (void)state;
    test_make_folder(folder);
    (void)snprintf(socket_path, sizeof socket_path, "%s/awaitd.sock", folder);
    (void)snprintf(unix_flag, sizeof unix_flag, "--unix=%s", socket_path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(socket_path);
    return rmdir(folder);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

/* Beside the port, by all threads; and gone at the end. */
static void a_unix_socket_is_served_and_removed(void **state)
{
    (void)state;
    const char *const arguments[] = {unix_flag, NULL};
    const struct ask over_unix = {.unix_path = socket_path, .fresh_connection = true};
    const struct ask plain = {0};
    struct service service;
    char expected[128];
    service_start(&service, arguments);
    (void)snprintf(expected, sizeof expected, " unix:%s", socket_path);
    assert_non_null(strstr(service.started, expected));
    for (int i = 0; i < 20; i++)
        check_serves(&service, &over_unix);
    check_serves(&service, &plain);
    assert_true(exists(socket_path));
    service_stop(&service);
    assert_false(exists(socket_path));
}

/* Killed, it cannot remove its socket; the next one takes its place. */
static void a_stale_unix_socket_is_replaced(void **state)
{
    (void)state;
    const char *const arguments[] = {unix_flag, NULL};
    const struct ask over_unix = {.unix_path = socket_path};
    struct service service;
    service_start(&service, arguments);
    service_signal(&service, SIGKILL);
    assert_int_equal(service_wait(&service, 5000), 128 + SIGKILL);
    assert_true(exists(socket_path));
    service_start(&service, arguments);
    check_serves(&service, &over_unix);
    service_stop(&service);
    assert_false(exists(socket_path));
}

/* One that is served stays where it is. */
static void a_unix_socket_in_use_is_not_taken(void **state)
{
    (void)state;
    const char *const arguments[] = {unix_flag, NULL};
    const char *const second[] = {unix_flag, "--port=0", "--host=127.0.0.1", NULL};
    const struct ask over_unix = {.unix_path = socket_path};
    struct service service;
    service_start(&service, arguments);
    struct outcome outcome = service_run(second, NULL);
    assert_int_equal(outcome.status, 1);
    assert_non_null(strstr(outcome.errors, socket_path));
    assert_non_null(strstr(outcome.errors, "Address already in use"));
    check_serves(&service, &over_unix);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_says_where_and_with_which_limits),
        cmocka_unit_test(the_line_is_json_when_the_log_is),
        cmocka_unit_test(port_0_is_one_that_is_free),
        cmocka_unit_test(both_families_are_served),
        cmocka_unit_test(an_address_that_was_not_given_is_not_served),
        cmocka_unit_test(a_name_is_resolved),
        cmocka_unit_test(a_unix_socket_is_served_and_removed),
        cmocka_unit_test(a_stale_unix_socket_is_replaced),
        cmocka_unit_test(a_unix_socket_in_use_is_not_taken),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
