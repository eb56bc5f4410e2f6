/*
 * A diary: a scope whose coroutines write down what they do and when, as one line of text like
 * "0:H1 0:H2 1000:W1", in milliseconds since the loop's time 0.
 */
#pragma once

#include "async/async.h"
#include "tests/support/virtual_clock.h"
#include <inttypes.h>
#include <stdio.h>

struct diary {
    struct co_scope scope;
    int done;           /* how often on_done() was called */
    uint32_t forgotten; /* how often on_never_awaited() was called */
    size_t length;
    char text[2048];
};

static inline void diary_on_done(struct co_scope *scope)
{
    ((struct diary *)scope)->done++;
}

static inline void diary_on_never_awaited(struct co_scope *scope, struct co *co)
{
    (void)co;
    ((struct diary *)scope)->forgotten++;
}

static inline void diary_init(struct diary *diary, struct co_loop *loop)
{
    *diary = (struct diary){.scope = {.loop = loop,
                                      .on_done = diary_on_done,
                                      .on_never_awaited = diary_on_never_awaited}};
}

/* note(co, "H", 1) at 1 s writes "1000:H1". */
static inline void note(struct co *co, const char *word, int name)
{
    struct diary *diary = (struct diary *)co_scope_of(co);
    size_t room = sizeof diary->text - diary->length;
    int used = snprintf(diary->text + diary->length, room, "%s%" PRId64 ":%s%d",
                        diary->length > 0 ? " " : "", co_now_ns(co) / MS, word, name);
    diary->length += (size_t)used < room ? (size_t)used : room - 1;
}

/* hi(), with a name: says H and its name, sleeps, says W and its name. */
struct nap {
    struct co co;
    int name;
    int64_t length_ns;
};

static inline void nap(struct co *co)
{
    struct nap *self = (struct nap *)co;
    async(co) {
        note(co, "H", self->name);
        await(co_sleep(co, self->length_ns));
        note(co, "W", self->name);
    }
}
