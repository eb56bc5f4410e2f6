/*
 * Content negotiation (RFC 9110, section 12.5.1): which view a request's Accept fields ask for.
 * Several count as one that lists what all of them list (section 5.3); each is read where it lies.
 * Thread: any; no state but the caller's.
 */
#pragma once

#include "text/text.h"
#include "views/views.h"

/* What is looked at, all fields together. Browsers send 150 bytes. */
#define ACCEPT_BYTES 8192

/* By the range that names the view's type most closely. */
struct rating {
    int closeness; /* 0: none does */
    int quality;   /* in thousandths */
};

/* Zeroed at the start. */
struct negotiation {
    struct rating ratings[VIEWS];
    size_t bytes; /* of all fields; over ACCEPT_BYTES: no more was looked at */
};

/* What cannot be read in the field is passed over. */
void negotiate_field(struct negotiation *negotiation, struct text accept);

/* The view that is rated highest; the default one among equals, or where no field says anything.
   NULL: they rule out all of them. */
const struct view *negotiate_end(const struct negotiation *negotiation);

/* In thousandths, for how good a field like Accept or Accept-Encoding says that `wanted` is, by
   name; 0: it does not name it. */
int negotiate_quality(struct text field, const char *wanted);
