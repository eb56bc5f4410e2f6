#include "server/api/query.h"

#include "server/api/parameters.h"
#include "server/http/urlencoded.h"
#include "text/nearest.h"

static bool refuse_name(struct problem *problem, struct text name)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    const char *names[PARAMETERS_MOST];
    size_t count = 0;
    struct word_list all = {.length = 0};
    (void)problem_quote(name.bytes, name.length, quoted);
    for (; parameters[count].name != NULL; count++) {
        names[count] = parameters[count].name;
        word_list_add(&all, names[count]);
    }
    const char *near = nearest_name(name.bytes, name.length, names, count);
    if (near != NULL)
        return refuse(problem, 400, NULL, "There is no parameter '%s'; did you mean '%s'?", quoted,
                      near);
    return refuse(problem, 400, NULL, "There is no parameter '%s'; there are %s.", quoted,
                  word_list_end(&all));
}

/* Keeps what was given for each parameter, and refuses names that are wrong here. No value is
   looked at before all names are right. */
static bool take_given(struct reading *reading, struct text rest, const struct route *routes)
{
    const struct endpoint *endpoint = reading->query->plan.endpoint;
    struct text name;
    struct text value;
    while (urlencoded_next(reading->pool, &rest, &name, &value)) {
        const struct parameter *parameter = parameters;
        while (parameter->name != NULL && !text_is(name, parameter->name))
            parameter++;
        if (parameter->name == NULL)
            return refuse_name(reading->problem, name);
        if (parameter->is_for != NULL && !parameter->is_for(endpoint)) {
            struct word_list others;
            return refuse(reading->problem, 400, parameter->name, "%s: /%s %s; only %s take a %s.",
                          parameter->name, endpoint->name, parameter->why_not,
                          route_endpoints(routes, parameter->is_for, &others), parameter->name);
        }
        struct text *given = &reading->given[parameter - parameters];
        if (given->bytes != NULL)
            return refuse(reading->problem, 400, parameter->name,
                          "%s: given more than once; give it once%s.", parameter->name,
                          parameter->is_list ? ", a list with commas" : "");
        *given = value;
    }
    return true;
}

bool query_parse(struct text text, const struct endpoint *endpoint, const struct route *routes,
                 const struct config *config, h2o_mem_pool_t *pool, struct query *query,
                 struct problem *problem)
{
    struct reading reading = {.config = config, .pool = pool, .query = query, .problem = problem};
    *query = (struct query){.plan = {.endpoint = endpoint}};
    if (!take_given(&reading, text, routes))
        return false;
    for (size_t i = 0; parameters[i].name != NULL; i++)
        if (reading.given[i].bytes != NULL &&
            !parameters[i].read(&reading, &parameters[i], reading.given[i]))
            return false;
    return parameters_complete(&reading);
}
