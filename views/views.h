/*
 * Every view, the default first. To add one: a file of its own, which defines NAME_view, and a name
 * in this list. Thread: any; constant.
 */
#pragma once

#include "views/view.h"

#define EACH_VIEW(DO) DO(json) DO(text)

#define VIEW_DECLARE(name) extern const struct view name##_view;
EACH_VIEW(VIEW_DECLARE)

#define VIEW_COUNT(name) +1
#define VIEWS            (0 EACH_VIEW(VIEW_COUNT))

extern const struct view *const views[VIEWS];
