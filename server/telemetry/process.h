/*
 * What the kernel says of this process, for the metrics. Reads /proc. Thread: any.
 */
#pragma once

#include <stdint.h>

struct process {
    double cpu_seconds;
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_fds;
    uint64_t max_fds;
};

/* What cannot be read is 0. */
struct process process_read(void);
