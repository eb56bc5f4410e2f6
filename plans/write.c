#include "plans/write.h"

#include "text/duration.h"
#include "text/put.h"
#include <stdlib.h>

/* The longest that one node adds: a repeat, a word, a delay or number, its signs, and its end. */
#define NODE_BYTES 80

uint32_t plan_next(const struct tree *tree, uint32_t at, uint32_t *closed)
{
    *closed = 0;
    if (tree->nodes[at].items > 0)
        return tree->nodes[at].first;
    while (at != 0) {
        const struct tree_node *parent = &tree->nodes[tree->nodes[at].parent];
        if (at + 1 < parent->first + parent->items)
            return at + 1;
        at = tree->nodes[at].parent;
        ++*closed;
    }
    return tree->node_count;
}

static char *put_delay(char *at, int64_t delay_ns)
{
    char text[DURATION_TEXT_BYTES];
    duration_print(delay_ns, text);
    return put_text(at, text);
}

static char *put_node(char *at, const struct tree_node *node)
{
    const struct word_shape *shape = &word_shapes[node->word];
    if (node->repeat > 1) {
        at = put_number(at, node->repeat);
        *at++ = '*';
    }
    at = put_text(at, shape->name);
    *at++ = '(';
    if (shape->takes == TAKES_NUMBER)
        at = put_number(at, (uint64_t)node->number);
    else if (shape->takes != TAKES_NOTHING)
        at = put_delay(at, node->number);
    if (shape->plans_most == 0)
        *at++ = ')';
    else if (shape->takes != TAKES_NOTHING)
        *at++ = ',';
    return at;
}

bool plan_write(struct tree *tree)
{
    char *text = malloc((size_t)tree->node_count * NODE_BYTES);
    char *end = text;
    uint32_t closed = 0;
    uint32_t next = 0;
    if (text == NULL)
        return false;
    for (uint32_t at = 0; at < tree->node_count; at = next) {
        end = put_node(end, &tree->nodes[at]);
        next = plan_next(tree, at, &closed);
        for (; closed > 0; closed--)
            *end++ = ')';
        bool is_first_child = next == tree->nodes[at].first && tree->nodes[at].items > 0;
        if (next < tree->node_count && !is_first_child)
            *end++ = ',';
    }
    tree->text_bytes = (size_t)(end - text);
    char *fitted = realloc(text, tree->text_bytes);
    tree->text = fitted != NULL ? fitted : text;
    return true;
}
