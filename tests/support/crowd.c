#include "tests/support/crowd.h"

#include "tests/support/count.h"
#include "tests/support/service.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE        48
#define MOST_QUESTIONS 4
#define SENT_BYTES     2048
#define GOT_BYTES      (256 * 1024)

#define TWO "\"output\": [\"Hello\", \"World\"]"

static const struct question {
    const char *method;
    const char *target;
    const char *says; /* somewhere in its body */
    int status;
    bool may_be_busy;
} questions[] = {
    {"GET", "/hi?delay=0", TWO, 200, false},
    {"GET", "/hi?delay=3ms", TWO, 200, false},
    {"GET", "/hi?delay=1ms&format=text", "Hello\nWorld\nelapsed: ", 200, false},
    {"GET", "/parallel?count=2&delay=2ms",
     "\"output\": [\"Hello\", \"Hello\", \"World\", \"World\"]", 200, false},
    {"GET", "/parallel?delay=5ms,1ms&timeline=true", "\"task\": 2, \"says\": \"World\"", 200,
     false},
    {"GET", "/sequence?count=2&delay=1ms",
     "\"output\": [\"Hello\", \"World\", \"Hello\", \"World\"]", 200, false},
    {"GET", "/sequence?count=2&delay=2ms&format=text", "Hello\nWorld\nHello\nWorld\nelapsed: ", 200,
     false},
    {"GET", "/parallel?count=300&delay=1ms&format=text", "World\nWorld\nelapsed: ", 200, false},
    {"GET", "/parallel?count=300&delay=0&timeline=true", "\"task\": 300, \"says\": \"World\"", 200,
     false},
    {"GET", "/hi?delay=7s&sleep=forgotten", "\"warnings\"", 200, false},
    {"HEAD", "/hi?delay=1ms", "", 200, false},
    {"OPTIONS", "/parallel", "", 204, false},
    {"GET", "/nowhere", "There is no '/nowhere'", 404, false},
    {"GET", "/hi?dealy=1ms", "did you mean 'delay'", 400, false},
    {"POST", "/hi", "The method POST is not allowed", 405, false},
    {"GET", "/hi?delay=1ms&sleep=blocking", TWO, 200, true},
    /* For those that do not wait for it. */
    {"GET", "/parallel?count=100&delay=9s", "", 200, false},
    {"GET", "/hi?delay=9s&sleep=blocking", "", 200, true},
};

#define LONG_QUESTIONS 2

enum kind {
    STAYS,        /* for all its answers */
    STAYS_SLOWLY, /* the same, reading a few bytes at a time */
    LEAVES,       /* at any moment */
    HALF_CLOSES,
    STALLS, /* in the middle of a request, until it is cut off */
    TALKS_NONSENSE,
    SAYS_NOTHING,
    KINDS,
};

struct client {
    int fd; /* -1: nobody */
    int number;
    enum kind kind;
    int64_t since_ns;
    const struct question *asked[MOST_QUESTIONS];
    int questions;
    int answers; /* whole ones so far */
    char sent[SENT_BYTES];
    size_t length;
    size_t sent_bytes;
    char *got;
    size_t got_bytes;
    size_t read_bytes; /* of it, in whole answers */
    bool has_ended;
};

struct driver {
    const struct crowd *crowd;
    uint32_t random;
    int begun;
    struct client clients[AT_ONCE];
};

/* xorshift32 (Marsaglia). */
static uint32_t roll(struct driver *driver, uint32_t sides)
{
    driver->random ^= driver->random << 13;
    driver->random ^= driver->random >> 17;
    driver->random ^= driver->random << 5;
    return driver->random % sides;
}

static void fail(const struct driver *driver, const struct client *client, const char *what)
{
    (void)fprintf(stderr,
                  "seed %u, client %d (kind %d), answer %d of %d: %s\nasked: %.*s\ngot: %s\n",
                  driver->crowd->seed, client->number, (int)client->kind, client->answers + 1,
                  client->questions, what, (int)client->length, client->sent,
                  client->got + client->read_bytes);
    _exit(1);
}

/* ---- coming and going ------------------------------------------------------------------------ */

static void write_questions(struct driver *driver, struct client *client)
{
    bool is_patient = client->kind != LEAVES && client->kind != HALF_CLOSES;
    client->questions = 1 + (int)roll(driver, MOST_QUESTIONS);
    for (int i = 0; i < client->questions; i++) {
        size_t count = COUNT(questions) - (is_patient ? LONG_QUESTIONS : 0);
        const struct question *question = &questions[roll(driver, (uint32_t)count)];
        client->asked[i] = question;
        client->length +=
            (size_t)snprintf(client->sent + client->length, SENT_BYTES - client->length,
                             "%s %s HTTP/1.1\r\nHost: x\r\nX-Request-Id: c%d-q%d\r\n%s",
                             question->method, question->target, client->number, i,
                             roll(driver, 4) == 0 ? "Content-Length: 9\r\n\r\nGET / HTT" : "\r\n");
    }
}

static void write_nonsense(struct driver *driver, struct client *client)
{
    client->length = 1 + roll(driver, 200);
    for (size_t i = 0; i < client->length; i++)
        client->sent[i] = (char)roll(driver, roll(driver, 2) == 0 ? 256 : 128);
    (void)memcpy(client->sent + client->length, "\r\n\r\n", 4);
    client->length += 4;
}

static int connect_to(const struct crowd *crowd)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)crowd->port),
                                  .sin_addr.s_addr = htonl(crowd->address)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    perror("a client cannot connect");
    _exit(1);
}

static void come(struct driver *driver, struct client *client)
{
    char *got = client->got;
    *client = (struct client){.fd = connect_to(driver->crowd),
                              .number = driver->begun++,
                              .kind = (enum kind)roll(driver, KINDS),
                              .since_ns = test_now_ns(),
                              .got = got};
    client->got[0] = '\0';
    if (client->kind == TALKS_NONSENSE)
        write_nonsense(driver, client);
    else if (client->kind != SAYS_NOTHING)
        write_questions(driver, client);
    if (client->kind == STALLS)
        client->length = 1 + roll(driver, (uint32_t)client->length - 1);
}

static void go(struct driver *driver, struct client *client)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (roll(driver, 2) == 0)
        (void)setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(client->fd);
    client->fd = -1;
}

/* ---- what it is told ------------------------------------------------------------------------- */

static const char *find_field(const char *head, const char *name)
{
    const char *field = strcasestr(head, name);
    return field == NULL ? NULL : field + strlen(name);
}

/* In place: the chunks' bytes together, NUL-terminated. Returns the body's raw length with all its
   chunks, 0 when they are not all there. */
static size_t read_chunks(char *body, char *text)
{
    char *at = body;
    size_t used = 0;
    for (;;) {
        char *end;
        size_t size = strtoul(at, &end, 16);
        if (end == at || end[0] != '\r' || end[1] != '\n' || strlen(end) < size + 4)
            return 0;
        (void)memcpy(text + used, end + 2, size);
        used += size;
        at = end + 2 + size + 2;
        text[used] = '\0';
        if (size == 0)
            return (size_t)(at - body);
    }
}

/* The raw length of a body that is whole, and its text; -1 when more has to come. */
static ssize_t read_body(char *body, const char *head, bool has_body, char *text)
{
    const char *length = find_field(head, "\r\ncontent-length: ");
    text[0] = '\0';
    if (!has_body)
        return 0;
    if (length == NULL) {
        size_t raw = read_chunks(body, text);
        return raw == 0 ? -1 : (ssize_t)raw;
    }
    size_t bytes = strtoul(length, NULL, 10);
    if (strlen(body) < bytes)
        return -1;
    (void)memcpy(text, body, bytes);
    text[bytes] = '\0';
    return (ssize_t)bytes;
}

static bool is_expected(const struct client *client, const struct question *question, int status)
{
    if (client->kind == STALLS && status == 408)
        return true;
    if (client->kind == HALF_CLOSES && status == 499)
        return true;
    return status == question->status || (question->may_be_busy && status == 503);
}

static void check(const struct driver *driver, const struct client *client, const char *head,
                  const char *text)
{
    char id[64];
    int status = atoi(head + 9);
    if (client->kind == TALKS_NONSENSE || client->kind == SAYS_NOTHING) {
        if (status != 400 && status != 408 && status != 404 && status != 405)
            fail(driver, client, "nonsense was served");
        return;
    }
    const struct question *question = client->asked[client->answers];
    if (client->answers >= client->questions || !is_expected(client, question, status))
        fail(driver, client, "not the status of this question");
    if (status == 408)
        return;
    (void)snprintf(id, sizeof id, "\r\nx-request-id: c%d-q%d\r\n", client->number, client->answers);
    if (strcasestr(head, id) == NULL)
        fail(driver, client, "the answer to another request");
    if (status == question->status && strstr(text, question->says) == NULL)
        fail(driver, client, "not what it should say");
}

/* Takes the next whole answer; false when there is none. */
static bool take_answer(const struct driver *driver, struct client *client)
{
    static char text[GOT_BYTES];
    char *head = client->got + client->read_bytes;
    char *end = strstr(head, "\r\n\r\n");
    if (end == NULL)
        return false;
    const struct question *question =
        client->answers < client->questions ? client->asked[client->answers] : NULL;
    bool has_body = question == NULL || (question->status != 204 && question->method[0] != 'H') ||
                    strncmp(head + 9, "408", 3) == 0;
    char kept = end[2];
    end[2] = '\0'; /* so that nothing is looked for behind the head */
    ssize_t raw = read_body(end + 4, head, has_body, text);
    if (raw >= 0)
        check(driver, client, head, text);
    end[2] = kept;
    if (raw < 0)
        return false;
    client->read_bytes += (size_t)(end + 4 - head) + (size_t)raw;
    client->answers++;
    return true;
}

/* ---- moves ----------------------------------------------------------------------------------- */

static void send_some(struct driver *driver, struct client *client)
{
    size_t left = client->length - client->sent_bytes;
    if (left == 0)
        return;
    size_t some = roll(driver, 2) == 0 ? left : 1 + roll(driver, (uint32_t)left);
    ssize_t sent =
        send(client->fd, client->sent + client->sent_bytes, some, MSG_NOSIGNAL | MSG_DONTWAIT);
    client->sent_bytes += sent > 0 ? (size_t)sent : 0;
}

static void read_some(struct driver *driver, struct client *client)
{
    size_t room = GOT_BYTES - 1 - client->got_bytes;
    size_t some = client->kind == STAYS_SLOWLY ? 1 + roll(driver, 4000) : room;
    ssize_t got =
        recv(client->fd, client->got + client->got_bytes, some < room ? some : room, MSG_DONTWAIT);
    client->has_ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    client->got_bytes += got > 0 ? (size_t)got : 0;
    client->got[client->got_bytes] = '\0';
    while (take_answer(driver, client))
        ;
}

/* Whether it is through. One that stays must have all its answers. */
static bool is_done(const struct driver *driver, const struct client *client)
{
    bool stays = client->kind == STAYS || client->kind == STAYS_SLOWLY;
    if (stays && client->answers == client->questions)
        return true;
    if (stays && client->has_ended)
        fail(driver, client, "the connection has ended before");
    if (test_now_ns() - client->since_ns > driver->crowd->patience_ms * INT64_C(1000000))
        fail(driver, client, "it is stuck");
    return client->has_ended;
}

static void move(struct driver *driver, struct client *client)
{
    send_some(driver, client);
    read_some(driver, client);
    bool has_sent = client->sent_bytes == client->length;
    if (client->kind == HALF_CLOSES && has_sent && roll(driver, 8) == 0)
        (void)shutdown(client->fd, SHUT_WR);
    bool leaves = (client->kind == LEAVES || client->kind == SAYS_NOTHING ||
                   client->kind == TALKS_NONSENSE) &&
                  roll(driver, 16) == 0;
    if (leaves || is_done(driver, client))
        go(driver, client);
}

/* Returns whether anybody is there. */
static bool take_turns(struct driver *driver)
{
    bool is_anybody = false;
    for (int i = 0; i < AT_ONCE; i++) {
        struct client *client = &driver->clients[i];
        if (client->fd < 0 && driver->begun < driver->crowd->clients)
            come(driver, client);
        if (client->fd < 0)
            continue;
        is_anybody = true;
        move(driver, client);
    }
    return is_anybody;
}

static void drive(const struct crowd *crowd)
{
    static struct driver driver;
    driver.crowd = crowd;
    driver.random = crowd->seed;
    for (int i = 0; i < AT_ONCE; i++) {
        driver.clients[i].fd = -1;
        driver.clients[i].got = malloc(GOT_BYTES);
        if (driver.clients[i].got == NULL)
            _exit(1);
    }
    while (take_turns(&driver))
        test_nap_ms(1);
}

pid_t crowd_start(const struct crowd *crowd)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    drive(crowd);
    _exit(0);
}
