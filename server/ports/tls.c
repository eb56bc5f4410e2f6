#include "server/ports/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A chain of certificates has some 10 kB. */
#define FILE_BYTES ((off_t)1 << 20)

/* Mozilla's "intermediate" list for TLS 1.2, without finite-field DHE, which costs a server most
   and has no client to itself (wiki.mozilla.org/Security/Server_Side_TLS). TLS 1.3 has no bad ones.
 */
static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

static const char groups[] = "X25519:P-256:P-384";

/* Each with its length before it (RFC 7301, section 3.1), ours first. */
static const unsigned char protocols[] = "\x02h2\x08http/1.1";
#define HTTP1_AT 3

/* ---- what is wrong with the files ------------------------------------------------------------ */

static bool complain(const char *option, const char *path, const char *why)
{
    (void)fprintf(stderr, "awaitd: %s '%s': %s\n", option, path, why);
    return false;
}

/* The last of OpenSSL's reasons is the one nearest to us. */
static const char *reason(void)
{
    unsigned long error = ERR_peek_last_error();
    const char *text = ERR_GET_LIB(error) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(error))
                                                         : ERR_reason_error_string(error);
    return text == NULL ? "cannot be read" : text;
}

/* Opens a file to read, NULL: complained. The thread that reads it obeys SIGTERM too, so it waits
   for no file: nobody may ever write to a FIFO, and a device may never end. */
static BIO *open_file(const char *option, const char *path)
{
    struct stat status;
    if (path[0] == '\0') {
        (void)fprintf(stderr, "awaitd: %s is missing: TLS needs both --tls-cert and --tls-key\n",
                      option);
        return NULL;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *why = fd < 0 || fstat(fd, &status) != 0 ? strerror(errno)
                      : S_ISDIR(status.st_mode)         ? strerror(EISDIR)
                      : !S_ISREG(status.st_mode)        ? "it is not a regular file"
                      : status.st_size > FILE_BYTES     ? "it is larger than 1 MiB"
                                                        : NULL;
    FILE *file = why == NULL ? fdopen(fd, "r") : NULL;
    BIO *bio = file == NULL ? NULL : BIO_new_fp(file, BIO_CLOSE);
    if (bio != NULL)
        return bio;
    (void)complain(option, path, why == NULL ? strerror(ENOMEM) : why);
    if (file != NULL)
        (void)fclose(file);
    else if (fd >= 0)
        (void)close(fd);
    return NULL;
}

/* PEM's own question for a passphrase, which nobody is there to answer. */
static int refuse_passphrase(char *buffer, int size, int writing, void *was_asked)
{
    (void)writing;
    if (size > 0)
        *buffer = '\0';
    *(bool *)was_asked = true;
    return -1;
}

/* ---- a context ------------------------------------------------------------------------------- */

/* The certificate, and behind it those that vouch for it, up to the end of the file. */
static bool read_chain(SSL_CTX *context, BIO *file)
{
    X509 *certificate = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL);
    bool is_good = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;
    X509_free(certificate);
    while (is_good && (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        is_good = SSL_CTX_add0_chain_cert(context, certificate) == 1;
        if (!is_good)
            X509_free(certificate);
    }
    if (!is_good || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return false;
    ERR_clear_error();
    return true;
}

static bool use_certificate(SSL_CTX *context, const char *path)
{
    BIO *file = open_file("--tls-cert", path);
    if (file == NULL)
        return false;
    bool is_good = read_chain(context, file);
    BIO_free(file);
    if (!is_good)
        return complain("--tls-cert", path, reason());
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        (void)complain("--tls-cert", path, "warning: it has expired");
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        (void)complain("--tls-cert", path, "warning: it is not valid yet");
    return true;
}

static bool use_key(SSL_CTX *context, const char *path)
{
    bool is_encrypted = false;
    BIO *file = open_file("--tls-key", path);
    if (file == NULL)
        return false;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, refuse_passphrase, &is_encrypted);
    BIO_free(file);
    bool is_good = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;
    EVP_PKEY_free(key);
    if (is_good && SSL_CTX_check_private_key(context) == 1)
        return true;
    if (is_encrypted)
        return complain("--tls-key", path,
                        "it has a passphrase, which awaitd never asks for: take it off with "
                        "openssl pkey");
    if (is_good || ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
        return complain("--tls-key", path, "it is not the key of the certificate in --tls-cert");
    return complain("--tls-key", path, reason());
}

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

/* NULL: a line on stderr has said why. */
static SSL_CTX *make_context(const struct tls *tls)
{
    const struct config *config = tls->config;
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        (void)fprintf(stderr, "awaitd: TLS: %s\n", reason());
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
    SSL_CTX_set_client_hello_cb(context, tls->on_hello, NULL);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, (void *)config);
    if (SSL_CTX_set_cipher_list(context, ciphers) != 1 ||
        SSL_CTX_set1_groups_list(context, groups) != 1)
        (void)fprintf(stderr, "awaitd: TLS: %s\n", reason());
    else if (use_certificate(context, config->tls_cert) && use_key(context, config->tls_key))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/* ---- the one that is in use ------------------------------------------------------------------ */

bool tls_open(struct tls *tls, const struct config *config, SSL_client_hello_cb_fn on_hello)
{
    *tls = (struct tls){.config = config, .on_hello = on_hello};
    (void)pthread_mutex_init(&tls->lock, NULL);
    if (tls_is_wanted(config))
        tls->context = make_context(tls);
    return tls->context != NULL || !tls_is_wanted(config);
}

bool tls_check(const struct config *config)
{
    struct tls tls;
    bool is_good = tls_open(&tls, config, NULL);
    tls_close(&tls);
    return is_good;
}

void tls_reload(struct tls *tls)
{
    SSL_CTX *renewed = make_context(tls);
    if (renewed == NULL) {
        (void)fprintf(stderr, "awaitd: the certificate in use stays\n");
        return;
    }
    (void)pthread_mutex_lock(&tls->lock);
    SSL_CTX *old = tls->context;
    tls->context = renewed;
    (void)pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(old);
    (void)fprintf(stderr, "awaitd: read the certificate again\n");
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
