/*
 * Loading the configuration, from everything that may hold a part of it. Thread: the main one.
 */
#pragma once

#include "config/config.h"
#include <stdio.h>

/* What main() should do after config_load(). */
enum config_verdict {
    CONFIG_SERVE,       /* the configuration is complete and valid */
    CONFIG_HEALTHCHECK, /* the same, and --healthcheck was given */
    CONFIG_CHECKED,     /* the same, and --check-config was printed */
    CONFIG_DONE,        /* --help or --version was printed: exit 0 */
    CONFIG_WRONG, /* a line on `errors` says what is wrong, where, and what is allowed: exit 2 */
};

/*
 * Fills `config` from its defaults, then the JSON file named by --config (or AWAITD_CONFIG), then
 * `environment` (as environ: "NAME=value", NULL-terminated), then `arguments` (as argv with its
 * program name, NULL-terminated).
 */
enum config_verdict config_load(struct config *config, char **arguments, char **environment,
                                FILE *output, FILE *errors);

/* Frees what config_load() allocated, whatever its verdict; a zeroed config is fine. */
void config_free(struct config *config);
