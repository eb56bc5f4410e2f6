#include "server/recorder/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs that are named in one "dropped". */
#define NAMED_RUNS 16

static struct event **place_of(const struct events *events, uint64_t number)
{
    return &events->ring[number & (events->places - 1)];
}

static void forget_first(struct events *events)
{
    struct event *first = *place_of(events, events->first);
    events->kept_bytes -= first->bytes;
    events->first++;
    free(first);
}

/* Makes the ring twice as large. */
static bool grow(struct events *events)
{
    size_t places = events->places == 0 ? 256 : events->places * 2;
    struct event **ring = calloc(places, sizeof(void *));
    if (ring == NULL)
        return false;
    for (uint64_t number = events->first; number < events->next; number++)
        ring[number & (places - 1)] = *place_of(events, number);
    free(events->ring);
    events->ring = ring;
    events->places = places;
    return true;
}

void events_add(struct events *events, const char *epoch, uint64_t run, struct text request_id,
                const char *text, size_t bytes)
{
    char id[48];
    int id_bytes =
        snprintf(id, sizeof id, "id: %s-%llu\n", epoch, (unsigned long long)events->next);
    size_t all_bytes = (size_t)id_bytes + bytes;
    if (all_bytes > PIECE_BYTES / 2) /* it would fit into no piece beside what was dropped */
        return;
    if (events->next - events->first == events->places && !grow(events))
        return;
    struct event *event = malloc(sizeof *event + all_bytes + request_id.length);
    if (event == NULL)
        return;
    *event = (struct event){
        .number = events->next, .run = run, .at_bytes = events->all_bytes, .bytes = all_bytes};
    memcpy(event->text, id, (size_t)id_bytes);
    memcpy(event->text + id_bytes, text, bytes);
    if (request_id.length > 0)
        memcpy(event->text + all_bytes, request_id.bytes, request_id.length);
    event->request_id = (struct text){event->text + all_bytes, request_id.length};
    *place_of(events, events->next) = event;
    events->next++;
    events->all_bytes += all_bytes;
    events->kept_bytes += all_bytes;
    while (events->kept_bytes > EVENTS_MOST_BYTES)
        forget_first(events);
}

/* What is of no run is for everybody. */
static bool is_for(const struct viewer *viewer, const struct event *event)
{
    size_t length = strlen(viewer->request_id);
    if (event->run == 0)
        return true;
    return (viewer->run == 0 || viewer->run == event->run) && event->request_id.length >= length &&
           memcmp(event->request_id.bytes, viewer->request_id, length) == 0;
}

static void put(struct viewer *viewer, const char *text, size_t bytes)
{
    memcpy(viewer->piece + viewer->piece_bytes, text, bytes);
    viewer->piece_bytes += bytes;
}

/* Of what it has missed: how much, and of which runs. */
static void put_dropped(struct events *events, const char *epoch, struct viewer *viewer,
                        uint64_t until, uint64_t dropped)
{
    char text[64 + NAMED_RUNS * 32];
    uint64_t named[NAMED_RUNS];
    int count = 0;
    int at = snprintf(text, sizeof text, "event: dropped\ndata: {\"events\": %llu, \"runs\": [",
                      (unsigned long long)dropped);
    uint64_t number = viewer->at < events->first ? events->first : viewer->at;
    for (; number < until && count < NAMED_RUNS; number++) {
        const struct event *event = *place_of(events, number);
        bool is_new = event->run != 0 && is_for(viewer, event);
        for (int i = 0; i < count; i++)
            is_new = is_new && named[i] != event->run;
        if (!is_new)
            continue;
        at += snprintf(text + at, sizeof text - (size_t)at, "%s\"%s-%llu\"", count > 0 ? ", " : "",
                       epoch, (unsigned long long)event->run);
        named[count++] = event->run;
    }
    at += snprintf(text + at, sizeof text - (size_t)at, "]}\n\n");
    put(viewer, text, (size_t)at);
}

/* Skips the oldest until it is not too far behind. */
static void catch_up(struct events *events, const char *epoch, struct viewer *viewer)
{
    uint64_t until = viewer->at < events->first ? events->first : viewer->at;
    while (until < events->next &&
           events->all_bytes - (*place_of(events, until))->at_bytes > VIEWER_MOST_BYTES)
        until++;
    if (until == viewer->at)
        return;
    put_dropped(events, epoch, viewer, until, until - viewer->at);
    viewer->at = until;
}

void events_fill(struct events *events, const char *epoch, struct viewer *viewer)
{
    catch_up(events, epoch, viewer);
    for (; viewer->at < events->next; viewer->at++) {
        const struct event *event = *place_of(events, viewer->at);
        if (!is_for(viewer, event))
            continue;
        if (viewer->piece_bytes + event->bytes > PIECE_BYTES)
            break;
        put(viewer, event->text, event->bytes);
    }
}

void events_free(struct events *events)
{
    while (events->first < events->next)
        forget_first(events);
    free(events->ring);
    *events = (struct events){0};
}
