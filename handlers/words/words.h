/*
 * The coroutines behind the words of a plan, one file each. Thread: any; constant.
 */
#pragma once

#include "async/async.h"
#include "plans/words.h"

/* The bodies and the sizes of their frames, by enum word. */
extern co_body *const word_bodies[WORDS];
extern const size_t word_frame_bytes[WORDS];

/* What each child of a limit has in front of its own frame. */
extern const size_t word_limited_bytes;
