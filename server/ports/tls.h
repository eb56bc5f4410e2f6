/*
 * TLS: the certificate and what is negotiated with it (docs/decisions/0013-tls.md).
 *
 * Owner: struct server has the one struct tls. A connection holds a reference to the context that
 * it shook hands with, so that a new certificate disturbs nobody.
 * Thread: tls_context() on any; the rest on the main one.
 */
#pragma once

#include "config/config.h"
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>

struct tls {
    const struct config *config;
    SSL_client_hello_cb_fn on_hello; /* every context's */
    pthread_mutex_t lock;            /* guards `context` */
    SSL_CTX *context;                /* the one in use; NULL without TLS */
};

static inline bool tls_is_wanted(const struct config *config)
{
    return config->tls_cert[0] != '\0' || config->tls_key[0] != '\0';
}

/* Reads the pair of files, if the configuration names one: regular ones of up to 1 MiB, for which
   nobody has to wait. OpenSSL calls `on_hello` when a client has said hello. False: a line on
   stderr names the option and the reason. A certificate that has expired is only worth a warning.
 */
bool tls_open(struct tls *tls, const struct config *config, SSL_client_hello_cb_fn on_hello);

/* Reads the pair and forgets it, for --check-config. */
bool tls_check(const struct config *config);

/* Reads the pair again, for clients that come from now on. When it is no good the old one stays. */
void tls_reload(struct tls *tls);

/* The context to shake hands with; the caller has to SSL_CTX_free() it. */
SSL_CTX *tls_context(struct tls *tls);

void tls_close(struct tls *tls);
