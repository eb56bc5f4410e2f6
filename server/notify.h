/*
 * Telling the supervisor how things are: sd_notify(3) without its library, one datagram to the
 * socket that NOTIFY_SOCKET names. Thread: the main one.
 */
#pragma once

/* "READY=1", "STOPPING=1". Without NOTIFY_SOCKET, or if nobody listens there: does nothing. */
void notify_supervisor(const char *state);
