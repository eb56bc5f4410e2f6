/*
 * What those who look on are told, as text/event-stream (HTML, section 9.2): a ring of events that
 * all viewers share, each at a place of its own. A viewer that does not take what there is falls
 * behind, loses the oldest, and is told how many; it holds up nobody, and costs no memory of its
 * own but one piece on its way.
 *
 * Private to the recorder, whose thread owns all of it; a viewer is its loop's as well, by the
 * rules below.
 */
#pragma once

#include "server/base/mailbox.h"
#include "text/text.h"
#include <stdint.h>

struct loop;

/* Of all events that are kept. */
#define EVENTS_MOST_BYTES ((size_t)1024 * 1024)

/* A viewer may be so far behind. */
#define VIEWER_MOST_BYTES ((size_t)256 * 1024)

/* A piece on its way to a viewer. */
#define PIECE_BYTES ((size_t)32 * 1024)

struct event {
    uint64_t number;
    uint64_t run;      /* 0: it is of none */
    uint64_t at_bytes; /* so many bytes of events were before it */
    size_t bytes;
    struct text request_id;
    char text[];
};

struct events {
    struct event **ring;
    size_t places;  /* a power of two */
    uint64_t first; /* the number of the oldest that is kept */
    uint64_t next;
    uint64_t all_bytes; /* that ever were */
    size_t kept_bytes;
};

/*
 * Someone who looks on. The loop makes it and sends it as LETTER_LOOK; the recorder sends it back
 * with a piece, and gets it again when that has been taken. When the client leaves, the loop sends
 * `leave`, and frees the viewer at the `farewell`: until then either may still write to the other.
 */
struct viewer {
    struct letter letter;   /* to and fro, with a piece */
    struct letter leave;    /* to the recorder, once */
    struct letter farewell; /* to the loop, last of all */
    struct loop *loop;
    void *owner;         /* for the loop */
    uint64_t run;        /* only this one; 0: all */
    char request_id[65]; /* only those whose id begins so */
    bool has_after;      /* it saw events before, up to `after` */
    bool is_of_epoch;    /* of this process */
    uint64_t after;
    char piece[PIECE_BYTES];
    size_t piece_bytes;
    bool is_last; /* the stream ends with this piece */
    /* The recorder's own. */
    struct viewer *next_viewer;
    uint64_t at;     /* the number of the event that it gets next */
    bool is_waiting; /* it can take a piece */
    bool is_greeted;
    int64_t told_at_ns; /* when it got something last */
};

/* Adds an event; `text` is all of it but its id's line. */
void events_add(struct events *events, const char *epoch, uint64_t run, struct text request_id,
                const char *text, size_t bytes);

/* Puts what the viewer is to get next into its piece, at most so many bytes. */
void events_fill(struct events *events, const char *epoch, struct viewer *viewer);

void events_free(struct events *events);
