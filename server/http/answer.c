#include "server/http/answer.h"

#include "server/base/status.h"
#include <sys/ioctl.h>

/* ---- the last answer of a connection --------------------------------------------------------- */

/* Where the request ends in libh2o's buffer: behind its body, or else with its first empty line.
   libh2o knows, and does not tell. */
static const char *end_of(const h2o_req_t *req, const h2o_buffer_t *input)
{
    const char *end = input->bytes + input->size;
    const char *at = req->input.path.base;
    if (req->entity.base != NULL)
        return req->entity.base + req->entity.len;
    if (at < input->bytes || at >= end)
        return end; /* libh2o has copied it, on account of a body that it has refused */
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end) {
        if (*at == '\n')
            return at + 1;
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
            return at + 2;
    }
    return end;
}

/*
 * Told to stop, be it with a drain_delay yet to come: this answer is its connection's last, unless
 * there is more from the client behind the request. libh2o's own flag for it, shutdown_requested,
 * would drop what is pipelined.
 */
static void end_connection_if_draining(struct request *request)
{
    const struct connection *connection = request->connection;
    const h2o_buffer_t *input = connection->socket->input;
    int in_kernel = 0;
    if (!atomic_load_explicit(&request->loop->shared->draining, memory_order_relaxed) ||
        request->is_http2)
        return;
    (void)ioctl(quick_stream_fd(&connection->stream), FIONREAD, &in_kernel);
    if (end_of(request->req, input) == input->bytes + input->size && in_kernel == 0)
        request->req->http1_is_persistent = 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

void answer_begin(struct request *request, int status, const char *content_type)
{
    h2o_req_t *req = request->req;
    const struct shared *shared = request->loop->shared;
    end_connection_if_draining(request);
    req->res.status = status;
    req->res.reason = status_reason(status);
    headers_add_usual(req);
    if (req->http1_is_persistent && shared->keep_alive[0] != '\0')
        header_add(req, HEADER_KEEP_ALIVE, shared->keep_alive);
    if (content_type != NULL)
        header_add(req, HEADER_CONTENT_TYPE, content_type);
    header_add(req, HEADER_REQUEST_ID, request_id(request));
}

void answer_send(struct request *request, int status, const char *content_type, const char *bytes,
                 size_t length)
{
    answer_begin(request, status, content_type);
    request->req->res.content_length = length;
    h2o_send_inline(request->req, bytes, length);
}

void answer_lend(struct request *request, int status, const char *content_type, h2o_iovec_t bytes)
{
    static h2o_generator_t nothing_more = {NULL, NULL};
    answer_begin(request, status, content_type);
    request->req->res.content_length = bytes.len;
    h2o_start_response(request->req, &nothing_more);
    answer_piece(request, bytes, true);
}

void answer_problem(struct request *request, const struct problem *problem)
{
    h2o_req_t *req = request->req;
    h2o_iovec_t document = problem_document(&req->pool, problem);
    answer_begin(request, problem->status, "application/problem+json");
    req->res.content_length = document.len;
    if (problem->retry_after_seconds > 0)
        header_add_retry_after(req, problem->retry_after_seconds);
    if (problem->allow != NULL)
        header_add(req, HEADER_ALLOW, problem->allow);
    h2o_send_inline(req, document.base, document.len);
}

void answer_piece(struct request *request, h2o_iovec_t piece, bool is_last)
{
    bool has_bytes = piece.len > 0 && request->method != METHOD_HEAD;
    end_connection_if_draining(request); /* its head may have gone out before the drain began */
    h2o_send(request->req, &piece, has_bytes ? 1 : 0,
             is_last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}
