#include "server/http/bare_answer.h"

#include "server/base/status.h"
#include "server/http/headers.h"
#include "text/put.h"
#include <stdlib.h>

#define MOST_HEAD_BYTES 1024

h2o_iovec_t bare_answer(struct connection *connection, const struct problem *problem)
{
    struct loop *loop = connection->loop;
    h2o_mem_pool_t pool;
    h2o_timestamp_t now;
    char id[ID_BYTES];
    h2o_mem_init_pool(&pool);
    (void)h2o_get_timestamp(&loop->h2o, &pool, &now);
    id_make(&loop->ids, id);
    h2o_iovec_t document = problem_document(&pool, problem);
    char *bytes = connection->last_words = malloc(MOST_HEAD_BYTES + document.len);
    char *at = bytes;
    if (bytes != NULL) {
        at = put_number(put_text(at, "HTTP/1.1 "), (uint64_t)problem->status);
        at = put_text(put_text(at, " "), status_reason(problem->status));
        at = put_text(put_text(at, "\r\nDate: "), now.str->rfc1123);
        at = put_text(at, "\r\nConnection: close\r\nContent-Length: ");
        at = put_number(at, document.len);
        at = put_text(at, "\r\nContent-Type: application/problem+json\r\nX-Request-Id: ");
        at = headers_put_usual(put_text(put_text(at, id), "\r\n"));
        at = put_bytes(put_text(at, "\r\n"), document.base, document.len);
    }
    h2o_mem_clear_pool(&pool);
    return h2o_iovec_init(bytes, (size_t)(at - bytes));
}
