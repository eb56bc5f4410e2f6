/*
 * The certificate's two files: reading them, and saying in an operator's words what is wrong.
 *
 * Owner: nobody; what is read goes into the context. Thread: the main one. It obeys SIGTERM too, so
 * it waits for no file.
 */
#pragma once

#include "config/config.h"
#include <openssl/ssl.h>
#include <stdbool.h>

/* Room for a sentence on what is wrong, with its NUL; a long path is cut. */
#define TLS_WHY_BYTES 512

/* Loads certificate and key. False: `why` says which file it is and what is wrong with it. True and
   `why` is not "": clients will not trust it, because of its dates. */
bool tls_files_load(SSL_CTX *context, const struct config *config, char why[TLS_WHY_BYTES]);
