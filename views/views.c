#include "views/view.h"

const struct view *const views[VIEWS] = {&json_view, &text_view};
