#include "text/put.h"
#include "views/program.h"

/* Each word as its Python, as in the comments of handlers/words. */

static const struct tree_node *node_at(const struct program *program, uint32_t at)
{
    return &program->plan->tree->nodes[at];
}

void program_add_name(struct program *program, uint32_t at)
{
    program_add(program, word_shapes[node_at(program, at)->word].name);
    if (node_at(program, at)->items == 0)
        return;
    program_add(program, "_");
    program_add_number(program, at + 1);
}

/* "task + 3 + 2 * n": the first task of a child, and the delay of a leaf. */
static void add_arguments(struct program *program, uint32_t at)
{
    const struct tree_node *node = node_at(program, at);
    program_add(program, "task");
    if (node->tasks_before > 0) {
        program_add(program, " + ");
        program_add_number(program, node->tasks_before);
    }
    if (node->repeat > 1) {
        program_add(program, " + ");
        if (node->tasks > 1) {
            program_add_number(program, node->tasks);
            program_add(program, " * ");
        }
        program_add(program, "n");
    }
    if (node->items == 0) {
        program_add(program, ", ");
        program_add_delay(program, node->number);
    }
}

/* "race_2(task + 3)" */
static void add_call(struct program *program, uint32_t at)
{
    program_add_name(program, at);
    program_add(program, "(");
    add_arguments(program, at);
    program_add(program, ")");
}

static void add_range(struct program *program, uint32_t at)
{
    program_add(program, "for n in range(");
    program_add_number(program, node_at(program, at)->repeat);
    program_add(program, ")");
}

/* Its children, one a line, for a call or a tuple. In a limit each is handed to limited(). */
static void add_children(struct program *program, uint32_t at, const char *indent)
{
    const struct tree_node *node = node_at(program, at);
    for (uint32_t child = node->first; child < node->first + node->items; child++) {
        bool repeats = node_at(program, child)->repeat > 1;
        program_add(program, indent);
        program_add(program, repeats ? "*(" : "");
        if (node->word == WORD_limit) {
            program_add(program, "limited(");
            program_add_name(program, child);
            program_add(program, ", ");
            add_arguments(program, child);
            program_add(program, ")");
        } else {
            add_call(program, child);
        }
        if (repeats) {
            program_add(program, " ");
            add_range(program, child);
            program_add(program, ")");
        }
        program_add(program, ",\n");
    }
}

/* ---- the words ------------------------------------------------------------------------------- */

static void add_sequence(struct program *program, uint32_t at)
{
    const struct tree_node *node = node_at(program, at);
    for (uint32_t child = node->first; child < node->first + node->items; child++) {
        if (node_at(program, child)->repeat > 1) {
            program_add(program, "    ");
            add_range(program, child);
            program_add(program, ":\n    ");
        }
        program_add(program, "    await ");
        add_call(program, child);
        program_add(program, "\n");
    }
}

static void add_limit(struct program *program, uint32_t at)
{
    program_add(program, "    room = asyncio.Semaphore(");
    program_add_number(program, (uint64_t)node_at(program, at)->number);
    program_add(program, ")\n\n"
                         "    async def limited(word, *arguments):\n"
                         "        async with room:\n"
                         "            await word(*arguments)\n\n"
                         "    await asyncio.gather(\n");
    add_children(program, at, "        ");
    program_add(program, "    )\n");
}

static void add_race(struct program *program, uint32_t at)
{
    program_add(program, "    tasks = [asyncio.create_task(child) for child in (\n");
    add_children(program, at, "        ");
    program_add(program, "    )]\n"
                         "    try:\n"
                         "        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)\n"
                         "    finally:\n"
                         "        for each in tasks:\n"
                         "            each.cancel()\n"
                         "    next(each for each in tasks if each.done()).result()\n");
}

static void add_timeout(struct program *program, uint32_t at)
{
    char late[40];
    *put_text(put_seconds(put_text(late, "timeout after "), node_at(program, at)->number, 3),
              " s") = '\0';
    program_add(program, "    try:\n"
                         "        async with asyncio.timeout(");
    program_add_delay(program, node_at(program, at)->number);
    program_add(program, "):\n"
                         "            await ");
    add_call(program, node_at(program, at)->first);
    program_add(program, "\n"
                         "    except TimeoutError as late:\n"
                         "        raise TimeoutError(*late.args or [\"");
    program_add(program, late);
    program_add(program, "\"]) from None\n");
}

static void add_retry(struct program *program, uint32_t at)
{
    uint64_t tries = (uint64_t)node_at(program, at)->number;
    program_add(program, "    for attempt in range(1, ");
    program_add_number(program, tries + 1);
    program_add(program, "):\n"
                         "        try:\n"
                         "            return await ");
    add_call(program, node_at(program, at)->first);
    program_add(program, "\n"
                         "        except Exception:\n"
                         "            if attempt == ");
    program_add_number(program, tries);
    program_add(program, ":\n"
                         "                raise\n");
}

/* Text before the children, and after. */
static void add_around(struct program *program, uint32_t at, const char *before, const char *indent,
                       const char *after)
{
    program_add(program, before);
    if (indent != NULL)
        add_children(program, at, indent);
    else
        add_call(program, node_at(program, at)->first);
    program_add(program, after);
}

void program_add_function(struct program *program, uint32_t at)
{
    program_add(program, "\n\nasync def ");
    program_add_name(program, at);
    program_add(program, "(task):\n");
    switch (node_at(program, at)->word) {
    case WORD_sequence:
        add_sequence(program, at);
        break;
    case WORD_collect:
        add_around(program, at, "    await asyncio.gather(\n", "        ",
                   "        return_exceptions=True,\n    )\n");
        break;
    case WORD_group:
        add_around(program, at,
                   "    async with asyncio.TaskGroup() as group:\n"
                   "        for child in (\n",
                   "            ", "        ):\n            group.create_task(child)\n");
        break;
    case WORD_race:
        add_race(program, at);
        break;
    case WORD_timeout:
        add_timeout(program, at);
        break;
    case WORD_limit:
        add_limit(program, at);
        break;
    case WORD_catch:
        add_around(program, at, "    try:\n        await ", NULL,
                   "\n    except Exception:\n        pass\n");
        break;
    case WORD_retry:
        add_retry(program, at);
        break;
    case WORD_shield:
        add_around(program, at, "    await asyncio.shield(", NULL, ")\n");
        break;
    default:
        add_around(program, at, "    await asyncio.gather(\n", "        ", "    )\n");
    }
}
