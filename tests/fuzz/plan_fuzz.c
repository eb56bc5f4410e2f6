/*
 * The text of a plan: what is read keeps to the limits, is written so that it reads the same, and
 * its numbers agree with each other; what is refused is refused at a place in the text.
 */
#include "handlers/words/words.h"
#include "plans/read.h"
#include "plans/write.h"

#include "tests/fuzz/fuzz.h"
#include "text/duration.h"
#include <string.h>

static const struct plan_limits limits = {
    .default_delay_ns = NS_PER_SECOND,
    .max_delay_ns = 10 * NS_PER_SECOND,
    .max_count = 1000000,
};

/* Each child, range and group is found where it was counted. Some of many will do. */
static void check_numbers(const struct tree *tree)
{
    const struct tree_node *top = tree->nodes;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const struct tree_node *node = &tree->nodes[i];
        FUZZ_CHECK(node->items == 0 || node->first > i, "a child before its parent");
        FUZZ_CHECK(node->runs >= node->tasks, "a leaf that never runs");
        for (uint32_t n = 0; n < node->children && n < 50; n++) {
            struct tree_child child = tree_child(tree, i, n);
            FUZZ_CHECK(tree->nodes[child.at].parent == i, "another's child");
            FUZZ_CHECK(child.nth < tree->nodes[child.at].repeat, "one repeat too many");
        }
    }
    for (uint32_t n = 0; n < top->ranges && n < 50; n++) {
        struct tree_place place = tree_range(tree, n);
        FUZZ_CHECK(tree_leaf(tree, place.task) == place.at, "a leaf with another's number");
        FUZZ_CHECK(tree_place_of(tree, place.at, place.task).parent_group == place.parent_group,
                   "a leaf in another group");
    }
    for (uint32_t n = 1; n <= top->groups && n < 50; n++) {
        struct tree_place place = tree_group(tree, n);
        FUZZ_CHECK(place.group == n && place.parent_group < n, "a group with another's number");
        FUZZ_CHECK(tree_place_of(tree, place.at, place.task).group == n, "a group elsewhere");
    }
}

static void check_again(const struct tree *tree)
{
    struct tree again;
    struct plan_fault fault;
    if (tree->text_bytes > PLAN_BYTES)
        return;
    bool is_read = plan_read((struct text){tree->text, tree->text_bytes}, &limits, &again, &fault);
    FUZZ_CHECK(is_read, "what was written cannot be read");
    FUZZ_CHECK(again.text_bytes == tree->text_bytes &&
                   memcmp(again.text, tree->text, tree->text_bytes) == 0,
               "it is written otherwise the second time");
    FUZZ_CHECK(again.node_count == tree->node_count, "it is another tree");
    tree_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct text text = {(const char *)bytes, size};
    struct plan_fault fault;
    struct tree tree;
    if (size == 0)
        text.bytes = "";
    if (plan_read(text, &limits, &tree, &fault)) {
        tree_work_out(&tree, word_frame_bytes, word_limited_bytes);
        if (tree.nodes->runs < UINT32_MAX)
            check_numbers(&tree);
        check_again(&tree);
        tree_free(&tree);
    } else {
        FUZZ_CHECK(fault.at <= size && fault.length <= size - fault.at, "a fault outside");
        FUZZ_CHECK(plan_position(text, fault.at).column >= 1, "a column before the first");
    }
    return 0;
}
