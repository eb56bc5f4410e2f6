#include "server/api/parameters.h"

#include "text/duration.h"

#define DEFAULT_DELAY_NS NS_PER_SECOND
#define DEFAULT_COUNT    3

/* The rows that have to know of each other. */
enum { DELAY, COUNT };

/* Always false, as refuse() is. */
static bool with_bounds(struct problem *problem, int64_t minimum, int64_t maximum, bool in_seconds)
{
    problem->has_bounds = true;
    problem->in_seconds = in_seconds;
    problem->minimum = minimum;
    problem->maximum = maximum;
    return false;
}

/* ---- count ----------------------------------------------------------------------------------- */

static bool takes_count(const struct endpoint *endpoint)
{
    return endpoint->takes_count;
}

static bool read_count(struct reading *reading, const struct parameter *self, struct text given)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    int64_t most = reading->config->max_count;
    int64_t count = 0;
    size_t at = 0;
    for (; at < given.length && given.bytes[at] >= '0' && given.bytes[at] <= '9'; at++) {
        count = count * 10 + (given.bytes[at] - '0');
        if (count > most)
            break;
    }
    if (at == given.length && count >= 1) {
        reading->query->plan.count = (uint32_t)count;
        return true;
    }
    (void)refuse(reading->problem, 400, self->name,
                 "count: '%s' is not a whole number from 1 to %lld (max_count).",
                 problem_quote(given.bytes, given.length, quoted), (long long)most);
    return with_bounds(reading->problem, 1, most, false);
}

static void describe_count(const struct parameter *self, const struct config *config,
                           json_t *description)
{
    (void)self;
    json_t *schema = json_object_get(description, "schema");
    (void)json_object_set_new(schema, "maximum", json_integer(config->max_count));
    (void)json_object_set_new(schema, "default", json_integer(DEFAULT_COUNT));
}

/* ---- delay ----------------------------------------------------------------------------------- */

static bool check_list(struct reading *reading, uint64_t items)
{
    const struct plan *plan = &reading->query->plan;
    unsigned long long listed = items;
    if (!plan->endpoint->takes_count)
        return refuse(reading->problem, 400, "delay",
                      "delay: a list of %llu; /%s is one hi() and takes one delay.", listed,
                      plan->endpoint->name);
    if (items > (uint64_t)reading->config->max_count)
        return refuse(reading->problem, 400, "delay",
                      "delay: a list of %llu; at most %lld are allowed (max_count).", listed,
                      (long long)reading->config->max_count);
    struct text count = reading->given[COUNT];
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
    int64_t longest_ns = reading->config->max_delay_ns;
    bool is_duration = duration_parse(given.bytes, given.length, delay_ns);
    if (is_duration && *delay_ns <= longest_ns)
        return true;
    (void)problem_quote(given.bytes, given.length, quoted);
    duration_print(longest_ns, longest);
    if (is_duration)
        (void)refuse(reading->problem, 400, "delay",
                     "delay: '%s' is too long; allowed is 0s to %s (max_delay).", quoted, longest);
    else
        (void)refuse(reading->problem, 400, "delay",
                     "delay: '%s' is not a duration such as 1s, 250ms, 1.5s or 2 (seconds), "
                     "from 0s to %s (max_delay).",
                     quoted, longest);
    return with_bounds(reading->problem, 0, longest_ns, true);
}

static bool read_delay(struct reading *reading, const struct parameter *self, struct text given)
{
    struct plan *plan = &reading->query->plan;
    struct text count = reading->given[COUNT];
    uint64_t items = 1;
    (void)self;
    for (size_t i = 0; i < given.length; i++)
        items += given.bytes[i] == ',';
    /* First the count, which a list has to agree with; its own turn comes to the same. */
    if (count.bytes != NULL && !read_count(reading, &parameters[COUNT], count))
        return false;
    if (items > 1 && !check_list(reading, items))
        return false;
    int64_t *delays_ns = h2o_mem_alloc_pool(reading->pool, items * sizeof *delays_ns);
    plan->delays_ns = delays_ns;
    plan->delay_count = (uint32_t)items;
    if (items > 1)
        plan->count = (uint32_t)items;
    for (uint64_t i = 0; i < items; i++)
        if (!read_one_delay(reading, text_split(&given, ','), &delays_ns[i]))
            return false;
    return true;
}

static void describe_delay(const struct parameter *self, const struct config *config,
                           json_t *description)
{
    static const char hole[] = "{max_delay}";
    char longest[DURATION_TEXT_BYTES];
    char usual[DURATION_TEXT_BYTES];
    (void)self;
    duration_print(config->max_delay_ns, longest);
    duration_print(DEFAULT_DELAY_NS, usual);
    const char *prose = json_string_value(json_object_get(description, "description"));
    const char *at = prose == NULL ? NULL : strstr(prose, hole);
    if (at != NULL)
        (void)json_object_set_new(
            description, "description",
            json_sprintf("%.*s%s%s", (int)(at - prose), prose, longest, at + sizeof hole - 1));
    (void)json_object_set_new(json_object_get(description, "schema"), "default",
                              json_string(usual));
}

/* ---- one of a few names -----------------------------------------------------------------------
 */

static bool read_choice(struct reading *reading, const struct parameter *self, struct text given)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    const char *name;
    for (size_t i = 0; (name = self->choice(i)) != NULL; i++) {
        if (text_is(given, name)) {
            self->choose(reading->query, i);
            return true;
        }
    }
    struct word_list allowed = {.length = 0};
    for (size_t i = 0; (name = self->choice(i)) != NULL; i++)
        word_list_add(&allowed, name);
    return refuse(reading->problem, 400, self->name, "%s: '%s' is not known; allowed are %s.",
                  self->name, problem_quote(given.bytes, given.length, quoted),
                  word_list_end(&allowed));
}

/* The first choice is the default. */
static void describe_choices(const struct parameter *self, const struct config *config,
                             json_t *description)
{
    (void)config;
    json_t *schema = json_object_get(description, "schema");
    json_t *choices = json_array();
    json_t *examples = json_object();
    const char *name;
    for (size_t i = 0; (name = self->choice(i)) != NULL; i++) {
        (void)json_array_append_new(choices, json_string(name));
        (void)json_object_set_new(examples, name, json_pack("{s:s}", "value", name));
    }
    (void)json_object_set_new(schema, "enum", choices);
    (void)json_object_set_new(schema, "default", json_string(self->choice(0)));
    (void)json_object_set_new(description, "examples", examples);
}

static const char *sleep_choice(size_t index)
{
    static const char *const names[] = {
        [SLEEP_AWAITED] = "awaited",
        [SLEEP_BLOCKING] = "blocking",
        [SLEEP_FORGOTTEN] = "forgotten",
    };
    return index < SLEEP_MODES ? names[index] : NULL;
}

static void choose_sleep(struct query *query, size_t index)
{
    query->plan.sleep = (enum sleep_mode)index;
}

static const char *timeline_choice(size_t index)
{
    static const char *const names[] = {"true", "false", NULL};
    return names[index];
}

static void choose_timeline(struct query *query, size_t index)
{
    query->plan.timeline = index == 0;
}

static const char *format_choice(size_t index)
{
    return index < VIEWS ? views[index]->name : NULL;
}

static void choose_format(struct query *query, size_t index)
{
    query->view = views[index];
}

/* ---- all of them ------------------------------------------------------------------------------
 */

const struct parameter parameters[] = {
    [DELAY] = {"delay", .is_list = true, .read = read_delay, .describe = describe_delay},
    [COUNT] = {"count", .is_for = takes_count, .why_not = "is always one hi()", .read = read_count,
               .describe = describe_count},
    {"sleep", .read = read_choice, .describe = describe_choices, .choice = sleep_choice,
     .choose = choose_sleep},
    {"timeline", .read = read_choice, .choice = timeline_choice, .choose = choose_timeline},
    {"format", .read = read_choice, .describe = describe_choices, .choice = format_choice,
     .choose = choose_format},
    {.name = NULL},
};

_Static_assert(sizeof parameters / sizeof *parameters - 1 <= PARAMETERS_MOST,
               "a query's values need more room");

bool parameters_complete(struct reading *reading)
{
    const struct config *config = reading->config;
    struct plan *plan = &reading->query->plan;
    char takes[DURATION_TEXT_BYTES];
    char longest[DURATION_TEXT_BYTES];
    /* What was not asked for is never more than is allowed. */
    if (plan->count == 0) {
        int64_t count = plan->endpoint->takes_count ? DEFAULT_COUNT : 1;
        plan->count = (uint32_t)(count < config->max_count ? count : config->max_count);
    }
    if (plan->delay_count == 0) {
        int64_t *delay_ns = h2o_mem_alloc_pool(reading->pool, sizeof *delay_ns);
        *delay_ns =
            DEFAULT_DELAY_NS < config->max_delay_ns ? DEFAULT_DELAY_NS : config->max_delay_ns;
        plan->delays_ns = delay_ns;
        plan->delay_count = 1;
    }
    int64_t duration_ns = plan_duration_ns(plan);
    if (duration_ns <= config->max_duration_ns)
        return true;
    duration_print(duration_ns, takes);
    duration_print(config->max_duration_ns, longest);
    (void)refuse(reading->problem, 400, "delay",
                 "delay: together they would take %s; at most %s is allowed (max_duration).", takes,
                 longest);
    return with_bounds(reading->problem, 0, config->max_duration_ns, true);
}
