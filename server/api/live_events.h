/*
 * /events: a stream for who looks on. The recorder's thread fills its pieces; a loop sends one at a
 * time, and asks for the next when the client has taken it. Thread: the request's loop.
 */
#pragma once

#include "server/http/request.h"
#include "server/recorder/recorder.h"

/* A stream of events: ?run=ID&request_id=PREFIX&after=ID, or Last-Event-ID. */
void live_answer_events(struct request *request);

/* connections.h's on_left hook: ends the stream that an HTTP/1 client has looked at. */
void live_client_left(struct connection *connection);

/* A piece has come. */
void live_piece_came(struct viewer *viewer);

/* The recorder knows it no longer. */
void live_farewell(struct loop *loop, struct viewer *viewer);
