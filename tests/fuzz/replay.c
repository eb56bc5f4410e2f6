/*
 * Where libFuzzer is missing: runs a target over the files and folders that are named, in order of
 * their names, so that what was once found stays found.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MOST_BYTES ((size_t)1 << 20)

/* From memory of just the input's size, so that a sanitizer sees one byte too many. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    FUZZ_CHECK(exact != NULL, "out of memory");
    memcpy(exact, bytes, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int replay_file(const char *path)
{
    static uint8_t bytes[INPUT_MOST_BYTES];
    FILE *file = fopen(path, "re");
    FUZZ_CHECK(file != NULL, path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    FUZZ_CHECK(ferror(file) == 0 && size < sizeof bytes, path);
    (void)fclose(file);
    (void)fprintf(stderr, "%s\n", path);
    run(bytes, size);
    return 1;
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_folder(const char *path)
{
    char seed[4096];
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_seed, alphasort);
    FUZZ_CHECK(count >= 0, path);
    for (int i = 0; i < count; i++) {
        (void)snprintf(seed, sizeof seed, "%s/%s", path, entries[i]->d_name);
        (void)replay_file(seed);
        free(entries[i]);
    }
    free(entries);
    return count;
}

int main(int argc, char **argv)
{
    int replayed = 0;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        FUZZ_CHECK(stat(argv[i], &status) == 0, argv[i]);
        replayed += S_ISDIR(status.st_mode) ? replay_folder(argv[i]) : replay_file(argv[i]);
    }
    (void)printf("replayed %d inputs\n", replayed);
    return replayed > 0 ? 0 : 1;
}
