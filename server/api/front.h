/*
 * The front door: to a browser the page (web/), to everyone else the list of endpoints as JSON. Off
 * with --page off. Thread: the request's loop.
 */
#pragma once

#include "server/http/request.h"

bool front_is_on(const struct config *config);
void front_answer(struct request *request);
