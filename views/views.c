#include "views/views.h"

#define ADDRESS_OF(name) &name##_view,

const struct view *const views[VIEWS] = {EACH_VIEW(ADDRESS_OF)};
