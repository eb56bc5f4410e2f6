#include "server/recorder/telling.h"

#include "text/duration.h"
#include "text/put.h"
#include "views/json_pieces.h"
#include "views/states.h"
#include "views/view.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What an event has room for. */
#define SHOWN_TARGET_BYTES 1000
#define SHOWN_ENTRIES      64

static void write_json(FILE *to, struct text text)
{
    char escaped[6 * 64];
    (void)fputc('"', to);
    for (size_t at = 0; at < text.length; at += 64) {
        size_t length = text.length - at < 64 ? text.length - at : 64;
        char *end = put_json_escaped(escaped, text.bytes + at, length);
        (void)fwrite(escaped, 1, (size_t)(end - escaped), to);
    }
    (void)fputc('"', to);
}

static void write_seconds(FILE *to, const char *name, int64_t duration_ns)
{
    char text[40];
    char *end = put_seconds(text, duration_ns, 9);
    (void)fprintf(to, "%s%.*s", name, (int)(end - text), text);
}

/* UTC, RFC 3339, with microseconds. */
static void write_started(FILE *to, int64_t started_at_ns)
{
    struct tm parts;
    char text[32];
    time_t seconds = (time_t)(started_at_ns / NS_PER_SECOND);
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)fprintf(to, ", \"started_at\": \"%s.%06dZ\"", text,
                  (int)(started_at_ns % NS_PER_SECOND / 1000));
}

static const char *outcome_of(const struct recording *recording)
{
    static const char *const names[] = {
        [RUN_RUNNING] = "running",       [RUN_DONE] = "done",         [RUN_FAILED] = "failed",
        [RUN_CLIENT_LEFT] = "cancelled", [RUN_DRAINED] = "cancelled", [RUN_REFUSED] = "refused",
    };
    return recording->has_begun || recording->outcome != RUN_RUNNING ? names[recording->outcome]
                                                                     : "queued";
}

static void write_outcome(FILE *to, const struct recording *recording)
{
    const char *reason = recording->outcome == RUN_CLIENT_LEFT ? "\"client_left\""
                         : recording->outcome == RUN_DRAINED   ? "\"drained\""
                                                               : "null";
    (void)fprintf(to, ", \"outcome\": \"%s\", \"reason\": %s", outcome_of(recording), reason);
    if (recording->outcome == RUN_FAILED) {
        char text[SHAPE_ERROR_BYTES];
        struct timeline timeline = {.plan = recording->plan, .error = recording->error};
        char *end = put_error(text, &timeline);
        (void)fprintf(to, ", \"error\": \"%.*s\"", (int)(end - text), text);
    }
    if (recording->outcome != RUN_RUNNING)
        write_seconds(to, ", \"elapsed_seconds\": ", recording->elapsed_ns);
    if (recording->plan.sleep == SLEEP_BLOCKING)
        write_seconds(to, ", \"loop_blocked_seconds\": ", recording->blocked_ns);
}

static void write_asked(FILE *to, const char *epoch, const struct recording *recording,
                        size_t most_bytes)
{
    static const char *const sleeps[SLEEP_MODES] = {"awaited", "blocking", "forgotten"};
    const struct plan *plan = &recording->plan;
    struct text target = recording->target;
    char name[RUN_NAME_BYTES];
    run_name(epoch, recording->number, name);
    target.length = target.length < most_bytes ? target.length : most_bytes;
    (void)fprintf(to, "{\"run\": \"%s\", \"request\": ", name);
    write_json(to, target);
    (void)fprintf(to, ", \"method\": \"%s\", \"request_id\": ", recording->method);
    write_json(to, recording->request_id);
    (void)fprintf(to, ", \"endpoint\": \"%s\", \"sleep\": \"%s\", \"count\": %u, \"loop\": %d",
                  plan->endpoint->name, sleeps[plan->sleep], plan_numbered_tasks(plan),
                  recording->loop + 1);
    write_started(to, recording->started_at_ns);
    write_seconds(to, ", \"queued_seconds\": ", recording->queued_ns);
}

/* Each is at most VIEW_ITEM_BYTES long. */
static void write_list(FILE *to, const char *name, const struct timeline *timeline, uint32_t count,
                       char *(*put)(char *at, const struct timeline *timeline, uint32_t item))
{
    char text[VIEW_ITEM_BYTES];
    (void)fprintf(to, ", \"%s\": [", name);
    for (uint32_t i = 0; i < count; i++) {
        char *end = put(text, timeline, i);
        (void)fprintf(to, "%s%.*s", i == 0 ? "" : ", ", (int)(end - text), text);
    }
    (void)fputc(']', to);
}

/* A timeline to read from, that lends what the recording has. */
static struct timeline lend(const struct recording *recording)
{
    struct timeline timeline = {
        .plan = recording->plan, .entries = recording->entries, .more = recording->more};
    memcpy(timeline.words, recording->words, sizeof timeline.words);
    return timeline;
}

static void write_shape(FILE *to, const struct recording *recording)
{
    struct timeline timeline = lend(recording);
    if (recording->plan.tree != NULL) {
        struct text plan = {recording->plan.tree->text, recording->plan.tree->text_bytes};
        (void)fputs(", \"plan\": ", to);
        write_json(to, plan);
    }
    write_list(to, "groups", &timeline, shape_groups(&timeline), json_put_group);
    write_list(to, "tasks", &timeline, shape_ranges(&timeline), json_put_range);
}

static void write_sample(FILE *to, const struct sample *sample)
{
    static const char *const names[] = {
        [TASK_WAITING] = "waiting", [TASK_BLOCKING] = "blocking",   [TASK_DONE] = "done",
        [TASK_FAILED] = "failed",   [TASK_CANCELLED] = "cancelled",
    };
    write_seconds(to, "{\"at_seconds\": ", sample->at_ns);
    (void)fprintf(to, ", \"ready\": %u", sample->ready);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] != NULL)
            (void)fprintf(to, ", \"%s\": %u", names[i], sample->in[i]);
    (void)fputc('}', to);
}

static void write_density(FILE *to, const struct recording *recording, uint32_t from)
{
    (void)fputs(", \"density\": [", to);
    for (uint32_t i = from; i < recording->sample_count; i++) {
        (void)fputs(i == from ? "" : ", ", to);
        write_sample(to, &recording->samples[i]);
    }
    (void)fputc(']', to);
}

static void write_happenings(FILE *to, const struct recording *recording)
{
    struct timeline timeline = lend(recording);
    const char *separator = "";
    (void)fputs(", \"output\": [", to);
    for (uint32_t i = 0; i < recording->count; i++) {
        const struct entry *entry = &recording->entries[i];
        if (entry_is_state(entry))
            continue;
        (void)fputs(separator, to);
        write_json(to, recording->words[entry->what]);
        separator = ", ";
    }
    (void)fputs("], \"density\": null", to);
    write_list(to, "timeline", &timeline, recording->count, json_put_entry);
}

void tell_recording(FILE *to, const char *epoch, const struct recording *recording, bool is_whole)
{
    write_asked(to, epoch, recording, SIZE_MAX);
    write_outcome(to, recording);
    (void)fprintf(to, ", \"complete\": %s", recording->is_complete ? "true" : "false");
    if (is_whole) {
        write_shape(to, recording);
        if (recording_is_crowd(recording)) {
            (void)fputs(", \"output\": null, \"timeline\": null", to);
            write_density(to, recording, 0);
        } else {
            write_happenings(to, recording);
        }
    }
    (void)fputc('}', to);
}

void tell_beginning(FILE *to, const char *epoch, const struct recording *recording)
{
    (void)fputs("event: run\ndata: ", to);
    write_asked(to, epoch, recording, SHOWN_TARGET_BYTES);
    write_outcome(to, recording);
    if (plan_numbered_tasks(&recording->plan) <= SHOWN_TASKS)
        write_shape(to, recording);
    (void)fputs("}\n\n", to);
}

void tell_end(FILE *to, const char *epoch, const struct recording *recording)
{
    char name[RUN_NAME_BYTES];
    run_name(epoch, recording->number, name);
    (void)fprintf(to, "event: run\ndata: {\"run\": \"%s\"", name);
    write_outcome(to, recording);
    (void)fputs("}\n\n", to);
}

bool tell_news(FILE *to, const char *epoch, struct recording *recording)
{
    char name[RUN_NAME_BYTES];
    struct timeline timeline = lend(recording);
    bool is_large = plan_numbered_tasks(&recording->plan) > SHOWN_TASKS;
    uint32_t news = recording->count - recording->told;
    news = news < SHOWN_ENTRIES ? news : SHOWN_ENTRIES;
    if (is_large ? recording->samples_told == recording->sample_count : news == 0)
        return false;
    run_name(epoch, recording->number, name);
    (void)fprintf(to, "event: timeline\ndata: {\"run\": \"%s\"", name);
    if (is_large) {
        write_density(to, recording, recording->samples_told);
        recording->samples_told = recording->sample_count;
    } else {
        timeline.entries += recording->told;
        timeline.more += recording->told;
        write_list(to, "timeline", &timeline, news, json_put_entry);
        recording->told += news;
    }
    (void)fputs("}\n\n", to);
    return true;
}
