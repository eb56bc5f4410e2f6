#include "config/complaint.h"
#include "config/sources.h"
#include "config/value.h"

#include <string.h>

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

const char *environment_find(char **environment, const char *name)
{
    size_t length = strlen(name);
    for (char **entry = environment; *entry != NULL; entry++) {
        if (begins(*entry, name) && (*entry)[length] == '=')
            return (*entry)[length + 1] != '\0' ? *entry + length + 1 : NULL;
    }
    return NULL;
}

/*
 * For a Service that is called awaitd, Kubernetes sets AWAITD_PORT=tcp://10.0.0.1:8080 in every pod
 * of the namespace, our own included, with AWAITD_SERVICE_HOST, AWAITD_PORT_8080_TCP_ADDR and more;
 * for one that is called awaitd-canary, AWAITD_CANARY_PORT and so on. Docker's links set the same,
 * AWAITD_NAME=/client/awaitd and AWAITD_ENV_*. None of them is meant for us, so none may keep us
 * from starting.
 */
static bool is_link(const char *name, size_t length, const char *value)
{
    bool is_port = length >= 5 && memcmp(name + length - 5, "_PORT", 5) == 0;
    bool is_address =
        begins(value, "tcp://") || begins(value, "udp://") || begins(value, "sctp://");
    return (is_port && is_address) || memmem(name, length, "_SERVICE_", 9) != NULL ||
           memmem(name, length, "_PORT_", 6) != NULL || begins(name, VARIABLE_PREFIX "ENV_") ||
           (begins(name, VARIABLE_PREFIX "NAME=") && *value == '/');
}

bool environment_apply(char **environment, struct config *config, FILE *errors)
{
    for (char **entry = environment; *entry != NULL; entry++) {
        size_t length = strcspn(*entry, "=");
        const char *value = (*entry)[length] != '\0' ? *entry + length + 1 : "";
        if (begins(*entry, VARIABLE_PREFIX) && *value != '\0' &&
            option_find(NAME_VARIABLE, *entry, length) == NULL && !is_link(*entry, length, value)) {
            complain_unknown(errors, NAME_VARIABLE, "", *entry, length);
            return false;
        }
    }
    /* Our own name comes before the plain one, as some platforms set PORT for every service. */
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        char own_name[NAME_TEXT_BYTES];
        option_name(option, NAME_VARIABLE, own_name);
        const char *name = own_name;
        const char *value = environment_find(environment, name);
        if (value != NULL && is_link(name, strlen(name), value))
            value = NULL;
        if (value == NULL && option->plain_variable != NULL) {
            name = option->plain_variable;
            value = environment_find(environment, name);
        }
        if (value != NULL && !value_set(config, option, value)) {
            complain_value(errors, name, value, option);
            return false;
        }
    }
    return true;
}
