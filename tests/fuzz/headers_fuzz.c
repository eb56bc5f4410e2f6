/*
 * Three lines of a request: Accept, traceparent and X-Request-Id. What comes back and what is
 * logged is held against the same rules, written down a second time.
 */
#include "server/api/negotiate.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/loop.h"
#include <ctype.h>
#include <jansson.h>
#include <regex.h>
#include <string.h>

#define VALUE_BYTES 300

/* Of each line so many bytes, as a header can carry them. */
static const uint8_t *take_line(const uint8_t *at, const uint8_t *end, char value[VALUE_BYTES])
{
    size_t length = 0;
    for (; at < end && *at != '\n'; at++)
        if (length < VALUE_BYTES - 1 && (*at >= ' ' || *at == '\t') && *at != 0x7f)
            value[length++] = (char)*at;
    while (length > 0 && isblank((unsigned char)value[length - 1]))
        length--;
    value[length] = '\0';
    memmove(value, value + strspn(value, " \t"), length + 1 - strspn(value, " \t"));
    return at < end ? at + 1 : end;
}

static bool matches(const char *value, const char *pattern)
{
    regex_t regex;
    FUZZ_CHECK(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0, pattern);
    bool matches = regexec(&regex, value, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

static bool is_trace(const char *value)
{
    bool is_shaped = matches(value, "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$");
    bool is_version_0 = strncmp(value, "00", 2) == 0;
    return is_shaped && strncmp(value, "ff", 2) != 0 && (!is_version_0 || strlen(value) == 55) &&
           strspn(value + 3, "0") < 32 && strspn(value + 36, "0") < 16;
}

static void check_accept(const char *accept, size_t length)
{
    struct negotiation negotiation = {0};
    negotiate_field(&negotiation, (struct text){accept, length});
    const struct view *view = negotiate_end(&negotiation);
    if (view == NULL || length == 0)
        return;
    bool is_named = strcasestr(accept, view->media_type) != NULL || strstr(accept, "*") != NULL;
    FUZZ_CHECK(is_named, "a view that nobody asked for");
}

static void check_id(const struct client *client, const char *given)
{
    char id[200] = "";
    size_t length = 0;
    const char *value =
        answers_header(client->answer, client->answer_bytes, "x-request-id", &length);
    FUZZ_CHECK(value != NULL && length < sizeof id, "an answer without an id");
    memcpy(id, value, length);
    if (matches(given, "^[A-Za-z0-9._-]{1,128}$"))
        FUZZ_CHECK(strcmp(id, given) == 0, "another id than the client's");
    else
        FUZZ_CHECK(matches(id, "^[0-9a-f]{32}$"), "an id that is not ours");
}

static void check_log(const struct client *client, const char *parent)
{
    json_t *line = json_loads(client->log, JSON_DISABLE_EOF_CHECK, NULL);
    const char *trace = json_string_value(json_object_get(line, "trace_id"));
    FUZZ_CHECK((trace != NULL) == is_trace(parent), "the trace");
    FUZZ_CHECK(trace == NULL || strncmp(trace, parent + 3, 32) == 0, "another trace");
    json_decref(line);
}

static void ask(struct client *client, const char *accept, const char *parent, const char *id)
{
    char request[4 * VALUE_BYTES];
    int length = snprintf(request, sizeof request,
                          "GET /hi HTTP/1.1\r\nHost: a\r\nAccept: %s\r\ntraceparent: %s\r\n"
                          "X-Request-Id: %s\r\n\r\n",
                          accept, parent, id);
    loop_open(client, true);
    loop_send(client, (const uint8_t *)request, (size_t)length);
    loop_close(client);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char accept[VALUE_BYTES];
    char parent[VALUE_BYTES];
    char id[VALUE_BYTES];
    struct client client;
    const uint8_t *at = take_line(bytes, bytes + size, accept);
    at = take_line(at, bytes + size, parent);
    (void)take_line(at, bytes + size, id);
    check_accept(accept, strlen(accept));
    ask(&client, accept, parent, id);
    FUZZ_CHECK(answers_check(client.answer, client.answer_bytes, false) == 1, "one answer");
    answers_check_log(client.log);
    check_id(&client, id);
    check_log(&client, parent);
    loop_free(&client);
    return 0;
}
