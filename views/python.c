#include "views/program.h"
#include "views/view.h"

/*
 * A program of its own that does in asyncio what the request does here. Each word is a function, as
 * in the comments of handlers/words; tests/plans runs such programs and compares.
 */

static const char head[] = "import asyncio\n"
                           "import time\n";

static const char hi[] = "\n\n"
                         "async def hi(task, delay):\n"
                         "    print(\"Hello\")\n"
                         "    await asyncio.sleep(delay)\n"
                         "    print(\"World\")\n";

static const char hi_blocking[] = "\n\n"
                                  "async def hi(task, delay):\n"
                                  "    print(\"Hello\")\n"
                                  "    time.sleep(delay)  # blocks: no other task goes on\n"
                                  "    print(\"World\")\n";

static const char hi_forgotten[] = "\n\n"
                                   "async def hi(task, delay):\n"
                                   "    print(\"Hello\")\n"
                                   "    asyncio.sleep(delay)  # the await is missing\n"
                                   "    print(\"World\")\n";

static const char fail[] = "\n\n"
                           "class Failed(Exception):\n"
                           "    pass\n"
                           "\n\n"
                           "async def fail(task, delay):\n"
                           "    print(\"Hello\")\n"
                           "    await asyncio.sleep(delay)\n"
                           "    raise Failed(f\"task {task} failed\")\n";

static bool has_word(const struct tree *tree, enum word word)
{
    for (uint32_t at = 0; at < tree->node_count; at++)
        if (tree->nodes[at].word == word)
            return true;
    return false;
}

/* The first call: "race_1(1)", "hi(1, 0.5)", "parallel()". */
static void add_top(struct program *program)
{
    const struct plan *plan = program->plan;
    bool is_hi =
        plan->tree != NULL ? plan->tree->nodes[0].items == 0 : !plan->endpoint->takes_count;
    if (plan->tree != NULL)
        program_add_name(program, 0);
    else
        program_add(program, plan->endpoint->name);
    program_add(program, plan->tree != NULL || is_hi ? "(1" : "(");
    if (is_hi) {
        program_add(program, ", ");
        program_add_delay(program, plan_delay_ns(plan, 1));
    }
    program_add(program, ")");
}

/* An error in a group is one of several: the first is told. */
static void add_main(struct program *program)
{
    const struct tree *tree = program->plan->tree;
    bool may_fail = tree != NULL && (has_word(tree, WORD_fail) || has_word(tree, WORD_timeout));
    program_add(program, "\n\nstart = time.monotonic()\n");
    program_add(program, may_fail ? "try:\n    asyncio.run(" : "asyncio.run(");
    add_top(program);
    program_add(program, ")\n");
    if (may_fail)
        program_add(program, "except Exception as error:\n"
                             "    while isinstance(error, BaseExceptionGroup):\n"
                             "        error = error.exceptions[0]\n"
                             "    print(\"failed:\", error)\n");
    program_add(program, "print(f\"elapsed: {time.monotonic() - start:.3f} s\")\n");
}

static void add_drawn(struct program *program)
{
    const struct tree *tree = program->plan->tree;
    program_add(program, head);
    if (has_word(tree, WORD_hi))
        program_add(program, hi);
    if (has_word(tree, WORD_fail))
        program_add(program, fail);
    for (uint32_t at = 0; at < tree->node_count; at++) {
        if (tree->nodes[at].items > 0)
            program_add_function(program, at);
    }
}

/* "[1, 2]", or "3 * [1]" */
static void add_delays(struct program *program)
{
    const struct plan *plan = program->plan;
    if (plan->delay_count == 1 && plan->count > 1) {
        program_add_number(program, plan->count);
        program_add(program, " * ");
    }
    program_add(program, "[");
    for (uint32_t i = 0; i < plan->delay_count; i++) {
        program_add(program, i > 0 ? ", " : "");
        program_add_delay(program, plan->delays_ns[i]);
    }
    program_add(program, "]");
}

static void add_shaped(struct program *program)
{
    static const char *const ways[SLEEP_MODES] = {
        [SLEEP_AWAITED] = hi, [SLEEP_BLOCKING] = hi_blocking, [SLEEP_FORGOTTEN] = hi_forgotten};
    const struct plan *plan = program->plan;
    program_add(program, head);
    program_add(program, ways[plan->sleep]);
    if (!plan->endpoint->takes_count)
        return;
    program_add(program, "\n\nasync def ");
    program_add(program, plan->endpoint->name);
    program_add(program, plan->endpoint->one_by_one
                             ? "():\n    for task, delay in enumerate("
                             : "():\n    await asyncio.gather(*(hi(task, delay) for task, delay in "
                               "enumerate(");
    add_delays(program);
    program_add(program,
                plan->endpoint->one_by_one ? ", 1):\n        await hi(task, delay)\n" : ", 1)))\n");
}

static size_t python_program(const struct plan *plan, char *buffer)
{
    struct program program = {.plan = plan};
    program.bytes = buffer;
    if (plan->tree != NULL)
        add_drawn(&program);
    else
        add_shaped(&program);
    add_main(&program);
    return program.length;
}

const struct view python_view = {
    .name = "python",
    .media_type = "text/x-python",
    .content_type = "text/x-python; charset=utf-8",
    .program = python_program,
};
