#include "server/runs/showing.h"

#include "async/clock.h"
#include "server/http/answer.h"
#include "server/http/validator.h"
#include "server/recorder/tape.h"
#include "server/runs/here.h"
#include "server/runs/in_cage.h"
#include "server/runs/large.h"
#include "server/runs/on_virtual_clock.h"
#include "server/runs/slab.h"

/* Enough to make a piece worth its system call, and little enough to keep for each request. */
#define LONGEST_PIECE_BYTES 16384

/* libh2o was given the last byte, or will get none. */
static bool is_finished(const struct showing *showing)
{
    return !list_has(&showing->link);
}

static void finish(struct showing *showing)
{
    showing->request->is_unanswered = false;
    list_remove(&showing->link);
    list_remove(&showing->has_news);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* `length` is all that can be shown now. */
static void start_answer(struct showing *showing, bool is_whole, size_t length)
{
    struct request *request = showing->request;
    h2o_req_t *req = request->req;
    const struct timeline *timeline = showing->hosted.run->timeline;
    bool is_done = showing->hosted.is_done;
    bool ends_with_connection = !is_done && !request->is_http2 && req->version < HTTP_1_1;
    if (ends_with_connection) {
        req->http1_is_persistent = 0; /* HTTP/1.0 has no chunks */
        request->connection->ends_answer = true;
    }
    answer_begin(request, 200, showing->view->content_type);
    header_add(req, HEADER_VARY, "Accept");
    if (showing->etag != NULL)
        validator_add(request, showing->etag);
    if (is_done) {
        if (!timeline->plan.is_virtual)
            header_add_timing(req, timeline->elapsed_ns);
        req->res.content_length = is_whole ? length : view_length(showing->view, timeline);
    } else {
        /* nginx, for one, would keep it until it is whole */
        header_add(req, HEADER_ACCEL_BUFFERING, "no");
    }
    showing->is_started = true;
    h2o_start_response(req, &showing->generator);
}

/* Sends what can be shown now. The request may be gone when this returns. */
static void go_on(struct showing *showing)
{
    const struct hosted *hosted = &showing->hosted;
    bool is_head = showing->request->method == METHOD_HEAD;
    bool waits_for_end = is_head || hosted->run->timeline->plan.is_virtual;
    if (showing->is_sending || is_finished(showing) || (waits_for_end && !hosted->is_done))
        return;
    size_t length = view_write(showing->view, hosted->run->timeline, hosted->is_done,
                               &showing->cursor, showing->piece, showing->piece_bytes);
    bool is_end = showing->cursor.part == VIEW_END;
    if (length == 0 && !is_end)
        return;
    if (!showing->is_started)
        start_answer(showing, is_end, length);
    bool is_last = is_end || is_head;
    if (is_last)
        finish(showing);
    else
        showing->is_sending = true;
    answer_piece(showing->request, h2o_iovec_init(showing->piece, length), is_last);
}

static void break_off(struct showing *showing)
{
    struct connection *connection = showing->request->connection;
    finish(showing);
    if (connection->ends_answer)
        connection_kill(connection);
    h2o_send(showing->request->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct showing *showing = container_of(generator, struct showing, generator);
    showing->is_sending = false;
    if (showing->is_failing)
        break_off(showing);
    else
        go_on(showing);
}

/* HTTP/2: the stream was reset. The log is told by what stays unanswered. */
static void on_stop(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct showing *showing = container_of(generator, struct showing, generator);
    bool was_unanswered = showing->request->is_unanswered;
    finish(showing);
    showing->request->is_unanswered = was_unanswered;
}

/* ---- what the run tells ---------------------------------------------------------------------- */

static void on_done(struct hosted *hosted)
{
    struct showing *showing = container_of(hosted, struct showing, hosted);
    const struct timeline *timeline = hosted->run->timeline;
    counter_add(&hosted->loop->metrics->tasks_done, (uint64_t)showing->request->tasks);
    if (showing->recorded != 0)
        tape_end(hosted->loop->tape, showing->recorded, hosted->run, timeline->elapsed_ns,
                 timeline->error == 0 ? RUN_DONE : RUN_FAILED);
    budget_give(hosted->connection, BUDGET_TASKS, hosted->tasks);
    go_on(showing);
}

/* Not sent at once: what is said in the same iteration of the loop goes out in one write. */
static void on_news(struct hosted *hosted)
{
    struct showing *showing = container_of(hosted, struct showing, hosted);
    if (!is_finished(showing) && !list_has(&showing->has_news))
        list_append(&hosted->loop->has_news, &showing->has_news);
}

void showings_talk(struct loop *loop)
{
    while (!list_is_empty(&loop->has_news)) {
        struct link *first = loop->has_news.next;
        list_remove(first);
        go_on(container_of(first, struct showing, has_news));
    }
}

/* ---- the start ------------------------------------------------------------------------------- */

static void dispose(void *memory);

/* A short answer needs one piece, and gets no larger one. */
static size_t piece_bytes(const struct plan *plan)
{
    size_t words = (size_t)plan->endpoint->says_each * plan->count;
    size_t entry_bytes = plan->states ? 400 : 80;
    size_t guess_bytes = (size_t)2 * VIEW_ITEM_BYTES + (plan->timeline ? entry_bytes : 10) * words;
    if (plan->tree != NULL)
        guess_bytes += plan->tree->text_bytes;
    return guess_bytes < LONGEST_PIECE_BYTES ? guess_bytes : LONGEST_PIECE_BYTES;
}

/* libh2o copies what it encrypts. */
int64_t showing_bytes(const struct request *request, const struct plan *plan)
{
    size_t copies = request->connection->tls != NULL ? 2 : 1;
    int64_t bytes = (int64_t)(run_bytes(plan) + copies * piece_bytes(plan));
    if (plan->tree != NULL) /* once more, where the query was read */
        bytes +=
            (int64_t)(plan->tree->node_count * sizeof(struct tree_node) + plan->tree->text_bytes);
    bool is_one_of_many = request->connection->streams > 1;
    return is_one_of_many || bytes > HELD_FREE_BYTES ? bytes : 0;
}

struct showing *showing_new(struct request *request, const struct plan *plan,
                            const struct view *view, int64_t held_bytes)
{
    h2o_mem_pool_t *pool = &request->req->pool;
    size_t bytes = run_bytes(plan);
    size_t own_bytes = slab_aligned(sizeof(struct showing));
    const struct host *host = bytes >= SLAB_LARGE_BYTES ? &run_large : &run_here;
    if (plan->is_virtual)
        host = &run_on_virtual_clock;
    else if (plan->sleep == SLEEP_BLOCKING)
        host = &run_in_cage;
    bool lies_behind = host->make_memory == NULL;
    void *memory = lies_behind ? NULL : host->make_memory(bytes);
    if (!lies_behind && memory == NULL)
        return NULL;
    struct showing *showing =
        h2o_mem_alloc_shared(pool, lies_behind ? own_bytes + bytes : own_bytes, dispose);
    *showing = (struct showing){
        .generator = {on_proceed, on_stop},
        .request = request,
        .view = view,
        .etag = plan->is_virtual ? validator_etag(request, plan, view->name) : NULL,
        .piece_bytes = piece_bytes(plan),
        .held_bytes = held_bytes,
        .hosted = {.host = host,
                   .loop = request->loop,
                   .connection = request->connection,
                   .tasks = plan_tasks(plan),
                   .tells_news = view->live && !plan->is_virtual,
                   .on_news = on_news,
                   .on_done = on_done},
    };
    showing->piece = h2o_mem_alloc_pool(pool, showing->piece_bytes);
    showing->hosted.run = run_init(lies_behind ? (char *)showing + own_bytes : memory, plan,
                                   plan->is_virtual ? 0 : request->at_ns);
    request->showing = showing;
    request->tasks = plan_numbered_tasks(plan);
    return showing;
}

/* What a virtual clock shows follows from the request, and is not worth keeping. A run in the cage
   is told of from there, and its beginning must be known by then. */
static void begin_recording(struct showing *showing)
{
    struct hosted *hosted = &showing->hosted;
    struct request *request = showing->request;
    struct tape *tape = hosted->loop->tape;
    bool is_caged = hosted->host == &run_in_cage;
    h2o_iovec_t target = request->req->path;
    h2o_iovec_t method = request->req->method;
    if (tape == NULL || hosted->run->timeline->plan.is_virtual)
        return;
    struct run_asked asked = {.plan = &hosted->run->timeline->plan,
                              .method = {method.base, method.len},
                              .target = {target.base, target.len},
                              .request_id = request_id(request),
                              .at_ns = request->at_ns};
    struct tape *runs_on = is_caged ? tape->cage : tape;
    if (!tape_begin(tape, runs_on, hosted->run, &asked))
        return;
    showing->recorded = hosted->run->record_number;
    if (is_caged)
        tape_hand_over(tape);
}

int64_t showing_start(struct showing *showing)
{
    struct hosted *hosted = &showing->hosted;
    begin_recording(showing);
    int64_t full_seconds = hosted->host->start(hosted);
    if (full_seconds > 0)
        return full_seconds;
    list_append(&hosted->loop->showings, &showing->link);
    counter_add(&hosted->loop->metrics->taken_on, 1);
    showing->is_counted = true;
    showing->request->is_unanswered = true;
    return 0;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Whatever the run waits for, it waits no longer, and no more of it is shown. */
static void end_run(struct showing *showing)
{
    struct hosted *hosted = &showing->hosted;
    if (hosted->run == NULL)
        return;
    if (showing->recorded != 0 && !hosted->is_done)
        tape_end(hosted->loop->tape, showing->recorded, NULL,
                 clock_now_ns() - showing->request->at_ns,
                 !showing->is_counted    ? RUN_REFUSED
                 : hosted->loop->killing ? RUN_DRAINED
                                         : RUN_CLIENT_LEFT);
    if (showing->is_counted && !hosted->is_done)
        counter_add(&hosted->loop->metrics->tasks_cancelled, (uint64_t)showing->request->tasks);
    hosted->host->end(hosted);
}

/* libh2o's callback for the memory: the one place where all is given back. */
static void dispose(void *memory)
{
    struct showing *showing = memory;
    finish(showing);
    end_run(showing);
    budget_give(showing->hosted.connection, BUDGET_HELD, showing->held_bytes);
    counter_add(&showing->hosted.loop->metrics->ended, showing->is_counted);
    showing->request->showing = NULL;
}

/* Ends a request whose run is not over, with a problem if nothing was sent yet. */
static void end_early(struct showing *showing, const struct problem *problem)
{
    h2o_req_t *req = showing->request->req;
    end_run(showing);
    req->http1_is_persistent = 0;
    if (!showing->is_started) {
        finish(showing);
        answer_problem(showing->request, problem);
        return;
    }
    req->res.status = problem->status; /* for the log: the client has its 200 already */
    if (showing->is_sending)
        showing->is_failing = true;
    else
        break_off(showing);
}

void showing_client_left(struct connection *connection)
{
    struct problem problem;
    struct showing *showing = connection->request == NULL ? NULL : connection->request->showing;
    if (showing == NULL || is_finished(showing))
        return;
    counter_add(&connection->loop->metrics->disconnects, 1);
    (void)refuse(&problem, 499, NULL,
                 "The client closed its side of the connection before the answer was ready.");
    end_early(showing, &problem);
}

void showings_give_up(struct loop *loop)
{
    struct problem problem;
    (void)refuse(&problem, 503, NULL,
                 "awaitd is stopping, and this request did not finish within drain_timeout.");
    problem.retry_after_seconds = 1;
    list_each(&loop->showings, at) end_early(container_of(at, struct showing, link), &problem);
}
