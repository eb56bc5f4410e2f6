#include "plans/tree.h"

/* ---- sums that do not overflow --------------------------------------------------------------- */

static uint32_t add(uint32_t a, uint64_t b)
{
    return b > UINT32_MAX - a ? UINT32_MAX : a + (uint32_t)b;
}

static uint64_t times(uint32_t a, uint32_t b)
{
    return (uint64_t)a * b;
}

static int64_t add_ns(int64_t a, int64_t b)
{
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}

static int64_t times_ns(int64_t a, int64_t b)
{
    return a > 0 && b > INT64_MAX / a ? INT64_MAX : a * b;
}

static size_t add_bytes(size_t at, uint64_t count, uint64_t bytes)
{
    bool beyond = bytes > 0 && count > (SIZE_MAX / 2 - (at > SIZE_MAX / 2 ? 0 : at)) / bytes;
    return at > SIZE_MAX / 2 || beyond ? SIZE_MAX : at + count * bytes;
}

/* ---- how long -------------------------------------------------------------------------------- */

struct spans {
    int64_t sum_ns;
    int64_t longest_ns;
    int64_t shortest_ns;
};

static struct spans spans_of(const struct tree *tree, const struct tree_node *node)
{
    struct spans spans = {.shortest_ns = INT64_MAX};
    const struct tree_node *first = &tree->nodes[node->first];
    for (const struct tree_node *item = first; item < first + node->items; item++) {
        spans.sum_ns = add_ns(spans.sum_ns, times_ns(item->longest_ns, item->repeat));
        if (item->longest_ns > spans.longest_ns)
            spans.longest_ns = item->longest_ns;
        if (item->longest_ns < spans.shortest_ns)
            spans.shortest_ns = item->longest_ns;
    }
    return spans;
}

/* Whoever is last in a limit has waited until all `number` places were taken by others, who share
   what the others take (Graham 1966); alone, all have a place. */
static int64_t limited_ns(const struct spans *spans, uint32_t children, int64_t number)
{
    if (children <= number)
        return spans->longest_ns;
    if (spans->sum_ns == INT64_MAX)
        return INT64_MAX;
    int64_t others_ns = spans->sum_ns - spans->longest_ns;
    return add_ns(others_ns / number + (others_ns % number > 0), spans->longest_ns);
}

static int64_t longest_ns(const struct tree *tree, const struct tree_node *node)
{
    struct spans spans = spans_of(tree, node);
    switch (node->word) {
    case WORD_hi:
    case WORD_fail:
        return node->number;
    case WORD_sequence:
        return spans.sum_ns;
    case WORD_race:
        return spans.shortest_ns;
    case WORD_timeout:
        return spans.sum_ns < node->number ? spans.sum_ns : node->number;
    case WORD_limit:
        return limited_ns(&spans, node->children, node->number);
    case WORD_retry:
        return times_ns(spans.sum_ns, node->number);
    default:
        return spans.longest_ns;
    }
}

/* ---- how many -------------------------------------------------------------------------------- */

/* Its children are awaited one after another, each in the frame of the one before if nothing lives
   on in there. */
static bool is_one_by_one(enum word word)
{
    return word == WORD_sequence || word == WORD_retry;
}

/* A gather that fails, a race that is over and what is shielded leave tasks behind. */
static bool leaves_tasks(enum word word)
{
    return word == WORD_parallel || word == WORD_limit || word == WORD_race || word == WORD_shield;
}

static void count(struct tree *tree, struct tree_node *node)
{
    bool is_leaf = word_shapes[node->word].plans_most == 0;
    uint32_t tries = node->word == WORD_retry ? (uint32_t)node->number : 1;
    node->tasks = node->runs = node->ranges = node->in_flight = is_leaf;
    node->groups = !is_leaf;
    node->children = node->frames = 0;
    node->leaves_behind = leaves_tasks(node->word);
    struct tree_node *first = &tree->nodes[node->first];
    for (struct tree_node *item = first; item < first + node->items; item++) {
        bool shares = is_one_by_one(node->word) && !item->leaves_behind;
        uint64_t all = times(item->repeat, tries);
        item->children_before = node->children;
        item->tasks_before = node->tasks;
        item->groups_before = node->groups;
        item->ranges_before = node->ranges;
        item->copies_before = node->frames;
        item->copies = shares ? 1 : add(0, all);
        bool is_range = word_shapes[item->word].plans_most == 0;
        node->children = add(node->children, item->repeat);
        node->tasks = add(node->tasks, times(item->tasks, item->repeat));
        node->groups = add(node->groups, times(item->groups, item->repeat));
        node->ranges = add(node->ranges, is_range ? 1 : times(item->ranges, item->repeat));
        node->runs = add(node->runs, times(add(0, all), item->runs));
        node->frames = add(node->frames, item->copies);
        if (!shares)
            node->in_flight = add(node->in_flight, times(item->in_flight, item->copies));
        else if (item->in_flight > node->in_flight)
            node->in_flight = item->in_flight;
        node->leaves_behind |= item->leaves_behind;
    }
    node->longest_ns = longest_ns(tree, node);
}

/* ---- where ----------------------------------------------------------------------------------- */

static size_t aligned(size_t bytes)
{
    return (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

/* A stride is that of the largest frame among siblings: none differs much, and the n-th is found by
   counting. */
static uint32_t stride_bytes(const struct tree *tree, const struct tree_node *node,
                             const size_t word_bytes[WORDS], size_t wrap_bytes)
{
    size_t largest = 0;
    const struct tree_node *first = &tree->nodes[node->first];
    for (const struct tree_node *item = first; item < first + node->items; item++)
        if (word_bytes[item->word] > largest)
            largest = word_bytes[item->word];
    return (uint32_t)(aligned(largest) + (node->word == WORD_limit ? aligned(wrap_bytes) : 0));
}

void tree_work_out(struct tree *tree, const size_t word_bytes[WORDS], size_t wrap_bytes)
{
    struct tree_node *nodes = tree->nodes;
    for (uint32_t i = tree->node_count; i-- > 0;)
        count(tree, &nodes[i]);
    /* Until its children are placed, `frames_at` of a node is how many instances it has. */
    nodes[0].copies = nodes[0].repeat = 1;
    nodes[0].frames_at = 1;
    tree->frame_bytes = aligned(word_bytes[nodes[0].word]);
    for (uint32_t i = 0; i < tree->node_count; i++) {
        struct tree_node *node = &nodes[i];
        size_t instances = node->frames_at;
        for (uint32_t c = node->first; c < node->first + node->items; c++)
            nodes[c].frames_at = add_bytes(0, instances, nodes[c].copies);
        node->stride_bytes = stride_bytes(tree, node, word_bytes, wrap_bytes);
        node->frames_at = tree->frame_bytes;
        tree->frame_bytes =
            add_bytes(tree->frame_bytes, add_bytes(0, instances, node->frames), node->stride_bytes);
    }
}

static bool is_leaf(const struct tree *tree, uint32_t at)
{
    return tree->nodes[at].items == 0;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* Among the children of a node the last whose sum of those before is at most `n`. */
static uint32_t item_at(const struct tree *tree, const struct tree_node *node, size_t sum_before,
                        uint32_t n)
{
    uint32_t low = node->first;
    uint32_t high = node->first + node->items - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        const char *item = (const char *)&tree->nodes[middle];
        if (*(const uint32_t *)(const void *)(item + sum_before) <= n)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

#define ITEM_AT(tree, node, sum, n) item_at((tree), (node), offsetof(struct tree_node, sum), (n))

struct tree_child tree_child(const struct tree *tree, uint32_t at, uint32_t n)
{
    uint32_t item = ITEM_AT(tree, &tree->nodes[at], children_before, n);
    const struct tree_node *node = &tree->nodes[item];
    uint32_t nth = n - node->children_before;
    return (struct tree_child){item, nth, node->tasks_before + nth * node->tasks};
}

/* To the child of `place` in which the `n`-th of something is; `n` becomes its number in there. */
static void descend(const struct tree *tree, struct tree_place *place, uint32_t item, uint32_t nth)
{
    const struct tree_node *node = &tree->nodes[item];
    place->at = item;
    place->task += node->tasks_before + nth * node->tasks;
    if (node->groups == 0)
        return;
    place->parent_group = place->group;
    place->group += node->groups_before + nth * node->groups;
}

static const struct tree_place whole = {.at = 0, .task = 1, .group = 1};

struct tree_place tree_group(const struct tree *tree, uint32_t group)
{
    struct tree_place place = whole;
    while (place.group != group) {
        const struct tree_node *node = &tree->nodes[place.at];
        uint32_t n = group - place.group;
        uint32_t item = ITEM_AT(tree, node, groups_before, n);
        descend(tree, &place, item,
                (n - tree->nodes[item].groups_before) / tree->nodes[item].groups);
    }
    return place;
}

static struct tree_place as_leaf(struct tree_place place, uint32_t parent_group)
{
    place.parent_group = parent_group;
    place.group = 0;
    return place;
}

struct tree_place tree_range(const struct tree *tree, uint32_t n)
{
    struct tree_place place = whole;
    if (is_leaf(tree, 0))
        return as_leaf(place, 0);
    for (;;) {
        const struct tree_node *node = &tree->nodes[place.at];
        uint32_t item = ITEM_AT(tree, node, ranges_before, n);
        const struct tree_node *found = &tree->nodes[item];
        uint32_t group = place.group;
        uint32_t nth = is_leaf(tree, item) ? 0 : (n - found->ranges_before) / found->ranges;
        n -= found->ranges_before + nth * found->ranges;
        descend(tree, &place, item, nth);
        if (is_leaf(tree, item))
            return as_leaf(place, group);
    }
}

struct tree_place tree_place_of(const struct tree *tree, uint32_t at, uint32_t task)
{
    struct tree_place place = whole;
    uint32_t group = 0;
    while (place.at != at && !is_leaf(tree, place.at)) {
        const struct tree_node *node = &tree->nodes[place.at];
        uint32_t n = task - place.task;
        uint32_t item = ITEM_AT(tree, node, tasks_before, n);
        group = place.group;
        descend(tree, &place, item, (n - tree->nodes[item].tasks_before) / tree->nodes[item].tasks);
    }
    return is_leaf(tree, place.at) ? as_leaf(place, group) : place;
}

uint32_t tree_leaf(const struct tree *tree, uint32_t task)
{
    uint32_t at = 0;
    uint32_t n = task - 1;
    while (!is_leaf(tree, at)) {
        at = ITEM_AT(tree, &tree->nodes[at], tasks_before, n);
        n = (n - tree->nodes[at].tasks_before) % tree->nodes[at].tasks;
    }
    return at;
}
