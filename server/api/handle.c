#include "server/api/handle.h"

#include "async/clock.h"
#include "server/api/negotiate.h"
#include "server/api/query.h"
#include "server/api/routes.h"
#include "server/http/framing.h"
#include "server/http/headers.h"
#include "server/loop/loop.h"
#include "server/runs/showing.h"
#include "server/runs/slab.h"

#define LONGEST_PIECE_BYTES 16384

static bool method_is(const h2o_req_t *req, const char *method)
{
    return h2o_memis(req->method.base, req->method.len, method, strlen(method));
}

/* ---- checks, in the order in which they are made --------------------------------------------- */

static bool check_connection(h2o_req_t *req, const struct connection *connection,
                             struct problem *problem)
{
    const struct loop *loop = connection->loop;
    if (!connection->over_limit && !connection->client_left && !loop->killing)
        return true;
    req->http1_is_persistent = 0;
    if (connection->client_left)
        return refuse(problem, 499, NULL,
                      "The client closed its side of the connection before the request began.");
    enum reject_reason why = loop->killing ? REJECTED_STOPPING : REJECTED_CONNECTIONS;
    counter_add(&connection->loop->metrics.rejections[why], 1);
    if (loop->killing)
        (void)refuse(problem, 503, NULL, "awaitd is stopping.");
    else
        (void)refuse(problem, 503, NULL, "Too many connections are open (max_connections is %lld).",
                     (long long)loop->server->config->max_connections);
    problem->retry_after_seconds = 1;
    return false;
}

/* libh2o puts its own host name where the Host header is missing. */
static bool check_header(h2o_req_t *req, const struct config *config, struct problem *problem)
{
    bool has_frames = req->version >= 0x200;
    if (!has_frames && !framing_check(req, connection_of(req)->socket->input, problem))
        return false;
    bool has_host = req->input.authority.base != req->hostconf->authority.hostport.base;
    if (req->version >= 0x101 && req->version < 0x200 && !has_host)
        return refuse(problem, 400, NULL,
                      "An HTTP/1.1 request needs a Host header (RFC 9112, section 3.2).");
    if (req->headers.size > (size_t)config->max_headers) {
        (void)refuse(problem, 431, NULL,
                     "The request has %zu header fields; at most %lld are allowed (max_headers).",
                     req->headers.size, (long long)config->max_headers);
        return false;
    }
    return true;
}

/* The path, also of a target in absolute form (RFC 9112, section 3.2.2), which libh2o leaves as it
 * is. */
static h2o_iovec_t path_of(h2o_req_t *req)
{
    h2o_url_t url;
    bool is_origin_form = req->path.len > 0 && req->path.base[0] == '/';
    if (is_origin_form || h2o_url_parse(req->path.base, req->path.len, &url) != 0)
        return req->path_normalized;
    size_t ignored;
    size_t *no_indexes;
    return h2o_url_normalize_path(&req->pool, url.path.base, url.path.len, &ignored, &no_indexes);
}

/* libh2o would put the missing slash there; a router that does not might see another path. */
static bool is_bad_target(const h2o_req_t *req)
{
    h2o_url_t url;
    bool is_path = req->path.len > 0 && req->path.base[0] == '/';
    return !is_path && h2o_url_parse(req->path.base, req->path.len, &url) != 0;
}

static bool no_such_path(const struct connection *connection, h2o_iovec_t path,
                         struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[WORD_LIST_BYTES];
    (void)problem_quote(path.base, path.len, quoted);
    bool is_split = connection->loop->server->config->admin_port > 0;
    const char *near = route_nearest(path.base, path.len, !is_split || connection->is_admin,
                                     !is_split || !connection->is_admin);
    if (near != NULL)
        return refuse(problem, 404, NULL, "There is no '%s'; did you mean '%s'?", quoted, near);
    return refuse(problem, 404, NULL, "There is no '%s'; there are %s.", quoted,
                  route_endpoints(routes, NULL, all));
}

/* With an admin port, each port has its own routes; without one, the main port has them all. */
static const struct route *find_route(struct request *request, h2o_iovec_t path)
{
    const struct connection *connection = request->connection;
    const struct route *route = route_find(path.base, path.len);
    bool is_split = connection->loop->server->config->admin_port > 0;
    if (route == NULL || (is_split && route->is_for_operators != connection->is_admin))
        return NULL;
    request->route = (int)(route - routes);
    return route;
}

static bool check_method(const h2o_req_t *req, struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    if (method_is(req, "GET") || method_is(req, "HEAD"))
        return true;
    (void)refuse(problem, 405, NULL, "The method %s is not allowed here; allowed are %s.",
                 problem_quote(req->method.base, req->method.len, quoted), ALLOWED_METHODS);
    problem->says_allow = true;
    return false;
}

static bool choose_view(h2o_req_t *req, struct query *query, struct problem *problem)
{
    if (query->view != NULL)
        return true;
    h2o_iovec_t accept = {NULL, 0};
    ssize_t at = -1;
    while ((at = h2o_find_header(&req->headers, H2O_TOKEN_ACCEPT, at)) != -1) {
        h2o_iovec_t more = req->headers.entries[at].value;
        accept =
            accept.len == 0 ? more : h2o_concat(&req->pool, accept, h2o_iovec_init(",", 1), more);
    }
    query->view = negotiate(accept.base, accept.len);
    return query->view != NULL ||
           refuse(problem, 406, NULL,
                  "The Accept header rules out application/json and text/plain; there is no more.");
}

static bool read_query(h2o_req_t *req, const struct endpoint *endpoint, struct query *query,
                       struct problem *problem)
{
    struct text text = {req->path.base, req->path.len};
    (void)text_split(&text, '?');
    return query_parse(text, endpoint, routes, loop_of(req)->server->config, &req->pool, query,
                       problem) &&
           choose_view(req, query, problem);
}

/* ---- taking it on ---------------------------------------------------------------------------- */

static bool reserve_tasks(struct loop *loop, int64_t count, struct problem *problem)
{
    struct server *server = loop->server;
    if (atomic_fetch_add(&server->tasks, count) + count <= server->config->max_tasks)
        return true;
    (void)atomic_fetch_sub(&server->tasks, count);
    counter_add(&loop->metrics.rejections[REJECTED_TASKS], 1);
    (void)refuse(problem, 503, NULL,
                 "Too many tasks are in flight for %lld more (max_tasks is %lld).",
                 (long long)count, (long long)server->config->max_tasks);
    problem->retry_after_seconds = 1;
    return false;
}

static size_t piece_bytes(const struct plan *plan)
{
    size_t each = plan->timeline ? 80 : 10;
    size_t guess = (size_t)2 * VIEW_ITEM_BYTES + 2 * each * plan->count;
    return guess < LONGEST_PIECE_BYTES ? guess : LONGEST_PIECE_BYTES;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

/* One allocation holds the request, its run, all its coroutines and all that they will say; but a
   run that may outlive the request has a block of its own. NULL: there is no memory for that. */
static struct showing *make_showing(h2o_req_t *req, const struct query *query)
{
    bool is_caged = query->plan.sleep == SLEEP_BLOCKING;
    size_t run_size = run_bytes(&query->plan);
    size_t all_bytes = HEADROOM_REQUEST_BYTES + run_size;
    if (!headroom_for_new(&loop_of(req)->headroom, all_bytes))
        return NULL;
    size_t job_size = is_caged ? aligned(sizeof(struct job)) : 0;
    bool has_slab = is_caged || run_size >= SLAB_LARGE_BYTES;
    char *block = has_slab ? slab_new(job_size + run_size) : NULL;
    if (has_slab && block == NULL)
        return NULL;
    size_t own = aligned(sizeof(struct showing));
    struct showing *showing =
        h2o_mem_alloc_shared(&req->pool, has_slab ? own : own + run_size, showing_dispose);
    struct request *request = request_of(req);
    struct job *job = is_caged ? (struct job *)(void *)block : NULL;
    if (is_caged)
        *job = (struct job){.owner = NULL};
    char *run_memory = has_slab ? block + job_size : (char *)showing + own;
    *showing = (struct showing){
        .req = req,
        .loop = loop_of(req),
        .request = request,
        .tasks = query->plan.count,
        .run = run_init(run_memory, &query->plan, request->at_ns),
        .job = job,
        .has_slab = has_slab,
        .view = query->view,
        .headroom_bytes = all_bytes,
        .piece_bytes = piece_bytes(&query->plan),
        .is_head = method_is(req, "HEAD"),
    };
    showing->piece = h2o_mem_alloc_pool(&req->pool, showing->piece_bytes);
    request->showing = showing;
    request->tasks = query->plan.count;
    return showing;
}

static bool no_memory(struct loop *loop, int64_t count, struct problem *problem)
{
    (void)atomic_fetch_sub(&loop->server->tasks, count);
    counter_add(&loop->metrics.rejections[REJECTED_MEMORY], 1);
    (void)refuse(problem, 503, NULL, "There is no memory for %lld tasks now.", (long long)count);
    problem->retry_after_seconds = 1;
    return false;
}

static bool start(h2o_req_t *req, const struct query *query, struct problem *problem)
{
    struct loop *loop = loop_of(req);
    int64_t retry_after_seconds = 0;
    if (!reserve_tasks(loop, query->plan.count, problem))
        return false;
    struct showing *showing = make_showing(req, query);
    if (showing == NULL)
        return no_memory(loop, query->plan.count, problem);
    if (showing_start(showing, &retry_after_seconds))
        return true;
    counter_add(&loop->metrics.rejections[REJECTED_BLOCKING], 1);
    (void)refuse(problem, 503, NULL, "The queue for sleep=blocking is full (max_blocking is %lld).",
                 (long long)loop->server->config->max_blocking);
    problem->retry_after_seconds = retry_after_seconds;
    return false;
}

static void send_options(h2o_req_t *req)
{
    headers_set(req, 204, NULL);
    headers_add(req, HEADER_ALLOW, ALLOWED_METHODS);
    headers_add(req, HEADER_ALLOW_METHODS, ALLOWED_METHODS);
    headers_add(req, HEADER_ALLOW_HEADERS, "*");
    headers_add(req, HEADER_MAX_AGE, "86400");
    h2o_send_inline(req, "", 0);
}

/* False: `problem` is to be sent. */
static bool serve(h2o_req_t *req, struct problem *problem)
{
    struct query query;
    struct request *request = request_of(req);
    struct connection *connection = request->connection;
    request->at_ns = clock_now_ns();
    h2o_iovec_t path = path_of(req);
    const struct route *route = find_route(request, path);
    /* A probe is answered also when there is room for nobody else: being full is not being ill. */
    bool is_probe = route != NULL && route->is_for_operators;
    if ((!is_probe && !check_connection(req, connection, problem)) ||
        !check_header(req, connection->loop->server->config, problem))
        return false;
    bool asks_options = method_is(req, "OPTIONS");
    bool asks_server = asks_options && h2o_memis(req->path.base, req->path.len, "*", 1);
    if (is_bad_target(req) && !asks_server)
        return refuse(problem, 400, NULL,
                      "The request's target is neither a path nor a URL (RFC 9112, section 3.2).");
    if (route == NULL && !asks_server)
        return no_such_path(connection, path, problem);
    if (asks_options) {
        send_options(req);
        return true;
    }
    if (!check_method(req, problem))
        return false;
    if (route->answer != NULL) {
        route->answer(req);
        return true;
    }
    return read_query(req, route->endpoint, &query, problem) && start(req, &query, problem);
}

/* One byte more than is allowed: libh2o lets it through. Refused by its own answer, which then
   becomes a problem as all of them do (library_errors.c). */
static bool has_large_body(h2o_req_t *req)
{
    if (req->entity.len <= (size_t)loop_of(req)->server->config->max_body_bytes)
        return false;
    h2o_send_error_generic(req, 413, "", "", H2O_SEND_ERROR_HTTP1_CLOSE_CONNECTION);
    return true;
}

int handle_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct problem problem;
    if (has_large_body(req))
        return 0;
    if (!serve(req, &problem))
        problem_send(req, &problem);
    return 0;
}
