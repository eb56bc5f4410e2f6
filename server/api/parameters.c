#include "server/api/parameters.h"

#include "server/api/plan_parameter.h"
#include "text/duration.h"
#include "text/names.h"
#include "views/views.h"

/* ---- count ----------------------------------------------------------------------------------- */

static bool takes_count(const struct endpoint *endpoint)
{
    return endpoint->takes_count;
}

static bool read_count(struct reading *reading, struct text given)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    struct problem *problem = reading->problem;
    int64_t most = reading->config->max_count;
    int64_t count = 0;
    size_t at = 0;
    while (at < given.length && given.bytes[at] >= '0' && given.bytes[at] <= '9' && count <= most)
        count = count * 10 + (given.bytes[at++] - '0');
    if (at == given.length && count >= 1 && count <= most) {
        reading->query->plan.count = (uint32_t)count;
        return true;
    }
    (void)refuse(problem, 400, "count",
                 "count: '%s' is not a whole number from 1 to %lld (max_count).",
                 problem_quote(given.bytes, given.length, quoted), (long long)most);
    problem->has_bounds = true;
    problem->minimum = 1;
    problem->maximum = most;
    return false;
}

static void describe_count(const struct config *config, json_t *description)
{
    (void)json_object_update_new(
        description, json_pack("{s:{s:s, s:i, s:I, s:i}, s:{s:{s:i}}}", "schema", "type", "integer",
                               "minimum", 1, "maximum", (json_int_t)config->max_count, "default",
                               DEFAULT_COUNT, "examples", "one", "value", 1));
}

/* ---- delay ----------------------------------------------------------------------------------- */

static bool check_list(struct reading *reading, uint64_t items)
{
    const struct plan *plan = &reading->query->plan;
    struct text count = reading->given[PARAMETER_COUNT];
    unsigned long long listed = items;
    if (!plan->endpoint->takes_count)
        return refuse(reading->problem, 400, "delay", "delay: a list of %llu; /%s %s.", listed,
                      plan->endpoint->name,
                      plan->endpoint->takes_plan ? "takes one delay, for each hi without its own"
                                                 : "is one hi() and takes one delay");
    if (items > (uint64_t)reading->config->max_count)
        return refuse(reading->problem, 400, "delay",
                      "delay: a list of %llu; at most %lld are allowed (max_count).", listed,
                      (long long)reading->config->max_count);
    if (count.bytes != NULL && plan->count != items)
        return refuse(reading->problem, 400, "count",
                      "count: %.*s, but delay lists %llu; leave count out, or let both agree.",
                      (int)count.length, count.bytes, listed);
    return true;
}

static bool read_one_delay(struct reading *reading, struct text given, int64_t *delay_ns)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char longest[DURATION_TEXT_BYTES];
    struct problem *problem = reading->problem;
    int64_t longest_ns = reading->config->max_delay_ns;
    bool is_duration = duration_parse(given.bytes, given.length, delay_ns);
    if (is_duration && *delay_ns <= longest_ns)
        return true;
    (void)problem_quote(given.bytes, given.length, quoted);
    duration_print(longest_ns, longest);
    (void)refuse(problem, 400, "delay",
                 is_duration ? "delay: '%s' is too long; allowed is 0s to %s (max_delay)."
                             : "delay: '%s' is not a duration such as 1s, 250ms, 1.5s or 2 "
                               "(seconds), from 0s to %s (max_delay).",
                 quoted, longest);
    problem->has_bounds = true;
    problem->in_seconds = true;
    problem->maximum = longest_ns;
    return false;
}

static bool read_delay(struct reading *reading, struct text given)
{
    struct plan *plan = &reading->query->plan;
    struct text count = reading->given[PARAMETER_COUNT];
    uint64_t items = 1;
    for (size_t i = 0; i < given.length; i++)
        items += given.bytes[i] == ',';
    /* The count is read first, as a list has to agree with it. Reading it again does no harm. */
    if (count.bytes != NULL && !read_count(reading, count))
        return false;
    if (items > 1) {
        if (!check_list(reading, items))
            return false;
        plan->count = (uint32_t)items;
    }
    int64_t *delays_ns = h2o_mem_alloc_pool(reading->pool, items * sizeof *delays_ns);
    plan->delays_ns = delays_ns;
    plan->delay_count = (uint32_t)items;
    for (uint64_t i = 0; i < items; i++)
        if (!read_one_delay(reading, text_split(&given, ','), &delays_ns[i]))
            return false;
    return true;
}

#define DURATION_PATTERN "[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?(ns|us|ms|s|m)?"

static void describe_delay(const struct config *config, json_t *description)
{
    static const char pattern[] = "^" DURATION_PATTERN "(," DURATION_PATTERN ")*$";
    char longest[DURATION_TEXT_BYTES];
    char usual[DURATION_TEXT_BYTES];
    duration_print(config->max_delay_ns, longest);
    duration_print(DEFAULT_DELAY_NS, usual);
    (void)json_object_set_new(
        description, "description",
        json_sprintf("How long each hi() waits, 0s to %s: a number with ns, us, ms, s or m, or "
                     "plain seconds; rounded up to a nanosecond. A list gives each task its own.",
                     longest));
    (void)json_object_update_new(
        description,
        json_pack("{s:{s:s, s:s, s:s}, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}", "schema", "type",
                  "string", "default", usual, "pattern", pattern, "examples", "milliseconds",
                  "value", "20ms", "seconds", "value", "0.010000000000000002", "exponent", "value",
                  "1e-05", "turn", "value", "0"));
}

/* ---- a few names ----------------------------------------------------------------------------- */

static const char *const ways_to_sleep[] = {"awaited", "blocking", "forgotten", NULL};
static const char *const ways_of_timeline[] = {"false", "true", "states", NULL};
static const char *const clocks[] = {"real", "virtual", NULL};
#define VIEW_NAME(name) #name,
static const char *const view_names[] = {EACH_VIEW(VIEW_NAME) NULL};

_Static_assert(sizeof ways_to_sleep / sizeof *ways_to_sleep == SLEEP_MODES + 1, "by enum");

/* Which of the names was given; the message for anything else names them all. */
static bool read_choice(struct reading *reading, const char *parameter, struct text given,
                        const char *const *names, size_t *choice)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    char allowed[NAME_LIST_BYTES];
    for (*choice = 0; names[*choice] != NULL; (*choice)++)
        if (text_is(given, names[*choice]))
            return true;
    return refuse(reading->problem, 400, parameter, "%s: '%s' is not known; allowed are %s.",
                  parameter, problem_quote(given.bytes, given.length, quoted),
                  name_list_join(names, *choice, " and ", allowed));
}

static bool read_sleep(struct reading *reading, struct text given)
{
    size_t choice;
    bool is_known = read_choice(reading, "sleep", given, ways_to_sleep, &choice);
    reading->query->plan.sleep = (enum sleep_mode)choice;
    return is_known;
}

static bool read_timeline(struct reading *reading, struct text given)
{
    size_t choice;
    struct plan *plan = &reading->query->plan;
    bool is_known = read_choice(reading, "timeline", given, ways_of_timeline, &choice);
    plan->timeline = choice > 0;
    plan->states = choice > 1;
    return is_known;
}

static bool read_clock(struct reading *reading, struct text given)
{
    size_t choice;
    bool is_known = read_choice(reading, "clock", given, clocks, &choice);
    reading->query->plan.is_virtual = choice == 1;
    return is_known;
}

static bool has_shape(const struct endpoint *endpoint)
{
    return !endpoint->takes_plan;
}

static bool takes_plan(const struct endpoint *endpoint)
{
    return endpoint->takes_plan;
}

static bool read_format(struct reading *reading, struct text given)
{
    size_t choice;
    bool is_known = read_choice(reading, "format", given, view_names, &choice);
    reading->query->view = is_known ? views[choice] : NULL;
    return is_known;
}

/* ---- all of them ----------------------------------------------------------------------------- */

const struct parameter parameters[] = {
    [PARAMETER_DELAY] = {"delay", .is_list = true, .read = read_delay, .describe = describe_delay},
    [PARAMETER_COUNT] = {"count", .about = "How many hi(); with a list of delays, its length.",
                         .is_for = takes_count, .why_not = "is always one hi()", .read = read_count,
                         .describe = describe_count},
    [PARAMETER_PLAN] = {"plan",
                        .about = "What to run, such as race(hi(3s),hi(2s)): see docs/plans.md. Or "
                                 "the body of a POST.",
                        .is_for = takes_plan, .why_not = "has a shape of its own",
                        .read = plan_parameter_read, .describe = plan_parameter_describe},
    {"sleep",
     .about = "How hi() waits: awaited; blocking its event loop; or with the await forgotten.",
     .choices = ways_to_sleep, .is_for = has_shape, .read = read_sleep},
    {"clock",
     .about = "real, or virtual: it jumps to the next deadline, so nothing waits, and the same "
              "request always has the same answer.",
     .choices = clocks, .read = read_clock},
    {"timeline",
     .about = "Adds who said what when; states: and what each task did in between, and in which "
              "group it was.",
     .choices = ways_of_timeline, .read = read_timeline},
    {"format", .about = "The view of the run. Without it the Accept header decides.",
     .choices = view_names, .read = read_format},
    {.name = NULL},
};

_Static_assert(sizeof parameters / sizeof *parameters - 1 <= PARAMETERS_MOST,
               "a reading needs more room");
