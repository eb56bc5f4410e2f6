/*
 * Behind a proxy the log names the client: by Forwarded and X-Forwarded-For from trusted networks,
 * and from nobody else. How they are read is in unit/forwarded_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/http.h"
#include "tests/support/log_line.h"
#include <string.h>
#include <unistd.h>

#define ME   "127.0.0.1"
#define NONE "nothing"

static void ask_with(const struct service *service, const char *const *headers, bool http2)
{
    const struct ask ask = {.headers = headers, .http2 = http2};
    struct answer answer = http_ask(service, "/hi?delay=0", &ask);
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
}

static const struct {
    const char *headers[4];
    const char *client;
} cases[] = {
    {{NULL}, ME},
    {{"Forwarded: for=192.0.2.1"}, "192.0.2.1"},
    {{"forwarded: for=\"[2001:db8::1]:1234\";proto=https"}, "2001:db8::1"},
    {{"X-Forwarded-For: 192.0.2.1"}, "192.0.2.1"},
    {{"X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.9"}, "192.0.2.1"},
    /* Several fields are one list, in their order (RFC 9110, section 5.3). */
    {{"X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.2"},
     "192.0.2.1"},
    {{"Forwarded: for=6.6.6.6", "Forwarded: for=192.0.2.1", "Forwarded: for=10.0.0.2"},
     "192.0.2.1"},
    {{"X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: unknown", "X-Forwarded-For: 10.0.0.2"},
     "10.0.0.2"},
    {{"Forwarded: for=unknown"}, ME},
    {{"Forwarded: for=_hidden"}, ME},
    {{"X-Forwarded-For: <script>"}, ME},
    /* Both: one may be the client's own, handed on. */
    {{"Forwarded: for=192.0.2.1", "X-Forwarded-For: 192.0.2.1"}, "192.0.2.1"},
    {{"Forwarded: for=6.6.6.6", "X-Forwarded-For: 192.0.2.1"}, ME},
    {{"Forwarded: for=192.0.2.1", "X-Forwarded-For: 6.6.6.6"}, ME},
    {{"Forwarded: for=unknown", "X-Forwarded-For: 192.0.2.1"}, ME},
    {{"X-Real-IP: 6.6.6.6", "X-Forwarded: for=6.6.6.6", "X-Client-IP: 6.6.6.6"}, ME},
};

static void expect_each(const struct service *service, bool http2)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        ask_with(service, cases[i].headers, http2);
        log_expect_client(service, cases[i].client, strcmp(cases[i].client, ME) == 0 ? NONE : ME);
    }
}

static void a_trusted_proxy_is_believed(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, (const char *const[]){"--log", "json", "--trusted-proxies",
                                                  "127.0.0.0/8,10.0.0.0/8", NULL});
    expect_each(&service, false);
    expect_each(&service, true);
    service_stop(&service);
}

static void nobody_else_is(void **state)
{
    (void)state;
    static const char *const lists[] = {"", "10.0.0.0/8,::1,unix"};
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct service service;
        service_start(&service,
                      (const char *const[]){"--log", "json", "--trusted-proxies", lists[i], NULL});
        for (size_t j = 0; j < COUNT(cases); j++) {
            ask_with(&service, cases[j].headers, j % 2 == 1);
            log_expect_client(&service, ME, NONE);
        }
        service_stop(&service);
    }
}

static void the_unix_socket_is_trusted_by_its_name(void **state)
{
    (void)state;
    static const char *const headers[] = {"X-Forwarded-For: 192.0.2.1", NULL};
    static const char *const lists[] = {"unix", "0.0.0.0/0,::/0"};
    char folder[TEST_FOLDER_BYTES];
    char path[TEST_FOLDER_BYTES + 8];
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/socket", folder);
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct service service;
        const struct ask ask = {.headers = headers, .unix_path = path};
        service_start(&service, (const char *const[]){"--log", "json", "--unix", path,
                                                      "--trusted-proxies", lists[i], NULL});
        struct answer answer = http_ask(&service, "/hi?delay=0", &ask);
        answer_free(&answer);
        log_expect_client(&service, i == 0 ? "192.0.2.1" : "unix", i == 0 ? "unix" : NONE);
        service_stop(&service);
    }
    (void)rmdir(folder);
}

static void a_text_line_names_the_client_alone(void **state)
{
    (void)state;
    static const char *const headers[] = {"X-Forwarded-For: 2001:db8::1", NULL};
    char line[1024];
    struct service service;
    service_start(&service, (const char *const[]){"--log", "text", "--trusted-proxies", ME, NULL});
    ask_with(&service, headers, false);
    assert_non_null(fgets(line, sizeof line, service.output));
    assert_non_null(strstr(line, "Z 2001:db8::1 \"GET /hi?delay=0 HTTP/1.1\" 200 "));
    assert_null(strstr(line, ME));
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trusted_proxy_is_believed),
        cmocka_unit_test(nobody_else_is),
        cmocka_unit_test(the_unix_socket_is_trusted_by_its_name),
        cmocka_unit_test(a_text_line_names_the_client_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
