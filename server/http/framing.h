/*
 * Whether a request can be read in one way only. libh2o accepts, and hides from its handlers, heads
 * that another server on the way may read differently, so that the two disagree on where a request
 * ends ("request smuggling", RFC 9112, section 11.2). This reads the bytes themselves and refuses
 * such heads; docs/threats.md has the list.
 *
 * Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"
#include "server/http/problem.h"

/* `input` is HTTP/1's buffer, with the request at its front. False: `problem` is to be sent. The
   request is then its connection's last, as nobody knows where the next one begins. So is one whose
   body came in chunks, as libh2o alone sees these. */
bool framing_check(h2o_req_t *req, const h2o_buffer_t *input, struct problem *problem);
