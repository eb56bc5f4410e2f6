#include "server/api/plan_parameter.h"

#include "handlers/words/words.h"
#include "plans/read.h"
#include "text/duration.h"
#include "text/names.h"
#include <stdarg.h>
#include <stdio.h>

/* "plan: at 14, ..." in one line, "plan: at line 2, column 3, ..." in several. */
static bool refuse_at(struct reading *reading, struct text text, size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool refuse_at(struct reading *reading, struct text text, size_t at, const char *format, ...)
{
    struct plan_position position = plan_position(text, at);
    struct problem *problem = reading->problem;
    if (position.is_only_line)
        (void)refuse(problem, 400, "plan", "plan: at %zu, ", position.column);
    else
        (void)refuse(problem, 400, "plan", "plan: at line %zu, column %zu, ", position.line,
                     position.column);
    size_t length = strlen(problem->detail);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem->detail + length, sizeof problem->detail - length, format, arguments);
    va_end(arguments);
    problem->line = position.line;
    problem->column = position.column;
    return false;
}

/* ---- what plan_read() finds ------------------------------------------------------------------ */

static bool refuse_word(struct reading *reading, struct text text, const struct plan_fault *fault,
                        const char *quoted)
{
    char all[NAME_LIST_BYTES];
    const char *names[WORDS];
    for (size_t i = 0; i < WORDS; i++)
        names[i] = word_shapes[i].name;
    if (fault->expected != NULL)
        return refuse_at(reading, text, fault->at, "'%s' is not known; did you mean '%s'?", quoted,
                         fault->expected);
    return refuse_at(reading, text, fault->at, "'%s' is not known; there are %s.", quoted,
                     name_list_join(names, WORDS, " and ", all));
}

static bool refuse_delay(struct reading *reading, struct text text, const struct plan_fault *fault,
                         const char *quoted)
{
    char longest[DURATION_TEXT_BYTES];
    struct problem *problem = reading->problem;
    duration_print(reading->config->max_delay_ns, longest);
    (void)refuse_at(reading, text, fault->at,
                    fault->kind == PLAN_DELAY_TOO_LONG
                        ? "'%s' is too long; allowed is 0s to %s (max_delay)."
                        : "'%s' is not a duration such as 1s, 250ms, 1.5s or 2 (seconds), from 0s "
                          "to %s (max_delay).",
                    quoted, longest);
    problem->has_bounds = true;
    problem->in_seconds = true;
    problem->maximum = reading->config->max_delay_ns;
    return false;
}

static bool refuse_number(struct reading *reading, struct text text, const struct plan_fault *fault,
                          const char *quoted)
{
    struct problem *problem = reading->problem;
    bool is_repeat = fault->kind == PLAN_BAD_REPEAT;
    int64_t most = is_repeat ? reading->config->max_count : WORD_NUMBER_MOST;
    (void)refuse_at(reading, text, fault->at,
                    "'%s' should be a whole number from 1 to %lld, as %s%s takes it.", quoted,
                    (long long)most, is_repeat ? "a repeat" : fault->expected,
                    is_repeat ? " (max_count)" : "");
    problem->has_bounds = true;
    problem->minimum = 1;
    problem->maximum = most;
    return false;
}

static bool refuse_fault(struct reading *reading, struct text text, const struct plan_fault *fault)
{
    char quoted[PROBLEM_QUOTE_BYTES];
    (void)problem_quote(text.bytes + fault->at, fault->length, quoted);
    switch (fault->kind) {
    case PLAN_TOO_LONG:
        return refuse(reading->problem, 400, "plan", "plan: %zu bytes; at most %d are read.",
                      text.length, PLAN_BYTES);
    case PLAN_UNEXPECTED:
        if (fault->length == 0)
            return refuse_at(reading, text, fault->at, "it ends where %s should stand.",
                             fault->expected);
        return refuse_at(reading, text, fault->at, "'%s' stands where %s should.", quoted,
                         fault->expected);
    case PLAN_UNKNOWN_WORD:
        return refuse_word(reading, text, fault, quoted);
    case PLAN_BAD_REPEAT:
    case PLAN_BAD_NUMBER:
        return refuse_number(reading, text, fault, quoted);
    case PLAN_BAD_DELAY:
    case PLAN_DELAY_TOO_LONG:
        return refuse_delay(reading, text, fault, quoted);
    case PLAN_TOO_DEEP:
        return refuse_at(reading, text, fault->at,
                         "'%s' stands in %d other words; that is as deep as it may go.", quoted,
                         TREE_DEPTH);
    case PLAN_ONE_ONLY:
        return refuse_at(reading, text, fault->at,
                         "'%s': %s takes one plan; put several into sequence(...) or "
                         "parallel(...).",
                         quoted, fault->expected != NULL ? fault->expected : "/run");
    default:
        (void)refuse(reading->problem, 503, NULL, "There is no memory for this plan now.");
        reading->problem->retry_after_seconds = 1;
        return false;
    }
}

/* ---- what follows from it -------------------------------------------------------------------- */

static uint64_t runs_of(const struct tree_node *node)
{
    return (uint64_t)node->runs * node->repeat;
}

/* The innermost word that is too much by itself, for a message that points at it. */
static const struct tree_node *culprit(const struct tree *tree, int64_t most_runs, int64_t most_ns)
{
    const struct tree_node *node = tree->nodes;
    for (uint32_t i = 0; i < node->items;) {
        const struct tree_node *item = &tree->nodes[node->first + i];
        bool is_too_much = runs_of(item) > (uint64_t)most_runs || item->longest_ns > most_ns;
        i = is_too_much ? 0 : i + 1;
        node = is_too_much ? item : node;
    }
    return node;
}

static bool check_bounds(struct reading *reading, struct text text, const struct tree *tree)
{
    char takes[DURATION_TEXT_BYTES];
    char longest[DURATION_TEXT_BYTES];
    struct problem *problem = reading->problem;
    int64_t most_runs = reading->config->max_count;
    int64_t most_ns = reading->config->max_duration_ns;
    problem->has_bounds = false;
    if (tree->nodes->runs > most_runs) {
        const struct tree_node *node = culprit(tree, most_runs, INT64_MAX);
        uint64_t runs = runs_of(node);
        (void)refuse_at(reading, text, node->text_at,
                        "'%s' would run %s%llu tasks, with repeats and retries; at most %lld are "
                        "allowed (max_count).",
                        word_shapes[node->word].name, runs >= UINT32_MAX ? "at least " : "",
                        (unsigned long long)runs, (long long)most_runs);
        problem->minimum = 1;
        problem->maximum = most_runs;
    } else if (tree->nodes->longest_ns > most_ns) {
        const struct tree_node *node = culprit(tree, INT64_MAX, most_ns);
        duration_print(node->longest_ns, takes);
        duration_print(most_ns, longest);
        (void)refuse_at(reading, text, node->text_at,
                        "'%s' would take up to %s; at most %s is allowed (max_duration).",
                        word_shapes[node->word].name, takes, longest);
        problem->in_seconds = true;
        problem->maximum = most_ns;
    } else {
        return true;
    }
    problem->has_bounds = true;
    return false;
}

/* Into the pool, which goes with the request. */
static struct tree *keep(h2o_mem_pool_t *pool, const struct tree *read)
{
    struct tree *tree = h2o_mem_alloc_pool(pool, sizeof *tree);
    *tree = *read;
    tree->nodes = h2o_mem_alloc_pool(pool, read->node_count * sizeof *read->nodes);
    memcpy(tree->nodes, read->nodes, read->node_count * sizeof *read->nodes);
    tree->text = h2o_strdup(pool, read->text, read->text_bytes).base;
    return tree;
}

bool plan_parameter_read(struct reading *reading, struct text given)
{
    struct plan *plan = &reading->query->plan;
    const struct plan_limits limits = {
        .default_delay_ns = plan->delays_ns[0],
        .max_delay_ns = reading->config->max_delay_ns,
        .max_count = reading->config->max_count,
    };
    struct plan_fault fault;
    struct tree tree;
    if (!plan_read(given, &limits, &tree, &fault))
        return refuse_fault(reading, given, &fault);
    tree_work_out(&tree, word_frame_bytes, word_limited_bytes);
    bool is_within = check_bounds(reading, given, &tree);
    if (is_within) {
        plan->tree = keep(reading->pool, &tree);
        plan->count = tree.nodes->runs;
        plan->delay_count = 0;
    }
    tree_free(&tree);
    return is_within;
}

bool plan_parameter_missing(struct problem *problem)
{
    return refuse(problem, 400, "plan",
                  "plan: /run needs one, such as plan=parallel(hi(1s),hi(2s)); or POST it.");
}

void plan_parameter_describe(const struct config *config, json_t *description)
{
    (void)config;
    (void)json_object_update_new(
        description,
        json_pack("{s:b, s:{s:s, s:i}, s:{s:{s:s}, s:{s:s}, s:{s:s}}}", "required", 0, "schema",
                  "type", "string", "maxLength", PLAN_BYTES, "examples", "together", "value",
                  "parallel(hi(20ms),hi(10ms))", "race", "value", "race(3*hi(20ms),hi(10ms))",
                  "failure", "value", "group(hi(20ms),fail(5ms),hi(20ms))"));
}
