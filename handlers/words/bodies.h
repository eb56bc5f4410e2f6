/*
 * The bodies of all words, and those frames that have more than the others. Thread: the run's loop.
 */
#pragma once

#include "handlers/words/frame.h"

#define DECLARE_BODY(name, takes, most) void word_##name(struct co *co);
EACH_WORD(DECLARE_BODY)

struct timeout_frame {
    struct word_frame word;
    struct co_timer timer;
};

struct limit_frame {
    struct word_frame word;
    struct co_semaphore room;
};
