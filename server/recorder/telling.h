/*
 * A recording in JSON: whole, as /runs/ID and /runs show it, and bit by bit, as events. Private to
 * the recorder's thread.
 */
#pragma once

#include "server/recorder/recordings.h"
#include "server/recorder/run_name.h"
#include <stdio.h>

/* As /runs/ID shows it; without what happened, as a list does. */
void tell_recording(FILE *to, const char *epoch, const struct recording *recording, bool is_whole);

/* "event: run": it begins, or it is over. */
void tell_beginning(FILE *to, const char *epoch, const struct recording *recording);
void tell_end(FILE *to, const char *epoch, const struct recording *recording);

/* "event: timeline": what is new since the last time, or some of that; false: nothing is. */
bool tell_news(FILE *to, const char *epoch, struct recording *recording);
