/*
 * The words of a plan, and what each takes. To add one:
 *   1. add a row to EACH_WORD;
 *   2. write handlers/words/NAME.c, and name it in handlers/words/words.c;
 *   3. say in tree.c how long it takes, and in views/program_words.c what its Python is.
 *
 * Thread: any; constant.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A name, what stands before its plans, and how many plans it takes. */
#define EACH_WORD(DO)                                                                              \
    DO(hi, DELAY_OR_NONE, 0)                                                                       \
    DO(fail, DELAY_OR_NONE, 0)                                                                     \
    DO(sequence, NOTHING, UINT32_MAX)                                                              \
    DO(parallel, NOTHING, UINT32_MAX)                                                              \
    DO(collect, NOTHING, UINT32_MAX)                                                               \
    DO(group, NOTHING, UINT32_MAX)                                                                 \
    DO(race, NOTHING, UINT32_MAX)                                                                  \
    DO(timeout, DELAY, 1)                                                                          \
    DO(limit, NUMBER, UINT32_MAX)                                                                  \
    DO(catch, NOTHING, 1)                                                                          \
    DO(retry, NUMBER, 1)                                                                           \
    DO(shield, NOTHING, 1)

#define WORD_ENUM(name, takes, most) WORD_##name,
enum word { EACH_WORD(WORD_ENUM) WORDS };

enum word_takes {
    TAKES_NOTHING,
    TAKES_DELAY,
    TAKES_DELAY_OR_NONE,
    TAKES_NUMBER, /* 1 to WORD_NUMBER_MOST */
};

#define WORD_NUMBER_MOST 1000

struct word_shape {
    const char *name;
    enum word_takes takes;
    uint32_t plans_most; /* 0: it is a leaf, a task of its own */
};

extern const struct word_shape word_shapes[WORDS];
