/*
 * A client that sends all of its request before it reads, with TLS or without: what many HTTP
 * libraries do. Needs cmocka.h before it.
 */
#pragma once

#include "tests/support/http.h"
#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct upload {
    int fd;
    SSL *ssl; /* NULL without TLS */
    char answer[8192];
};

static inline struct upload upload_open(const struct service *to, int tls_port, SSL_CTX *context)
{
    struct service at = *to;
    at.port = tls_port > 0 ? tls_port : to->port;
    struct upload upload = {.fd = raw_connect(&at)};
    const struct timeval patience = {.tv_sec = 30};
    (void)setsockopt(upload.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(upload.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (tls_port > 0) {
        upload.ssl = SSL_new(context);
        (void)SSL_set_fd(upload.ssl, upload.fd);
        assert_int_equal(SSL_connect(upload.ssl), 1);
    }
    return upload;
}

/* False: the connection was reset meanwhile. */
static inline bool upload_send(struct upload *upload, const char *bytes, size_t length)
{
    while (length > 0) {
        int piece = length > 65536 ? 65536 : (int)length;
        ssize_t sent = upload->ssl != NULL ? SSL_write(upload->ssl, bytes, piece)
                                           : send(upload->fd, bytes, (size_t)piece, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* Reads to the end of the connection into `answer`, NUL-terminated. Returns the answer's status;
   0: there is none, -1: the connection was reset, or TLS ended without a goodbye. */
static inline int upload_finish(struct upload *upload)
{
    char *answer = upload->answer;
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length < sizeof upload->answer - 1) {
        size_t room = sizeof upload->answer - 1 - length;
        got = upload->ssl != NULL ? SSL_read(upload->ssl, answer + length, (int)room)
                                  : recv(upload->fd, answer + length, room, 0);
        length += got > 0 ? (size_t)got : 0;
    }
    answer[length] = '\0';
    bool ended_well = upload->ssl != NULL
                          ? SSL_get_error(upload->ssl, (int)got) == SSL_ERROR_ZERO_RETURN
                          : got == 0;
    SSL_free(upload->ssl);
    (void)close(upload->fd);
    if (!ended_well)
        return -1;
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}
