#include "handlers/hi.h"
#include "handlers/words/bodies.h"

/* As /hi: it waits for as long as its plan says. */
void word_hi(struct co *co)
{
    co_become(co, hi_of(co));
}
