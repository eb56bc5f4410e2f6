#include "server/api/live_query.h"

#include "server/http/urlencoded.h"
#include "server/recorder/recorder.h"
#include "text/names.h"

/* Each name at most once; those that this path does not take are told of. */
bool live_read_query(struct request *request, const char *const *names, struct text *const *values,
                     size_t count, struct problem *problem)
{
    h2o_req_t *req = request->req;
    struct text rest = {req->path.base, req->path.len};
    struct text name;
    struct text value;
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[NAME_LIST_BYTES];
    (void)text_split(&rest, '?');
    while (urlencoded_next(&req->pool, &rest, &name, &value)) {
        size_t at = 0;
        while (at < count && !text_is(name, names[at]))
            at++;
        if (at == count)
            return refuse(problem, 400, NULL, "There is no parameter '%s' here; there are %s.",
                          problem_quote(name.bytes, name.length, quoted),
                          name_list_join(names, count, " and ", all));
        if (values[at]->bytes != NULL)
            return refuse(problem, 400, names[at], "%s: given more than once; give it once.",
                          names[at]);
        *values[at] = value;
    }
    return true;
}

bool live_read_prefix(struct text given, char prefix[65], struct problem *problem)
{
    if (given.length > 64)
        return refuse(problem, 400, "request_id", "request_id: at most 64 bytes are looked for.");
    memcpy(prefix, given.length == 0 ? "" : given.bytes, given.length);
    prefix[given.length] = '\0';
    return true;
}

/* 0 without one. */
bool live_read_run(const struct request *request, const char *name, struct text given,
                   uint64_t *number, struct problem *problem)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    if (given.bytes == NULL)
        return true;
    *number = run_number(request->loop->shared->recorder->epoch, given);
    return *number != 0 || refuse(problem, 400, name, "%s: '%s' is no run of this process.", name,
                                  problem_quote(given.bytes, given.length, quoted));
}
