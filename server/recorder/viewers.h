/*
 * Those who look on: greeted, served with what they have not seen, and let go. Private to the
 * recorder's thread.
 */
#pragma once

#include "server/recorder/record.h"

/* It comes, or it can take more. */
void viewer_look(struct recorder *recorder, struct viewer *viewer);

/* It has left. */
void viewer_leave(struct recorder *recorder, struct viewer *viewer);

/* Sends to all who can take something what there is for them. */
void viewers_serve(struct recorder *recorder, int64_t now_ns);
