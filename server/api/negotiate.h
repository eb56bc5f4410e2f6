/*
 * Content negotiation (RFC 9110, section 12.5.1): which view an Accept header asks for.
 * Thread: any; no state.
 */
#pragma once

#include "views/view.h"

/* The view that `accept` rates highest; the default one among equals, or without a header (length
   0). NULL: it rules out all of them. What it cannot read in the header it passes over. */
const struct view *negotiate(const char *accept, size_t length);
