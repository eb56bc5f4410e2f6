/*
 * Every view, the default first. To add one:
 *   1. write views/NAME.c, which defines `const struct view NAME_view`;
 *   2. add DO(NAME) to EACH_VIEW, from which its declaration, VIEWS and views[] follow.
 *
 * Thread: any; constant.
 */
#pragma once

#include "views/view.h"

#define EACH_VIEW(DO) DO(json) DO(text) DO(python) DO(ndjson) DO(svg) DO(trace)

#define VIEW_DECLARE(name) extern const struct view name##_view;
EACH_VIEW(VIEW_DECLARE)

#define VIEW_COUNT(name) +1
#define VIEWS            (0 EACH_VIEW(VIEW_COUNT))

extern const struct view *const views[VIEWS];
