/*
 * awaitd under a service manager: it serves the sockets that are handed down (LISTEN_FDS), and says
 * when it is ready and when it was told to stop (NOTIFY_SOCKET). systemd is not needed for that: a
 * descriptor and two variables are all it gives.
 */
#include "tests/support/handover.h"
#include "tests/support/http.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const quiet[] = {"--log", "off", NULL};

static void assert_serves(const struct service *service, const struct ask *ask)
{
    struct answer answer = http_ask(service, "/hi?delay=0", ask);
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
}

/* ---- LISTEN_FDS ------------------------------------------------------------------------------ */

/* Its own --port, which is taken, would make it fail: it is not opened. */
static void a_tcp_socket_is_served_instead_of_host_and_port(void **state)
{
    (void)state;
    char taken[16];
    struct service service;
    const struct ask plain = {0};
    int fd = handover_listen(0);
    int other = handover_listen(0);
    (void)snprintf(taken, sizeof taken, "%d", handover_port(other));
    const char *const arguments[] = {"--log", "off", "--host", "127.0.0.1", "--port", taken, NULL};
    handover_start(&service, &(struct handover){.arguments = arguments, .fd = fd});
    assert_int_equal(service.port, handover_port(fd));
    assert_serves(&service, &plain);
    service_stop(&service);
    (void)close(other);
    (void)close(fd);
}

static int listen_on_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

/* Whoever made it removes it. */
static void a_unix_socket_is_served_and_left_where_it_is(void **state)
{
    (void)state;
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    struct service service;
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/socket", folder);
    int fd = listen_on_unix(path);
    handover_start(&service, &(struct handover){.arguments = quiet, .fd = fd});
    assert_non_null(strstr(service.started, path));
    (void)snprintf(service.base, sizeof service.base, "http://localhost");
    assert_serves(&service, &(struct ask){.unix_path = path});
    service_stop(&service);
    assert_int_equal(access(path, F_OK), 0);
    (void)close(fd);
    (void)unlink(path);
    (void)rmdir(folder);
}

/* The first process of the service is meant, not those that it starts. */
static void what_is_meant_for_another_process_is_left_alone(void **state)
{
    (void)state;
    struct service service;
    const struct ask plain = {0};
    static const char *const arguments[] = {"--log",  "off", "--host", "127.0.0.1",
                                            "--port", "0",   NULL};
    int fd = handover_listen(0);
    handover_start(&service,
                   &(struct handover){.arguments = arguments, .fd = fd, .is_for_another = true});
    assert_int_not_equal(service.port, handover_port(fd));
    assert_serves(&service, &plain);
    service_stop(&service);
    (void)close(fd);
}

static void assert_refused(int fd)
{
    struct outcome outcome = handover_run(&(struct handover){.arguments = quiet, .fd = fd});
    assert_int_equal(outcome.status, 1);
    assert_string_equal(outcome.output, "");
    assert_string_equal(outcome.errors,
                        "awaitd: LISTEN_FDS: descriptor 3 is not a listening socket\n");
}

static void what_is_no_listening_socket_is_refused(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_refused(fileno(file));
    (void)fclose(file);

    int unbound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_refused(unbound);
    (void)close(unbound);

    int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_refused(datagrams);
    (void)close(datagrams);
}

/* What is connected while nobody serves waits in the queue, as between the end of one process and
   the start of the next. */
static void a_request_waits_from_one_process_to_the_next(void **state)
{
    (void)state;
    char answer[1024];
    struct service service;
    int fd = handover_listen(0);
    const struct handover handover = {.arguments = quiet, .fd = fd};
    handover_start(&service, &handover);
    service_stop(&service);
    int client = raw_connect(&service);
    raw_send(client, "GET /hi?delay=0 HTTP/1.0\r\n\r\n");
    handover_start(&service, &handover);
    assert_true(raw_read(client, answer, sizeof answer, 10000) > 0);
    assert_non_null(strstr(answer, " 200 OK\r\n"));
    (void)close(client);
    service_stop(&service);
    (void)close(fd);
}

/* ---- NOTIFY_SOCKET --------------------------------------------------------------------------- */

/* `name` as in the variable: a path, or an abstract name that begins with an at sign. */
static int listen_for_notes(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && length < sizeof address.sun_path);
    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    return fd;
}

static void assert_note(int fd, const char *expected)
{
    char note[256] = "";
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 10000), 1);
    assert_true(recv(fd, note, sizeof note - 1, 0) > 0);
    assert_string_equal(note, expected);
}

static void assert_no_note(int fd)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 0), 0);
}

/* READY once it can be asked, so nobody who waits for it is refused; STOPPING as the drain begins,
   while a request still runs; and nothing else. */
static void assert_notified_on(const char *name)
{
    char variable[128];
    struct service service;
    const struct ask plain = {0};
    char answer[1024] = "";
    int notes = listen_for_notes(name);
    (void)snprintf(variable, sizeof variable, "NOTIFY_SOCKET=%s", name);
    const char *const environment[] = {variable, NULL};
    static const char *const arguments[] = {"--log",  "off", "--host", "127.0.0.1",
                                            "--port", "0",   NULL};
    handover_start(&service, &(struct handover){.arguments = arguments,
                                                .environment = environment,
                                                .fd = HANDOVER_NOTHING});
    assert_note(notes, "READY=1");
    assert_serves(&service, &plain);
    int client = raw_connect(&service);
    raw_send(client, "GET /hi?delay=700ms HTTP/1.0\r\n\r\n");
    test_nap_ms(100);
    assert_no_note(notes);
    service_signal(&service, SIGTERM);
    assert_note(notes, "STOPPING=1");
    assert_false(raw_is_closed(client, 100));
    assert_true(raw_read(client, answer, sizeof answer, 10000) >= 0);
    (void)close(client);
    assert_int_equal(service_wait(&service, 10000), 0);
    assert_no_note(notes);
    (void)close(notes);
}

static void the_manager_is_told_on_a_path(void **state)
{
    (void)state;
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/notify", folder);
    assert_notified_on(path);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void the_manager_is_told_on_an_abstract_name(void **state)
{
    (void)state;
    char name[64];
    (void)snprintf(name, sizeof name, "@awaitd-test-%d", (int)getpid());
    assert_notified_on(name);
}

/* A manager that is gone is no reason not to serve. */
static void nobody_who_listens_for_notes_is_no_error(void **state)
{
    (void)state;
    struct service service;
    const struct ask plain = {0};
    static const char *const arguments[] = {"--log",  "off", "--host", "127.0.0.1",
                                            "--port", "0",   NULL};
    static const char *const environment[] = {"NOTIFY_SOCKET=/tmp/awaitd-test-nobody", NULL};
    handover_start(&service, &(struct handover){.arguments = arguments,
                                                .environment = environment,
                                                .fd = HANDOVER_NOTHING});
    assert_serves(&service, &plain);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tcp_socket_is_served_instead_of_host_and_port),
        cmocka_unit_test(a_unix_socket_is_served_and_left_where_it_is),
        cmocka_unit_test(what_is_meant_for_another_process_is_left_alone),
        cmocka_unit_test(what_is_no_listening_socket_is_refused),
        cmocka_unit_test(a_request_waits_from_one_process_to_the_next),
        cmocka_unit_test(the_manager_is_told_on_a_path),
        cmocka_unit_test(the_manager_is_told_on_an_abstract_name),
        cmocka_unit_test(nobody_who_listens_for_notes_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
