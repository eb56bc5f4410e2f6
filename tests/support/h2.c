#include "tests/support/h2.h"

#include "tests/support/certificate.h"
#include "tests/support/http.h"
#include "tests/support/wire.h"
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* ---- connecting ------------------------------------------------------------------------------ */

static void shake_hands(struct h2 *h2)
{
    static const unsigned char protocols[] = "\x02h2";
    h2->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(h2->context);
    h2->ssl = SSL_new(h2->context);
    assert_non_null(h2->ssl);
    (void)SSL_set_alpn_protos(h2->ssl, protocols, sizeof protocols - 1);
    (void)SSL_set_fd(h2->ssl, h2->fd);
    assert_int_equal(SSL_connect(h2->ssl), 1);
}

void h2_connect(struct h2 *h2, const struct service *service, bool is_tls)
{
    struct service at = *service;
    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes with write(2) */
    at.port = is_tls ? certificate_port(service) : service->port;
    *h2 = (struct h2){.fd = raw_connect(&at)};
    if (is_tls)
        shake_hands(h2);
}

void h2_open(struct h2 *h2, const struct service *service, bool is_tls)
{
    h2_connect(h2, service, is_tls);
    h2_bytes(h2, preface, sizeof preface - 1);
    h2_frame(h2, H2_SETTINGS, 0, 0, NULL, 0);
}

static void forget(struct h2 *h2)
{
    SSL_free(h2->ssl);
    SSL_CTX_free(h2->context);
    free(h2->out);
    *h2 = (struct h2){.fd = -1};
}

void h2_close(struct h2 *h2)
{
    (void)close(h2->fd);
    forget(h2);
}

void h2_reset(struct h2 *h2)
{
    wire_reset(h2->fd);
    forget(h2);
}

/* ---- writing --------------------------------------------------------------------------------- */

void h2_bytes(struct h2 *h2, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    if (h2->out_bytes + length > h2->out_room) {
        h2->out_room = 2 * (h2->out_bytes + length);
        h2->out = realloc(h2->out, h2->out_room);
        assert_non_null(h2->out);
    }
    memcpy(h2->out + h2->out_bytes, bytes, length);
    h2->out_bytes += length;
}

static void put_32(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

void h2_frame(struct h2 *h2, enum h2_type type, int flags, uint32_t stream, const void *payload,
              size_t length)
{
    uint8_t head[9] = {(uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length,
                       (uint8_t)type, (uint8_t)flags};
    put_32(head + 5, stream);
    h2_bytes(h2, head, sizeof head);
    h2_bytes(h2, payload, length);
}

void h2_number(struct h2 *h2, enum h2_type type, uint32_t stream, uint32_t number)
{
    uint8_t payload[4];
    put_32(payload, number);
    h2_frame(h2, type, 0, stream, payload, sizeof payload);
}

void h2_setting(struct h2 *h2, int id, uint32_t value)
{
    uint8_t payload[6] = {(uint8_t)(id >> 8), (uint8_t)id};
    put_32(payload + 2, value);
    h2_frame(h2, H2_SETTINGS, 0, 0, payload, sizeof payload);
}

/* A literal without indexing, its name from the static table (RFC 7541, appendix A). */
static uint8_t *put_field(uint8_t *at, int name, const char *value)
{
    size_t length = strlen(value);
    assert_true(name < 15 && length < 127);
    *at++ = (uint8_t)name;
    *at++ = (uint8_t)length;
    memcpy(at, value, length);
    return at + length;
}

size_t h2_block(uint8_t *block, const char *method, const char *path)
{
    uint8_t *at = block;
    *at++ = 0x86; /* :scheme http */
    at = put_field(at, 2, method);
    at = put_field(at, 4, path);
    at = put_field(at, 1, "test");
    return (size_t)(at - block);
}

void h2_get(struct h2 *h2, uint32_t stream, const char *path, int flags)
{
    uint8_t block[512];
    size_t length = h2_block(block, "GET", path);
    h2_frame(h2, H2_HEADERS, flags | H2_END_HEADERS, stream, block, length);
}

/* RFC 7541, section 5.1, with a prefix of seven bits. */
static uint8_t *put_length(uint8_t *at, size_t length)
{
    if (length < 127) {
        *at++ = (uint8_t)length;
        return at;
    }
    *at++ = 127;
    for (length -= 127; length >= 128; length >>= 7)
        *at++ = (uint8_t)(0x80 | (length & 0x7f));
    *at++ = (uint8_t)length;
    return at;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t length = strlen(text);
    at = put_length(at, length);
    memcpy(at, text, length);
    return at + length;
}

uint8_t *h2_field(uint8_t *at, const char *name, const char *value)
{
    *at++ = 0;
    return put_text(put_text(at, name), value);
}

void h2_ask(struct h2 *h2, uint32_t stream, int flags, const char *method, const char *path,
            const char *name, const char *value)
{
    uint8_t block[16384];
    uint8_t *end = block + h2_block(block, method, path);
    if (name != NULL)
        end = h2_field(end, name, value);
    h2_frame(h2, H2_HEADERS, flags | H2_END_HEADERS, stream, block, (size_t)(end - block));
}

static ssize_t send_some(struct h2 *h2, const uint8_t *bytes, size_t length)
{
    if (h2->ssl != NULL)
        return SSL_write(h2->ssl, bytes, (int)length);
    return send(h2->fd, bytes, length, MSG_NOSIGNAL);
}

bool h2_send(struct h2 *h2)
{
    size_t sent = 0;
    while (sent < h2->out_bytes) {
        ssize_t some = send_some(h2, h2->out + sent, h2->out_bytes - sent);
        if (some <= 0)
            break;
        sent += (size_t)some;
    }
    bool is_all = sent == h2->out_bytes;
    h2->out_bytes = 0;
    return is_all;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool read_exactly(struct h2 *h2, uint8_t *bytes, size_t count, int64_t end_ns)
{
    while (count > 0) {
        int64_t left_ms = (end_ns - test_now_ns()) / 1000000;
        struct pollfd waiting = {.fd = h2->fd, .events = POLLIN};
        bool is_there = (h2->ssl != NULL && SSL_pending(h2->ssl) > 0) ||
                        poll(&waiting, 1, left_ms > 0 ? (int)left_ms : 0) == 1;
        if (!is_there)
            return false;
        ssize_t got =
            h2->ssl != NULL ? SSL_read(h2->ssl, bytes, (int)count) : recv(h2->fd, bytes, count, 0);
        if (got <= 0)
            return false;
        bytes += got;
        count -= (size_t)got;
    }
    return true;
}

bool h2_read(struct h2 *h2, struct h2_frame *frame, int timeout_ms)
{
    uint8_t head[9];
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    if (!read_exactly(h2, head, sizeof head, end_ns))
        return false;
    frame->length = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
    frame->type = head[3];
    frame->flags = head[4];
    frame->stream = (uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 |
                    (uint32_t)head[8];
    assert_in_range(frame->length, 0, sizeof frame->payload);
    return read_exactly(h2, frame->payload, frame->length, end_ns);
}

bool h2_read_to(struct h2 *h2, struct h2_frame *frame, enum h2_type type, uint32_t stream,
                int timeout_ms)
{
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    while (h2_read(h2, frame, (int)((end_ns - test_now_ns()) / 1000000)))
        if (frame->type == (int)type && frame->stream == stream)
            return true;
    return false;
}

bool h2_answered(struct h2 *h2, uint32_t stream, int timeout_ms)
{
    struct h2_frame frame;
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    while (h2_read(h2, &frame, (int)((end_ns - test_now_ns()) / 1000000))) {
        if (frame.stream != stream)
            continue;
        if (frame.type == H2_RST_STREAM)
            return false;
        if ((frame.flags & H2_END_STREAM) != 0)
            return true;
    }
    return false;
}

void h2_expect_text(struct h2 *h2, uint32_t stream, const char *text, int timeout_ms)
{
    struct h2_frame frame;
    assert_true(h2_read_to(h2, &frame, H2_DATA, stream, timeout_ms));
    if (memmem(frame.payload, frame.length, text, strlen(text)) == NULL)
        fail_msg("%s: %.*s", text, (int)frame.length, (const char *)frame.payload);
}

int h2_reset_code(struct h2 *h2, uint32_t stream, int timeout_ms)
{
    struct h2_frame frame;
    return h2_read_to(h2, &frame, H2_RST_STREAM, stream, timeout_ms) ? frame.payload[3] : -1;
}

static bool was_closed(struct h2 *h2)
{
    char scrap;
    struct pollfd waiting = {.fd = h2->fd, .events = POLLIN};
    return poll(&waiting, 1, 0) == 1 && recv(h2->fd, &scrap, 1, MSG_PEEK) <= 0;
}

bool h2_ends(struct h2 *h2, int *error, int timeout_ms)
{
    struct h2_frame frame = {0};
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    *error = -1;
    while (h2_read(h2, &frame, (int)((end_ns - test_now_ns()) / 1000000)))
        if (frame.type == H2_GOAWAY)
            *error = frame.payload[7];
    return was_closed(h2);
}
