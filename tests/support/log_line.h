/*
 * The JSON log of a service that was started with --log json, a line at a time. Needs cmocka.h
 * before it.
 */
#pragma once

#include "tests/support/service.h"
#include <jansson.h>

/* Waits for the next line; the caller decrefs it. */
static inline json_t *log_next(const struct service *service)
{
    char line[16384];
    assert_non_null(fgets(line, sizeof line, service->output));
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        fail_msg("not JSON: %s", line);
    return json;
}

/* "nothing" where there is no such text. */
static inline const char *log_text(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text == NULL ? "nothing" : text;
}

/* The next line is a request's, and says these two; "nothing": the key is not there. */
static inline void log_expect_client(const struct service *service, const char *client_ip,
                                     const char *peer_ip)
{
    json_t *line = log_next(service);
    assert_string_equal(log_text(line, "msg"), "request");
    assert_string_equal(log_text(line, "client_ip"), client_ip);
    assert_string_equal(log_text(line, "peer_ip"), peer_ip);
    json_decref(line);
}
