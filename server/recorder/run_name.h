/*
 * How others know a run: "5f3a-17", of which the first four digits tell this process's runs (and
 * events) from those of another one, behind a balancer or before a restart. Thread: any; no state.
 */
#pragma once

#include "text/text.h"
#include <stdint.h>

#define EPOCH_DIGITS 4

/* Room for "5f3a-18446744073709551615". */
#define RUN_NAME_BYTES 32

void run_name(const char *epoch, uint64_t number, char name[RUN_NAME_BYTES]);

/* 0 for one that is none of this process's. */
uint64_t run_number(const char *epoch, struct text name);
