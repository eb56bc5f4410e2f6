/* Health: what a probe, a balancer and a container engine ask. */
#include "tests/support/http.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_health(const struct service *service, const char *path, long status,
                          const char *state)
{
    struct answer answer = http_get(service, path);
    json_t *json = answer_json(&answer);
    assert_int_equal(answer.status, status);
    assert_string_equal(json_string_value(json_object_get(json, "status")), state);
    json_decref(json);
    answer_free(&answer);
}

static void probes_are_answered(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    assert_health(&service, "/livez", 200, "ok");
    assert_health(&service, "/readyz", 200, "ok");
    assert_health(&service, "/healthz", 200, "ok");
    const struct ask head = {.method = "HEAD"};
    struct answer answer = http_ask(&service, "/livez", &head);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_bytes, 0);
    char *caching = answer_header(&answer, "Cache-Control");
    assert_string_equal(caching, "no-store");
    free(caching);
    answer_free(&answer);
    service_stop(&service);
}

static void unready_at_once_and_accepting_during_the_delay(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, (const char *const[]){"--drain-delay", "1s", NULL});
    service_signal(&service, SIGTERM);
    test_nap_ms(100);
    assert_health(&service, "/readyz", 503, "draining");
    assert_health(&service, "/livez", 200, "ok");
    struct answer answer = http_get(&service, "/hi?delay=1ms");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
    assert_int_equal(service_wait(&service, 10000), 0);
}

static void a_second_signal_ends_the_delay(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, (const char *const[]){"--drain-delay", "60s", NULL});
    service_signal(&service, SIGTERM);
    test_nap_ms(100);
    service_signal(&service, SIGTERM);
    assert_int_equal(service_wait(&service, 10000), 0);
}

/* A busy instance must not be restarted for it. */
static void to_be_full_is_not_to_be_ill(void **state)
{
    (void)state;
    struct service service;
    const struct ask fresh = {.fresh_connection = true};
    service_start(&service, (const char *const[]){"--max-connections", "1", NULL});
    int fd = raw_connect(&service);
    raw_send(fd, "GET /hi?delay=10s HTTP/1.1\r\nHost: a\r\n\r\n");
    test_nap_ms(100);
    struct answer turned_away = http_ask(&service, "/hi?delay=0", &fresh);
    assert_int_equal(turned_away.status, 503);
    answer_free(&turned_away);
    assert_health(&service, "/livez", 200, "ok");
    (void)close(fd);
    service_stop(&service);
}

/* ---- the admin port -------------------------------------------------------------------------- */

/* A port that was free a moment ago: the admin port cannot be left to the kernel. */
static int free_port(void)
{
    struct service probe;
    service_start(&probe, NULL);
    int port = probe.port;
    service_stop(&probe);
    return port;
}

static void start_with_admin(struct service *service, struct service *admin)
{
    char port[8];
    (void)snprintf(port, sizeof port, "%d", free_port());
    service_start(service, (const char *const[]){"--admin-port", port, NULL});
    *admin = *service;
    (void)snprintf(admin->base, sizeof admin->base, "http://127.0.0.1:%s", port);
    admin->port = atoi(port);
}

static long status_of(const struct service *service, const char *path)
{
    struct answer answer = http_get(service, path);
    long status = answer.status;
    answer_free(&answer);
    return status;
}

static void each_port_has_its_own_routes(void **state)
{
    (void)state;
    struct service service;
    struct service admin;
    start_with_admin(&service, &admin);
    static const char *const paths[] = {"/livez", "/readyz", "/healthz", "/metrics"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(status_of(&service, paths[i]), 404);
        assert_int_equal(status_of(&admin, paths[i]), 200);
    }
    assert_int_equal(status_of(&service, "/hi?delay=0"), 200);
    assert_int_equal(status_of(&admin, "/hi?delay=0"), 404);
    service_stop(&service);
}

/* A path of the other port is not there, so it is not the nearest to itself either. */
static void a_hidden_path_is_not_suggested(void **state)
{
    (void)state;
    struct service service;
    struct service admin;
    start_with_admin(&service, &admin);
    struct answer answer = http_get(&service, "/livez");
    assert_null(strstr(answer.body, "did you mean"));
    answer_free(&answer);
    service_stop(&service);
}

static void the_admin_port_answers_during_a_drain(void **state)
{
    (void)state;
    struct service service;
    struct service admin;
    start_with_admin(&service, &admin);
    /* One for each loop, so that the one with the admin port is draining too. */
    int fds[8];
    for (size_t i = 0; i < 8; i++) {
        fds[i] = raw_connect(&service);
        raw_send(fds[i], "GET /hi?delay=2s HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    test_nap_ms(100);
    service_signal(&service, SIGTERM);
    test_nap_ms(200);
    assert_health(&admin, "/livez", 200, "ok");
    assert_health(&admin, "/readyz", 503, "draining");
    for (size_t i = 0; i < 8; i++) {
        char answer[2048];
        assert_true(raw_read(fds[i], answer, sizeof answer, 10000) > 0);
        assert_non_null(strstr(answer, "200 OK"));
        (void)close(fds[i]);
    }
    assert_int_equal(service_wait(&service, 10000), 0);
}

/* An operator's idle connection must not hold up the end. */
static void an_idle_admin_connection_does_not_delay_the_end(void **state)
{
    (void)state;
    struct service service;
    struct service admin;
    start_with_admin(&service, &admin);
    int fd = raw_connect(&admin);
    test_nap_ms(50);
    service_signal(&service, SIGTERM);
    assert_int_equal(service_wait(&service, 5000), 0);
    (void)close(fd);
}

/* ---- awaitd --healthcheck -------------------------------------------------------------------- */

static int check(const char *option, int port)
{
    char text[8];
    (void)snprintf(text, sizeof text, "%d", port);
    const char *const arguments[] = {option, text, "--healthcheck", NULL};
    return service_run(arguments, NULL).status;
}

static void the_health_check_asks_the_running_instance(void **state)
{
    (void)state;
    struct service service;
    struct service admin;
    start_with_admin(&service, &admin);
    assert_int_equal(check("--admin-port", admin.port), 0);
    assert_int_equal(check("--port", service.port), 1); /* its health is on the other port */
    service_stop(&service);
    assert_int_equal(check("--admin-port", admin.port), 1);
    service_start(&service, NULL);
    assert_int_equal(check("--port", service.port), 0);
    service_stop(&service);
}

/* Where a PROXY header has to come first, it sends one; the admin port takes none. */
static void the_health_check_comes_through_a_proxy_port(void **state)
{
    (void)state;
    static const char *const proxied[] = {"AWAITD_PROXY_PROTOCOL=on", NULL};
    struct service service;
    char port[8];
    char admin_port[8];
    (void)snprintf(admin_port, sizeof admin_port, "%d", free_port());
    service_start(&service, (const char *const[]){"--proxy-protocol", "on", NULL});
    (void)snprintf(port, sizeof port, "%d", service.port);
    const char *const arguments[] = {"--port", port, "--healthcheck", NULL};
    assert_int_equal(service_run(arguments, proxied).status, 0);
    assert_int_equal(service_run(arguments, NULL).status, 1);
    service_stop(&service);
    service_start(&service, (const char *const[]){"--proxy-protocol", "on", "--admin-port",
                                                  admin_port, NULL});
    const char *const admin[] = {"--admin-port", admin_port, "--healthcheck", NULL};
    assert_int_equal(service_run(admin, proxied).status, 0);
    service_stop(&service);
}

static void the_health_check_says_why_not(void **state)
{
    (void)state;
    const char *const arguments[] = {"--port", "1", "--healthcheck", NULL};
    struct outcome outcome = service_run(arguments, NULL);
    assert_int_equal(outcome.status, 1);
    assert_non_null(strstr(outcome.errors, "awaitd: unhealthy: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_are_answered),
        cmocka_unit_test(unready_at_once_and_accepting_during_the_delay),
        cmocka_unit_test(a_second_signal_ends_the_delay),
        cmocka_unit_test(to_be_full_is_not_to_be_ill),
        cmocka_unit_test(each_port_has_its_own_routes),
        cmocka_unit_test(a_hidden_path_is_not_suggested),
        cmocka_unit_test(the_admin_port_answers_during_a_drain),
        cmocka_unit_test(an_idle_admin_connection_does_not_delay_the_end),
        cmocka_unit_test(the_health_check_asks_the_running_instance),
        cmocka_unit_test(the_health_check_comes_through_a_proxy_port),
        cmocka_unit_test(the_health_check_says_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
