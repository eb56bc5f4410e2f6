/*
 * Answering a request: what every answer begins with, whole answers, and answers in pieces.
 * Thread: the request's loop.
 */
#pragma once

#include "server/http/headers.h"
#include "server/http/problem.h"
#include "server/http/request.h"

/* Sets status, reason, content type (or NULL) and the headers that all answers have. During a drain
   it also decides whether this answer is its connection's last. The length stays unknown. */
void answer_begin(struct request *request, int status, const char *content_type);

/* Answers with `length` bytes, which are copied. The request may be gone when this returns. */
void answer_send(struct request *request, int status, const char *content_type, const char *bytes,
                 size_t length);

/* The same with bytes that are there for as long as the request. */
void answer_lend(struct request *request, int status, const char *content_type, h2o_iovec_t bytes);

/* Answers with a problem document. The request may be gone when this returns. */
void answer_problem(struct request *request, const struct problem *problem);

/* Sends the next piece of an answer that was begun, after h2o_start_response(); `piece` is lent
   until libh2o asks for more. The request may be gone when this returns. */
void answer_piece(struct request *request, h2o_iovec_t piece, bool is_last);
