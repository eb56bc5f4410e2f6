/*
 * The table of everything that can be written on the command line, and so in the environment and in
 * the JSON file. To add a setting: a field in struct config, a row in options.c, and
 * OPTION_SETTINGS below one larger. Parsing, messages, --help and the README follow.
 *
 * Private to config/. Thread: any; constant.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum option_kind {
    KIND_TEXT,     /* char *; minimum and maximum are its length in bytes */
    KIND_INTEGER,  /* int64_t */
    KIND_DURATION, /* int64_t, ns */
    KIND_BYTES,    /* int64_t */
    KIND_CHOICE,   /* int64_t, an index into `choices` */
    KIND_ACTION,   /* no field of struct config: it tells config_load() what to do */
};

enum option_group {
    GROUP_LISTENING,
    GROUP_LIMITS,
    GROUP_TIMEOUTS,
    GROUP_LOGGING,
    GROUP_OTHER,
    GROUP_COUNT,
};

struct option {
    const char *name;           /* as the JSON key; names.h knows its other spellings */
    const char *metavar;        /* what --help calls its value; NULL takes none */
    const char *default_text;   /* as an operator would write it */
    const char *meaning;        /* for --help and the README, without a full stop */
    const char *plain_variable; /* also read without AWAITD_, or NULL */
    const char *const *choices; /* NULL-terminated */
    enum option_kind kind;
    enum option_group group;
    size_t offset; /* in struct config */
    int64_t minimum;
    int64_t maximum;
    char letter; /* of the short flag, or 0 */
};

/*
 * The settings come first, so that a loop over the first OPTION_SETTINGS rows meets no action, and
 * --config next, because it alone of the actions is also a variable.
 */
enum {
    OPTION_SETTINGS = 25,
    OPTION_CONFIG = OPTION_SETTINGS,
    OPTION_CHECK_CONFIG,
    OPTION_HEALTHCHECK,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT,
};

extern const struct option option_table[OPTION_COUNT];
