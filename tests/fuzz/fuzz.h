/*
 * A fuzz target: a file that defines LLVMFuzzerTestOneInput(). It is linked with libFuzzer (the
 * preset `fuzz`), or else with replay.c, which runs it over the seeds: seeds/TARGET/, in every
 * build.
 *
 * What must hold is said with FUZZ_CHECK(): it ends the process, and libFuzzer keeps the input.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_CHECK(holds, what)                                                                    \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            (void)fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, what, #holds);            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The target, by the name that libFuzzer knows it by (llvm.org/docs/LibFuzzer.html). Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
