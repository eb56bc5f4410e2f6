/*
 * Telling HTTP/2 clients to go, as RFC 9113, section 6.8, wants it: a first GOAWAY says that there
 * will be an end, a second one, a round trip later, which streams are still served. The connection
 * closes when they are.
 *
 * libh2o does it, on a timer of a second that would outlive its context: here whoever turns the
 * loop takes the second step, and what is left of the timer is taken out at the end. Only HTTP/2 is
 * told; its flag for HTTP/1 would drop pipelined requests. Thread: the loop's.
 */
#pragma once

struct loop;

void goaway_begin(struct loop *loop);

void goaway_finish(struct loop *loop);

/* Before libh2o's context is disposed of. */
void goaway_forget(struct loop *loop);
