#include "plans/read.h"

#include "plans/write.h"
#include "text/duration.h"
#include "text/names.h"
#include <stdlib.h>

/* A node as it is read: in the order of the text. */
struct draft {
    int64_t number;
    uint32_t repeat;
    uint32_t at;  /* where its word stands in the text */
    uint32_t end; /* the index after all that is in it */
    enum word word;
};

struct reader {
    struct text text;
    const struct plan_limits *limits;
    size_t at;
    struct draft *drafts;
    uint32_t count;
    uint32_t open[TREE_DEPTH]; /* those that are not closed yet */
    uint32_t depth;
    struct plan_fault *fault;
};

static bool fail(struct reader *reader, enum plan_fault_kind kind, struct text where,
                 const char *expected)
{
    *reader->fault = (struct plan_fault){
        .kind = kind,
        .at = (size_t)(where.bytes - reader->text.bytes),
        .length = where.length,
        .expected = expected,
    };
    return false;
}

/* ---- pieces of text -------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_sign(char c)
{
    return c == '(' || c == ')' || c == ',' || c == '*';
}

/* What comes next, without being taken: a sign, or all up to the next sign or space; at the end,
   nothing. */
static struct text peek(struct reader *reader)
{
    const char *bytes = reader->text.bytes;
    size_t end = reader->text.length;
    while (reader->at < end && is_space(bytes[reader->at]))
        reader->at++;
    size_t length = 0;
    while (reader->at + length < end && !is_sign(bytes[reader->at + length]) &&
           !is_space(bytes[reader->at + length]))
        length++;
    if (length == 0 && reader->at < end)
        length = 1;
    return (struct text){bytes + reader->at, length};
}

static struct text take(struct reader *reader)
{
    struct text piece = peek(reader);
    reader->at += piece.length;
    return piece;
}

static bool is_piece(struct text piece, char sign)
{
    return piece.length == 1 && piece.bytes[0] == sign;
}

static bool is_word(struct text piece)
{
    return piece.length > 0 && !is_sign(piece.bytes[0]);
}

static bool take_sign(struct reader *reader, char sign, const char *expected)
{
    struct text piece = peek(reader);
    if (!is_piece(piece, sign))
        return fail(reader, PLAN_UNEXPECTED, piece, expected);
    reader->at += piece.length;
    return true;
}

/* A whole number from 1 to `most`. */
static bool read_number(struct text piece, int64_t most, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < piece.length; i++) {
        if (piece.bytes[i] < '0' || piece.bytes[i] > '9' || *number > most)
            return false;
        *number = *number * 10 + (piece.bytes[i] - '0');
    }
    return piece.length > 0 && *number >= 1 && *number <= most;
}

/* ---- the parts of a node --------------------------------------------------------------------- */

/* "3*", or nothing. */
static bool read_repeat(struct reader *reader, struct draft *draft)
{
    size_t before = reader->at;
    struct text piece = take(reader);
    int64_t number = 1;
    if (!is_word(piece) || !is_piece(peek(reader), '*')) {
        reader->at = before;
        draft->repeat = 1;
        return true;
    }
    if (!read_number(piece, reader->limits->max_count, &number))
        return fail(reader, PLAN_BAD_REPEAT, piece, NULL);
    draft->repeat = (uint32_t)number;
    (void)take(reader);
    return true;
}

static bool read_word(struct reader *reader, struct draft *draft)
{
    const char *names[WORDS];
    struct text piece = take(reader);
    if (!is_word(piece))
        return fail(reader, PLAN_UNEXPECTED, piece, "a word such as hi");
    for (size_t i = 0; i < WORDS; i++)
        names[i] = word_shapes[i].name;
    for (draft->word = 0; draft->word < WORDS; draft->word++)
        if (text_is(piece, names[draft->word]))
            return true;
    return fail(reader, PLAN_UNKNOWN_WORD, piece,
                nearest_name(piece.bytes, piece.length, names, WORDS));
}

static bool read_delay(struct reader *reader, struct draft *draft)
{
    struct text piece = take(reader);
    if (!is_word(piece) || !duration_parse(piece.bytes, piece.length, &draft->number))
        return fail(reader, PLAN_BAD_DELAY, piece, NULL);
    if (draft->number > reader->limits->max_delay_ns)
        return fail(reader, PLAN_DELAY_TOO_LONG, piece, NULL);
    return true;
}

/* "(1s)", "()" or nothing. */
static bool read_leaf(struct reader *reader, struct draft *draft)
{
    draft->number = reader->limits->default_delay_ns;
    if (!is_piece(peek(reader), '('))
        return true;
    (void)take(reader);
    if (!is_piece(peek(reader), ')') && !read_delay(reader, draft))
        return false;
    return take_sign(reader, ')', "')'");
}

/* "(", and what stands before the plans in it. */
static bool read_opening(struct reader *reader, struct draft *draft)
{
    if (!take_sign(reader, '(', "'('"))
        return false;
    switch (word_shapes[draft->word].takes) {
    case TAKES_DELAY:
        return read_delay(reader, draft) && take_sign(reader, ',', "',' and a plan");
    case TAKES_NUMBER: {
        struct text piece = take(reader);
        if (!read_number(piece, WORD_NUMBER_MOST, &draft->number))
            return fail(reader, PLAN_BAD_NUMBER, piece, word_shapes[draft->word].name);
        return take_sign(reader, ',', "',' and a plan");
    }
    default:
        return true;
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What holds the node that is read now; NULL: nothing, it is the whole plan. */
static struct draft *holder(struct reader *reader)
{
    return reader->depth == 0 ? NULL : &reader->drafts[reader->open[reader->depth - 1]];
}

/* Up to where it is complete, or its first plan begins. */
static bool read_node(struct reader *reader)
{
    struct draft *draft = &reader->drafts[reader->count];
    const struct draft *in = holder(reader);
    bool takes_one = in == NULL || word_shapes[in->word].plans_most == 1;
    struct text start = peek(reader);
    *draft = (struct draft){.end = reader->count + 1};
    if (!read_repeat(reader, draft))
        return false;
    if (takes_one && draft->repeat > 1)
        return fail(reader, PLAN_ONE_ONLY, start, in == NULL ? NULL : word_shapes[in->word].name);
    struct text word = peek(reader);
    draft->at = (uint32_t)(word.bytes - reader->text.bytes);
    if (!read_word(reader, draft))
        return false;
    if (word_shapes[draft->word].plans_most == 0) {
        reader->count++;
        return read_leaf(reader, draft);
    }
    if (reader->depth == TREE_DEPTH)
        return fail(reader, PLAN_TOO_DEEP, word, NULL);
    reader->open[reader->depth++] = reader->count++;
    return read_opening(reader, draft);
}

/* What follows a node: all that ends with it, and a comma or the end. */
static bool read_closing(struct reader *reader, bool *is_over)
{
    for (;;) {
        struct text piece = peek(reader);
        struct draft *in = holder(reader);
        *is_over = in == NULL && piece.length == 0;
        if (*is_over)
            return true;
        if (is_piece(piece, ',') && (in == NULL || word_shapes[in->word].plans_most == 1))
            return fail(reader, PLAN_ONE_ONLY, piece,
                        in == NULL ? NULL : word_shapes[in->word].name);
        if (in == NULL)
            return fail(reader, PLAN_UNEXPECTED, piece, "the end");
        if (is_piece(piece, ',')) {
            (void)take(reader);
            return true;
        }
        if (!take_sign(reader, ')', word_shapes[in->word].plans_most == 1 ? "')'" : "',' or ')'"))
            return false;
        in->end = reader->count;
        reader->depth--;
    }
}

static bool read_all(struct reader *reader)
{
    bool opens;
    bool is_over = false;
    while (!is_over) {
        uint32_t depth = reader->depth;
        if (!read_node(reader))
            return false;
        opens = reader->depth > depth;
        if (!opens && !read_closing(reader, &is_over))
            return false;
    }
    return true;
}

/* Level by level, each node's children side by side. */
static void arrange(const struct draft *drafts, uint32_t *order, struct tree *tree)
{
    uint32_t count = 1;
    order[0] = 0;
    tree->nodes[0].parent = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct tree_node *node = &tree->nodes[i];
        const struct draft *draft = &drafts[order[i]];
        node->word = draft->word;
        node->repeat = draft->repeat;
        node->number = draft->number;
        node->text_at = draft->at;
        node->first = count;
        for (uint32_t child = order[i] + 1; child < draft->end; child = drafts[child].end) {
            tree->nodes[count].parent = i;
            order[count++] = child;
        }
        node->items = count - node->first;
    }
    tree->node_count = count;
}

/* Each node but the first stands after a '(' or a ','. */
static size_t nodes_most(struct text text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length; i++)
        count += text.bytes[i] == '(' || text.bytes[i] == ',';
    return count;
}

bool plan_read(struct text text, const struct plan_limits *limits, struct tree *tree,
               struct plan_fault *fault)
{
    struct reader reader = {.text = text, .limits = limits, .fault = fault};
    *tree = (struct tree){.nodes = NULL};
    if (text.length > PLAN_BYTES)
        return fail(&reader, PLAN_TOO_LONG, text, NULL);
    size_t most = nodes_most(text);
    uint32_t *order = malloc(most * sizeof *order);
    reader.drafts = malloc(most * sizeof *reader.drafts);
    bool is_read = order != NULL && reader.drafts != NULL;
    if (!is_read)
        (void)fail(&reader, PLAN_NO_MEMORY, text, NULL);
    is_read = is_read && read_all(&reader);
    if (is_read) {
        tree->nodes = calloc(reader.count, sizeof *tree->nodes);
        is_read = tree->nodes != NULL || fail(&reader, PLAN_NO_MEMORY, text, NULL);
    }
    if (is_read) {
        arrange(reader.drafts, order, tree);
        is_read = plan_write(tree) || fail(&reader, PLAN_NO_MEMORY, text, NULL);
    }
    free(order);
    free(reader.drafts);
    if (!is_read)
        tree_free(tree);
    return is_read;
}

void tree_free(struct tree *tree)
{
    free(tree->nodes);
    free(tree->text);
    *tree = (struct tree){.nodes = NULL};
}

struct plan_position plan_position(struct text text, size_t at)
{
    struct plan_position position = {.line = 1, .column = 1};
    for (size_t i = 0; i < at && i < text.length; i++) {
        bool is_end = text.bytes[i] == '\n';
        position.line += is_end;
        position.column = is_end ? 1 : position.column + 1;
    }
    position.is_only_line = memchr(text.bytes, '\n', text.length) == NULL;
    return position;
}
