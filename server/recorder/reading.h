/*
 * Reading what loops have told: sheets become recordings, and events where somebody looks on.
 * Private to the recorder's thread.
 */
#pragma once

#include "server/recorder/record.h"

/* Keeps a sheet, and reads it if somebody looks on. */
void reading_keep(struct recorder *recorder, struct sheet *sheet);

/* Reads all that was kept unread, because somebody asks. */
void reading_catch_up(struct recorder *recorder);

/* Begins another second, if it is time, and tells how many runs began in the last one. */
void reading_count_second(struct recorder *recorder, int64_t now_ns);

/* Forgets all. */
void reading_forget(struct recorder *recorder);
