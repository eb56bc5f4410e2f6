#include "server/http/library_errors.h"

#include "server/http/answer.h"

struct replacement {
    h2o_ostream_t stream;
    h2o_iovec_t document;
};

_Static_assert(offsetof(struct replacement, stream) == 0, "libh2o allocates ours as its stream");

/* All that libh2o answers itself is text/plain; ours never is, once it is an error. */
static bool is_from_library(h2o_req_t *req)
{
    if (req->res.status < 400)
        return false;
    ssize_t at = h2o_find_header(&req->res.headers, H2O_TOKEN_CONTENT_TYPE, -1);
    if (at == -1)
        return false;
    h2o_iovec_t type = req->res.headers.entries[at].value;
    return type.len >= 10 && memcmp(type.base, "text/plain", 10) == 0;
}

static void explain(const struct request *request, struct problem *problem)
{
    int status = request->req->res.status;
    const char *why = "The request's body could not be read: check Content-Length, "
                      "Transfer-Encoding and the chunks.";
    if (status == 417)
        why = "Of all expectations only 100-continue can be met.";
    (void)refuse(problem, status, NULL, "%s", why);
    if (status == 413)
        (void)refuse(
            problem, status, NULL,
            "The request's body is larger than the %lld bytes that are allowed (max_body).",
            (long long)request->config->max_body_bytes);
}

static void send_document(h2o_ostream_t *stream, h2o_req_t *req, h2o_iovec_t *library_text,
                          size_t count, h2o_send_state_t state)
{
    (void)library_text;
    (void)count;
    struct replacement *self = container_of(stream, struct replacement, stream);
    bool is_head = request_of(req)->method == METHOD_HEAD;
    h2o_ostream_send_next(stream, req, &self->document, is_head ? 0 : 1, state);
}

static void on_setup_ostream(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)filter;
    if (is_from_library(req)) {
        struct problem problem;
        struct request *request = request_of(req);
        explain(request, &problem);
        struct replacement *self = (struct replacement *)h2o_add_ostream(req, sizeof *self, slot);
        self->stream.do_send = send_document;
        self->document = problem_document(&req->pool, &problem);
        slot = &self->stream.next;
        req->res.headers = (h2o_headers_t){NULL, 0, 0};
        answer_begin(request, problem.status, "application/problem+json");
        req->res.content_length = self->document.len;
    }
    h2o_setup_next_ostream(req, slot);
}

void library_errors_register(h2o_pathconf_t *path)
{
    h2o_filter_t *filter = h2o_create_filter(path, sizeof *filter);
    filter->on_setup_ostream = on_setup_ostream;
}
