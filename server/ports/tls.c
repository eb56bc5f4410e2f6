#include "server/ports/tls.h"

#include <stdio.h>
#include <string.h>

/* Mozilla's "intermediate" list for TLS 1.2, without finite-field DHE, which costs a server most
   and has no client to itself (wiki.mozilla.org/Security/Server_Side_TLS). TLS 1.3 has no bad ones.
 */
static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

static const char groups[] = "X25519:P-256:P-384";

/* Each with its length before it (RFC 7301, section 3.1), the best first. */
static const unsigned char protocols[] = "\x02h2\x08http/1.1\x08http/1.0";
#define HTTP1_AT 3

/* ---- a context ------------------------------------------------------------------------------- */

/* A client that offers nothing of ours is refused, as the RFC has it; one that offers nothing at
   all is not asked here, and gets HTTP/1. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *length,
                           const unsigned char *offered, unsigned int offered_bytes, void *argument)
{
    (void)ssl;
    const struct config *config = argument;
    unsigned char *found = NULL;
    size_t first = config->http2 == CONFIG_ON ? 0 : HTTP1_AT;
    unsigned int ours_bytes = (unsigned int)(sizeof protocols - 1 - first);
    int outcome = SSL_select_next_proto(&found, length, protocols + first, ours_bytes, offered,
                                        offered_bytes);
    *chosen = found;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* NULL: `why` says why. Else it may have a warning. */
static SSL_CTX *make_context(const struct tls *tls, char why[TLS_WHY_BYTES])
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        (void)snprintf(why, TLS_WHY_BYTES, "TLS: out of memory");
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    /* Renegotiation is what libh2o cannot do; there is no such thing in TLS 1.3. */
    (void)SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    /* Sessions are resumed by tickets, one to a client; a cache would want a lock. */
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(context, 1);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    /* Without it libh2o waits for ever to say goodbye to a client that has reset the connection. */
    SSL_CTX_set_quiet_shutdown(context, 1);
    SSL_CTX_set_msg_callback(context, tls->on_message);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, (void *)tls->config);
    if (SSL_CTX_set_cipher_list(context, ciphers) != 1 ||
        SSL_CTX_set1_groups_list(context, groups) != 1)
        (void)snprintf(why, TLS_WHY_BYTES, "TLS: OpenSSL has none of our ciphers or groups");
    else if (tls_files_load(context, tls->config, why))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/* ---- the one that is in use ------------------------------------------------------------------ */

bool tls_open(struct tls *tls, const struct config *config, tls_on_message *on_message)
{
    *tls = (struct tls){.config = config, .on_message = on_message};
    char why[TLS_WHY_BYTES] = "";
    (void)pthread_mutex_init(&tls->lock, NULL);
    if (tls_is_wanted(config))
        tls->context = make_context(tls, why);
    if (why[0] != '\0')
        (void)fprintf(stderr, "awaitd: %s\n", why);
    return tls->context != NULL || !tls_is_wanted(config);
}

bool tls_check(const struct config *config)
{
    struct tls tls;
    bool is_good = tls_open(&tls, config, NULL);
    tls_close(&tls);
    return is_good;
}

bool tls_reload(struct tls *tls, char why[TLS_WHY_BYTES])
{
    SSL_CTX *renewed = make_context(tls, why);
    if (renewed == NULL)
        return false;
    (void)pthread_mutex_lock(&tls->lock);
    SSL_CTX *old = tls->context;
    tls->context = renewed;
    (void)pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(old);
    return true;
}

SSL_CTX *tls_context(struct tls *tls)
{
    (void)pthread_mutex_lock(&tls->lock);
    SSL_CTX *context = tls->context;
    (void)SSL_CTX_up_ref(context);
    (void)pthread_mutex_unlock(&tls->lock);
    return context;
}

void tls_close(struct tls *tls)
{
    SSL_CTX_free(tls->context);
    (void)pthread_mutex_destroy(&tls->lock);
}
