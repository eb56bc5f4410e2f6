/*
 * A start of awaitd: a configuration file, an environment and flags, in three parts that a line
 * "--" divides; in the last two each line is one entry. It serves within all bounds, and what it
 * prints is a file that says the same; or it is refused in one clean line.
 */
#include "config/load.h"
#include "config/sources.h"
#include "config/value.h"
#include "tests/fuzz/fuzz.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES 32

/* config_load() takes what main() gets, which is not const though nobody writes to it. */
static char program[] = "awaitd";
static char config_flag[] = "--config";

struct result {
    enum config_verdict verdict;
    struct config config;
    char *output;
    char *errors;
};

/* It would read any file of this machine. */
static bool names_a_file(const char *entry)
{
    return strncmp(entry, "--config", 8) == 0 || strncmp(entry, "AWAITD_CONFIG=", 14) == 0;
}

/* Cuts the part at `*text` into entries; `*text` moves on to the next part. */
static void cut(char **text, char **entries, size_t count)
{
    while (*text != NULL) {
        char *line = strsep(text, "\n");
        if (strcmp(line, "--") == 0)
            break;
        if (count < ENTRIES && !names_a_file(line))
            entries[count++] = line;
    }
    entries[count] = NULL;
}

/* The file is in memory: `path` leads to it until close(). */
static int store(const char *json, size_t size, char path[40])
{
    int fd = memfd_create("config", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && write(fd, json, size) == (ssize_t)size, "memfd");
    (void)snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

static struct result load(char **arguments, char **environment)
{
    struct result result;
    size_t size = 0;
    FILE *output = open_memstream(&result.output, &size);
    FILE *errors = open_memstream(&result.errors, &size);
    FUZZ_CHECK(output != NULL && errors != NULL, "out of memory");
    result.verdict = config_load(&result.config, arguments, environment, output, errors);
    (void)fclose(output);
    (void)fclose(errors);
    return result;
}

static void release(struct result *result)
{
    config_free(&result->config);
    free(result->output);
    free(result->errors);
}

static char *print(const struct config *config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *output = open_memstream(&text, &size);
    FUZZ_CHECK(output != NULL, "out of memory");
    file_print(config, output);
    (void)fclose(output);
    return text;
}

static void check_bounds(const struct config *config)
{
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        int64_t number = option->kind == KIND_TEXT ? (int64_t)strlen(value_text(config, option))
                                                   : value_number(config, option);
        if (option->kind != KIND_CHOICE)
            FUZZ_CHECK(number >= option->minimum && number <= option->maximum, option->name);
    }
}

static void check_reread(const struct config *config)
{
    char path[40];
    char handed_down[] = "LISTEN_FDS=1"; /* then port is like no other */
    char *environment[] = {handed_down, NULL};
    char *printed = print(config);
    int fd = store(printed, strlen(printed), path);
    struct result again = load((char *[]){program, config_flag, path, NULL}, environment);
    FUZZ_CHECK(again.verdict == CONFIG_SERVE, again.errors);
    char *reprinted = print(&again.config);
    FUZZ_CHECK(strcmp(printed, reprinted) == 0, "it is read back as another");
    free(printed);
    free(reprinted);
    release(&again);
    (void)close(fd);
}

/* What refuses is one line, and no byte of it can colour a terminal or forge another line. */
static void check_refusal(const char *errors)
{
    size_t length = strlen(errors);
    FUZZ_CHECK(length > 9 && memcmp(errors, "awaitd: ", 8) == 0, "a refusal without a reason");
    FUZZ_CHECK(errors[length - 1] == '\n', "a refusal without its end");
    for (size_t i = 0; i + 1 < length; i++)
        FUZZ_CHECK(isprint((unsigned char)errors[i]), "an operator's bytes in a message");
}

static void check(const struct result *result)
{
    if (result->verdict == CONFIG_WRONG) {
        check_refusal(result->errors);
        return;
    }
    FUZZ_CHECK(result->errors[0] == '\0', "a word on what is fine");
    if (result->verdict == CONFIG_DONE) {
        FUZZ_CHECK(result->output[0] != '\0', "done without a word");
        return;
    }
    check_bounds(&result->config);
    check_reread(&result->config);
}

/* How much of the input is the file: up to the first line "--", or all. */
static size_t file_bytes(const uint8_t *bytes, size_t size)
{
    if (size >= 3 && memcmp(bytes, "--\n", 3) == 0)
        return 0;
    const uint8_t *end = memmem(bytes, size, "\n--\n", 4);
    return end == NULL ? size : (size_t)(end - bytes) + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[40];
    char *environment[ENTRIES + 1];
    char *arguments[ENTRIES + 1] = {program, config_flag, path};
    size_t file_size = file_bytes(bytes, size);
    size_t rest_size = size - file_size < 3 ? 0 : size - file_size - 3;
    char *text = strndup((const char *)bytes + size - rest_size, rest_size);
    char *at = text;
    FUZZ_CHECK(text != NULL, "out of memory");
    int fd = store((const char *)bytes, file_size, path);
    cut(&at, environment, 0);
    cut(&at, arguments, file_size > 0 ? 3 : 1);
    struct result result = load(arguments, environment);
    check(&result);
    release(&result);
    free(text);
    (void)close(fd);
    return 0;
}
