#include "server/api/query.h"

#include "server/api/routes.h"
#include "server/http/urlencoded.h"
#include "text/nearest.h"
#include "text/word_list.h"
#include "views/views.h"

const char *const parameter_names[PARAMETERS] = {"delay", "count", "sleep", "timeline", "format"};
const char *const sleep_names[SLEEP_MODES] = {"awaited", "blocking", "forgotten"};

struct reader {
    const struct endpoint *endpoint;
    const struct config *config;
    h2o_mem_pool_t *pool;
    struct problem *problem;
    struct text values[PARAMETERS];
    bool given[PARAMETERS];
};

/* ---- the names ------------------------------------------------------------------------------- */

static bool unknown_name(struct reader *reader, struct text name)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char all[WORD_LIST_BYTES];
    (void)problem_quote(name.bytes, name.length, quoted);
    const char *near = nearest_name(name.bytes, name.length, parameter_names, PARAMETERS);
    if (near != NULL)
        return refuse(reader->problem, 400, NULL, "There is no parameter '%s'; did you mean '%s'?",
                      quoted, near);
    return refuse(reader->problem, 400, NULL, "There is no parameter '%s'; there are %s.", quoted,
                  word_list_join(parameter_names, PARAMETERS, all));
}

static bool takes_no_count(struct reader *reader)
{
    char others[WORD_LIST_BYTES];
    return refuse(reader->problem, 400, "count",
                  "count: /%s is always one hi(); only %s take a count.", reader->endpoint->name,
                  route_endpoints(true, others));
}

static bool take_parameter(struct reader *reader, struct text name, struct text value)
{
    size_t which = 0;
    while (which < PARAMETERS && !text_is(name, parameter_names[which]))
        which++;
    if (which == PARAMETERS)
        return unknown_name(reader, name);
    if (which == PARAMETER_COUNT && !reader->endpoint->takes_count)
        return takes_no_count(reader);
    if (reader->given[which])
        return refuse(reader->problem, 400, parameter_names[which],
                      "%s: given more than once; give it once%s.", parameter_names[which],
                      which == PARAMETER_DELAY ? ", a list with commas" : "");
    reader->given[which] = true;
    reader->values[which] = value;
    return true;
}

static bool split_query(struct reader *reader, struct text rest)
{
    while (rest.length > 0) {
        struct text value = urlencoded_split(&rest, '&');
        if (value.length == 0)
            continue;
        struct text name = urlencoded_decode(reader->pool, urlencoded_split(&value, '='));
        if (!take_parameter(reader, name, urlencoded_decode(reader->pool, value)))
            return false;
    }
    return true;
}

/* ---- the values ------------------------------------------------------------------------------ */

static bool wrong_count(struct reader *reader, struct text given)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    (void)refuse(reader->problem, 400, "count",
                 "count: '%s' is not a whole number from 1 to %lld (max_count).",
                 problem_quote(given.bytes, given.length, quoted),
                 (long long)reader->config->max_count);
    reader->problem->has_bounds = true;
    reader->problem->minimum = 1;
    reader->problem->maximum = reader->config->max_count;
    return false;
}

static bool read_count(struct reader *reader, uint32_t *count)
{
    struct text given = reader->values[PARAMETER_COUNT];
    int64_t number = 0;
    for (size_t i = 0; i < given.length; i++) {
        char digit = given.bytes[i];
        if (digit < '0' || digit > '9' || number > reader->config->max_count)
            return wrong_count(reader, given);
        number = number * 10 + (digit - '0');
    }
    if (number < 1 || number > reader->config->max_count)
        return wrong_count(reader, given);
    *count = (uint32_t)number;
    return true;
}

static bool with_delay_bounds(struct reader *reader)
{
    reader->problem->has_bounds = true;
    reader->problem->in_seconds = true;
    reader->problem->minimum = 0;
    reader->problem->maximum = reader->config->max_delay_ns;
    return false;
}

static bool wrong_delay(struct reader *reader, struct text given, bool is_too_long)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char longest[DURATION_TEXT_BYTES];
    (void)problem_quote(given.bytes, given.length, quoted);
    duration_print(reader->config->max_delay_ns, longest);
    if (is_too_long)
        (void)refuse(reader->problem, 400, "delay",
                     "delay: '%s' is too long; allowed is 0s to %s (max_delay).", quoted, longest);
    else
        (void)refuse(reader->problem, 400, "delay",
                     "delay: '%s' is not a duration such as 1s, 250ms, 1.5s or 2 (seconds), "
                     "from 0s to %s (max_delay).",
                     quoted, longest);
    return with_delay_bounds(reader);
}

static bool read_delay(struct reader *reader, struct text given, int64_t *delay_ns)
{
    if (!duration_parse(given.bytes, given.length, delay_ns))
        return wrong_delay(reader, given, false);
    if (*delay_ns > reader->config->max_delay_ns)
        return wrong_delay(reader, given, true);
    return true;
}

/* As with `count`: what was not asked for is never more than is allowed. */
static int64_t default_delay_ns(const struct config *config)
{
    return config->max_delay_ns < DEFAULT_DELAY_NS ? config->max_delay_ns : DEFAULT_DELAY_NS;
}

static uint64_t items_in(struct text list)
{
    uint64_t commas = 0;
    for (size_t i = 0; i < list.length; i++)
        commas += list.bytes[i] == ',';
    return commas + 1;
}

static bool wrong_list_length(struct reader *reader, uint64_t items)
{
    if (!reader->endpoint->takes_count)
        return refuse(reader->problem, 400, "delay",
                      "delay: a list of %llu; /%s is one hi() and takes one delay.",
                      (unsigned long long)items, reader->endpoint->name);
    if (items > (uint64_t)reader->config->max_count)
        return refuse(reader->problem, 400, "delay",
                      "delay: a list of %llu; at most %lld are allowed (max_count).",
                      (unsigned long long)items, (long long)reader->config->max_count);
    return refuse(reader->problem, 400, "count",
                  "count: %.*s, but delay lists %llu; leave count out, or let both agree.",
                  (int)reader->values[PARAMETER_COUNT].length,
                  reader->values[PARAMETER_COUNT].bytes, (unsigned long long)items);
}

static bool read_delays(struct reader *reader, struct plan *plan)
{
    struct text list = reader->values[PARAMETER_DELAY];
    uint64_t items = reader->given[PARAMETER_DELAY] ? items_in(list) : 1;
    bool disagrees = reader->given[PARAMETER_COUNT] && items != plan->count;
    bool too_many = items > (uint64_t)reader->config->max_count || !reader->endpoint->takes_count;
    if (items > 1 && (too_many || disagrees))
        return wrong_list_length(reader, items);
    int64_t *delays_ns = h2o_mem_alloc_pool(reader->pool, items * sizeof *delays_ns);
    delays_ns[0] = default_delay_ns(reader->config);
    plan->delays_ns = delays_ns;
    plan->delay_count = (uint32_t)items;
    if (items > 1)
        plan->count = (uint32_t)items;
    for (uint64_t i = 0; reader->given[PARAMETER_DELAY] && i < items; i++)
        if (!read_delay(reader, urlencoded_split(&list, ','), &delays_ns[i]))
            return false;
    return true;
}

/* One of `count` names; the message for any other names them all. */
static bool read_choice(struct reader *reader, enum parameter which, const char *const *names,
                        size_t count, size_t *choice)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char allowed[WORD_LIST_BYTES];
    struct text given = reader->values[which];
    for (size_t i = 0; i < count; i++) {
        if (text_is(given, names[i])) {
            *choice = i;
            return true;
        }
    }
    return refuse(reader->problem, 400, parameter_names[which],
                  "%s: '%s' is not known; allowed are %s.", parameter_names[which],
                  problem_quote(given.bytes, given.length, quoted),
                  word_list_join(names, count, allowed));
}

static bool read_sleep(struct reader *reader, enum sleep_mode *sleep)
{
    size_t choice = 0;
    bool is_known = read_choice(reader, PARAMETER_SLEEP, sleep_names, SLEEP_MODES, &choice);
    *sleep = (enum sleep_mode)choice;
    return is_known;
}

static bool read_timeline(struct reader *reader, bool *timeline)
{
    static const char *const names[] = {"true", "false"};
    size_t choice = 0;
    bool is_known = read_choice(reader, PARAMETER_TIMELINE, names, 2, &choice);
    *timeline = is_known && choice == 0;
    return is_known;
}

static bool read_format(struct reader *reader, const struct view **view)
{
    const char *names[VIEWS];
    size_t choice = 0;
    for (size_t i = 0; i < VIEWS; i++)
        names[i] = views[i]->name;
    bool is_known = read_choice(reader, PARAMETER_FORMAT, names, VIEWS, &choice);
    *view = views[choice];
    return is_known;
}

static bool read_values(struct reader *reader, struct query *query)
{
    struct plan *plan = &query->plan;
    plan->count = reader->endpoint->takes_count ? DEFAULT_COUNT : 1;
    if (plan->count > reader->config->max_count)
        plan->count = (uint32_t)reader->config->max_count;
    return (!reader->given[PARAMETER_COUNT] || read_count(reader, &plan->count)) &&
           read_delays(reader, plan) &&
           (!reader->given[PARAMETER_SLEEP] || read_sleep(reader, &plan->sleep)) &&
           (!reader->given[PARAMETER_TIMELINE] || read_timeline(reader, &plan->timeline)) &&
           (!reader->given[PARAMETER_FORMAT] || read_format(reader, &query->view));
}

static bool check_duration(struct reader *reader, const struct plan *plan)
{
    char takes[DURATION_TEXT_BYTES];
    char longest[DURATION_TEXT_BYTES];
    int64_t duration_ns = plan_duration_ns(plan);
    if (duration_ns <= reader->config->max_duration_ns)
        return true;
    duration_print(duration_ns, takes);
    duration_print(reader->config->max_duration_ns, longest);
    (void)refuse(reader->problem, 400, "delay",
                 "delay: together they would take %s; at most %s is allowed (max_duration).", takes,
                 longest);
    reader->problem->has_bounds = true;
    reader->problem->in_seconds = true;
    reader->problem->maximum = reader->config->max_duration_ns;
    return false;
}

bool query_parse(const char *text, size_t length, const struct endpoint *endpoint,
                 const struct config *config, h2o_mem_pool_t *pool, struct query *query,
                 struct problem *problem)
{
    struct reader reader = {
        .endpoint = endpoint, .config = config, .pool = pool, .problem = problem};
    *query = (struct query){.plan = {.endpoint = endpoint}};
    return split_query(&reader, (struct text){text, length}) && read_values(&reader, query) &&
           check_duration(&reader, &query->plan);
}
