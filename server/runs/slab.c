#include "server/runs/slab.h"

#include "server/base/list.h"
#include "text/duration.h"
#include <stdlib.h>
#include <sys/mman.h>

/* Unmapping that much takes a tenth of a millisecond; the pauses leave the loop to others. */
#define SLICE_BYTES    ((size_t)4 << 20)
#define SLICE_PAUSE_NS NS_PER_MS

/* In front of the memory, and in the same allocation. Giving it back is a coroutine in itself. */
struct slab {
    struct co_scope scope;
    struct co co;
    size_t bytes; /* that are still mapped */
    bool is_mapped;
};

#define HEAD_BYTES slab_aligned(sizeof(struct slab))

void *slab_new(size_t bytes)
{
    size_t all = HEAD_BYTES + bytes;
    bool is_mapped = bytes >= SLAB_LARGE_BYTES;
    struct slab *slab =
        is_mapped ? mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                  : malloc(all);
    if (slab == NULL || (is_mapped && slab == MAP_FAILED))
        return NULL;
    slab->bytes = all;
    slab->is_mapped = is_mapped;
    return (char *)slab + HEAD_BYTES;
}

static void unmap_last_slice(struct slab *slab)
{
    size_t kept = (slab->bytes - 1) / SLICE_BYTES * SLICE_BYTES;
    (void)munmap((char *)slab + kept, slab->bytes - kept);
    slab->bytes = kept;
}

/* From the end, so that the head, and this coroutine in it, goes last. */
static void give_back(struct co *co)
{
    struct slab *self = container_of(co, struct slab, co);
    async(co) {
        while (self->bytes > SLICE_BYTES) {
            unmap_last_slice(self);
            await(co_sleep(co, SLICE_PAUSE_NS));
        }
    }
}

static void on_given_back(struct co_scope *scope)
{
    struct slab *slab = container_of(scope, struct slab, scope);
    (void)munmap(slab, slab->bytes);
}

void slab_free(void *memory, struct co_uv *co_uv)
{
    struct slab *slab = (struct slab *)(void *)((char *)memory - HEAD_BYTES);
    if (!slab->is_mapped) {
        free(slab);
        return;
    }
    slab->scope = (struct co_scope){.loop = &co_uv->loop, .on_done = on_given_back};
    co_start(&slab->scope, give_back, &slab->co);
    co_uv_wake(co_uv);
}
