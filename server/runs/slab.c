#include "server/runs/slab.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Unmapping that much takes a tenth of a millisecond; the pauses leave the loop to others. */
#define SLICE_BYTES    ((size_t)4 << 20)
#define SLICE_PAUSE_NS 1000000

/* In front of the memory, and in the same allocation. Giving it back is a coroutine in itself. */
struct block {
    struct co_scope scope;
    struct co co;
    size_t bytes; /* that are still mapped */
    bool is_mapped;
};

#define HEAD_BYTES ((sizeof(struct block) + 15) & ~(size_t)15)

static struct block *map(size_t bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void *block_new(size_t bytes)
{
    size_t all = HEAD_BYTES + bytes;
    bool is_mapped = bytes >= BLOCK_LARGE_BYTES;
    struct block *block = is_mapped ? map(all) : malloc(all);
    if (block == NULL)
        return NULL;
    block->bytes = all;
    block->is_mapped = is_mapped;
    return (char *)block + HEAD_BYTES;
}

static void unmap_last_slice(struct block *block)
{
    size_t kept = (block->bytes - 1) / SLICE_BYTES * SLICE_BYTES;
    (void)munmap((char *)block + kept, block->bytes - kept);
    block->bytes = kept;
}

/* From the end, so that the head, and this coroutine in it, goes last. */
static void give_back(struct co *co)
{
    struct block *self = (struct block *)(void *)((char *)co - offsetof(struct block, co));
    async(co) {
        while (self->bytes > SLICE_BYTES) {
            unmap_last_slice(self);
            await(co_sleep(co, SLICE_PAUSE_NS));
        }
    }
}

static void on_given_back(struct co_scope *scope)
{
    struct block *block = (struct block *)scope;
    (void)munmap(block, block->bytes);
}

void block_free(void *memory, struct co_uv *co_uv)
{
    struct block *block = (struct block *)(void *)((char *)memory - HEAD_BYTES);
    if (!block->is_mapped) {
        free(block);
        return;
    }
    block->scope = (struct co_scope){.loop = &co_uv->loop, .on_done = on_given_back};
    co_start(&block->scope, give_back, &block->co);
    co_uv_wake(co_uv);
}
