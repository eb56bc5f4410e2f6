/*
 * The recorder: a thread that keeps what loops tell of their runs (tape.h), and shows it to those
 * who ask: one recording, a list of them, or a stream of events. All that takes time, such as
 * writing JSON, is done here, so that looking on costs a loop nothing.
 *
 * Loops and the recorder write letters to each other (mailbox.h). What a loop sends, it gets back:
 * errands with their answer, viewers with a farewell. docs/decisions/0032-recorder.md says why so.
 *
 * Owner: struct server embeds it. Thread: recorder_start() and recorder_stop() on the main one,
 * recorder_post() on any, the rest as each says.
 */
#pragma once

#include "server/recorder/record.h"

/* Makes the tapes; with --live off there are none, and nothing is recorded. Returns 0 or an errno.
 */
int recorder_start(struct recorder *recorder, const struct config *config, int loop_count);

/* All loops have ended. */
void recorder_stop(struct recorder *recorder);

/* Hands it a letter. */
void recorder_post(struct recorder *recorder, struct letter *letter);

/* The tape of a loop, by its number from 0, or behind them the cage's; NULL: nothing is recorded.
 */
struct tape *recorder_tape(struct recorder *recorder, int index);
