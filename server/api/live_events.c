#include "server/api/live_events.h"

#include "server/api/live_query.h"
#include "server/http/answer.h"
#include "server/loop/loop.h"
#include <stdlib.h>

struct asked {
    struct text run;
    struct text request_id;
    struct text after;
};

/* For who finds no room among the viewers. */
#define RETRY_SECONDS 10

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
    struct asked asked = {.request_id = {NULL, 0}};
    struct text *const values[] = {&asked.run, &asked.request_id, &asked.after};
    const struct recorder *recorder = request->loop->shared->recorder;
    const h2o_headers_t *headers = &request->req->headers;
    ssize_t at = h2o_find_header_by_str(headers, H2O_STRLIT("last-event-id"), -1);
    if (!live_read_query(request, names, values, 3, problem) ||
        !live_read_run(request, "run", asked.run, &viewer->run, problem) ||
        !live_read_prefix(asked.request_id, viewer->request_id, problem))
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

void live_piece_came(struct viewer *viewer)
{
    struct stream *stream = viewer->owner;
    if (stream != NULL && !stream->is_over)
        send_piece(stream);
}

void live_farewell(struct loop *loop, struct viewer *viewer)
{
    loop->letters_out--;
    (void)atomic_fetch_sub(&loop->shared->recorder->viewer_count, 1);
    free(viewer);
}
