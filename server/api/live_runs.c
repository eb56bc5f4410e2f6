#include "server/api/live_runs.h"

#include "server/api/live_query.h"
#include "server/http/answer.h"
#include "server/loop/loop.h"
#include "text/names.h"
#include "views/views.h"
#include <stdlib.h>

struct asked {
    struct text limit;
    struct text before;
    struct text request_id;
    struct text format;
};

#define DEFAULT_LIMIT 20
#define MOST_LIMIT    200

static bool read_limit(struct text given, uint32_t *limit, struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    uint32_t number = 0;
    for (size_t i = 0; i < given.length && number <= MOST_LIMIT; i++)
        number = given.bytes[i] >= '0' && given.bytes[i] <= '9'
                     ? number * 10 + (uint32_t)(given.bytes[i] - '0')
                     : MOST_LIMIT + 1;
    *limit = given.bytes == NULL ? DEFAULT_LIMIT : number;
    return (*limit >= 1 && *limit <= MOST_LIMIT) ||
           refuse(problem, 400, "limit", "limit: '%s' is not between 1 and %d.",
                  problem_quote(given.bytes, given.length, quoted), MOST_LIMIT);
}

/* In the request's memory: says when nobody waits for the answer any more. */
struct waiting {
    struct errand *errand;
    struct request *request;
    const char *name; /* of the run */
};

static void on_request_gone(void *memory)
{
    struct waiting *waiting = memory;
    if (waiting->errand != NULL)
        waiting->errand->owner = NULL;
}

static void send_errand(struct request *request, struct errand *errand, const char *name)
{
    struct waiting *waiting =
        h2o_mem_alloc_shared(&request->req->pool, sizeof *waiting, on_request_gone);
    *waiting = (struct waiting){errand, request, name};
    errand->letter.kind = LETTER_ERRAND;
    errand->loop = request->loop;
    errand->owner = waiting;
    request->loop->letters_out++;
    recorder_post(request->loop->shared->recorder, &errand->letter);
}

static struct errand *new_errand(const struct errand *from)
{
    struct errand *errand = h2o_mem_alloc(sizeof *errand);
    *errand = *from;
    return errand;
}

static void answer_errand(const struct errand *errand)
{
    struct waiting *waiting = errand->owner;
    struct problem problem;
    char oldest[RUN_NAME_BYTES];
    char quoted[PROBLEM_QUOTE_BYTES];
    struct request *request = waiting->request;
    const struct recorder *recorder = request->loop->shared->recorder;
    waiting->errand = NULL;
    if (errand->answer != NULL) {
        const char *type = errand->view == NULL ? "application/json" : errand->view->content_type;
        answer_send(request, 200, type, errand->answer, errand->answer_bytes);
        return;
    }
    (void)problem_quote(waiting->name, strlen(waiting->name), quoted);
    run_name(recorder->epoch, errand->oldest, oldest);
    if (errand->oldest == 0)
        (void)refuse(&problem, 404, NULL, "There is no run '%s'; none is kept.", quoted);
    else
        (void)refuse(&problem, 404, NULL, "There is no run '%s'; the oldest kept is %s.", quoted,
                     oldest);
    answer_problem(request, &problem);
}

void live_answer_list(struct request *request)
{
    static const char *const names[] = {"limit", "before", "request_id"};
    struct asked asked = {.request_id = {NULL, 0}};
    struct text *const values[] = {&asked.limit, &asked.before, &asked.request_id};
    struct errand errand = {.view = NULL};
    struct problem problem;
    if (!live_read_query(request, names, values, 3, &problem) ||
        !read_limit(asked.limit, &errand.limit, &problem) ||
        !live_read_run(request, "before", asked.before, &errand.before, &problem) ||
        !live_read_prefix(asked.request_id, errand.request_id, &problem)) {
        answer_problem(request, &problem);
        return;
    }
    send_errand(request, new_errand(&errand), "");
}

static bool read_view(struct text given, const struct view **view, struct problem *problem)
{
    const char *names[VIEWS];
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[NAME_LIST_BYTES];
    if (given.bytes == NULL || text_is(given, "json"))
        return true;
    for (size_t i = 0; i < VIEWS; i++) {
        names[i] = views[i]->name;
        if (text_is(given, names[i]))
            *view = views[i];
    }
    return *view != NULL ||
           refuse(problem, 400, "format", "format: '%s' is not known; allowed are %s.",
                  problem_quote(given.bytes, given.length, quoted),
                  name_list_join(names, VIEWS, " and ", all));
}

void live_answer_run(struct request *request)
{
    static const char *const names[] = {"format"};
    struct asked asked = {.request_id = {NULL, 0}};
    struct text *const values[] = {&asked.format};
    struct errand errand = {.view = NULL};
    struct problem problem;
    char quoted[PROBLEM_QUOTE_BYTES];
    h2o_iovec_t path = request->req->path_normalized;
    struct text name = {path.base + strlen("/runs/"), path.len - strlen("/runs/")};
    bool is_good = live_read_query(request, names, values, 1, &problem) &&
                   read_view(asked.format, &errand.view, &problem);
    errand.run = run_number(request->loop->shared->recorder->epoch, name);
    if (is_good && errand.run == 0)
        is_good = refuse(&problem, 404, NULL, "There is no run '%s' of this process.",
                         problem_quote(name.bytes, name.length, quoted));
    if (!is_good) {
        answer_problem(request, &problem);
        return;
    }
    send_errand(request, new_errand(&errand),
                h2o_strdup(&request->req->pool, name.bytes, name.length).base);
}

void live_errand_back(struct loop *loop, struct errand *errand)
{
    loop->letters_out--;
    if (errand->owner != NULL)
        answer_errand(errand);
    free(errand->answer);
    free(errand);
}
