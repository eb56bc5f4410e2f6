#include "plans/words.h"

#define WORD_ROW(name, takes, most) {#name, TAKES_##takes, most},

const struct word_shape word_shapes[WORDS] = {EACH_WORD(WORD_ROW)};
