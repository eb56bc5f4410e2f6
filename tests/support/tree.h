/*
 * Trees of coroutines, written as text and grown from it: so that a test can list shapes, or make
 * them up at random and print the one that failed.
 *
 *     7          sleep 7 ms; 0 lets the others go first
 *     (...)      call a child that does what is in the parentheses
 *     [...|...]  gather such children; [] gathers none
 *
 * "[1(2)|3]4" gathers one that sleeps 1 and calls one that sleeps 2, and one that sleeps 3; then
 * sleeps 4. Each node checks by itself that it begins once, that its finally runs once, and that
 * none of its children is still at work when it goes on or ends.
 */
#pragma once

#include "async/async.h"
#include "tests/support/virtual_clock.h"
#include <string.h>

#define TREE_NODES 256

enum node_state {
    NODE_NEW,
    NODE_AT_WORK,
    NODE_GONE,
};

struct node {
    struct co co;
    struct family *tree;
    struct node *parent;
    const char *at;        /* the step that it is at */
    struct node *children; /* of all steps, in order */
    struct node *next;     /* the first of this step or of one to come */
    struct node *end;
    enum node_state state;
};

struct family {
    struct co_scope scope;
    int done;
    int cancelled;
    void (*on_step)(struct node *node); /* a node begins, goes on or ends; may be NULL */
    size_t count;
    struct node nodes[TREE_NODES];
};

/* ---- the text -------------------------------------------------------------------------------- */

/* From within a script to its end: the ')', '|' or ']' after it, or the end of the text. */
static inline const char *script_end(const char *at)
{
    int depth = 0;
    for (; *at != '\0' && (depth > 0 || strchr(")|]", *at) == NULL); at++)
        depth += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
    return at;
}

static inline bool script_is_over(const char *at)
{
    return script_end(at) == at;
}

static inline bool step_is_sleep(const char *at)
{
    return *at != '(' && *at != '[';
}

static inline const char *step_end(const char *at)
{
    if (step_is_sleep(at))
        return at + 1;
    do
        at = script_end(at + 1);
    while (*at == '|');
    return at + 1;
}

static inline uint32_t step_children(const char *at)
{
    if (step_is_sleep(at) || (at[0] == '[' && at[1] == ']'))
        return 0;
    uint32_t count = 1;
    while (*(at = script_end(at + 1)) == '|')
        count++;
    return count;
}

/* ---- growing --------------------------------------------------------------------------------- */

static inline void node_grow(struct family *tree, struct node *node);

static inline void step_grow(struct family *tree, struct node *parent, const char *at,
                             struct node *children)
{
    uint32_t count = step_children(at);
    for (uint32_t i = 0; i < count; i++, at = script_end(at + 1)) {
        children[i] = (struct node){.tree = tree, .parent = parent, .at = at + 1};
        node_grow(tree, &children[i]);
    }
}

/* All children of a node lie side by side, as gather() needs those of one step. */
static inline void node_grow(struct family *tree, struct node *node)
{
    node->children = node->next = node->end = &tree->nodes[tree->count];
    for (const char *at = node->at; !script_is_over(at); at = step_end(at))
        node->end += step_children(at);
    tree->count += (size_t)(node->end - node->children);
    assert_true(tree->count <= TREE_NODES);
    struct node *children = node->children;
    for (const char *at = node->at; !script_is_over(at); at = step_end(at)) {
        step_grow(tree, node, at, children);
        children += step_children(at);
    }
}

/* ---- running --------------------------------------------------------------------------------- */

static inline bool node_children_are_at_rest(const struct node *node)
{
    for (const struct node *child = node->children; child < node->end; child++) {
        if (child->state == NODE_AT_WORK)
            return false;
    }
    return true;
}

static inline void node_enters(struct node *node, enum node_state from, enum node_state to)
{
    assert_int_equal(node->state, from);
    assert_true(node_children_are_at_rest(node));
    node->state = to;
    if (node->tree->on_step != NULL)
        node->tree->on_step(node);
}

static inline void node_body(struct co *co)
{
    struct node *self = (struct node *)co;
    async(co) {
        node_enters(self, NODE_NEW, NODE_AT_WORK);
        while (!script_is_over(self->at)) {
            if (step_is_sleep(self->at))
                await(co_sleep(co, (*self->at - '0') * MS));
            else if (*self->at == '(')
                await(call(co, node_body, self->next));
            else
                await(gather(co, node_body, self->next, step_children(self->at)));
            self->next += step_children(self->at);
            self->at = step_end(self->at);
            node_enters(self, NODE_AT_WORK, NODE_AT_WORK);
        }
        finally
        {
            node_enters(self, NODE_AT_WORK, NODE_GONE);
        }
    }
}

static inline void tree_on_done(struct co_scope *scope)
{
    ((struct family *)scope)->done++;
}

static inline void tree_on_cancelled(struct co_scope *scope)
{
    ((struct family *)scope)->cancelled++;
}

static inline void tree_start(struct family *tree, struct co_loop *loop, const char *script)
{
    tree->scope =
        (struct co_scope){.loop = loop, .on_done = tree_on_done, .on_cancelled = tree_on_cancelled};
    tree->done = tree->cancelled = 0;
    tree->on_step = NULL;
    tree->count = 1;
    tree->nodes[0] = (struct node){.tree = tree, .at = script};
    node_grow(tree, &tree->nodes[0]);
    co_start(&tree->scope, node_body, &tree->nodes[0].co);
}

static inline size_t tree_count(const struct family *tree, enum node_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++)
        count += tree->nodes[i].state == state;
    return count;
}
