#include "handlers/words/words.h"

#include "handlers/words/bodies.h"

#define BODY_OF(name, takes, most) [WORD_##name] = word_##name,

co_body *const word_bodies[WORDS] = {EACH_WORD(BODY_OF)};

const size_t word_frame_bytes[WORDS] = {
    [WORD_hi] = sizeof(struct word_frame),       [WORD_fail] = sizeof(struct word_frame),
    [WORD_sequence] = sizeof(struct word_frame), [WORD_parallel] = sizeof(struct word_frame),
    [WORD_collect] = sizeof(struct word_frame),  [WORD_group] = sizeof(struct word_frame),
    [WORD_race] = sizeof(struct word_frame),     [WORD_timeout] = sizeof(struct timeout_frame),
    [WORD_limit] = sizeof(struct limit_frame),   [WORD_catch] = sizeof(struct word_frame),
    [WORD_retry] = sizeof(struct word_frame),    [WORD_shield] = sizeof(struct word_frame),
};

const size_t word_limited_bytes = sizeof(struct word_frame);
