#include "config/load.h"

#include "config/complaint.h"
#include "config/completion.h"
#include "config/help.h"
#include "config/sources.h"
#include "config/trusted.h"
#include "config/value.h"
#include "text/names.h"

#include <inttypes.h>

static bool apply_file(const struct flags *flags, char **environment, struct config *config,
                       FILE *errors)
{
    const char *named_by = "--config";
    const char *path = flags->values[OPTION_CONFIG];
    if (path == NULL) {
        named_by = VARIABLE_PREFIX "CONFIG";
        path = environment_find(environment, named_by);
    }
    return path == NULL || file_apply(path, named_by, config, errors);
}

static bool are_networks(const char *list, FILE *errors)
{
    struct trusted trusted;
    struct text bad;
    if (trusted_parse(&trusted, list, &bad))
        return true;
    if (trusted.count == TRUSTED_NETWORKS)
        complain(errors, "trusted_proxies: '%.*s' is one too many: %d networks are allowed",
                 (int)bad.length, bad.bytes, TRUSTED_NETWORKS);
    else
        complain(errors,
                 "trusted_proxies: '%.*s' is not allowed: unix, an address, or a network such as "
                 "10.0.0.0/8 or fd00::/8, with no bit past its prefix",
                 (int)bad.length, bad.bytes);
    return false;
}

/* Two ports of one number would both be listened on, and the kernel deal connections out to them at
   random (SO_REUSEPORT). Port 0 becomes any that is free. */
static bool ports_differ(const struct config *config, bool is_handed_down, FILE *errors)
{
    bool is_plain = config->plain == CONFIG_ON && !is_handed_down;
    bool is_tls = config->tls_cert[0] != '\0' || config->tls_key[0] != '\0';
    const struct {
        const char *name;
        int64_t number; /* 0: it is like no other */
    } ports[] = {{"port", is_plain ? config->port : 0},
                 {"tls_port", is_tls ? config->tls_port : 0},
                 {"admin_port", config->admin_port}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < i; j++)
            if (ports[i].number != 0 && ports[i].number == ports[j].number) {
                complain(errors, "%s and %s are both %" PRId64 ": give one of them another number",
                         ports[j].name, ports[i].name, ports[i].number);
                return false;
            }
    return true;
}

/* Each setting may be within its bounds while two of them contradict each other. */
static bool agree(const struct config *config, bool is_handed_down, FILE *errors)
{
    if (config->plain == CONFIG_OFF && config->tls_cert[0] == '\0' &&
        config->unix_path[0] == '\0') {
        complain(errors, "plain is off, and neither tls_cert nor unix is given: there would be "
                         "nothing to listen on");
        return false;
    }
    if (config->max_count > config->max_tasks) {
        complain(errors,
                 "max_count %" PRId64 " is more than max_tasks %" PRId64
                 ", so the largest request could never run: lower max_count or raise max_tasks",
                 config->max_count, config->max_tasks);
        return false;
    }
    return ports_differ(config, is_handed_down, errors);
}

enum config_verdict config_load(struct config *config, char **arguments, char **environment,
                                FILE *output, FILE *errors)
{
    char **words = *arguments != NULL ? arguments + 1 : arguments;
    const char *help_form = flags_ask(words, &option_table[OPTION_HELP]);
    struct flags flags;
    *config = (struct config){0};
    if (help_form != NULL) {
        char forms[HELP_FORMS_BYTES];
        if (help_print(output, help_form))
            return CONFIG_DONE;
        help_write_forms(", ", " or ", forms);
        complain(errors, "--help: '%.80s' is not allowed: nothing, %s", help_form, forms);
        return CONFIG_WRONG;
    }
    const struct option *completion = &option_table[OPTION_COMPLETION];
    const char *shell = flags_ask(words, completion);
    if (shell != NULL) {
        if (completion_print(output, shell))
            return CONFIG_DONE;
        char shells[NAME_LIST_BYTES];
        complain(
            errors, "--completion: '%.80s' is not allowed: %s", shell,
            name_list_join(completion->choices, (size_t)completion->maximum + 1, " or ", shells));
        return CONFIG_WRONG;
    }
    if (flags_ask(words, &option_table[OPTION_VERSION]) != NULL) {
        (void)fputs("awaitd " AWAITD_VERSION "\n", output);
        return CONFIG_DONE;
    }
    /* Every default is allowed: a unit test holds the table to it. */
    for (size_t i = 0; i < OPTION_SETTINGS; i++)
        (void)value_set(config, &option_table[i], option_table[i].default_text);
    if (!flags_read(&flags, words, errors) || !apply_file(&flags, environment, config, errors) ||
        !environment_apply(environment, config, errors) || !flags_apply(&flags, config, errors) ||
        !are_networks(config->trusted_proxies, errors) ||
        !agree(config, environment_find(environment, "LISTEN_FDS") != NULL, errors))
        return CONFIG_WRONG;
    /* tcsh and conda set it too, and mean something else. */
    config->host_is_from_HOST = flags.values[OPTION_HOST] == NULL &&
                                environment_find(environment, VARIABLE_PREFIX "HOST") == NULL &&
                                environment_find(environment, "HOST") != NULL;
    if (flags.values[OPTION_HEALTHCHECK] != NULL)
        return CONFIG_HEALTHCHECK;
    if (flags.values[OPTION_CHECK_CONFIG] == NULL)
        return CONFIG_SERVE;
    file_print(config, output);
    return CONFIG_CHECKED;
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < OPTION_SETTINGS; i++)
        value_free(config, &option_table[i]);
}
