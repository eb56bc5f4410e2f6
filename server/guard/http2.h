/*
 * What libh2o knows of an HTTP/2 connection: its private structures, for the gate alone. They are
 * those of the version that server/base/h2o.h asserts, as Debian's own header has them.
 */
#pragma once

#include "server/base/h2o.h"

#include <h2o/http2.h>

#include <h2o/http2_internal.h>
