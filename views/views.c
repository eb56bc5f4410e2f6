#include "views/view.h"

const struct view *const views[] = {&json_view, &text_view, NULL};
