/*
 * What libh2o's private header h2o/http2_internal.h wants of klib's khash.h, which Debian does not
 * ship: how a table lies in memory, so that libh2o's streams can be walked. Tables are made, filled
 * and searched by libh2o alone.
 *
 * Layout: klib 0.2.x, the same since 2011. A bucket's two flags say "never used" and "deleted".
 * Thread: whoever owns the table.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t khiter_t;

#define khash_t(name) struct table_of_##name

#define KHASH_MAP_INIT_INT64(name, value_type)                                                     \
    struct table_of_##name {                                                                       \
        uint32_t buckets;                                                                          \
        uint32_t size;                                                                             \
        uint32_t occupied;                                                                         \
        uint32_t upper_bound;                                                                      \
        uint32_t *flags;                                                                           \
        uint64_t *keys;                                                                            \
        value_type *values;                                                                        \
    };

static inline bool khash_has(const uint32_t *flags, uint32_t bucket)
{
    return (flags[bucket >> 4] >> ((bucket & 15) << 1) & 3) == 0;
}

/* Each value of the table that is there. */
#define khash_each(table, bucket)                                                                  \
    for (uint32_t bucket = 0; bucket < (table)->buckets; bucket++)                                 \
        if (khash_has((table)->flags, bucket))

/* Named by an inline function of libh2o's that nobody here calls: it finds nothing. */
#define kh_get(name, table, key) ((void)(table), (void)(key), 0U)
#define kh_end(table)            ((void)(table), 0U)
#define kh_val(table, bucket)    ((table)->values[bucket])
