#include "server/telemetry/process.h"

#include "async/clock.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define COUNTED_FOR_NS 1000000000

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void count(struct descriptors *descriptors)
{
    uint64_t entries = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return;
    while (readdir(folder) != NULL)
        entries++;
    (void)closedir(folder);
    /* not ".", "..", nor the folder itself */
    atomic_store(&descriptors->count, entries > 3 ? entries - 3 : 0);
}

/* Of several threads the first counts, and the others take what there was. */
static void count_if_old(struct descriptors *descriptors)
{
    long long then_ns = atomic_load(&descriptors->counted_at_ns);
    int64_t now_ns = clock_now_ns();
    bool is_old = then_ns == 0 || now_ns - then_ns >= COUNTED_FOR_NS;
    if (is_old && atomic_compare_exchange_strong(&descriptors->counted_at_ns, &then_ns, now_ns))
        count(descriptors);
}

struct process process_read(struct descriptors *descriptors)
{
    struct process process = {0};
    struct rusage usage;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        process.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        process.max_fds = limit.rlim_cur;
    FILE *memory = fopen("/proc/self/statm", "re");
    if (memory != NULL) {
        unsigned long long all = 0;
        unsigned long long resident = 0;
        uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
        if (fscanf(memory, "%llu %llu", &all, &resident) == 2) {
            process.virtual_bytes = all * page_bytes;
            process.resident_bytes = resident * page_bytes;
        }
        (void)fclose(memory);
    }
    count_if_old(descriptors);
    process.open_fds = atomic_load(&descriptors->count);
    return process;
}
