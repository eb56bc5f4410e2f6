/*
 * Memory for a run that has its own, as malloc() would give it, but for two things: that there is
 * none is an answer, not the end; and a large slab holds up no loop. It is a mapping of its own,
 * whose pages come as they are touched, and which is given back slice by slice, with pauses for
 * others.
 *
 * Thread: a slab is made and freed on the same loop; in between any may use it.
 */
#pragma once

#include "async/uv.h"
#include <stddef.h>

/* From here on a slab is large. */
#define SLAB_LARGE_BYTES ((size_t)1 << 20)

/* The least number of bytes that leaves what lies behind them aligned as malloc() aligns. */
static inline size_t slab_aligned(size_t bytes)
{
    return (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

/* Aligned as malloc() aligns, not zeroed; NULL when there is no memory. */
void *slab_new(size_t bytes);

/* Of a large one, the last slice goes some milliseconds later: until then the loop has a coroutine
   alive. */
void slab_free(void *memory, struct co_uv *co_uv);
