/*
 * Files that are no certificate and no key: the message names the file and says what it is, in
 * words that tell what to do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate_case.h"
#include "tests/support/count.h"
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static X509 *read_certificate(void)
{
    FILE *file = fopen(certificate.cert, "r");
    assert_non_null(file);
    X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
    assert_non_null(x509);
    (void)fclose(file);
    return x509;
}

static EVP_PKEY *read_key(void)
{
    FILE *file = fopen(certificate.key, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    assert_non_null(key);
    (void)fclose(file);
    return key;
}

/* ---- what people put there ------------------------------------------------------------------- */

static void nothing(FILE *file)
{
    (void)file;
}

static void blank_lines(FILE *file)
{
    (void)fputs("\n \r\n", file);
}

static void der_certificate(FILE *file)
{
    X509 *x509 = read_certificate();
    assert_int_equal(i2d_X509_fp(file, x509), 1);
    X509_free(x509);
}

static void der_key(FILE *file)
{
    EVP_PKEY *key = read_key();
    assert_int_equal(i2d_PrivateKey_fp(file, key), 1);
    EVP_PKEY_free(key);
}

static void pkcs12(FILE *file)
{
    X509 *x509 = read_certificate();
    EVP_PKEY *key = read_key();
    PKCS12 *both = PKCS12_create("secret", "us", key, x509, NULL, 0, 0, 0, 0, 0);
    assert_non_null(both);
    assert_int_equal(i2d_PKCS12_fp(file, both), 1);
    PKCS12_free(both);
    X509_free(x509);
    EVP_PKEY_free(key);
}

static void copy(FILE *file, const char *path, size_t most)
{
    char text[4096];
    FILE *from = fopen(path, "r");
    assert_non_null(from);
    size_t length = fread(text, 1, most < sizeof text ? most : sizeof text, from);
    (void)fclose(from);
    assert_int_equal(fwrite(text, 1, length, file), length);
}

static void pem_key(FILE *file)
{
    copy(file, certificate.key, SIZE_MAX);
}

static void pem_certificate(FILE *file)
{
    copy(file, certificate.cert, SIZE_MAX);
}

static void half_a_certificate(FILE *file)
{
    copy(file, certificate.cert, 100);
}

/* As PowerShell's > writes it. */
static void utf16(FILE *file)
{
    static const char text[] = "\xff\xfe-\0-\0-\0-\0-\0B\0E\0G\0I\0N\0";
    assert_int_equal(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
}

static void broken_certificate(FILE *file)
{
    (void)fputs("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", file);
}

static void good_and_broken_certificate(FILE *file)
{
    pem_certificate(file);
    broken_certificate(file);
}

static void request(FILE *file)
{
    (void)fputs("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                file);
}

static void public_key(FILE *file)
{
    EVP_PKEY *key = read_key();
    assert_int_equal(PEM_write_PUBKEY(file, key), 1);
    EVP_PKEY_free(key);
}

static void prose(FILE *file)
{
    (void)fputs("the certificate goes here\n", file);
}

struct row {
    void (*write)(FILE *file);
    const char *why;
};

static const struct row no_certificates[] = {
    {nothing, "it is empty"},
    {blank_lines, "it is empty"},
    {der_certificate, "it is in DER, not PEM: openssl x509 -inform der makes PEM of it"},
    {pkcs12, "it is in PKCS #12, not PEM: openssl pkcs12 -nodes makes PEM of it"},
    {pem_key, "it holds a private key: are --tls-cert and --tls-key swapped?"},
    {half_a_certificate, "bad end line"},
    {utf16, "it is no text, or in UTF-16: PEM is ASCII"},
    {broken_certificate, "bad base64 decode"},
    {good_and_broken_certificate, "bad base64 decode"},
    {request, "it holds a request for a certificate, which nobody has signed yet"},
    {public_key, "it holds a public key"},
    {prose, "it is no PEM: no line of it begins with -----BEGIN"},
};

static const struct row no_keys[] = {
    {nothing, "it is empty"},
    {der_key, "it is in DER, not PEM: openssl pkey -inform der makes PEM of it"},
    {pkcs12, "it is in PKCS #12, not PEM: openssl pkcs12 -nodes makes PEM of it"},
    {pem_certificate, "it holds a certificate: are --tls-cert and --tls-key swapped?"},
    {public_key, "it holds a public key"},
    {prose, "it is no PEM: no line of it begins with -----BEGIN"},
};

/* ---- what they read -------------------------------------------------------------------------- */

static void expect_said(const char *cert, const char *key, const char *option, const char *path,
                        const char *why)
{
    char expected[512];
    const char *const arguments[] = {"--check-config", "--tls-cert", cert, "--tls-key", key, NULL};
    struct outcome outcome = service_run(arguments, NULL);
    (void)snprintf(expected, sizeof expected, "awaitd: %s '%s': %s\n", option, path, why);
    if (outcome.status != 2 || strcmp(outcome.errors, expected) != 0)
        fail_msg("%d, not '%s': %s", outcome.status, expected, outcome.errors);
}

static void expect_all(const struct row *rows, size_t count, bool is_key)
{
    char folder[TEST_FOLDER_BYTES];
    char path[TEST_FOLDER_BYTES + 8];
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/odd", folder);
    for (size_t i = 0; i < count; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        rows[i].write(file);
        (void)fclose(file);
        expect_said(is_key ? certificate.cert : path, is_key ? path : certificate.key,
                    is_key ? "--tls-key" : "--tls-cert", path, rows[i].why);
    }
    (void)unlink(path);
    (void)rmdir(folder);
}

static void what_is_no_certificate_is_called_what_it_is(void **state)
{
    (void)state;
    expect_all(no_certificates, COUNT(no_certificates), false);
}

static void what_is_no_key_is_called_what_it_is(void **state)
{
    (void)state;
    expect_all(no_keys, COUNT(no_keys), true);
}

static void what_cannot_be_read_has_the_reason(void **state)
{
    (void)state;
    expect_said(certificate.folder, certificate.key, "--tls-cert", certificate.folder,
                "Is a directory");
    expect_said(certificate.cert, "/nowhere/key.pem", "--tls-key", "/nowhere/key.pem",
                "No such file or directory");
    if (geteuid() != 0) { /* who may read everything */
        assert_int_equal(chmod(certificate.key, 0), 0);
        expect_said(certificate.cert, certificate.key, "--tls-key", certificate.key,
                    "Permission denied");
        assert_int_equal(chmod(certificate.key, 0600), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_certificate_is_called_what_it_is),
        cmocka_unit_test(what_is_no_key_is_called_what_it_is),
        cmocka_unit_test(what_cannot_be_read_has_the_reason),
    };
    return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
