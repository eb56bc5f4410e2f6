/*
 * A model of the await runtime, too simple to be wrong in the same way: unsorted lists of who is to
 * go on and since when, searched for the first, and a function that takes a node of tree.h from one
 * await to the next. It reads the tree's text and keeps its own account of each node.
 */
#pragma once

#include "tests/support/tree.h"

#define MODEL_PLACES 1024
#define MODEL_EVENTS 4096
#define MODEL_SCOPES 8
#define MODEL_NEVER  INT64_MAX

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
    struct model_scope *scope;
    struct model_node *parent;
    struct model_node *children; /* of the step that it is at, and of those to come */
    const char *at;
    uint32_t unstarted; /* of the children of this step */
    uint32_t unfinished;
    enum node_state state; /* at work from the start, even if it has not begun */
    bool begun;
};

/* Who is to go on, and since when. */
struct model_place {
    int64_t since_ns;
    uint64_t order;
    struct model_node *self;
    bool tells; /* that its last child has ended */
};

/* A tree among others. */
struct model_scope {
    int64_t since_ns; /* or from when on; MODEL_NEVER: not at all */
    uint64_t order;
    uint32_t left; /* bodies to run in this turn */
    size_t place_count;
    struct model_place places[MODEL_PLACES];
    size_t move_count; /* while it is being cancelled: */
    size_t moved;
    struct model_node *moves[2 * MODEL_PLACES]; /* who is dropped, or NULL for a move without */
};

struct model {
    int64_t now_ns;
    uint64_t order;
    uint64_t live;
    uint32_t turn;
    size_t scope_count;
    struct model_scope scopes[MODEL_SCOPES];
    struct events events;
};

static inline void model_init(struct model *model, uint32_t turn)
{
    model->now_ns = 0;
    model->turn = turn;
    model->order = model->live = 0;
    model->scope_count = model->events.count = 0;
}

/* Nodes of a tree and of its model have the same numbers. */
static inline void model_grow(struct model *model, struct model_node *nodes,
                              const struct family *tree)
{
    assert_true(model->scope_count < MODEL_SCOPES);
    struct model_scope *scope = &model->scopes[model->scope_count++];
    scope->place_count = scope->move_count = scope->moved = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct node *node = &tree->nodes[i];
        nodes[i] = (struct model_node){.node = node, .scope = scope, .at = node->at};
        nodes[i].children = nodes + (node->children - tree->nodes);
        if (node->parent != NULL)
            nodes[i].parent = nodes + (node->parent - tree->nodes);
    }
}

static inline bool model_is_before(int64_t a_ns, uint64_t a, int64_t b_ns, uint64_t b)
{
    return a_ns != b_ns ? a_ns < b_ns : a < b;
}

/* ---- in a scope ------------------------------------------------------------------------------ */

static inline void model_queue(struct model *model, struct model_node *self, int64_t since_ns)
{
    struct model_scope *scope = self->scope;
    assert_true(scope->place_count < MODEL_PLACES);
    scope->places[scope->place_count++] =
        (struct model_place){.since_ns = since_ns, .order = model->order++, .self = self};
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

/* Returns the parent if it goes on in its child's place. */
static inline struct model_node *model_child_ended(struct model *model, struct model_node *parent)
{
    if (parent != NULL && *parent->at == '(')
        return parent;
    if (parent != NULL && --parent->unfinished == 0) {
        model_queue(model, parent, model->now_ns);
        parent->scope->places[parent->scope->place_count - 1].tells = true;
    }
    return NULL;
}

static inline struct model_node *model_begin_child(struct model *model, struct model_node *parent)
{
    uint32_t nth = step_children(parent->at) - parent->unstarted--;
    struct model_node *child = &parent->children[nth];
    child->state = NODE_AT_WORK;
    model->live++;
    return child;
}

/* Up to the next await. Returns who goes on in its place. */
static inline struct model_node *model_run(struct model *model, struct model_node *self)
{
    if (self->begun) {
        self->children += step_children(self->at);
        self->at = step_end(self->at);
    }
    self->begun = true;
    model_write(model, self);
    self->unstarted = self->unfinished = step_children(self->at);
    if (script_is_over(self->at)) {
        model_end(model, self);
        return model_child_ended(model, self->parent);
    }
    if (*self->at == '(')
        return model_begin_child(model, self);
    int64_t length_ns = *self->at == '[' ? 0 : (*self->at - '0') * MS;
    model_queue(model, self, model->now_ns + length_ns);
    return NULL;
}

/* Who has no room left in this turn is the very first in the next. */
static inline void model_go_on(struct model *model, struct model_node *self)
{
    struct model_scope *scope = self->scope;
    for (; self != NULL && scope->left > 0; scope->left--)
        self = model_run(model, self);
    if (self != NULL)
        model_queue(model, self, -1);
}

static inline struct model_place *model_first_place(struct model_scope *scope)
{
    struct model_place *first = NULL;
    for (struct model_place *at = scope->places; at < scope->places + scope->place_count; at++) {
        if (first == NULL ||
            model_is_before(at->since_ns, at->order, first->since_ns, first->order))
            first = at;
    }
    return first;
}

static inline void model_take_step(struct model *model, struct model_scope *scope)
{
    struct model_place *place = model_first_place(scope);
    struct model_node *self = place->self;
    bool starts_child = self->begun && self->unstarted > 0;
    if (place->tells) {
        *place = scope->places[--scope->place_count];
        scope->left--;
        model_queue(model, self, model->now_ns);
        return;
    }
    if (!starts_child || self->unstarted == 1)
        *place = scope->places[--scope->place_count];
    model_go_on(model, starts_child ? model_begin_child(model, self) : self);
}

/* ---- between scopes -------------------------------------------------------------------------- */

static inline int64_t model_next_ns(struct model_scope *scope)
{
    if (scope->move_count > 0)
        return scope->moved < scope->move_count ? 0 : MODEL_NEVER;
    const struct model_place *first = model_first_place(scope);
    return first == NULL ? MODEL_NEVER : first->since_ns;
}

/* Behind all that can go on by now, or when it is to wake. */
static inline void model_enter(struct model *model, struct model_scope *scope)
{
    int64_t next_ns = model_next_ns(scope);
    scope->left = model->turn;
    scope->order = model->order++;
    scope->since_ns = next_ns > model->now_ns ? next_ns : model->now_ns;
}

static inline void model_update(struct model *model, struct model_scope *scope)
{
    int64_t next_ns = model_next_ns(scope);
    bool waits_for_turn = scope->since_ns <= model->now_ns;
    if (waits_for_turn ? next_ns > model->now_ns : next_ns != scope->since_ns)
        model_enter(model, scope);
}

static inline void model_start(struct model *model, struct model_node *top)
{
    top->state = NODE_AT_WORK;
    model->live++;
    model_queue(model, top, model->now_ns);
    model_enter(model, top->scope);
}

static inline struct model_scope *model_first_scope(struct model *model)
{
    struct model_scope *first = NULL;
    for (struct model_scope *at = model->scopes; at < model->scopes + model->scope_count; at++) {
        if (first == NULL ||
            model_is_before(at->since_ns, at->order, first->since_ns, first->order))
            first = at;
    }
    return first;
}

static inline void model_move(struct model *model, struct model_scope *scope)
{
    struct model_node *dropped = scope->moves[scope->moved++];
    scope->left--;
    if (dropped != NULL)
        model_end(model, dropped);
}

static inline bool model_step(struct model *model, int64_t now_ns)
{
    model->now_ns = now_ns;
    struct model_scope *scope = model_first_scope(model);
    if (scope == NULL || scope->since_ns > now_ns)
        return false;
    if (scope->move_count > 0)
        model_move(model, scope);
    else
        model_take_step(model, scope);
    if (model_next_ns(scope) > now_ns || scope->left == 0)
        model_enter(model, scope);
    return true;
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static inline void model_forget(struct model_node *self)
{
    struct model_scope *scope = self->scope;
    for (size_t i = scope->place_count; i-- > 0;) {
        if (scope->places[i].self == self)
            scope->places[i] = scope->places[--scope->place_count];
    }
}

/* Children before parents, the youngest first. */
static inline size_t model_plan_drop(struct model_node *self, struct model_node **moves)
{
    size_t count = 0;
    uint32_t begun = self->begun ? step_children(self->at) - self->unstarted : 0;
    for (uint32_t i = begun; i-- > 0;) {
        moves[count++] = NULL;
        if (self->children[i].state == NODE_AT_WORK)
            count += model_plan_drop(&self->children[i], moves + count);
    }
    model_forget(self);
    moves[count++] = self;
    return count;
}

static inline void model_cancel(struct model *model, struct model_node *self)
{
    struct model_node *moves[2 * MODEL_PLACES];
    if (self->state != NODE_AT_WORK)
        return;
    size_t count = model_plan_drop(self, moves);
    for (size_t i = 0; i < count; i++) {
        if (moves[i] != NULL)
            model_end(model, moves[i]);
    }
    struct model_node *caller = model_child_ended(model, self->parent);
    if (caller != NULL)
        model_queue(model, caller, model->now_ns);
    model_update(model, self->scope);
}

static inline void model_cancel_scope(struct model *model, struct model_node *top)
{
    struct model_scope *scope = top->scope;
    if (top->state != NODE_AT_WORK || scope->move_count > 0)
        return;
    scope->move_count = model_plan_drop(top, scope->moves);
    model_update(model, scope);
}
