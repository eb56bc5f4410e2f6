/*
 * A request from the moment that its run is started: shown as its view wants it, answered exactly
 * once, given up when its client leaves or the server stops. handle.c makes it.
 *
 * Memory: the request lies in libh2o's pool for it, and its run behind it, in one allocation. When
 * libh2o disposes of the request, whatever the reason, the run is cancelled and all is given back.
 * Two kinds of runs have a block of their own (block.h) and may outlive the request: one for the
 * cage, with its job, and a large one, which is cancelled and given back in the loop's turns.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/base/h2o.h"
#include "server/base/list.h"
#include "server/runs/cage.h"
#include "views/view.h"

struct loop;
struct request;

struct showing {
    h2o_generator_t generator; /* first: libh2o gives it back to us */
    h2o_req_t *req;
    struct loop *loop;
    struct request *request;
    struct link link;      /* in loop->showings until it is answered */
    struct link not_begun; /* in loop->not_begun until it has begun */
    struct link caged;     /* in loop->caged while its run is in the cage */
    struct link has_news;  /* in loop->has_news when something new was said */
    int64_t tasks;         /* of the server's max_tasks, given back at the end */
    struct run *run;       /* NULL once it was left to the cage, abandoned */
    struct job *job;       /* NULL unless its run is in the cage */
    bool has_slab;         /* its run or job has, which is not in the request's pool */
    const struct view *view;
    struct view_cursor cursor;
    size_t headroom_bytes; /* that it said it would take */
    char *piece;           /* what is being sent */
    size_t piece_bytes;
    bool is_head;
    bool counted;  /* as in flight */
    bool done;     /* the run is */
    bool started;  /* the status line is on its way */
    bool sending;  /* libh2o has not sent the last piece yet */
    bool failing;  /* to be broken off as soon as it has */
    bool was_left; /* HTTP/2: its stream was reset before that */
    bool finished; /* the last byte was given to libh2o */
};

/*
 * Starts the run of a request whose fields up to `piece_bytes` are set. False: the cage is full,
 * and the request is to be answered with a 503.
 */
bool showing_start(struct showing *showing, int64_t *retry_after_seconds);

/* libh2o's dispose callback for the request's memory: the one place where all is given back. */
void showing_dispose(void *memory);

/* The client of a request has left, or will send nothing more. */
void showing_client_left(struct showing *showing);

/* HTTP/2: the stream of a request that libh2o disposes of was reset before its last byte was given
   to libh2o. */
bool showing_was_left(const struct showing *showing);

/* The server stops: answers 503 to all that still run on this thread. */
void showings_give_up(struct loop *loop);

/* Lets those just started begin, a few steps each, ahead of their turn in the loop. */
void showings_begin(struct loop *loop);

/* Sends what live views have to say since the last time. */
void showings_talk(struct loop *loop);

/* Goes on with what the cage has said or given back. */
void showings_look_into_cage(struct loop *loop);
