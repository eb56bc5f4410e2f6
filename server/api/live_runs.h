/*
 * /runs and /runs/ID: questions to the recorder, whose thread writes the answers (recorder.h). A
 * loop only sends them. Thread: the request's loop.
 */
#pragma once

#include "server/http/request.h"
#include "server/recorder/recorder.h"

/* The newest recordings: ?limit=20&before=ID&request_id=PREFIX. */
void live_answer_list(struct request *request);

/* One recording, or with ?format= a view of it. */
void live_answer_run(struct request *request);

/* The errand has come back: answers, if somebody still waits, and frees it. */
void live_errand_back(struct loop *loop, struct errand *errand);
