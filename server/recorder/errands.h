/*
 * Answering questions: one recording, or a list of them. Private to the recorder's thread.
 */
#pragma once

#include "server/recorder/record.h"

/* Answers it, and sends it back. */
void errand_run(struct recorder *recorder, struct errand *errand);
