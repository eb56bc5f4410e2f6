#include "server/telemetry/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

struct process process_read(void)
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
    DIR *folder = opendir("/proc/self/fd");
    if (folder != NULL) {
        uint64_t entries = 0;
        while (readdir(folder) != NULL)
            entries++;
        (void)closedir(folder);
        process.open_fds = entries > 3 ? entries - 3 : 0; /* not ".", "..", nor the folder itself */
    }
    return process;
}
