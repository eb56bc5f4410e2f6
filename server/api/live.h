/*
 * What the recorder keeps, asked for over HTTP: /runs, /runs/ID and /events. The recorder's thread
 * writes the answers (recorder.h); a loop only sends them. Off with --live off.
 *
 * Thread: the request's loop.
 */
#pragma once

#include "server/http/request.h"

bool live_is_on(const struct config *config);

/* The newest recordings: ?limit=20&before=ID&request_id=PREFIX. */
void live_answer_list(struct request *request);

/* One recording, or with ?format= a view of it. */
void live_answer_run(struct request *request);

/* A stream of events: ?run=ID&request_id=PREFIX&after=ID, or Last-Event-ID. */
void live_answer_events(struct request *request);

/* connections.h's on_left hook: ends the stream that an HTTP/1 client has looked at. */
void live_client_left(struct connection *connection);

/* Reads the loop's inbox. */
void live_read(struct loop *loop);

/* Tells those who look on that the server stops. */
void live_drain(struct loop *loop);
