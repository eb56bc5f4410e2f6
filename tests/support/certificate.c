#include "tests/support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY_SECONDS    86400
#define MOST_ARGUMENTS 32

static X509 *sign(EVP_PKEY *key, int days)
{
    X509 *x509 = X509_new();
    assert_non_null(x509);
    X509_NAME *name = X509_get_subject_name(x509);
    assert_int_equal(X509_set_version(x509, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), test_now_ns()), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), -10L * DAY_SECONDS));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), (long)days * DAY_SECONDS));
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"localhost", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x509, name), 1);
    assert_int_equal(X509_set_pubkey(x509, key), 1);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    return x509;
}

static void write_key(const char *path, EVP_PKEY *key, const EVP_CIPHER *cipher)
{
    char passphrase[] = "secret";
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, cipher,
                                          cipher == NULL ? NULL : (unsigned char *)passphrase,
                                          cipher == NULL ? 0 : 6, NULL, NULL),
                     1);
    (void)fclose(file);
}

void certificate_renew(const struct certificate *certificate, int days)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    X509 *x509 = sign(key, days);
    FILE *file = fopen(certificate->cert, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    (void)fclose(file);
    write_key(certificate->key, key, NULL);
    X509_free(x509);
    EVP_PKEY_free(key);
}

void certificate_make_for(struct certificate *certificate, int days)
{
    test_make_folder(certificate->folder);
    (void)snprintf(certificate->cert, sizeof certificate->cert, "%s/cert.pem", certificate->folder);
    (void)snprintf(certificate->key, sizeof certificate->key, "%s/key.pem", certificate->folder);
    certificate_renew(certificate, days);
}

void certificate_make(struct certificate *certificate)
{
    certificate_make_for(certificate, 30);
}

void certificate_lock(const struct certificate *certificate)
{
    FILE *file = fopen(certificate->key, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    assert_non_null(key);
    (void)fclose(file);
    write_key(certificate->key, key, EVP_aes_128_cbc());
    EVP_PKEY_free(key);
}

void certificate_remove(const struct certificate *certificate)
{
    (void)unlink(certificate->cert);
    (void)unlink(certificate->key);
    (void)rmdir(certificate->folder);
}

void certificate_serve(struct service *service, const struct certificate *certificate,
                       const char *const *options)
{
    const char *arguments[MOST_ARGUMENTS + 1] = {"--tls-port",      "0",         "--tls-cert",
                                                 certificate->cert, "--tls-key", certificate->key};
    size_t count = 6;
    for (; options != NULL && *options != NULL; options++) {
        assert_true(count < MOST_ARGUMENTS);
        arguments[count++] = *options;
    }
    service_start(service, arguments);
}

int certificate_port(const struct service *service)
{
    const char *url = strstr(service->started, "https://");
    assert_non_null(url);
    const char *end = url + strcspn(url, " \",");
    const char *colon = memrchr(url, ':', (size_t)(end - url));
    assert_non_null(colon);
    return atoi(colon + 1);
}
