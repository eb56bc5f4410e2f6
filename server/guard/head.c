#include "server/guard/head.h"

#include "server/loop/budget.h"
#include <string.h>

/* A buffer of so many bytes is in the price of a connection. A larger one costs twice its size, as
   libh2o copies the names of fields, and all of a head that has a body. */
#define BUFFER_FREE_BYTES 8192
#define BUFFER_COST       2

/* What is left of a target that is too long, for the log. */
#define TARGET_SHOWN_BYTES 256

/* The least that is overwritten. */
#define REST_BYTES 64

/* ---- refusing -------------------------------------------------------------------------------- */

/* From `at` on: one field, and the end. */
static void fill(const h2o_buffer_t *input, size_t at)
{
    static const char name[] = "X:";
    static const char end[] = "\r\n\r\n";
    memset(input->bytes + at, 'x', input->size - at);
    memcpy(input->bytes + at, name, sizeof name - 1);
    memcpy(input->bytes + input->size - (sizeof end - 1), end, sizeof end - 1);
}

/* Keeps the request line, if that is whole and not what is too large, else its beginning. What has
   neither method nor target becomes what libh2o refuses itself. The size stays: libh2o goes on from
   where it had got to. */
static void refuse_head(struct connection *connection, size_t target, int status)
{
    static const char end[] = " HTTP/1.1\r\n";
    const h2o_buffer_t *input = connection->socket->input;
    const char *lf = memchr(input->bytes + target, '\n', input->size - target);
    size_t fields = lf == NULL ? input->size : (size_t)(lf + 1 - input->bytes);
    connection->head.is_whole = true;
    connection->head.refusal = status;
    if (target == 0) {
        input->bytes[0] = '\0';
        fill(input, 1);
    } else if (status != 414 && fields + REST_BYTES <= input->size) {
        fill(input, fields);
    } else {
        size_t cut = target + TARGET_SHOWN_BYTES;
        connection->head.refusal = status == 431 ? 414 : status;
        memcpy(input->bytes + cut, end, sizeof end - 1);
        fill(input, cut + sizeof end - 1);
    }
}

/* ---- looking --------------------------------------------------------------------------------- */

/* libh2o passes over one empty line in front. */
static size_t find_line(const h2o_buffer_t *input)
{
    return input->bytes[0] == '\n' ? 1 : input->bytes[0] == '\r' ? 2 : 0;
}

/* Where the request's target begins; 0: there is none yet, or never. */
static size_t find_target(const h2o_buffer_t *input)
{
    const char *space = memchr(input->bytes, ' ', PATH_BYTES);
    return space == NULL ? 0 : (size_t)(space + 1 - input->bytes);
}

static bool is_path_too_long(const h2o_buffer_t *input, size_t target)
{
    size_t at = target;
    size_t last = target + PATH_BYTES < input->size ? target + PATH_BYTES : input->size - 1;
    while (at <= last && strchr("? \r\n", input->bytes[at]) == NULL)
        at++;
    return at > target + PATH_BYTES;
}

/* How many bytes the head has; 0: its end, an empty line, is not there yet. */
static size_t find_end(const h2o_buffer_t *input, size_t from)
{
    const char *at = input->bytes + from;
    const char *end = input->bytes + input->size;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end) {
        if (*at == '\n')
            return (size_t)(at + 1 - input->bytes);
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
            return (size_t)(at + 2 - input->bytes);
    }
    return 0;
}

/* Has the budget pay for the buffer, or gives back what a smaller one does not cost. */
static bool pay(struct connection *connection)
{
    struct head *head = &connection->head;
    int64_t capacity = (int64_t)connection->socket->input->capacity;
    int64_t bytes = capacity > BUFFER_FREE_BYTES ? BUFFER_COST * capacity : 0;
    int64_t more = bytes - head->held_bytes;
    if (more < 0)
        budget_give(connection, BUDGET_HELD, -more);
    if (more > 0 && !budget_take(connection, BUDGET_HELD, more))
        return false;
    head->held_bytes = bytes;
    return true;
}

/* libh2o has the head, and what grows is a body: nothing can be answered any more. */
static void cut(struct connection *connection)
{
    struct head *head = &connection->head;
    if (!head->is_cut)
        counter_add(&connection->loop->metrics->cuts[CUT_HELD], 1);
    head->is_cut = true;
    connection_kill(connection);
}

/* Most heads are smaller than a path may be, and done with at once. */
static void look(struct connection *connection)
{
    struct head *head = &connection->head;
    const h2o_buffer_t *input = connection->socket->input;
    bool is_paid = pay(connection);
    size_t seen_bytes = head->seen_bytes;
    head->seen_bytes = input->size;
    if (head->is_whole && !is_paid)
        cut(connection);
    if (head->is_whole || input->size <= PATH_BYTES)
        return;
    size_t line = find_line(input);
    size_t target = find_target(input);
    size_t from = seen_bytes <= PATH_BYTES || seen_bytes < line + 3 ? line : seen_bytes - 3;
    size_t end = find_end(input, from);
    bool is_body = end > 0 && end <= seen_bytes;
    head->is_whole = end > 0;
    if (is_body && !is_paid)
        cut(connection);
    else if (is_body)
        return;
    else if (target > 0 && is_path_too_long(input, target))
        refuse_head(connection, target, 414);
    else if ((end > 0 ? end : input->size) > HEAD_BYTES)
        refuse_head(connection, target, 431);
    else if (!is_paid && input->size > (size_t)2 * PATH_BYTES)
        refuse_head(connection, target, 503);
}

/* ---- standing in front of libh2o ------------------------------------------------------------- */

/* It may be closed when this returns. */
static void on_bytes(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    if (error == NULL)
        look(connection);
    connection->head.read(socket, error);
}

/* A buffer that has grown for one request is not kept for the next, which may have begun in it. */
static void shrink(h2o_buffer_t **input)
{
    h2o_buffer_t *grown = *input;
    if (grown->capacity <= BUFFER_FREE_BYTES || grown->size > grown->capacity / 4)
        return;
    h2o_buffer_init(input, grown->_prototype);
    memcpy(h2o_buffer_reserve(input, grown->size).base, grown->bytes, grown->size);
    (*input)->size = grown->size;
    h2o_buffer_dispose(&grown);
}

void head_watch(struct quick_stream *stream)
{
    struct connection *connection = (struct connection *)(void *)stream;
    struct head *head = &connection->head;
    h2o_socket_t *socket = connection->socket;
    if (!connection->is_http1)
        return;
    head->read = socket->_cb.read;
    socket->_cb.read = on_bytes;
    if (head->request == connection->begun + 1)
        return; /* of which this is the body */
    head->request = connection->begun + 1;
    head->seen_bytes = 0;
    head->is_whole = false;
    shrink(&socket->input);
    look(connection);
}
