/*
 * HTTP for tests: one request, or many at once, with libcurl; and bytes on a bare socket for all
 * that libcurl is too well-behaved to send. Fails the running cmocka test when something is wrong
 * with the transport, unless the function says otherwise.
 */
#pragma once

#include "tests/support/service.h"
#include <jansson.h>
#include <stddef.h>

struct answer {
    long status;   /* 0: no answer */
    int curl_code; /* CURLcode: 0 is fine */
    double seconds;
    long http_version; /* CURL_HTTP_VERSION_* */
    char *headers;     /* as they came, lines ended by CR LF, NUL-terminated */
    char *body;        /* NUL-terminated */
    size_t body_bytes;
};

/* What differs from a plain GET; zeroed is a plain GET. */
struct ask {
    const char *method;         /* NULL: GET; "HEAD" asks for no body */
    const char *const *headers; /* NULL-terminated, "Name: value" */
    const char *body;
    size_t body_bytes;
    const char *unix_path;  /* a Unix socket in the place of TCP */
    long timeout_ms;        /* 0: 60 s; past it curl_code is CURLE_OPERATION_TIMEDOUT, no failure */
    bool tolerates_failure; /* curl_code tells; otherwise a transport error fails the test */
    bool fresh_connection;
    bool proxy_header; /* begins with a PROXY header, version 1, of the test's own address */
    bool http2;        /* with prior knowledge; or, with `tls_port`, agreed on */
    int tls_port;      /* 0: without TLS; the certificate is not looked at */
};

struct answer http_ask(const struct service *service, const char *path, const struct ask *ask);
struct answer http_get(const struct service *service, const char *path);
void answer_free(struct answer *answer);

/* The value of a header, or NULL; `name` in any case. The caller frees it. */
char *answer_header(const struct answer *answer, const char *name);

/* The body as JSON, asserted to be valid; the caller decrefs it. */
json_t *answer_json(const struct answer *answer);

/* `count` requests of the same kind at once on their own connections, through one curl multi
   handle. The caller frees each answer and the array. */
struct answer *http_many(const struct service *service, const char *path, const struct ask *ask,
                         size_t count);

/* The same with a path for each request: different things that take long, at the same time. */
struct answer *http_each(const struct service *service, const char *const *paths,
                         const struct ask *ask, size_t count);

/* ---- bare sockets ---------------------------------------------------------------------------- */

/* Connects to the service; the caller closes it. */
int raw_connect(const struct service *service);

/* Sends all of `text`. */
void raw_send(int fd, const char *text);

/* Reads until the other side closes, `timeout_ms` pass without a byte, or `size` - 1 bytes are
   there. NUL-terminates; returns how many, -1 when the connection was reset with nothing read. */
ssize_t raw_read(int fd, char *buffer, size_t size, int timeout_ms);

/* True once the other side has closed or reset the connection, within `timeout_ms`; eats what
 * comes. */
bool raw_is_closed(int fd, int timeout_ms);

/* Reads on until `wanted` is among the bytes, which are NUL-terminated and grow in `buffer` from
   one call to the next (its first byte is 0 before the first); fails after `timeout_ms` without it.
 */
void raw_read_until(int fd, char *buffer, size_t size, const char *wanted, int timeout_ms);

/* One exchange: connects, sends `request`, reads what comes until the other side closes or is
   silent for 10 s, and closes. Say "Connection: close" or ask in HTTP/1.0. */
void raw_exchange(const struct service *service, const char *request, char *buffer, size_t size);
