#include "handlers/words/frame.h"

static const struct word_frame *frame_of(const struct co *co)
{
    return (const struct word_frame *)co;
}

static const struct tree *tree_of(const struct co *co)
{
    return plan_of(co)->tree;
}

static const struct tree_node *node_of(const struct co *co)
{
    return &tree_of(co)->nodes[frame_of(co)->at];
}

uint32_t task_of(const struct co *co)
{
    return tree_of(co) != NULL ? frame_of(co)->task : co_nth(co) + 1;
}

size_t word_stride(const struct co *co)
{
    return node_of(co)->stride_bytes;
}

uint32_t word_children(const struct co *co)
{
    return node_of(co)->children;
}

int64_t word_number(const struct co *co)
{
    return node_of(co)->number;
}

/* Among an item's frames: one for all where nothing lives on in it, else one for each. */
static uint32_t copy_of(const struct tree_node *item, uint32_t nth)
{
    return item->copies == 1 ? 0 : nth;
}

/* A retry has one child, again and again. */
static struct tree_child child_at(const struct co *co, uint32_t n)
{
    bool repeats = node_of(co)->word == WORD_retry;
    struct tree_child child = tree_child(tree_of(co), frame_of(co)->at, repeats ? 0 : n);
    child.nth = repeats ? n : child.nth;
    return child;
}

struct co *word_child_frame(const struct co *co, uint32_t n)
{
    const struct tree_node *node = node_of(co);
    struct tree_child child = child_at(co, n);
    const struct tree_node *item = &tree_of(co)->nodes[child.at];
    size_t frames = (size_t)frame_of(co)->instance * node->frames + item->copies_before +
                    copy_of(item, child.nth);
    return frame_at(co, node->frames_at + frames * node->stride_bytes);
}

/* Its parent is the word that it stands in. */
void word_find(struct co *co)
{
    struct word_frame *self = (struct word_frame *)co;
    const struct word_frame *parent = frame_of(co_parent(co));
    struct tree_child child = child_at(&parent->co, co_nth(co));
    const struct tree_node *item = &tree_of(co)->nodes[child.at];
    self->at = child.at;
    self->task = parent->task + child.first;
    self->instance = parent->instance * item->copies + copy_of(item, child.nth);
    self->i = 0;
}

static void become_word(struct co *co)
{
    co_become(co, plan_of(co)->endpoint->words[node_of(co)->word]);
}

void word_child(struct co *co)
{
    word_find(co);
    become_word(co);
}

void word_top(struct co *co)
{
    struct word_frame *self = (struct word_frame *)co;
    self->at = self->instance = self->i = 0;
    self->task = 1;
    become_word(co);
}

/* In a limit, behind the frame of whoever waits for room. */
void word_inner(struct co *co)
{
    struct word_frame *self = (struct word_frame *)co;
    const struct word_frame *outer = frame_of(co_parent(co));
    self->at = outer->at;
    self->task = outer->task;
    self->instance = outer->instance;
    self->i = 0;
    become_word(co);
}
