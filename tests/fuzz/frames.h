/*
 * What an HTTP/2 client gets: whether it is a row of frames as RFC 9113 has them, and each error
 * that can be known without HPACK a problem. Fails by FUZZ_CHECK(). Thread: any; no state.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_BYTES 9

/* Returns how many frames there are. */
size_t frames_check(const uint8_t *bytes, size_t size);
