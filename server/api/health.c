#include "server/api/health.h"

#include "server/http/answer.h"

static void answer(struct request *request, int status, const char *document)
{
    answer_send(request, status, "application/json", document, strlen(document));
}

void health_answer_live(struct request *request)
{
    answer(request, 200, "{\"status\": \"ok\"}\n");
}

void health_answer_ready(struct request *request)
{
    if (atomic_load(&request->loop->shared->draining))
        answer(request, 503, "{\"status\": \"draining\"}\n");
    else
        answer(request, 200, "{\"status\": \"ok\"}\n");
}
