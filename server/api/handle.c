#include "server/api/handle.h"

#include "async/clock.h"
#include "server/api/negotiate.h"
#include "server/api/query.h"
#include "server/api/routes.h"
#include "server/http/answer.h"
#include "server/http/framing.h"
#include "server/http/http1.h"
#include "server/http/urlencoded.h"
#include "server/http/validator.h"
#include "server/loop/budget.h"
#include "server/runs/showing.h"
#include "text/names.h"
#include "views/views.h"

/* Ends a refusal with 503: counts it by its reason, and says when to come back. */
static bool reject(struct request *request, struct problem *problem, enum reject_reason reason,
                   int64_t retry_after_seconds)
{
    counter_add(&request->loop->metrics->rejections[reason], 1);
    problem->retry_after_seconds = retry_after_seconds;
    return false;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool check_connection(struct request *request, struct problem *problem)
{
    const struct connection *connection = request->connection;
    if (connection->over_limit || connection->client_left || request->loop->killing)
        request->req->http1_is_persistent = 0;
    if (connection->client_left)
        return refuse(problem, 499, NULL,
                      "The client closed its side of the connection before the request began.");
    if (request->loop->killing) {
        (void)refuse(problem, 503, NULL, "awaitd is stopping.");
        return reject(request, problem, REJECTED_STOPPING, 1);
    }
    if (connection->over_limit) {
        (void)refuse(problem, 503, NULL, "Too many connections are open (max_connections is %lld).",
                     (long long)request->config->max_connections);
        return reject(request, problem, REJECTED_CONNECTIONS, 1);
    }
    return true;
}

static bool check_header(struct request *request, struct problem *problem)
{
    h2o_req_t *req = request->req;
    const struct config *config = request->config;
    if (!request->is_http2) {
        bool persists = http1_persists(req);
        req->http1_is_persistent = persists;
        if (!framing_check(req, request->connection->socket->input, problem))
            return false;
        request->connection->says_last = !persists;
    }
    /* libh2o puts its own host name where the Host header is missing. */
    bool has_host = req->input.authority.base != req->hostconf->authority.hostport.base;
    if (!request->is_http2 && req->version >= HTTP_1_1 && !has_host)
        return refuse(problem, 400, NULL,
                      "An HTTP/1.1 request needs a Host header (RFC 9112, section 3.2).");
    if (req->headers.size > (size_t)config->max_headers)
        return refuse(problem, 431, NULL,
                      "The request has %zu header fields; at most %lld are allowed (max_headers).",
                      req->headers.size, (long long)config->max_headers);
    return true;
}

/* It was looked at while it came in. */
static bool check_size(struct request *request, struct problem *problem)
{
    h2o_req_t *req = request->req;
    size_t path_bytes = req->query_at != SIZE_MAX ? req->query_at : req->path.len;
    int refusal = request->is_http2 ? request->refusal : request->connection->head.refusal;
    if (refusal != 0)
        req->http1_is_persistent = 0;
    if (refusal == 431)
        return refuse(problem, 431, NULL, "The request's head has more than the %d bytes allowed.",
                      HEAD_BYTES);
    if (refusal == 503) {
        (void)refuse(problem, 503, NULL,
                     "Too much memory is held for a request of this size (max_held is %lld).",
                     (long long)request->config->max_held_bytes);
        return reject(request, problem, REJECTED_HELD, 1);
    }
    return (refusal == 0 && path_bytes <= PATH_BYTES) ||
           refuse(problem, 414, NULL,
                  "The request's target is too long: at most %d bytes are allowed up to its '?', "
                  "and %d in all.",
                  PATH_BYTES, HEAD_BYTES);
}

/* What a request is for. libh2o leaves a target in absolute form (RFC 9112, section 3.2.2) as it
   is, and knows its scheme in lower case alone. Where a slash is missing it would put one, though
   a proxy might see another path. */
struct target {
    h2o_iovec_t path; /* normalized */
    bool is_bad;      /* neither a path nor a URL */
    bool is_server;   /* "*", which OPTIONS alone may ask for */
};

static struct target target_of(h2o_req_t *req)
{
    h2o_url_t url;
    struct target target = {.path = req->path_normalized};
    if (req->path.len > 0 && req->path.base[0] == '/')
        return target;
    target.is_server = h2o_memis(req->path.base, req->path.len, H2O_STRLIT("*"));
    h2o_iovec_t text = h2o_strdup(&req->pool, req->path.base, req->path.len);
    const char *colon = memchr(text.base, ':', text.len);
    if (colon != NULL)
        h2o_strtolower(text.base, (size_t)(colon - text.base));
    target.is_bad =
        h2o_url_parse(text.base, text.len, &url) != 0 || !framing_is_authority(url.authority);
    if (!target.is_bad) {
        size_t ignored;
        size_t *no_indexes;
        target.path =
            h2o_url_normalize_path(&req->pool, url.path.base, url.path.len, &ignored, &no_indexes);
    }
    return target;
}

static bool no_such_path(const struct request *request, h2o_iovec_t path, struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[NAME_LIST_BYTES];
    const char *near = route_nearest(request, path);
    (void)problem_quote(path.base, path.len, quoted);
    if (near != NULL)
        return refuse(problem, 404, NULL, "There is no '%s'; did you mean '%s'?", quoted, near);
    if (request->config->admin_port > 0 && request->connection->is_admin)
        return refuse(problem, 404, NULL, "There is no '%s' on the admin port; there are %s.",
                      quoted, route_operators(all));
    return refuse(problem, 404, NULL, "There is no '%s'; there are %s.", quoted,
                  route_endpoints(routes, NULL, all));
}

/* A plan too long for a URL. curl's -d says that it is a form: one with a field `plan`, or else
   what was typed. */
static bool read_body(const struct request *request, struct text *body, struct problem *problem)
{
    h2o_req_t *req = request->req;
    char quoted[PROBLEM_QUOTE_BYTES];
    struct text name;
    struct text value;
    struct text rest = {req->entity.base, req->entity.len};
    if (request->method != METHOD_POST || rest.length == 0)
        return true;
    ssize_t at = h2o_find_header(&req->headers, H2O_TOKEN_CONTENT_TYPE, -1);
    h2o_iovec_t type =
        at == -1 ? h2o_iovec_init(H2O_STRLIT("text/plain")) : req->headers.entries[at].value;
    struct text named = {type.base, type.len};
    struct text kind = text_trim(text_split(&named, ';'));
    bool is_form =
        h2o_lcstris(kind.bytes, kind.length, H2O_STRLIT("application/x-www-form-urlencoded"));
    *body = rest;
    if (is_form && rest.length > 5 && memcmp(rest.bytes, "plan=", 5) == 0 &&
        urlencoded_next(&req->pool, &rest, &name, &value))
        *body = value;
    if (is_form || h2o_lcstris(kind.bytes, kind.length, H2O_STRLIT("text/plain")))
        return true;
    return refuse(problem, 415, NULL, "The body is '%s'; a plan is text/plain.",
                  problem_quote(kind.bytes, kind.length, quoted));
}

/* Whoever asks for a picture need not ask for what is in it. */
static void keep_states(struct query *query)
{
    query->plan.timeline = query->plan.timeline || query->view->needs_states;
    query->plan.states = query->plan.states || query->view->needs_states;
}

/* The view is what `format` says, or else what all Accept headers together ask for. */
static bool read_query(struct request *request, struct query *query, struct problem *problem)
{
    h2o_req_t *req = request->req;
    struct text text = {req->path.base, req->path.len};
    struct text body = {NULL, 0};
    struct negotiation negotiation = {0};
    ssize_t at = -1;
    (void)text_split(&text, '?');
    if (!read_body(request, &body, problem) ||
        !query_parse(text, body, request->route->endpoint, routes, request->config, &req->pool,
                     query, problem))
        return false;
    if (query->view != NULL) {
        keep_states(query);
        return true;
    }
    while ((at = h2o_find_header(&req->headers, H2O_TOKEN_ACCEPT, at)) != -1) {
        h2o_iovec_t accept = req->headers.entries[at].value;
        negotiate_field(&negotiation, (struct text){accept.base, accept.len});
    }
    if (negotiation.bytes > ACCEPT_BYTES)
        return refuse(problem, 431, NULL,
                      "The Accept header has %zu bytes; at most %d are looked at.",
                      negotiation.bytes, ACCEPT_BYTES);
    query->view = negotiate_end(&negotiation);
    if (query->view != NULL) {
        keep_states(query);
        return true;
    }
    const char *types[VIEWS];
    char all[NAME_LIST_BYTES];
    for (size_t i = 0; i < VIEWS; i++)
        types[i] = views[i]->media_type;
    return refuse(problem, 406, NULL, "The Accept header rules out %s; there is no more.",
                  name_list_join(types, VIEWS, " and ", all));
}

/* ---- taking it on ---------------------------------------------------------------------------- */

/* The client has this answer already: nothing needs to run. */
static bool is_known(struct request *request, const struct query *query)
{
    if (!query->plan.is_virtual && query->view->program == NULL)
        return false;
    const char *etag = validator_etag(request, &query->plan, query->view->name);
    bool is_same = request->method != METHOD_POST && validator_matches(request, etag);
    if (!is_same)
        return false;
    answer_begin(request, 304, NULL);
    validator_add(request, etag);
    header_add(request->req, HEADER_VARY, "Accept");
    h2o_send_inline(request->req, "", 0);
    return true;
}

static bool refuse_held(struct request *request, int64_t bytes, struct problem *problem)
{
    (void)refuse(problem, 503, NULL,
                 "Too much memory is held for %lld bytes more (max_held is %lld, a quarter of it "
                 "for one connection over HTTP/2).",
                 (long long)bytes, (long long)request->config->max_held_bytes);
    return reject(request, problem, REJECTED_HELD, 1);
}

/* A view for which nothing runs. */
static bool send_program(struct request *request, const struct query *query,
                         struct problem *problem)
{
    h2o_req_t *req = request->req;
    size_t length = query->view->program(&query->plan, NULL);
    if (!budget_take(request->connection, BUDGET_HELD, (int64_t)length))
        return refuse_held(request, (int64_t)length, problem);
    request->held_bytes = (int64_t)length;
    char *bytes = h2o_mem_alloc_pool(&req->pool, length);
    (void)query->view->program(&query->plan, bytes);
    h2o_iovec_t lent = h2o_iovec_init(bytes, length);
    static h2o_generator_t nothing_more = {NULL, NULL};
    answer_begin(request, 200, query->view->content_type);
    validator_add(request, validator_etag(request, &query->plan, query->view->name));
    header_add(req, HEADER_VARY, "Accept");
    req->res.content_length = length;
    h2o_start_response(req, &nothing_more);
    answer_piece(request, lent, true);
    return true;
}

static bool start(struct request *request, const struct query *query, struct problem *problem)
{
    struct connection *connection = request->connection;
    const struct config *config = request->config;
    int64_t tasks = plan_tasks(&query->plan);
    int64_t bytes = showing_bytes(request, &query->plan);
    if (bytes > config->max_held_bytes)
        return refuse(problem, 400, query->plan.tree != NULL ? "plan" : "count",
                      "%u tasks need %lld bytes, more than max_held, %lld.", query->plan.count,
                      (long long)bytes, (long long)config->max_held_bytes);
    if (!budget_take(connection, BUDGET_TASKS, tasks)) {
        (void)refuse(problem, 503, NULL,
                     "Too many tasks are in flight for %lld more (max_tasks is %lld, a quarter of "
                     "them for one connection over HTTP/2).",
                     (long long)tasks, (long long)config->max_tasks);
        return reject(request, problem, REJECTED_TASKS, 1);
    }
    if (!budget_take(connection, BUDGET_HELD, bytes)) {
        budget_give(connection, BUDGET_TASKS, tasks);
        return refuse_held(request, bytes, problem);
    }
    struct showing *showing = showing_new(request, &query->plan, query->view, bytes);
    if (showing == NULL) {
        budget_give(connection, BUDGET_TASKS, tasks);
        budget_give(connection, BUDGET_HELD, bytes);
        (void)refuse(problem, 503, NULL, "There is no memory for %u tasks now.", query->plan.count);
        return reject(request, problem, REJECTED_MEMORY, 1);
    }
    int64_t full_seconds = showing_start(showing);
    if (full_seconds == 0)
        return true;
    (void)refuse(problem, 503, NULL, "The queue for sleep=blocking is full (max_blocking is %lld).",
                 (long long)request->config->max_blocking);
    return reject(request, problem, REJECTED_BLOCKING, full_seconds);
}

/* The whole server has no body to take; of a path, its endpoint may. */
static const char *allowed_methods(const struct route *route)
{
    bool takes_body = route != NULL && route->endpoint != NULL && route->endpoint->takes_plan;
    return takes_body ? ALLOWED_METHODS_WITH_POST : ALLOWED_METHODS;
}

static void send_options(struct request *request)
{
    h2o_req_t *req = request->req;
    const char *allowed = allowed_methods(request->route);
    answer_begin(request, 204, NULL);
    header_add(req, HEADER_ALLOW, allowed);
    header_add(req, HEADER_ALLOW_METHODS, allowed);
    header_add(req, HEADER_ALLOW_HEADERS, "*, Authorization"); /* which "*" leaves out */
    header_add(req, HEADER_MAX_AGE, "86400");
    h2o_send_inline(req, "", 0);
}

/* A browser asks on behalf of a script from another origin, which may then send its request (Fetch,
   section 4.8): what is wrong with that, its own answer says. */
static bool is_preflight(const struct request *request)
{
    static const char name[] = "access-control-request-method";
    return request->method == METHOD_OPTIONS &&
           h2o_find_header_by_str(&request->req->headers, name, sizeof name - 1, -1) != -1;
}

/* False: `problem` is to be sent. */
static bool serve(struct request *request, struct problem *problem)
{
    struct query query;
    if (!check_size(request, problem))
        return false;
    struct target target = target_of(request->req);
    const struct route *route = request->route = route_for(request, target.path);
    /* A probe is answered also when there is room for nobody else: being full is not being ill. */
    bool is_probe = route != NULL && route->is_for_operators;
    if ((!is_probe && !check_connection(request, problem)) || !check_header(request, problem))
        return false;
    bool asks_server = request->method == METHOD_OPTIONS && target.is_server;
    if (target.is_bad && !asks_server)
        return refuse(problem, 400, NULL,
                      "The request's target is neither a path nor a URL (RFC 9112, section 3.2).");
    if (route == NULL && !asks_server && !is_preflight(request))
        return no_such_path(request, target.path, problem);
    if (request->method == METHOD_OPTIONS) {
        send_options(request);
        return true;
    }
    const char *allowed = allowed_methods(route);
    if (request->method == METHOD_OTHER ||
        (request->method == METHOD_POST && strstr(allowed, "POST") == NULL)) {
        char quoted[PROBLEM_QUOTE_BYTES];
        h2o_iovec_t method = request->req->method;
        (void)refuse(problem, 405, NULL, "The method %s is not allowed here; allowed are %s.",
                     problem_quote(method.base, method.len, quoted), allowed);
        problem->allow = allowed;
        return false;
    }
    if (route->answer != NULL) {
        route->answer(request);
        return true;
    }
    if (!read_query(request, &query, problem))
        return false;
    if (is_known(request, &query))
        return true;
    return query.view->program != NULL ? send_program(request, &query, problem)
                                       : start(request, &query, problem);
}

int handle_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct problem problem;
    struct request *request = request_of(req);
    if (req->entity.len > (size_t)request->config->max_body_bytes) {
        /* libh2o lets one byte more than is allowed through (server.c). It refuses all larger
           bodies itself, and is made to refuse this one alike; library_errors.c words the answer.
         */
        h2o_send_error_generic(req, 413, "", "", H2O_SEND_ERROR_HTTP1_CLOSE_CONNECTION);
        return 0;
    }
    request->at_ns = clock_now_ns();
    if (!serve(request, &problem))
        answer_problem(request, &problem);
    return 0;
}
