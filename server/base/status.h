/*
 * The status codes that awaitd sends, with their reason phrases. Thread: any; constant.
 */
#pragma once

#define STATUSES 15

/* RFC 9110, section 15, and nginx's 499; "Error" for one that awaitd does not send. */
const char *status_reason(int status);

/* Its place among them; STATUSES for any other. */
int status_index(int status);

/* "200"; "other" for STATUSES. */
const char *status_text(int index);
