/*
 * Files in the place of the certificate that a reader might wait for, or never be done with: each
 * is complained of, the old one stays, and the thread that reads them goes on obeying signals.
 */
#include "tests/support/certificate.h"
#include "tests/support/count.h"
#include "tests/support/http.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS 10000

static void make_fifo(const char *path)
{
    assert_int_equal(mkfifo(path, 0600), 0);
}

static void make_folder(const char *path)
{
    assert_int_equal(mkdir(path, 0700), 0);
}

/* The device ends never, the other end of the terminal may never write. */
static void make_zeros(const char *path)
{
    assert_int_equal(symlink("/dev/zero", path), 0);
}

static void make_terminal(const char *path)
{
    assert_int_equal(symlink("/dev/ptmx", path), 0);
}

static void make_link_to_itself(const char *path)
{
    assert_int_equal(symlink(path, path), 0);
}

static void make_huge(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), (off_t)1 << 40), 0);
    (void)fclose(file);
}

static const struct {
    void (*make)(const char *path);
    const char *why;
} odd[] = {
    {make_fifo, "it is not a regular file"},     {make_zeros, "it is not a regular file"},
    {make_terminal, "it is not a regular file"}, {make_folder, "Is a directory"},
    {make_huge, "it is larger than 1 MiB"},      {make_link_to_itself, "Too many levels"},
};

/* A chroot may have the device, and nothing behind it. */
static bool has_terminals(void)
{
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return false;
    (void)close(fd);
    return true;
}

static void it_does_not_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(odd); i++) {
        struct certificate certificate;
        if (odd[i].make == make_terminal && !has_terminals()) {
            print_message("SKIP: a terminal in the place of a file: there are none here\n");
            continue;
        }
        certificate_make(&certificate);
        const char *paths[] = {certificate.cert, certificate.key};
        const char *const arguments[] = {"--check-config", "--tls-cert",    certificate.cert,
                                         "--tls-key",      certificate.key, NULL};
        assert_int_equal(unlink(paths[i % 2]), 0);
        odd[i].make(paths[i % 2]);
        struct outcome outcome = service_run(arguments, NULL);
        assert_int_equal(outcome.status, 2);
        if (strstr(outcome.errors, odd[i].why) == NULL)
            fail_msg("%s", outcome.errors);
        (void)remove(paths[i % 2]);
        certificate_remove(&certificate);
    }
}

static void a_hangup_does_not_wait_for_it(void **state)
{
    struct certificate certificate;
    struct service service;
    const struct ask with_tls = {.fresh_connection = true};
    (void)state;
    certificate_make(&certificate);
    certificate_serve(&service, &certificate, NULL);
    for (size_t i = 0; i < COUNT(odd); i++) {
        const char *path = i % 2 == 0 ? certificate.cert : certificate.key;
        (void)remove(path);
        odd[i].make(path);
        service_signal(&service, SIGHUP);
        test_nap_ms(50);
        (void)remove(path);
        certificate_renew(&certificate, 30);
        struct ask ask = with_tls;
        ask.tls_port = certificate_port(&service);
        struct answer answer = http_ask(&service, "/hi?delay=0", &ask);
        assert_int_equal(answer.status, 200);
        answer_free(&answer);
    }
    service_signal(&service, SIGTERM);
    assert_int_equal(service_wait(&service, SOON_MS), 0);
    certificate_remove(&certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_not_start),
        cmocka_unit_test(a_hangup_does_not_wait_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
