#include "server/http/validator.h"

#include "server/http/headers.h"
#include "text/text.h"
#include <stdio.h>

/* FNV-1a of 64 bits (Fowler, Noll, Vo; RFC 9923). */
#define FNV_OFFSET 0xcbf29ce484222325ULL
#define FNV_PRIME  0x100000001b3ULL

static void add(uint64_t *hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        *hash = (*hash ^ at[i]) * FNV_PRIME;
}

static void add_text(uint64_t *hash, const char *text)
{
    add(hash, text, strlen(text) + 1);
}

const char *validator_etag(const struct request *request, const struct plan *plan,
                           const char *view_name)
{
    uint64_t hash = FNV_OFFSET;
    uint32_t numbers[] = {plan->count, plan->delay_count, plan->sleep, plan->timeline,
                          plan->states};
    char *etag = h2o_mem_alloc_pool(&request->req->pool, 24);
    add_text(&hash, AWAITD_VERSION);
    add_text(&hash, plan->endpoint->name);
    add_text(&hash, view_name);
    add(&hash, numbers, sizeof numbers);
    add(&hash, plan->delays_ns, plan->delay_count * sizeof *plan->delays_ns);
    if (plan->tree != NULL)
        add(&hash, plan->tree->text, plan->tree->text_bytes);
    (void)snprintf(etag, 24, "\"%016llx\"", (unsigned long long)hash);
    return etag;
}

bool validator_matches(const struct request *request, const char *etag)
{
    const h2o_headers_t *headers = &request->req->headers;
    ssize_t at = -1;
    while ((at = h2o_find_header(headers, H2O_TOKEN_IF_NONE_MATCH, at)) != -1) {
        struct text rest = {headers->entries[at].value.base, headers->entries[at].value.len};
        while (rest.length > 0) {
            struct text tag = text_trim(text_split(&rest, ','));
            if (text_is(tag, "*"))
                return true;
            if (tag.length > 2 && memcmp(tag.bytes, "W/", 2) == 0)
                tag = (struct text){tag.bytes + 2, tag.length - 2};
            if (text_is(tag, etag))
                return true;
        }
    }
    return false;
}

void validator_add(struct request *request, const char *etag)
{
    header_set(request->req, HEADER_CACHE_CONTROL, "no-cache");
    header_add(request->req, HEADER_ETAG, etag);
}
