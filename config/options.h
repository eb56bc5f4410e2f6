/*
 * The table of everything that can be written on the command line, and so in the environment and in
 * the JSON file, and its three spellings: --max-delay, AWAITD_MAX_DELAY and the JSON key max_delay.
 * To add a setting: a field in struct config and a row in options.c. Parsing, messages, --help and
 * the README follow.
 *
 * Private to config/. Thread: any; constant.
 */
#pragma once

#include "config/config.h"

#include <stddef.h>

#define KIB ((int64_t)1024)
#define MIB (1024 * KIB)

enum option_kind {
    KIND_TEXT,   /* char *; minimum and maximum are its length in bytes */
    KIND_NUMBER, /* int64_t */
    KIND_TIME,   /* int64_t, ns */
    KIND_SIZE,   /* int64_t */
    KIND_CHOICE, /* int64_t, an index into `choices` */
    KIND_ACTION, /* no field of struct config: it tells config_load() what to do */
};

enum option_group {
    GROUP_LISTENING,
    GROUP_LIMITS,
    GROUP_TIMEOUTS,
    GROUP_LOGGING,
    GROUP_LIVE,
    GROUP_OTHER,
    GROUP_COUNT,
};

struct option {
    const char *name;           /* as the JSON key */
    const char *metavar;        /* what --help calls its value; NULL if it takes none */
    const char *default_text;   /* as an operator would write it */
    const char *meaning;        /* for --help and the README, without a full stop */
    const char *brief;          /* the same in half a line, where many need it; or NULL */
    const char *plain_variable; /* also read without AWAITD_, or NULL */
    const char *const *choices; /* their names, or NULL; `maximum` is the last one's index */
    enum option_kind kind;
    enum option_group group;
    size_t offset; /* in struct config */
    int64_t minimum;
    int64_t maximum;
    char letter; /* the short flag's, or '\0' */
};

_Static_assert(sizeof(char *) == sizeof(int64_t), "the fields of struct config are of one size");

/*
 * The table's rows: first the settings, one for each field of struct config and in its order, then
 * the actions. All fields are of one size, so their offsets say how many there are.
 */
enum {
    OPTION_HOST = 0, /* the only one whose variable others set too */
    /* A loop to here meets no action. */
    OPTION_SETTINGS = offsetof(struct config, host_is_from_HOST) / sizeof(int64_t),
    OPTION_CONFIG = OPTION_SETTINGS, /* the first action, as the only one that is a variable too */
    OPTION_CHECK_CONFIG,
    OPTION_HEALTHCHECK,
    OPTION_COMPLETION,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT,
};

extern const struct option option_table[OPTION_COUNT];

extern const struct option_group_name {
    const char *name; /* for --help NAME */
    const char *title;
} option_groups[GROUP_COUNT];

enum name_style {
    NAME_FLAG,
    NAME_VARIABLE,
    NAME_KEY,
};

#define VARIABLE_PREFIX "AWAITD_"

/* Room for any spelling of any option, with its NUL. */
#define NAME_TEXT_BYTES 64

/* How the option is written in that style. */
void option_name(const struct option *option, enum name_style style, char text[NAME_TEXT_BYTES]);

/* Writes the flag with its value: "--max-delay TIME" or "-V, --version". */
void option_usage(const struct option *option, char usage[NAME_TEXT_BYTES]);

/* What stands for the option's default: "none" where that is empty. */
const char *option_default(const struct option *option);

/* Returns the option that is written exactly so in that style, or NULL. */
const struct option *option_find(enum name_style style, const char *text, size_t length);

/* Returns the option that an unknown name probably means, or NULL; case and dashes are ignored. */
const struct option *option_nearest(enum name_style style, const char *text, size_t length);
