#include "tests/support/service.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_ARGUMENTS 64

const char *test_source_dir(void)
{
    return AWAITD_SOURCE_DIR;
}

int64_t test_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void test_nap_ms(int milliseconds)
{
    struct timespec nap = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    (void)nanosleep(&nap, NULL);
}

void test_eventually(bool (*holds)(void *context), void *context, int timeout_ms, const char *what)
{
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    while (!holds(context)) {
        if (test_now_ns() > end_ns)
            fail_msg("not within %d ms: %s", timeout_ms, what);
        test_nap_ms(5);
    }
}

void test_make_folder(char folder[TEST_FOLDER_BYTES])
{
    /* What a test that was killed has left is in the way of a process with the same number. */
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(folder, TEST_FOLDER_BYTES, "/tmp/awaitd-test-%d-%d", (int)getpid(), i);
        if (mkdir(folder, 0700) == 0)
            return;
    }
    fail_msg("no folder can be made in /tmp");
}

/* ---- starting -------------------------------------------------------------------------------- */

/* The child dies with the test, whatever becomes of that. */
static void become_awaitd(const char *const *arguments, const char *const *environment, int output,
                          int errors)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(output, STDOUT_FILENO);
    if (errors >= 0)
        (void)dup2(errors, STDERR_FILENO);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        (void)putenv((char *)(uintptr_t)environment[i]);
    (void)execv(AWAITD_BINARY, (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static void read_start_line(struct service *service)
{
    struct pollfd waiting = {.fd = fileno(service->output), .events = POLLIN};
    if (poll(&waiting, 1, 20000) != 1 ||
        fgets(service->started, sizeof service->started, service->output) == NULL)
        fail_msg("awaitd did not say that it listens; exit status %d", service_wait(service, 1000));
    /* "... http://[::]:8080 ...": the port stands behind the last colon of the first URL. */
    const char *url = strstr(service->started, "http://");
    if (url == NULL)
        url = strstr(service->started, "https://");
    assert_non_null(url);
    const char *end = url + strcspn(url, " \"");
    const char *colon = memrchr(url, ':', (size_t)(end - url));
    assert_non_null(colon);
    service->port = atoi(colon + 1);
    (void)snprintf(service->base, sizeof service->base, "http://127.0.0.1:%d", service->port);
}

static void start(struct service *service, const char **arguments)
{
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    *service = (struct service){.pid = fork()};
    assert_true(service->pid >= 0);
    if (service->pid == 0) {
        (void)close(pipe_fds[0]);
        become_awaitd(arguments, NULL, pipe_fds[1], -1);
    }
    (void)close(pipe_fds[1]);
    service->output = fdopen(pipe_fds[0], "r");
    assert_non_null(service->output);
    (void)setvbuf(service->output, NULL, _IONBF, 0);
    read_start_line(service);
}

static size_t append(const char **all, size_t count, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        assert_true(count < MOST_ARGUMENTS);
        all[count++] = more[i];
    }
    return count;
}

void service_start_bare(struct service *service, const char *const *arguments)
{
    const char *all[MOST_ARGUMENTS + 1] = {"awaitd", "--port", "0"};
    (void)append(all, 3, arguments);
    start(service, all);
}

static bool names_log(const char *const *arguments)
{
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++)
        if (strncmp(arguments[i], "--log", 5) == 0)
            return true;
    return false;
}

void service_start(struct service *service, const char *const *arguments)
{
    const char *const fixed[] = {"--host", "127.0.0.1", "--threads", "2", NULL};
    const char *const quiet[] = {"--log", "off", NULL};
    const char *all[MOST_ARGUMENTS + 1] = {"awaitd", "--port", "0"};
    size_t count = append(all, 3, fixed);
    count = append(all, count, names_log(arguments) ? NULL : quiet);
    (void)append(all, count, arguments);
    start(service, all);
}

/* ---- stopping -------------------------------------------------------------------------------- */

void service_signal(const struct service *service, int signal)
{
    assert_true(service->pid > 0);
    assert_int_equal(kill(service->pid, signal), 0);
}

int service_wait(struct service *service, int timeout_ms)
{
    int status = 0;
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    while (waitpid(service->pid, &status, WNOHANG) == 0) {
        if (test_now_ns() > end_ns) {
            (void)kill(service->pid, SIGKILL);
            (void)waitpid(service->pid, &status, 0);
            service->pid = 0;
            fail_msg("awaitd did not end within %d ms", timeout_ms);
        }
        test_nap_ms(2);
    }
    service->pid = 0;
    if (service->output != NULL)
        (void)fclose(service->output);
    service->output = NULL;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void service_stop(struct service *service)
{
    if (service->pid == 0)
        return;
    service_signal(service, SIGTERM);
    assert_int_equal(service_wait(service, 20000), 0);
}

/* ---- looking at it --------------------------------------------------------------------------- */

int service_descriptors(const struct service *service)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)service->pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    int count = -2; /* . and .. */
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

double service_cpu_seconds(const struct service *service)
{
    clockid_t clock;
    struct timespec used;
    assert_int_equal(clock_getcpuclockid(service->pid, &clock), 0);
    assert_int_equal(clock_gettime(clock, &used), 0);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

int64_t service_resident_bytes(const struct service *service)
{
    char path[64];
    long pages = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)service->pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
    (void)fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

/* ---- running it to its end ------------------------------------------------------------------- */

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    (void)fclose(file);
}

struct outcome service_run(const char *const *arguments, const char *const *environment)
{
    struct outcome outcome = {0};
    const char *all[MOST_ARGUMENTS + 1] = {"awaitd"};
    (void)append(all, 1, arguments);
    FILE *output = tmpfile();
    FILE *errors = tmpfile();
    assert_true(output != NULL && errors != NULL);
    struct service service = {.pid = fork()};
    assert_true(service.pid >= 0);
    if (service.pid == 0)
        become_awaitd(all, environment, fileno(output), fileno(errors));
    outcome.status = service_wait(&service, 20000);
    read_back(output, outcome.output, sizeof outcome.output);
    read_back(errors, outcome.errors, sizeof outcome.errors);
    return outcome;
}
