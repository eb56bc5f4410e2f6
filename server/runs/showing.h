/*
 * Showing a run: its request is answered by its view, exactly once, in pieces as the client takes
 * them, or is given up when its client leaves or the server stops.
 *
 * Memory: it lies in libh2o's pool for the request, with most runs behind it, in one allocation.
 * When libh2o disposes of the request, whatever the reason, the run is ended and all is given back.
 * Thread: the loop's.
 */
#pragma once

#include "server/http/request.h"
#include "server/runs/host.h"
#include "views/view.h"

struct showing {
    h2o_generator_t generator; /* libh2o asks for the next piece by it */
    struct hosted hosted;
    struct request *request;
    struct link link;     /* in loop->showings until it is answered */
    struct link has_news; /* in loop->has_news while something new waits to be sent */
    const struct view *view;
    const char *etag;          /* of an answer that is the same each time; else NULL */
    struct view_cursor cursor; /* so far the view has got */
    char *piece;               /* what is being sent */
    size_t piece_bytes;        /* the room in it */
    uint64_t recorded;         /* its number on the tape; 0: it is not recorded */
    int64_t held_bytes;        /* so many of max_held are its own until its memory goes */
    bool is_counted;           /* the request counts as in flight */
    bool is_started;           /* the status line is on its way */
    bool is_sending;           /* libh2o has not sent the last piece yet */
    bool is_failing;           /* to be broken off when libh2o has sent it */
};

/* So many bytes of max_held are needed to run `plan` and to show it. */
int64_t showing_bytes(const struct request *request, const struct plan *plan);

/* Makes the run that `plan` asks for and what shows it. The caller has reserved its tasks and
   bytes, and it will give them back. NULL: there is no memory, and the caller keeps them. */
struct showing *showing_new(struct request *request, const struct plan *plan,
                            const struct view *view, int64_t held_bytes);

/* Starts the run and returns 0; or returns for how many seconds the cage is full, and the request
   is to be answered otherwise. */
int64_t showing_start(struct showing *showing);

/* Sends what live views have to say since the last time. */
void showings_talk(struct loop *loop);

/* connections.h's on_left hook: ends what the client of an HTTP/1 connection has waited for. */
void showing_client_left(struct connection *connection);

/* The server stops: answers 503 to all that still run on this loop. */
void showings_give_up(struct loop *loop);
