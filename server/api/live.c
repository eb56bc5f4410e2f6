#include "server/api/live.h"

#include "server/http/answer.h"
#include "server/http/urlencoded.h"
#include "server/recorder/recorder.h"
#include "text/names.h"
#include "views/views.h"
#include <stdlib.h>

#define DEFAULT_LIMIT 20
#define MOST_LIMIT    200

/* For who finds no room among the viewers. */
#define RETRY_SECONDS 10

bool live_is_on(const struct config *config)
{
    return config->live == CONFIG_ON;
}

/* ---- what was asked for ---------------------------------------------------------------------- */

struct asked {
    struct text before;
    struct text run;
    struct text request_id;
    struct text after;
    struct text limit;
    struct text format;
};

/* Each name at most once; those that this path does not take are told of. */
static bool read_query(struct request *request, const char *const *names,
                       struct text *const *values, size_t count, struct problem *problem)
{
    h2o_req_t *req = request->req;
    struct text rest = {req->path.base, req->path.len};
    struct text name;
    struct text value;
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[NAME_LIST_BYTES];
    (void)text_split(&rest, '?');
    while (urlencoded_next(&req->pool, &rest, &name, &value)) {
        size_t at = 0;
        while (at < count && !text_is(name, names[at]))
            at++;
        if (at == count)
            return refuse(problem, 400, NULL, "There is no parameter '%s' here; there are %s.",
                          problem_quote(name.bytes, name.length, quoted),
                          name_list_join(names, count, " and ", all));
        if (values[at]->bytes != NULL)
            return refuse(problem, 400, names[at], "%s: given more than once; give it once.",
                          names[at]);
        *values[at] = value;
    }
    return true;
}

static bool copy_prefix(struct text given, char prefix[65], struct problem *problem)
{
    if (given.length > 64)
        return refuse(problem, 400, "request_id", "request_id: at most 64 bytes are looked for.");
    memcpy(prefix, given.length == 0 ? "" : given.bytes, given.length);
    prefix[given.length] = '\0';
    return true;
}

/* 0 without one. */
static bool read_run(const struct request *request, const char *name, struct text given,
                     uint64_t *number, struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    if (given.bytes == NULL)
        return true;
    *number = run_number(request->loop->shared->recorder->epoch, given);
    return *number != 0 || refuse(problem, 400, name, "%s: '%s' is no run of this process.", name,
                                  problem_quote(given.bytes, given.length, quoted));
}

static bool read_limit(struct text given, uint32_t *limit, struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    uint32_t number = 0;
    for (size_t i = 0; i < given.length && number <= MOST_LIMIT; i++)
        number = given.bytes[i] >= '0' && given.bytes[i] <= '9'
                     ? number * 10 + (uint32_t)(given.bytes[i] - '0')
                     : MOST_LIMIT + 1;
    *limit = given.bytes == NULL ? DEFAULT_LIMIT : number;
    return (*limit >= 1 && *limit <= MOST_LIMIT) ||
           refuse(problem, 400, "limit", "limit: '%s' is not between 1 and %d.",
                  problem_quote(given.bytes, given.length, quoted), MOST_LIMIT);
}

/* ---- errands --------------------------------------------------------------------------------- */

/* In the request's memory: says when nobody waits for the answer any more. */
struct waiting {
    struct errand *errand;
    struct request *request;
    const char *name; /* of the run */
};

static void on_request_gone(void *memory)
{
    struct waiting *waiting = memory;
    if (waiting->errand != NULL)
        waiting->errand->owner = NULL;
}

static void send_errand(struct request *request, struct errand *errand, const char *name)
{
    struct waiting *waiting =
        h2o_mem_alloc_shared(&request->req->pool, sizeof *waiting, on_request_gone);
    *waiting = (struct waiting){errand, request, name};
    errand->letter.kind = LETTER_ERRAND;
    errand->loop = request->loop;
    errand->owner = waiting;
    request->loop->letters_out++;
    recorder_post(request->loop->shared->recorder, &errand->letter);
}

static struct errand *new_errand(const struct errand *from)
{
    struct errand *errand = h2o_mem_alloc(sizeof *errand);
    *errand = *from;
    return errand;
}

static void answer_errand(const struct errand *errand)
{
    struct waiting *waiting = errand->owner;
    struct problem problem;
    char oldest[RUN_NAME_BYTES];
    char quoted[PROBLEM_QUOTE_BYTES];
    struct request *request = waiting->request;
    const struct recorder *recorder = request->loop->shared->recorder;
    waiting->errand = NULL;
    if (errand->answer != NULL) {
        const char *type = errand->view == NULL ? "application/json" : errand->view->content_type;
        answer_send(request, 200, type, errand->answer, errand->answer_bytes);
        return;
    }
    (void)problem_quote(waiting->name, strlen(waiting->name), quoted);
    run_name(recorder->epoch, errand->oldest, oldest);
    if (errand->oldest == 0)
        (void)refuse(&problem, 404, NULL, "There is no run '%s'; none is kept.", quoted);
    else
        (void)refuse(&problem, 404, NULL, "There is no run '%s'; the oldest kept is %s.", quoted,
                     oldest);
    answer_problem(request, &problem);
}

void live_answer_list(struct request *request)
{
    static const char *const names[] = {"limit", "before", "request_id"};
    struct asked asked = {.run = {NULL, 0}};
    struct text *const values[] = {&asked.limit, &asked.before, &asked.request_id};
    struct errand errand = {.view = NULL};
    struct problem problem;
    if (!read_query(request, names, values, 3, &problem) ||
        !read_limit(asked.limit, &errand.limit, &problem) ||
        !read_run(request, "before", asked.before, &errand.before, &problem) ||
        !copy_prefix(asked.request_id, errand.request_id, &problem)) {
        answer_problem(request, &problem);
        return;
    }
    send_errand(request, new_errand(&errand), "");
}

static bool read_view(struct text given, const struct view **view, struct problem *problem)
{
    const char *names[VIEWS];
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[NAME_LIST_BYTES];
    if (given.bytes == NULL || text_is(given, "json"))
        return true;
    for (size_t i = 0; i < VIEWS; i++) {
        names[i] = views[i]->name;
        if (text_is(given, names[i]))
            *view = views[i];
    }
    return *view != NULL ||
           refuse(problem, 400, "format", "format: '%s' is not known; allowed are %s.",
                  problem_quote(given.bytes, given.length, quoted),
                  name_list_join(names, VIEWS, " and ", all));
}

void live_answer_run(struct request *request)
{
    static const char *const names[] = {"format"};
    struct asked asked = {.run = {NULL, 0}};
    struct text *const values[] = {&asked.format};
    struct errand errand = {.view = NULL};
    struct problem problem;
    char quoted[PROBLEM_QUOTE_BYTES];
    h2o_iovec_t path = request->req->path_normalized;
    struct text name = {path.base + strlen("/runs/"), path.len - strlen("/runs/")};
    bool is_good = read_query(request, names, values, 1, &problem) &&
                   read_view(asked.format, &errand.view, &problem);
    errand.run = run_number(request->loop->shared->recorder->epoch, name);
    if (is_good && errand.run == 0)
        is_good = refuse(&problem, 404, NULL, "There is no run '%s' of this process.",
                         problem_quote(name.bytes, name.length, quoted));
    if (!is_good) {
        answer_problem(request, &problem);
        return;
    }
    send_errand(request, new_errand(&errand),
                h2o_strdup(&request->req->pool, name.bytes, name.length).base);
}

/* ---- those who look on ----------------------------------------------------------------------- */

struct stream {
    h2o_generator_t generator;
    struct request *request;
    struct viewer *viewer;
    bool is_sending; /* libh2o has not sent the last piece yet */
    bool is_over;    /* to be broken off when it has */
};

static void break_off(struct stream *stream)
{
    struct request *request = stream->request;
    if (request->connection->ends_answer)
        connection_kill(request->connection);
    h2o_send(request->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

void live_client_left(struct connection *connection)
{
    struct stream *stream = connection->request == NULL ? NULL : connection->request->stream;
    if (stream == NULL || stream->is_over)
        return;
    stream->is_over = true;
    connection->request->req->http1_is_persistent = 0;
    if (!stream->is_sending)
        break_off(stream);
}

static void send_piece(struct stream *stream)
{
    struct viewer *viewer = stream->viewer;
    stream->is_sending = true;
    answer_piece(stream->request, h2o_iovec_init(viewer->piece, viewer->piece_bytes),
                 viewer->is_last);
}

/* The client has taken the piece. */
static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct stream *stream = container_of(generator, struct stream, generator);
    struct viewer *viewer = stream->viewer;
    stream->is_sending = false;
    if (stream->is_over)
        break_off(stream);
    else if (!viewer->is_last)
        recorder_post(stream->request->loop->shared->recorder, &viewer->letter);
}

static void on_stream_gone(void *memory)
{
    struct stream *stream = memory;
    struct viewer *viewer = stream->viewer;
    stream->request->stream = NULL;
    viewer->owner = NULL;
    viewer->leave.kind = LETTER_LEAVE;
    recorder_post(stream->request->loop->shared->recorder, &viewer->leave);
}

/* "5f3a-18234"; of another process it says that much is missing. */
static void read_after(const struct recorder *recorder, struct text given, struct viewer *viewer)
{
    if (given.bytes == NULL)
        return;
    viewer->has_after = true;
    viewer->after = run_number(recorder->epoch, given);
    viewer->is_of_epoch = viewer->after != 0;
}

static bool read_viewer(struct request *request, struct viewer *viewer, struct problem *problem)
{
    static const char *const names[] = {"run", "request_id", "after"};
    struct asked asked = {.run = {NULL, 0}};
    struct text *const values[] = {&asked.run, &asked.request_id, &asked.after};
    const struct recorder *recorder = request->loop->shared->recorder;
    const h2o_headers_t *headers = &request->req->headers;
    ssize_t at = h2o_find_header_by_str(headers, H2O_STRLIT("last-event-id"), -1);
    if (!read_query(request, names, values, 3, problem) ||
        !read_run(request, "run", asked.run, &viewer->run, problem) ||
        !copy_prefix(asked.request_id, viewer->request_id, problem))
        return false;
    if (at != -1) /* newer than what the URL says: the browser has come back by itself */
        asked.after =
            (struct text){headers->entries[at].value.base, headers->entries[at].value.len};
    read_after(recorder, asked.after, viewer);
    return true;
}

static bool has_room(struct request *request, struct problem *problem)
{
    struct recorder *recorder = request->loop->shared->recorder;
    if (atomic_fetch_add(&recorder->viewer_count, 1) < request->config->max_viewers)
        return true;
    (void)atomic_fetch_sub(&recorder->viewer_count, 1);
    (void)refuse(problem, 503, NULL, "Too many look on already (max_viewers is %lld).",
                 (long long)request->config->max_viewers);
    problem->retry_after_seconds = RETRY_SECONDS;
    return false;
}

void live_answer_events(struct request *request)
{
    struct problem problem;
    h2o_req_t *req = request->req;
    struct viewer *viewer = h2o_mem_alloc(sizeof *viewer);
    *viewer = (struct viewer){.loop = request->loop};
    if (!read_viewer(request, viewer, &problem) || !has_room(request, &problem)) {
        free(viewer);
        answer_problem(request, &problem);
        return;
    }
    struct stream *stream = h2o_mem_alloc_shared(&req->pool, sizeof *stream, on_stream_gone);
    *stream =
        (struct stream){.generator = {.proceed = on_proceed}, .request = request, .viewer = viewer};
    request->stream = stream;
    viewer->owner = stream;
    viewer->letter.kind = LETTER_LOOK;
    if (!request->is_http2 && req->version < HTTP_1_1) {
        req->http1_is_persistent = 0; /* HTTP/1.0 has no chunks */
        request->connection->ends_answer = true;
    }
    request->loop->letters_out++;
    answer_begin(request, 200, "text/event-stream");
    header_add(req, HEADER_ACCEL_BUFFERING, "no");
    h2o_start_response(req, &stream->generator);
    if (request->method == METHOD_HEAD) {
        viewer->is_last = true;
        send_piece(stream);
    } else {
        recorder_post(request->loop->shared->recorder, &viewer->letter);
    }
}

/* ---- the loop's inbox ------------------------------------------------------------------------ */

static void read_errand(struct loop *loop, struct errand *errand)
{
    loop->letters_out--;
    if (errand->owner != NULL)
        answer_errand(errand);
    free(errand->answer);
    free(errand);
}

static void read_farewell(struct loop *loop, struct viewer *viewer)
{
    loop->letters_out--;
    (void)atomic_fetch_sub(&loop->shared->recorder->viewer_count, 1);
    free(viewer);
}

void live_read(struct loop *loop)
{
    struct letter *letter = mailbox_take(&loop->inbox);
    while (letter != NULL) {
        struct letter *next = letter->next;
        if (letter->kind == LETTER_ERRAND) {
            read_errand(loop, (struct errand *)letter);
        } else if (letter->kind == LETTER_FAREWELL) {
            read_farewell(loop, container_of(letter, struct viewer, farewell));
        } else {
            struct viewer *viewer = container_of(letter, struct viewer, letter);
            struct stream *stream = viewer->owner;
            if (stream != NULL && !stream->is_over)
                send_piece(stream);
        }
        letter = next;
    }
}

void live_drain(struct loop *loop)
{
    if (loop->tape == NULL)
        return;
    struct letter *letter = h2o_mem_alloc(sizeof *letter);
    letter->kind = LETTER_DRAIN;
    tape_hand_over(loop->tape);
    recorder_post(loop->shared->recorder, letter);
}
