/*
 * Certificates for tests, made on the spot: "localhost", P-256, signed by themselves.
 *
 * Every function fails the running cmocka test when it cannot do what it says.
 */
#pragma once

#include "tests/support/service.h"

#define CERTIFICATE_PATH_BYTES (TEST_FOLDER_BYTES + 16)

struct certificate {
    char folder[TEST_FOLDER_BYTES];
    char cert[CERTIFICATE_PATH_BYTES];
    char key[CERTIFICATE_PATH_BYTES];
};

/* A pair of files in a folder of its own. */
void certificate_make(struct certificate *certificate);

/* The same, valid until so many days from now: less than 0 has expired. */
void certificate_make_for(struct certificate *certificate, int days);

/* Writes another pair into the same files. */
void certificate_renew(const struct certificate *certificate, int days);

/* Encrypts the key with a passphrase. */
void certificate_lock(const struct certificate *certificate);

void certificate_remove(const struct certificate *certificate);

/* service_start() with this certificate, TLS on a port of the kernel's choice and `options`, a
   NULL-terminated list, or NULL. */
void certificate_serve(struct service *service, const struct certificate *certificate,
                       const char *const *options);

/* Where the service listens with TLS; service.h knows the other port. */
int certificate_port(const struct service *service);
