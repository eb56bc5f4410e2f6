#include "server/ports/tls_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A chain of certificates has some 10 kB. */
#define FILE_BYTES_MOST ((off_t)1 << 20)

struct file {
    const char *option;
    const char *path;
    char *bytes; /* with a NUL behind them */
    size_t length;
    char *why; /* TLS_WHY_BYTES */
};

static bool complain(const struct file *file, const char *why)
{
    (void)snprintf(file->why, TLS_WHY_BYTES, "%s '%.300s': %s", file->option, file->path, why);
    return false;
}

/* Nobody may ever write to a FIFO, and a device may never end. */
static bool read_file(struct file *file)
{
    struct stat status = {0};
    if (file->path[0] == '\0') {
        (void)snprintf(file->why, TLS_WHY_BYTES,
                       "%s is missing: TLS needs both --tls-cert and --tls-key", file->option);
        return false;
    }
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *why = fd < 0 || fstat(fd, &status) != 0  ? strerror(errno)
                      : S_ISDIR(status.st_mode)          ? strerror(EISDIR)
                      : !S_ISREG(status.st_mode)         ? "it is not a regular file"
                      : status.st_size > FILE_BYTES_MOST ? "it is larger than 1 MiB"
                                                         : NULL;
    if (why == NULL) {
        file->bytes = OPENSSL_zalloc((size_t)status.st_size + 1);
        ssize_t got = file->bytes == NULL ? -1 : read(fd, file->bytes, (size_t)status.st_size);
        file->length = got > 0 ? (size_t)got : 0;
        why = got < 0 ? strerror(errno) : NULL;
    }
    if (fd >= 0)
        (void)close(fd);
    return why == NULL || complain(file, why);
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static bool holds(const struct file *file, const char *words)
{
    return strstr(file->bytes, words) != NULL;
}

/* What the bytes are in DER, whose every document begins with a SEQUENCE; NULL: none that we know.
 */
static const char *der_kind(const struct file *file)
{
    const unsigned char *at[] = {(unsigned char *)file->bytes, (unsigned char *)file->bytes,
                                 (unsigned char *)file->bytes};
    if (file->bytes[0] != 0x30)
        return NULL;
    X509 *certificate = d2i_X509(NULL, &at[0], (long)file->length);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at[1], (long)file->length);
    PKCS12 *both = d2i_PKCS12(NULL, &at[2], (long)file->length);
    const char *kind =
        certificate != NULL ? "it is in DER, not PEM: openssl x509 -inform der makes PEM of it"
        : key != NULL       ? "it is in DER, not PEM: openssl pkey -inform der makes PEM of it"
        : both != NULL      ? "it is in PKCS #12, not PEM: openssl pkcs12 -nodes makes PEM of it"
                            : NULL;
    X509_free(certificate);
    EVP_PKEY_free(key);
    PKCS12_free(both);
    return kind;
}

/* The first of OpenSSL's reasons is the one nearest to the file; the last says who gave up. */
static bool complain_of_content(const struct file *file, bool is_key)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    const char *der = der_kind(file);
    bool has_key = holds(file, "PRIVATE KEY-----");
    bool has_certificate = holds(file, " CERTIFICATE-----");
    if (strspn(file->bytes, " \t\r\n") == file->length)
        return complain(file, "it is empty");
    if (der != NULL)
        return complain(file, der);
    if (strlen(file->bytes) < file->length)
        return complain(file, "it is no text, or in UTF-16: PEM is ASCII");
    if (!is_key && has_key && !has_certificate)
        return complain(file, "it holds a private key: are --tls-cert and --tls-key swapped?");
    if (is_key && has_certificate && !has_key)
        return complain(file, "it holds a certificate: are --tls-cert and --tls-key swapped?");
    if (holds(file, " CERTIFICATE REQUEST-----"))
        return complain(file, "it holds a request for a certificate, which nobody has signed yet");
    if (holds(file, " PUBLIC KEY-----"))
        return complain(file, "it holds a public key");
    if (!holds(file, "-----BEGIN "))
        return complain(file, "it is no PEM: no line of it begins with -----BEGIN");
    return complain(file, reason == NULL ? "it cannot be read" : reason);
}

/* ---- loading --------------------------------------------------------------------------------- */

/* PEM's own question for a passphrase, which nobody is there to answer. */
static int refuse_passphrase(char *buffer, int size, int writing, void *was_asked)
{
    (void)writing;
    if (size > 0)
        *buffer = '\0';
    *(bool *)was_asked = true;
    return -1;
}

/* The certificate, and behind it those that vouch for it, up to the end of the file. */
static bool load_chain(SSL_CTX *context, BIO *bio)
{
    X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    bool is_good = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;
    X509_free(certificate);
    while (is_good && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        is_good = SSL_CTX_add0_chain_cert(context, certificate) == 1;
        if (!is_good)
            X509_free(certificate);
    }
    return is_good && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool load_certificate(SSL_CTX *context, struct file *file)
{
    BIO *bio = BIO_new_mem_buf(file->bytes, (int)file->length);
    bool is_good = bio != NULL && load_chain(context, bio);
    BIO_free(bio);
    if (!is_good)
        return complain_of_content(file, false);
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        (void)complain(file, "warning: it has expired");
    else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        (void)complain(file, "warning: it is not valid yet");
    return true;
}

static bool load_key(SSL_CTX *context, struct file *file)
{
    bool is_encrypted = false;
    BIO *bio = BIO_new_mem_buf(file->bytes, (int)file->length);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, &is_encrypted);
    BIO_free(bio);
    bool is_read = key != NULL;
    bool is_good = is_read && SSL_CTX_use_PrivateKey(context, key) == 1 &&
                   SSL_CTX_check_private_key(context) == 1;
    EVP_PKEY_free(key);
    if (is_encrypted)
        return complain(file, "it has a passphrase, which awaitd never asks for: take it off with "
                              "openssl pkey");
    if (is_read && !is_good)
        return complain(file, "it is not the key of the certificate in --tls-cert, or that is not "
                              "the first one there");
    return is_good || complain_of_content(file, true);
}

static bool load(SSL_CTX *context, struct file *file, bool (*use)(SSL_CTX *, struct file *))
{
    ERR_clear_error();
    bool is_good = read_file(file) && use(context, file);
    ERR_clear_error();
    OPENSSL_clear_free(file->bytes, file->length);
    return is_good;
}

bool tls_files_load(SSL_CTX *context, const struct config *config, char why[TLS_WHY_BYTES])
{
    struct file certificate = {.option = "--tls-cert", .path = config->tls_cert, .why = why};
    struct file key = {.option = "--tls-key", .path = config->tls_key, .why = why};
    why[0] = '\0';
    return load(context, &certificate, load_certificate) && load(context, &key, load_key);
}
