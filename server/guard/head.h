/*
 * The head of an HTTP/1 request, looked at before libh2o has it, with TLS and without. libh2o lets
 * it grow to 400 KiB, and takes nine times the bytes of a path with a `%` in it to decode that.
 *
 * What is too large is refused as every other request is, by its handler: the bytes in libh2o's
 * buffer are overwritten with a head of the same size that ends there, and head.refusal says what
 * to answer.
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"

/* quick_stream.h's on_wanted hook. */
void head_watch(struct quick_stream *stream);
