/*
 * HTTP/2 by hand: frames go out as they are given, well-formed or not, over TCP or TLS; for what no
 * decent client sends. What is to arrive in one piece is gathered and then sent at once.
 *
 * Every function fails the running cmocka test when it cannot do what it says, unless it says
 * otherwise.
 */
#pragma once

#include "tests/support/service.h"
#include <openssl/ssl.h>
#include <stdint.h>

enum h2_type {
    H2_DATA,
    H2_HEADERS,
    H2_PRIORITY,
    H2_RST_STREAM,
    H2_SETTINGS,
    H2_PUSH_PROMISE,
    H2_PING,
    H2_GOAWAY,
    H2_WINDOW_UPDATE,
    H2_CONTINUATION,
};

#define H2_END_STREAM  0x01
#define H2_ACK         0x01
#define H2_END_HEADERS 0x04
#define H2_PADDED      0x08

#define H2_NO_ERROR           0
#define H2_PROTOCOL_ERROR     1
#define H2_FLOW_CONTROL_ERROR 3
#define H2_STREAM_CLOSED      5
#define H2_FRAME_SIZE_ERROR   6
#define H2_REFUSED_STREAM     7
#define H2_CANCEL             8
#define H2_COMPRESSION_ERROR  9
#define H2_ENHANCE_YOUR_CALM  11

struct h2 {
    int fd;
    SSL *ssl; /* NULL without TLS */
    SSL_CTX *context;
    uint8_t *out; /* gathered */
    size_t out_bytes;
    size_t out_room;
};

struct h2_frame {
    int type;
    int flags;
    uint32_t stream;
    size_t length;
    uint8_t payload[16384];
};

/* Connects, and begins with the preface and empty SETTINGS. */
void h2_open(struct h2 *h2, const struct service *service, bool is_tls);

/* Connects only: with TLS, h2 is agreed on. */
void h2_connect(struct h2 *h2, const struct service *service, bool is_tls);
void h2_close(struct h2 *h2);

/* Closes with a reset. */
void h2_reset(struct h2 *h2);

/* Gathers. */
void h2_bytes(struct h2 *h2, const void *bytes, size_t length);
void h2_frame(struct h2 *h2, enum h2_type type, int flags, uint32_t stream, const void *payload,
              size_t length);
void h2_number(struct h2 *h2, enum h2_type type, uint32_t stream, uint32_t number);
void h2_setting(struct h2 *h2, int id, uint32_t value);

/* HEADERS of a GET; `flags` beside END_HEADERS. */
void h2_get(struct h2 *h2, uint32_t stream, const char *path, int flags);

/* The same as a header block, without its frame; returns its length. */
size_t h2_block(uint8_t *block, const char *method, const char *path);

/* Adds a field to a block: a literal without indexing. Returns where the next one goes. */
uint8_t *h2_field(uint8_t *at, const char *name, const char *value);

/* HEADERS of a request of this method and path, with one more field; no name: without. */
void h2_ask(struct h2 *h2, uint32_t stream, int flags, const char *method, const char *path,
            const char *name, const char *value);

/* Sends what was gathered. False: the other side has closed. */
bool h2_send(struct h2 *h2);

/* Reads the next frame. False: the connection ended, or the time was over. */
bool h2_read(struct h2 *h2, struct h2_frame *frame, int timeout_ms);

/* Reads on to a frame of this type on this stream; acknowledges nothing. False as above. */
bool h2_read_to(struct h2 *h2, struct h2_frame *frame, enum h2_type type, uint32_t stream,
                int timeout_ms);

/* Reads on to the end of the stream's answer. Returns whether it came whole. */
bool h2_answered(struct h2 *h2, uint32_t stream, int timeout_ms);

/* Reads on to the stream's DATA, in which this text must be. */
void h2_expect_text(struct h2 *h2, uint32_t stream, const char *text, int timeout_ms);

/* Reads on to the stream's reset. Returns its code, or -1 where none comes in time. */
int h2_reset_code(struct h2 *h2, uint32_t stream, int timeout_ms);

/* Reads to the end of the connection. Returns whether it came in time; `error` becomes the code of
   its last GOAWAY, or -1 without one. */
bool h2_ends(struct h2 *h2, int *error, int timeout_ms);
