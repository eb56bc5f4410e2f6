#include "server/runs/showing.h"

#include "async/clock.h"
#include "server/http/headers.h"
#include "server/http/problem.h"
#include "server/loop/loop.h"
#include "server/runs/slab.h"

#define FIRST_STEPS 16

/* ---- showing the run ------------------------------------------------------------------------- */

static void finish(struct request *request)
{
    request->finished = true;
    list_remove(&request->link);
    list_remove(&request->talkative);
    list_remove(&request->fresh);
}

static void start_answer(struct request *request, bool is_whole, size_t length)
{
    h2o_req_t *req = request->req;
    headers_set(req, 200, request->view->content_type);
    headers_add(req, HEADER_VARY, "Accept");
    if (request->done)
        headers_add_timing(req, request->run->timeline->elapsed_ns);
    if (is_whole)
        req->res.content_length = length;
    else if (req->version < 0x101)
        req->http1_is_persistent = 0; /* no chunks either: where it ends, the connection does */
    request->started = true;
    h2o_start_response(req, &request->generator);
}

static void send_piece(struct request *request, size_t length, bool is_last)
{
    h2o_iovec_t piece = h2o_iovec_init(request->piece, length);
    if (is_last)
        finish(request);
    else
        request->sending = true;
    /* Its head may have gone out before the drain began. */
    connection_end_if_draining(request->req);
    exchange_sends(request->exchange);
    bool has_bytes = length > 0 && !request->is_head;
    h2o_send(request->req, &piece, has_bytes ? 1 : 0,
             is_last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

/* Sends what can be shown now. The request may be gone when this returns. */
static void go_on(struct request *request)
{
    if (request->sending || request->finished || (request->is_head && !request->done))
        return;
    size_t length = view_write(request->view, request->run->timeline, request->done,
                               &request->cursor, request->piece, request->piece_bytes);
    bool is_end = request->cursor.part == VIEW_END;
    if (length == 0 && !is_end)
        return;
    if (!request->started)
        start_answer(request, is_end, length);
    send_piece(request, length, is_end || request->is_head);
}

static void break_off(struct request *request)
{
    finish(request);
    h2o_send(request->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct request *request = (struct request *)generator;
    request->sending = false;
    exchange_has_sent(request->exchange);
    if (request->failing)
        break_off(request);
    else
        go_on(request);
}

static void on_stop(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct request *request = (struct request *)generator;
    request->was_left = !request->finished;
    finish(request);
}

static void run_ended_well(struct request *request)
{
    request->done = true;
    counter_add(&request->thread->metrics.tasks_done, (uint64_t)request->tasks);
}

static void on_run_done(struct run *run)
{
    struct request *request = run->owner;
    run_ended_well(request);
    go_on(request);
}

/* Not sent at once: what is said in the same turn of the loop goes out in one write. */
static void on_run_say(struct run *run)
{
    struct request *request = run->owner;
    if (!list_has(&request->talkative))
        list_append(&request->thread->talkative, &request->talkative);
}

void requests_talk(struct loop_thread *thread)
{
    while (!list_is_empty(&thread->talkative)) {
        struct link *first = thread->talkative.next;
        list_remove(first);
        go_on(container_of(first, struct request, talkative));
    }
}

/* ---- in the cage ----------------------------------------------------------------------------- */

static void on_job_say(struct run *run)
{
    loop_thread_notify(run->owner);
}

static void on_job_return(struct job *job)
{
    struct loop_thread *thread = job->run->owner;
    (void)pthread_mutex_lock(&thread->lock);
    list_append(&thread->returned, &job->link);
    (void)pthread_mutex_unlock(&thread->lock);
    loop_thread_notify(thread);
}

static struct job *take_returned(struct loop_thread *thread)
{
    (void)pthread_mutex_lock(&thread->lock);
    struct link *first = thread->returned.next;
    bool is_empty = list_is_empty(&thread->returned);
    if (!is_empty)
        list_remove(first);
    (void)pthread_mutex_unlock(&thread->lock);
    return is_empty ? NULL : container_of(first, struct job, link);
}

/* The request of a job that was abandoned is gone; of any other it goes on here. */
static void job_returned(struct loop_thread *thread, struct job *job)
{
    struct request *request = job->owner;
    thread->jobs_out--;
    if (request == NULL) {
        block_free(job, &thread->co_uv);
        return;
    }
    run_ended_well(request);
    list_remove(&request->caged);
    go_on(request);
}

void requests_look_into_cage(struct loop_thread *thread)
{
    list_each(&thread->caged, at)
    {
        struct request *request = container_of(at, struct request, caged);
        if (request->view->live)
            go_on(request);
    }
    for (struct job *job; (job = take_returned(thread)) != NULL;)
        job_returned(thread, job);
}

/* ---- the start ------------------------------------------------------------------------------- */

static void start_here(struct request *request)
{
    request->run->owner = request;
    request->run->on_done = on_run_done;
    request->run->on_say = request->view->live ? on_run_say : NULL;
    run_start(request->run, &request->thread->co_uv.loop);
    co_uv_wake(&request->thread->co_uv);
    list_append(&request->thread->fresh, &request->fresh);
}

/* Its first steps, which are few for a short request, and no more. */
static void begin(struct request *request)
{
    struct run *run = request->run;
    int steps = FIRST_STEPS;
    request->thread->co_uv.went_on = true;
    while (steps-- > 0 && run_go_on(run, clock_now_ns()))
        ;
}

void requests_begin(struct loop_thread *thread)
{
    while (!list_is_empty(&thread->fresh)) {
        struct link *first = thread->fresh.next;
        list_remove(first);
        begin(container_of(first, struct request, fresh));
    }
}

static bool start_in_cage(struct request *request, int64_t *retry_after_seconds)
{
    struct loop_thread *thread = request->thread;
    struct job *job = request->job;
    job->run = request->run;
    job->owner = request;
    job->on_return = on_job_return;
    job->duration_ns = plan_duration_ns(&request->run->timeline->plan);
    request->run->owner = thread;
    request->run->on_say = request->view->live ? on_job_say : NULL;
    if (!cage_submit(&thread->server->cage, job, retry_after_seconds)) {
        request->done = true; /* it never leaves: freed with the request */
        return false;
    }
    thread->jobs_out++;
    list_append(&thread->caged, &request->caged);
    return true;
}

bool request_start(struct request *request, int64_t *retry_after_seconds)
{
    request->generator = (h2o_generator_t){on_proceed, on_stop};
    if (request->job != NULL && !start_in_cage(request, retry_after_seconds)) {
        request->finished = true;
        return false;
    }
    if (request->job == NULL)
        start_here(request);
    list_append(&request->thread->requests, &request->link);
    counter_add(&request->thread->metrics.taken_on, 1);
    request->counted = true;
    return true;
}

bool request_was_left(const struct request *request)
{
    return request->was_left || !request->finished;
}

/* ---- the end of a request -------------------------------------------------------------------- */

static void on_large_cancelled(struct run *run)
{
    struct loop_thread *thread = run->owner;
    (void)atomic_fetch_sub(&thread->server->tasks, run->timeline->plan.count);
    block_free(run, &thread->co_uv);
}

/* The request does not wait for it, and its tasks are in flight until they are gone. */
static void leave_large(struct request *request, struct run *run)
{
    struct loop_thread *thread = request->thread;
    if (request->done) {
        block_free(run, &thread->co_uv);
        return;
    }
    request->tasks = 0;
    run->owner = thread;
    run->on_cancelled = on_large_cancelled;
    run_cancel_in_turns(run);
    co_uv_wake(&thread->co_uv);
}

/* Whatever the run waits for, it waits no longer. Shows nothing more of it. */
static void stop_running(struct request *request)
{
    struct run *run = request->run;
    struct job *job = request->job;
    request->run = NULL;
    request->job = NULL;
    list_remove(&request->caged);
    if (run != NULL && !request->done)
        counter_add(&request->thread->metrics.tasks_cancelled, (uint64_t)request->tasks);
    if (run != NULL && job == NULL && request->has_block)
        leave_large(request, run);
    else if (run != NULL && job == NULL)
        run_cancel(run);
    if (job == NULL)
        return;
    job->owner = NULL;
    if (request->done)
        block_free(job, &request->thread->co_uv);
    else
        cage_abandon(&request->thread->server->cage, job);
}

void request_dispose(void *memory)
{
    struct request *request = memory;
    finish(request);
    stop_running(request);
    (void)atomic_fetch_sub(&request->thread->server->tasks, request->tasks);
    counter_add(&request->thread->metrics.ended, request->counted);
    headroom_give_back(&request->thread->headroom, request->headroom_bytes);
    request->exchange->request = NULL;
}

/* Ends a request whose run is not over, with a problem if nothing was sent yet. */
static void end_early(struct request *request, const struct problem *problem)
{
    h2o_req_t *req = request->req;
    req->http1_is_persistent = 0;
    if (!request->started) {
        finish(request);
        problem_send(req, problem);
        return;
    }
    req->res.status = problem->status; /* for the log: the client has its 200 already */
    if (request->sending)
        request->failing = true;
    else
        break_off(request);
}

void request_client_left(struct request *request)
{
    struct problem problem;
    if (request->finished)
        return;
    counter_add(&request->thread->metrics.disconnects, 1);
    stop_running(request);
    (void)problem_set(&problem, 499, NULL,
                      "The client closed its side of the connection before the answer was ready.");
    end_early(request, &problem);
}

void requests_give_up(struct loop_thread *thread)
{
    struct problem problem;
    (void)problem_set(&problem, 503, NULL,
                      "awaitd is stopping, and this request did not finish within drain_timeout.");
    problem.retry_after_seconds = 1;
    list_each(&thread->requests, at)
    {
        struct request *request = container_of(at, struct request, link);
        stop_running(request);
        end_early(request, &problem);
    }
}
