/*
 * What all connections draw on together: tasks in flight, and memory beyond what each connection
 * has for itself (docs/decisions/0020-what-is-held.md). Who takes nothing out of it is served also
 * while others do their worst.
 *
 * HTTP/2 has many streams on one connection: a single one is in its price, as HTTP/1's request is;
 * all others must fit into its share, so that no connection leaves the others nothing.
 * Thread: the connection's loop; only the sums are shared.
 */
#pragma once

#include "server/loop/connection.h"

/* Of each item, what the requests of one connection may have. */
#define BUDGET_SHARES     4
#define BUDGET_SHARE(all) ((all) / BUDGET_SHARES)

/* Of memory, what the one request of a connection may hold without asking: it is in its price. */
#define HELD_FREE_BYTES 4096

/* What each other stream of HTTP/2 costs besides its head, its run and its answer. */
#define HELD_STREAM_BYTES 8192

/* False: there is not so much left, or not for this connection, and nothing was taken. */
bool budget_take(struct connection *connection, enum budget_item item, int64_t amount);

/* The same of max_held, where the connection may have so many shares. */
bool budget_take_held(struct connection *connection, int64_t bytes, int shares);

void budget_give(struct connection *connection, enum budget_item item, int64_t amount);

/* For what outlives its connection's request: takes it off the connection's account now;
   budget_give_rest() puts it back for all. */
void budget_leave(struct connection *connection, enum budget_item item, int64_t amount);
void budget_give_rest(struct shared *shared, enum budget_item item, int64_t amount);
