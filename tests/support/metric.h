/*
 * One sample of /metrics, asked on a connection of its own. Needs cmocka.h before it.
 */
#pragma once

#include "tests/support/http.h"
#include <stdlib.h>
#include <string.h>

/* The value of the sample whose name and labels are `sample`; -1 when there is none. */
static inline double metric_of(const struct service *service, const char *sample)
{
    const struct ask fresh = {.fresh_connection = true};
    struct answer answer = http_ask(service, "/metrics", &fresh);
    size_t length = strlen(sample);
    double value = -1;
    for (const char *line = answer.body; line != NULL && *line != '\0';) {
        if (strncmp(line, sample, length) == 0 && line[length] == ' ')
            value = strtod(line + length, NULL);
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    answer_free(&answer);
    return value;
}

/* For test_eventually(): whether a sample has this value, or more. */
struct metric_hope {
    const struct service *service;
    const char *sample;
    double value;
    bool or_more;
};

static inline bool metric_is(void *context)
{
    const struct metric_hope *hope = context;
    double value = metric_of(hope->service, hope->sample);
    return hope->or_more ? value >= hope->value : value >= hope->value && value <= hope->value;
}

static inline void metric_expect(const struct service *service, const char *sample, double value)
{
    struct metric_hope hope = {service, sample, value, false};
    test_eventually(metric_is, &hope, 10000, sample);
}
