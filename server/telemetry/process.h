/*
 * What the kernel says of this process, for the metrics. Reads /proc. Thread: any.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* How many descriptors are open, as it was counted last; zeroed at the start. The kernel lists
   them one by one, which takes milliseconds where there are thousands. */
struct descriptors {
    atomic_llong counted_at_ns;
    atomic_ullong count;
};

struct process {
    double cpu_seconds;
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_fds;
    uint64_t max_fds;
};

/* What cannot be read is 0. Descriptors are counted at most once a second, all threads together. */
struct process process_read(struct descriptors *descriptors);
