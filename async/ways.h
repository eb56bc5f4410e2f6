/*
 * What is done for each way of waiting: struct co_way, in task.h. loop.c gives it to each loop, so
 * that task.c needs none of the files behind it.
 */
#pragma once

#include "async/task.h"

/* By enum co_waiting; NULL where there is nothing to do. */
extern const struct co_way *const co_ways[CO_WAITINGS];
