#include "handlers/hi.h"
#include "handlers/plan.h"
#include "handlers/words/frame.h"
#include "handlers/words/words.h"

/* What its caller drew: words in words, each a coroutine (handlers/words). */
const struct endpoint run_endpoint = {
    .name = "run",
    .takes_plan = true,
    .says_each = HI_SAYS,
    .bodies = {word_top},
    .words = word_bodies,
};
