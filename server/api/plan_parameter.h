/*
 * The `plan` parameter of /run: its text is read (plans/read.h), its bounds are checked, and what
 * is wrong is said in a sentence that points at the place. Thread: the request's loop; memory comes
 * from the request's pool.
 */
#pragma once

#include "server/api/reading.h"

/* As struct parameter's `read` and `describe`. */
bool plan_parameter_read(struct reading *reading, struct text given);
void plan_parameter_describe(const struct config *config, json_t *description);

/* Where /run was asked for without one. Returns false. */
bool plan_parameter_missing(struct problem *problem);
