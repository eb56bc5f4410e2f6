/*
 * The head of an HTTP/1 request, where libh2o's reading of it is not RFC 9112's. Its parser's
 * phr_parse_request() is hidden by ours, which reads the request line itself: a method is a token,
 * white space behind a field's value is no part of it, and HTTP/1.0 has no Expect.
 *
 * Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"

/* Whether its client means to go on with this connection (RFC 9112, section 9.3). */
bool http1_persists(const h2o_req_t *req);
