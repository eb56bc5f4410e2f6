/*
 * What a handler uses besides async.h: it says words, and asks what its request wished.
 * Thread: the run's loop.
 */
#pragma once

#include "handlers/plan.h"

/* print(): puts `text`, a literal, on the timeline with the task that says it and the time. */
void say(struct co *co, const char *text);

/* How long this hi() is to wait. */
int64_t delay_of(const struct co *co);

/* How many hi() the request asked for. */
uint32_t count_of(const struct co *co);

/* In which way each hi() is to wait. */
enum sleep_mode sleep_of(const struct co *co);

/* time.sleep(): holds up the whole loop, and adds to the timeline for how long. */
void block(struct co *co, int64_t duration_ns);
