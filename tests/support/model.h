/*
 * A model of the await runtime, too simple to be wrong in the same way: one unsorted list of who is
 * to go on and since when, searched for the first, and a function that takes a node of tree.h from
 * one await to the next. It reads the tree's text and keeps its own account of each node.
 */
#pragma once

#include "tests/support/tree.h"

#define MODEL_TURNS  1024
#define MODEL_EVENTS 4096

/* A node began, went on or ended. */
struct event {
    const struct node *node;
    const char *at;
    int64_t now_ns;
};

struct events {
    size_t count;
    struct event list[MODEL_EVENTS];
};

static inline void events_add(struct events *events, const struct node *node, const char *at,
                              int64_t now_ns)
{
    assert_true(events->count < MODEL_EVENTS);
    events->list[events->count++] = (struct event){node, at, now_ns};
}

struct model_node {
    const struct node *node;
    struct model_node *parent;
    struct model_node *children; /* of the step that it is at, and of those to come */
    const char *at;
    uint32_t unstarted; /* of the children of this step */
    uint32_t unfinished;
    enum node_state state; /* at work from the start, even if it has not begun */
    bool begun;
};

/* Who is to go on, and since when. */
struct model_turn {
    int64_t since_ns;
    uint64_t order;
    struct model_node *self;
};

struct model {
    int64_t now_ns;
    uint64_t order;
    uint64_t live;
    size_t turn_count;
    struct model_turn turns[MODEL_TURNS];
    struct events events;
};

static inline void model_init(struct model *model)
{
    model->now_ns = 0;
    model->order = model->live = 0;
    model->turn_count = model->events.count = 0;
}

/* Nodes of a tree and of its model have the same numbers. */
static inline void model_grow(struct model_node *nodes, const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct node *node = &tree->nodes[i];
        nodes[i] = (struct model_node){.node = node, .at = node->at};
        nodes[i].children = nodes + (node->children - tree->nodes);
        if (node->parent != NULL)
            nodes[i].parent = nodes + (node->parent - tree->nodes);
    }
}

static inline void model_queue(struct model *model, struct model_node *self, int64_t since_ns)
{
    assert_true(model->turn_count < MODEL_TURNS);
    model->turns[model->turn_count++] = (struct model_turn){since_ns, model->order++, self};
}

static inline void model_start(struct model *model, struct model_node *top)
{
    top->state = NODE_AT_WORK;
    model->live++;
    model_queue(model, top, model->now_ns);
}

static inline void model_write(struct model *model, const struct model_node *self)
{
    events_add(&model->events, self->node, self->at, model->now_ns);
}

static inline void model_end(struct model *model, struct model_node *self)
{
    if (self->begun)
        model_write(model, self);
    self->state = NODE_GONE;
    model->live--;
}

static inline void model_go_on(struct model *model, struct model_node *self);

static inline void model_child_ended(struct model *model, struct model_node *parent)
{
    if (parent != NULL && *parent->at == '(')
        model_go_on(model, parent);
    else if (parent != NULL && --parent->unfinished == 0)
        model_queue(model, parent, model->now_ns);
}

static inline void model_begin_child(struct model *model, struct model_node *parent);

/* Up to the next await. */
static inline void model_run(struct model *model, struct model_node *self)
{
    model_write(model, self);
    self->unstarted = self->unfinished = step_children(self->at);
    if (script_is_over(self->at)) {
        model_end(model, self);
        model_child_ended(model, self->parent);
    } else if (*self->at == '(') {
        model_begin_child(model, self);
    } else {
        int64_t length_ns = *self->at == '[' ? 0 : (*self->at - '0') * MS;
        model_queue(model, self, model->now_ns + length_ns);
    }
}

static inline void model_go_on(struct model *model, struct model_node *self)
{
    if (self->begun) {
        self->children += step_children(self->at);
        self->at = step_end(self->at);
    }
    self->begun = true;
    model_run(model, self);
}

static inline void model_begin_child(struct model *model, struct model_node *parent)
{
    uint32_t nth = step_children(parent->at) - parent->unstarted--;
    struct model_node *child = &parent->children[nth];
    child->state = NODE_AT_WORK;
    model->live++;
    model_go_on(model, child);
}

static inline struct model_turn *model_first_turn(struct model *model)
{
    struct model_turn *first = NULL;
    for (struct model_turn *turn = model->turns; turn < model->turns + model->turn_count; turn++) {
        if (first == NULL || turn->since_ns < first->since_ns ||
            (turn->since_ns == first->since_ns && turn->order < first->order))
            first = turn;
    }
    return first;
}

static inline bool model_step(struct model *model, int64_t now_ns)
{
    model->now_ns = now_ns;
    struct model_turn *turn = model_first_turn(model);
    if (turn == NULL || turn->since_ns > now_ns)
        return false;
    struct model_node *self = turn->self;
    bool starts_child = self->begun && self->unstarted > 0;
    if (!starts_child || self->unstarted == 1)
        *turn = model->turns[--model->turn_count];
    if (starts_child)
        model_begin_child(model, self);
    else
        model_go_on(model, self);
    return true;
}

/* Cancels children before parents, the youngest first. */
static inline void model_drop(struct model *model, struct model_node *self)
{
    for (uint32_t i = self->begun ? step_children(self->at) : 0; i-- > 0;) {
        if (self->children[i].state == NODE_AT_WORK)
            model_drop(model, &self->children[i]);
    }
    for (size_t i = model->turn_count; i-- > 0;) {
        if (model->turns[i].self == self)
            model->turns[i] = model->turns[--model->turn_count];
    }
    model_end(model, self);
}

static inline void model_cancel(struct model *model, struct model_node *self)
{
    if (self->state != NODE_AT_WORK)
        return;
    model_drop(model, self);
    if (self->parent != NULL && *self->parent->at == '(')
        model_queue(model, self->parent, model->now_ns);
    else
        model_child_ended(model, self->parent);
}
