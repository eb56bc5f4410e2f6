#include "handlers/endpoints.h"

#define ADDRESS_OF(name) &name##_endpoint,

const struct endpoint *const endpoints[ENDPOINTS] = {EACH_ENDPOINT(ADDRESS_OF)};
