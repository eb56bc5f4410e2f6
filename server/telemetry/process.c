#include "server/telemetry/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void read_memory(struct process *process)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return;
    unsigned long long all = 0;
    unsigned long long resident = 0;
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    if (fscanf(file, "%llu %llu", &all, &resident) == 2) {
        process->virtual_bytes = all * page_bytes;
        process->resident_bytes = resident * page_bytes;
    }
    (void)fclose(file);
}

static uint64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 0;
    uint64_t entries = 0;
    while (readdir(folder) != NULL)
        entries++;
    (void)closedir(folder);
    return entries > 3 ? entries - 3 : 0; /* not ".", "..", and the folder itself */
}

struct process process_read(void)
{
    struct process process = {.open_fds = count_descriptors()};
    struct rusage usage;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        process.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        process.max_fds = limit.rlim_cur;
    read_memory(&process);
    return process;
}
