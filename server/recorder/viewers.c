#include "server/recorder/viewers.h"

#include "async/clock.h"
#include "server/loop/loop.h"
#include "server/recorder/reading.h"
#include "text/duration.h"
#include <stdio.h>
#include <string.h>

/* A viewer hears something so often, so that proxies between us do not think that it has ended. */
#define PING_NS (15 * NS_PER_SECOND)

/* Events are kept so long for a viewer that has lost its connection. */
#define GAP_NS (60 * NS_PER_SECOND)

static void greet(struct recorder *recorder, struct viewer *viewer)
{
    const struct config *config = recorder->config;
    char *at = viewer->piece;
    size_t room = sizeof viewer->piece;
    uint64_t next = viewer->after + 1;
    bool is_there =
        viewer->is_of_epoch && next >= recorder->events.first && next <= recorder->events.next;
    at += snprintf(at, room,
                   "retry: 1000\n\nevent: server\ndata: {\"epoch\": \"%s\", \"version\": \"%s\", "
                   "\"limits\": {\"max_delay\": %.9g, \"max_count\": %lld}, \"draining\": %s}\n\n",
                   recorder->epoch, AWAITD_VERSION, (double)config->max_delay_ns / 1e9,
                   (long long)config->max_count, recorder->is_draining ? "true" : "false");
    if (viewer->has_after && !is_there)
        at += snprintf(at, room - (size_t)(at - viewer->piece),
                       "event: missed\ndata: {\"after\": \"%s-%llu\"}\n\n",
                       viewer->is_of_epoch ? recorder->epoch : "other",
                       (unsigned long long)viewer->after);
    viewer->piece_bytes = (size_t)(at - viewer->piece);
    viewer->at = viewer->has_after && is_there ? next : recorder->events.next;
    viewer->is_greeted = true;
}

/* The viewer is the loop's until it sends it back. */
static void serve(struct recorder *recorder, struct viewer *viewer, int64_t now_ns)
{
    static const char bye[] = "event: bye\ndata: {\"reason\": \"drained\"}\n\n";
    if (!viewer->is_waiting)
        return;
    viewer->piece_bytes = 0;
    if (!viewer->is_greeted)
        greet(recorder, viewer);
    events_fill(&recorder->events, recorder->epoch, viewer);
    bool is_through = viewer->at == recorder->events.next;
    if (recorder->is_draining && is_through && viewer->piece_bytes + sizeof bye <= PIECE_BYTES) {
        memcpy(viewer->piece + viewer->piece_bytes, bye, sizeof bye - 1);
        viewer->piece_bytes += sizeof bye - 1;
        viewer->is_last = true;
    }
    if (viewer->piece_bytes == 0 && now_ns - viewer->told_at_ns >= PING_NS) {
        memcpy(viewer->piece, ": ping\n\n", 8);
        viewer->piece_bytes = 8;
    }
    if (viewer->piece_bytes == 0)
        return;
    viewer->told_at_ns = now_ns;
    viewer->is_waiting = false;
    loop_post(viewer->loop, &viewer->letter);
}

void viewer_look(struct recorder *recorder, struct viewer *viewer)
{
    if (!viewer->is_greeted) {
        reading_catch_up(recorder);
        viewer->next_viewer = recorder->viewers;
        recorder->viewers = viewer;
    }
    viewer->is_waiting = !viewer->is_last;
}

void viewer_leave(struct recorder *recorder, struct viewer *viewer)
{
    struct viewer **at = &recorder->viewers;
    while (*at != NULL && *at != viewer)
        at = &(*at)->next_viewer;
    if (*at != NULL) /* HEAD never comes so far */
        *at = viewer->next_viewer;
    recorder->watched_until_ns = clock_now_ns() + GAP_NS;
    viewer->farewell.kind = LETTER_FAREWELL;
    loop_post(viewer->loop, &viewer->farewell);
}

void viewers_serve(struct recorder *recorder, int64_t now_ns)
{
    for (struct viewer *at = recorder->viewers; at != NULL; at = at->next_viewer)
        serve(recorder, at, now_ns);
}
