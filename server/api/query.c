#include "server/api/query.h"

#include "server/api/parameters.h"
#include "server/api/plan_parameter.h"
#include "server/http/urlencoded.h"
#include "text/duration.h"
#include "text/names.h"

static const int64_t default_delay_ns = DEFAULT_DELAY_NS;

static bool refuse_name(struct problem *problem, struct text name)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[NAME_LIST_BYTES];
    const char *names[PARAMETERS_MOST];
    size_t count = 0;
    for (; parameters[count].name != NULL; count++)
        names[count] = parameters[count].name;
    const char *near = nearest_name(name.bytes, name.length, names, count);
    (void)problem_quote(name.bytes, name.length, quoted);
    if (near != NULL)
        return refuse(problem, 400, NULL, "There is no parameter '%s'; did you mean '%s'?", quoted,
                      near);
    return refuse(problem, 400, NULL, "There is no parameter '%s'; there are %s.", quoted,
                  name_list_join(names, count, " and ", all));
}

/* Keeps what was given for each parameter. All names are checked before any value is read. */
static bool take_given(struct reading *reading, struct text rest, const struct route *routes)
{
    const struct endpoint *endpoint = reading->query->plan.endpoint;
    char others[NAME_LIST_BYTES];
    struct text name;
    struct text value;
    while (urlencoded_next(reading->pool, &rest, &name, &value)) {
        const struct parameter *parameter = parameters;
        while (parameter->name != NULL && !text_is(name, parameter->name))
            parameter++;
        if (parameter->name == NULL)
            return refuse_name(reading->problem, name);
        if (parameter->is_for != NULL && !parameter->is_for(endpoint))
            return refuse(reading->problem, 400, parameter->name, "%s: /%s %s; only %s take a %s.",
                          parameter->name, endpoint->name,
                          endpoint->takes_plan ? "has it in its plan" : parameter->why_not,
                          route_endpoints(routes, parameter->is_for, others), parameter->name);
        struct text *given = &reading->given[parameter - parameters];
        if (given->bytes != NULL)
            return refuse(reading->problem, 400, parameter->name,
                          "%s: given more than once; give it once%s.", parameter->name,
                          parameter->is_list ? ", a list with commas" : "");
        *given = value;
    }
    return true;
}

static bool check_duration(const struct reading *reading)
{
    char takes[DURATION_TEXT_BYTES];
    char longest[DURATION_TEXT_BYTES];
    struct problem *problem = reading->problem;
    int64_t duration_ns = plan_duration_ns(&reading->query->plan);
    int64_t longest_ns = reading->config->max_duration_ns;
    if (duration_ns <= longest_ns)
        return true;
    duration_print(duration_ns, takes);
    duration_print(longest_ns, longest);
    (void)refuse(problem, 400, "delay",
                 "delay: together they would take %s; at most %s is allowed (max_duration).", takes,
                 longest);
    problem->has_bounds = true;
    problem->in_seconds = true;
    problem->maximum = longest_ns;
    return false;
}

bool query_parse(struct text text, struct text body, const struct endpoint *endpoint,
                 const struct route *routes, const struct config *config, h2o_mem_pool_t *pool,
                 struct query *query, struct problem *problem)
{
    struct reading reading = {.config = config, .pool = pool, .query = query, .problem = problem};
    /* What was not asked for is never more than is allowed. */
    int64_t count = endpoint->takes_count ? DEFAULT_COUNT : 1;
    bool may_wait_default = default_delay_ns <= config->max_delay_ns;
    query->view = NULL;
    query->plan = (struct plan){
        .endpoint = endpoint,
        .delays_ns = may_wait_default ? &default_delay_ns : &config->max_delay_ns,
        .delay_count = 1,
        .count = (uint32_t)(count < config->max_count ? count : config->max_count),
    };
    if (!take_given(&reading, text, routes))
        return false;
    if (body.bytes != NULL && reading.given[PARAMETER_PLAN].bytes != NULL)
        return refuse(problem, 400, "plan",
                      "plan: given in the query and as the body; once is enough.");
    if (body.bytes != NULL)
        reading.given[PARAMETER_PLAN] = body;
    for (size_t i = 0; parameters[i].name != NULL; i++)
        if (reading.given[i].bytes != NULL && !parameters[i].read(&reading, reading.given[i]))
            return false;
    if (endpoint->takes_plan)
        return query->plan.tree != NULL || plan_parameter_missing(problem);
    return check_duration(&reading);
}
