/*
 * TLS: the certificate and what is negotiated with it (docs/decisions/0013-tls.md).
 *
 * Owner: struct shared has the one struct tls. A connection holds a reference to the context that
 * it shook hands with, so that a new certificate disturbs nobody.
 * Thread: tls_context() on any; the rest on the main one.
 */
#pragma once

#include "server/ports/tls_files.h"
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>

/* OpenSSL calls it for each message of a handshake, read or written (SSL_set_msg_callback(3)). */
typedef void tls_on_message(int is_written, int version, int kind, const void *message,
                            size_t length, SSL *ssl, void *unused);

struct tls {
    const struct config *config;
    tls_on_message *on_message; /* every context's */
    pthread_mutex_t lock;       /* guards `context` */
    SSL_CTX *context;           /* the one in use; NULL without TLS */
};

static inline bool tls_is_wanted(const struct config *config)
{
    return config->tls_cert[0] != '\0' || config->tls_key[0] != '\0';
}

/* Reads the pair of files, if the configuration names one. False: a line on stderr names the file
   and what is wrong with it. A certificate that has expired is only worth a warning. */
bool tls_open(struct tls *tls, const struct config *config, tls_on_message *on_message);

/* Reads the pair and forgets it, for --check-config. */
bool tls_check(const struct config *config);

/* Reads the pair again, for clients that come from now on. False: it is no good, and the old one
   stays. `why` is as tls_files_load() has it. */
bool tls_reload(struct tls *tls, char why[TLS_WHY_BYTES]);

/* The context to shake hands with; the caller has to SSL_CTX_free() it. */
SSL_CTX *tls_context(struct tls *tls);

void tls_close(struct tls *tls);
