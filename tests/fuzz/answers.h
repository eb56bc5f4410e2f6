/*
 * Whether what a server sent is a row of HTTP/1.1 responses, as strictly as RFC 9112 has them, and
 * each error an application/problem+json. Fails by FUZZ_CHECK(). Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `may_be_head`: an answer may lack the body that it announces, as one to HEAD does. Returns how
   many final responses there are. */
size_t answers_check(const uint8_t *bytes, size_t size, bool may_be_head);

/* The value of the first such header of the first response, of `*length` bytes; NULL: none.
   `name` is in lower case. */
const char *answers_header(const uint8_t *bytes, size_t size, const char *name, size_t *length);

/* `size` bytes are an object with the members of a problem document, of this status. */
void answers_check_problem(const char *bytes, size_t size, int status);

/* Each line is one JSON object. */
void answers_check_log(const char *lines);
