#include "server/telemetry/notice.h"

#include "server/telemetry/wall_time.h"
#include "text/duration.h"
#include "text/put.h"
#include <stdio.h>
#include <time.h>

static char *put_value(char *at, const struct field *field)
{
    if (field->word != NULL)
        return put_text(at, field->word);
    return at + sprintf(at, "%.*f", field->decimals, field->number);
}

/* A path may be among the words. */
static char *put_json_value(char *at, const struct field *field)
{
    if (field->word == NULL)
        return put_value(at, field);
    at = put_json_escaped(put_text(at, "\""), field->word, strlen(field->word));
    return put_text(at, "\"");
}

static char *put_json(char *at, const struct notice *notice, const char *time)
{
    at += sprintf(at, "{\"time\":\"%s\",\"level\":\"%s\",\"msg\":\"%s\"", time, notice->level,
                  notice->msg);
    for (const struct field *field = notice->fields; field->key != NULL; field++) {
        at += sprintf(at, ",\"%s\":", field->key);
        at = put_json_value(at, field);
    }
    return put_text(at, "}\n");
}

static char *put_sentence(char *at, const struct notice *notice, const char *time)
{
    for (const char *from = notice->sentence; *from != '\0'; from++) {
        if (*from != '{') {
            *at++ = *from;
            continue;
        }
        const struct field *field = notice->fields;
        size_t length = strcspn(++from, "}");
        while (field->key != NULL &&
               (strlen(field->key) != length || memcmp(field->key, from, length) != 0))
            field++;
        at = field->key != NULL ? put_value(at, field) : put_text(at, time);
        from += length;
    }
    return put_text(at, "\n");
}

size_t notice_put(char line[NOTICE_BYTES], bool is_json, const struct notice *notice)
{
    struct timespec now;
    struct wall_time cache = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const char *time = wall_time_text(&cache, now.tv_sec, (int)(now.tv_nsec / NS_PER_MS));
    char *end = is_json ? put_json(line, notice, time) : put_sentence(line, notice, time);
    return (size_t)(end - line);
}
