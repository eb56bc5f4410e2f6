/*
 * The status codes that awaitd sends, with their reason phrases. Thread: any; constant.
 */
#pragma once

/* RFC 9110, section 15, and nginx's 499; "Error" for one that awaitd does not send. */
const char *status_reason(int status);
