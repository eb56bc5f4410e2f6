#include "server/api/front.h"

#include "server/api/negotiate.h"
#include "server/http/answer.h"
#include "server/http/validator.h"
#include "text/names.h"
#include <stdio.h>

/* What web/build made: the page as it is and compressed, the policy that allows its one script and
   its one style, and tags. */
#include "page.inc"

bool front_is_on(const struct config *config)
{
    return config->page == CONFIG_ON;
}

/* All fields of that name are one list (RFC 9110, section 5.3). */
static int quality_of(const struct request *request, const h2o_token_t *name, const char *wanted)
{
    const h2o_headers_t *headers = &request->req->headers;
    ssize_t at = -1;
    int best = 0;
    while ((at = h2o_find_header(headers, name, at)) != -1) {
        struct text field = {headers->entries[at].value.base, headers->entries[at].value.len};
        int quality = negotiate_quality(field, wanted);
        best = quality > best ? quality : best;
    }
    return best;
}

/* The tag of the page as it is sent: compressed it is another representation (RFC 9110, section
   8.8.3.3). */
static void answer_page(struct request *request)
{
    bool is_packed = quality_of(request, H2O_TOKEN_ACCEPT_ENCODING, "gzip") > 0;
    const char *tag = is_packed ? page_gzip_tag : page_tag;
    bool is_known = validator_matches(request, tag);
    h2o_req_t *req = request->req;
    h2o_iovec_t bytes =
        is_packed ? h2o_iovec_init(page_gzip, sizeof page_gzip) : h2o_iovec_init(page, sizeof page);
    static h2o_generator_t nothing_more = {NULL, NULL};
    answer_begin(request, is_known ? 304 : 200, is_known ? NULL : "text/html; charset=utf-8");
    validator_add(request, tag);
    header_add(req, HEADER_VARY, "Accept, Accept-Encoding");
    if (is_known) {
        h2o_send_inline(req, "", 0);
        return;
    }
    if (is_packed)
        header_add(req, HEADER_CONTENT_ENCODING, "gzip");
    header_add(req, HEADER_SECURITY_POLICY, page_policy);
    header_add(req, HEADER_REFERRER_POLICY, "no-referrer");
    req->res.content_length = bytes.len;
    h2o_start_response(req, &nothing_more);
    answer_piece(request, bytes, true);
}

static void answer_list(struct request *request)
{
    char list[NAME_LIST_BYTES] = "";
    char *at = list;
    h2o_req_t *req = request->req;
    const struct route *routes = request->loop->shared->routes;
    for (const struct route *route = routes; route->path != NULL; route++)
        if (route->endpoint != NULL)
            at += snprintf(at, (size_t)(list + sizeof list - at), "%s\"%s\"",
                           at == list ? "" : ", ", route->path);
    char *document = h2o_mem_alloc_pool(&req->pool, NAME_LIST_BYTES + 64);
    int length = snprintf(document, NAME_LIST_BYTES + 64,
                          "{\"endpoints\": [%s], \"openapi\": \"/openapi.json\"}\n", list);
    answer_begin(request, 200, "application/json");
    header_set(req, HEADER_CACHE_CONTROL, "no-cache");
    header_add(req, HEADER_VARY, "Accept");
    req->res.content_length = (size_t)length;
    h2o_send_inline(req, document, (size_t)length);
}

/* A browser names text/html; whoever takes anything is a program. */
void front_answer(struct request *request)
{
    if (quality_of(request, H2O_TOKEN_ACCEPT, "text/html") > 0)
        answer_page(request);
    else
        answer_list(request);
}
