/*
 * A real awaitd for a test: started on a port of the kernel's choice, stopped by its pid.
 *
 * Every function fails the running cmocka test (with a message) when it cannot do what it says, so
 * a test needs no checks of its own. One struct service is one process.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct service {
    pid_t pid;
    int port;
    FILE *output;       /* its standard output, after the start-up line */
    char started[1024]; /* the start-up line */
    char base[64];      /* "http://127.0.0.1:PORT" */
};

/* Starts awaitd with --host 127.0.0.1 --port 0 --threads 2 --log off and `arguments`, a
   NULL-terminated list that may repeat none of these but --log; waits until it listens. */
void service_start(struct service *service, const char *const *arguments);

/* The same with nothing added: `arguments` are all there is but --port 0. */
void service_start_bare(struct service *service, const char *const *arguments);

/* SIGTERM, waits, and asserts exit status 0. Does nothing when it was waited for already. */
void service_stop(struct service *service);

/* Waits up to `timeout_ms` for its end; returns the exit status, 128 + n after signal n. */
int service_wait(struct service *service, int timeout_ms);

void service_signal(const struct service *service, int signal);

/* What the kernel says of it now. */
int service_descriptors(const struct service *service);
int64_t service_resident_bytes(const struct service *service);

/* The processor time that it has used, all threads together. */
double service_cpu_seconds(const struct service *service);

/* Runs awaitd to its end: for --help, wrong usage, and the like. The
   texts are cut at their sizes. */
struct outcome {
    int status;
    char output[16384];
    char errors[4096];
};
struct outcome service_run(const char *const *arguments, const char *const *environment);

/* Nanoseconds of the monotonic clock, and a nap, for waiting in tests that
   talk to a real process. */
int64_t test_now_ns(void);
void test_nap_ms(int milliseconds);

/* Calls `holds` every 5 ms until it is true; fails after `timeout_ms`, naming `what`. */
void test_eventually(bool (*holds)(void *context), void *context, int timeout_ms, const char *what);

/* The repository's folder. */
const char *test_source_dir(void);

/* A new, empty folder that nobody else has; the test removes it. */
#define TEST_FOLDER_BYTES 48
void test_make_folder(char folder[TEST_FOLDER_BYTES]);
