#include "tests/support/handover.h"

#include "tests/support/http.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_ARGUMENTS  32
#define FIRST_INHERITED 3

/* ---- becoming it ----------------------------------------------------------------------------- */

/* LISTEN_PID has to be the child's own pid, which only the child knows in time. */
static void hand_down(const struct handover *handover)
{
    char pid[16];
    if (handover->fd == HANDOVER_NOTHING)
        return;
    if (handover->fd == FIRST_INHERITED)
        (void)fcntl(handover->fd, F_SETFD, 0);
    else
        (void)dup2(handover->fd, FIRST_INHERITED);
    (void)snprintf(pid, sizeof pid, "%d", (int)(handover->is_for_another ? getppid() : getpid()));
    (void)setenv("LISTEN_PID", pid, 1);
    (void)setenv("LISTEN_FDS", "1", 1);
}

static pid_t launch(const struct handover *handover, int output, int errors)
{
    const char *all[MOST_ARGUMENTS + 2] = {"awaitd"};
    for (size_t i = 0; handover->arguments != NULL && handover->arguments[i] != NULL; i++) {
        assert_true(i < MOST_ARGUMENTS);
        all[i + 1] = handover->arguments[i];
    }
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (output == HANDOVER_NOTHING)
        (void)close(STDOUT_FILENO);
    else
        (void)dup2(output, STDOUT_FILENO);
    (void)dup2(errors, STDERR_FILENO);
    for (size_t i = 0; handover->environment != NULL && handover->environment[i] != NULL; i++)
        (void)putenv((char *)(uintptr_t)handover->environment[i]);
    hand_down(handover);
    (void)execv(AWAITD_BINARY, (char *const *)(uintptr_t)all);
    _exit(127);
}

/* ---- until it listens ------------------------------------------------------------------------ */

/* "... http://[::]:8080 ...", and nothing where it listens on a Unix socket alone. */
static void find_port(struct service *service)
{
    const char *url = strstr(service->started, "http://");
    if (url == NULL)
        return;
    const char *end = url + strcspn(url, " \"");
    const char *colon = memrchr(url, ':', (size_t)(end - url));
    assert_non_null(colon);
    service->port = atoi(colon + 1);
    (void)snprintf(service->base, sizeof service->base, "http://127.0.0.1:%d", service->port);
}

void handover_start(struct service *service, const struct handover *handover)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    *service = (struct service){.pid = launch(handover, ends[1], STDERR_FILENO)};
    (void)close(ends[1]);
    service->output = fdopen(ends[0], "r");
    assert_non_null(service->output);
    (void)setvbuf(service->output, NULL, _IONBF, 0);
    struct pollfd waiting = {.fd = ends[0], .events = POLLIN};
    if (poll(&waiting, 1, 20000) != 1 ||
        fgets(service->started, sizeof service->started, service->output) == NULL)
        fail_msg("awaitd did not say that it listens; exit status %d", service_wait(service, 1000));
    find_port(service);
}

void handover_launch(struct service *service, const struct handover *handover, int output)
{
    *service = (struct service){.pid = launch(handover, output, STDERR_FILENO)};
}

/* The socket is listening already: who asks waits until it is served. */
void handover_start_blind(struct service *service, const struct handover *handover, int output)
{
    handover_launch(service, handover, output);
    service->port = handover_port(handover->fd);
    (void)snprintf(service->base, sizeof service->base, "http://127.0.0.1:%d", service->port);
    int fd = raw_connect(service);
    raw_send(fd, "GET /livez HTTP/1.0\r\n\r\n");
    assert_true(raw_is_closed(fd, 20000));
    (void)close(fd);
}

/* ---- to its end ------------------------------------------------------------------------------ */

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    (void)fclose(file);
}

struct outcome handover_run(const struct handover *handover)
{
    struct outcome outcome = {0};
    FILE *output = tmpfile();
    FILE *errors = tmpfile();
    assert_true(output != NULL && errors != NULL);
    struct service service = {.pid = launch(handover, fileno(output), fileno(errors))};
    outcome.status = service_wait(&service, 20000);
    read_back(output, outcome.output, sizeof outcome.output);
    read_back(errors, outcome.errors, sizeof outcome.errors);
    return outcome;
}

/* ---- what is handed down --------------------------------------------------------------------- */

int handover_listen(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, SOMAXCONN), 0);
    return fd;
}

int handover_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

bool handover_can_be_clean(void)
{
    struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    const struct sock_fprog program = {1, &all};
    int fd = handover_listen(0);
    bool may = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
    (void)close(fd);
    return may;
}
