/*
 * The same as memory_test.c, over HTTP/2: whatever a hundred streams on each connection send and
 * leave unread, the formula of docs/scaling.md holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate.h"
#include "tests/support/count.h"
#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"
#include <string.h>

#define CONNECTIONS 400
#define STREAMS     100
#define HELD        "2MiB"
#define HELD_BYTES  (2 << 20)

/* The formula, but for the 16 MiB at rest, of which it takes 5. */
#define PER_CONNECTION_BYTES     20000
#define PER_TLS_CONNECTION_BYTES 48000

#define LARGE "/parallel?count=1000&delay=0&timeline=true"

struct load {
    const char *name;
    void (*gather)(struct h2 *h2);
};

static uint32_t id_of(int i)
{
    return 2 * (uint32_t)i + 1;
}

static void ask(struct h2 *h2, const char *path)
{
    for (int i = 0; i < STREAMS; i++)
        h2_get(h2, id_of(i), path, H2_END_STREAM);
}

static void idle(struct h2 *h2)
{
    (void)h2;
}

static void waiting(struct h2 *h2)
{
    ask(h2, "/hi?delay=20s");
}

static void sequences(struct h2 *h2)
{
    ask(h2, "/sequence?count=1000&delay=20ms&timeline=true");
}

static void half_requests(struct h2 *h2)
{
    for (int i = 0; i < STREAMS; i++)
        h2_ask(h2, id_of(i), 0, "POST", "/hi", NULL, NULL);
}

static void half_bodies(struct h2 *h2)
{
    static const uint8_t bytes[600];
    for (int i = 0; i < STREAMS; i++) {
        h2_ask(h2, id_of(i), 0, "POST", "/hi", NULL, NULL);
        h2_frame(h2, H2_DATA, 0, id_of(i), bytes, sizeof bytes);
    }
}

static void large_body(struct h2 *h2)
{
    static const uint8_t bytes[15000];
    h2_ask(h2, 1, 0, "POST", "/hi", NULL, NULL);
    for (int i = 0; i < 4; i++)
        h2_frame(h2, H2_DATA, 0, 1, bytes, sizeof bytes);
}

static void heads_of(struct h2 *h2, size_t bytes)
{
    static char value[16384];
    memset(value, 'a', bytes);
    value[bytes] = '\0';
    for (int i = 0; i < STREAMS; i++)
        h2_ask(h2, id_of(i), 0, "POST", "/hi", "x", value);
}

static void small_heads(struct h2 *h2)
{
    heads_of(h2, 1500);
}

static void large_heads(struct h2 *h2)
{
    heads_of(h2, 15000);
}

/* "accept-encoding: gzip, deflate", a byte each. */
static void many_fields(struct h2 *h2)
{
    uint8_t block[512];
    size_t length = h2_block(block, "POST", "/hi");
    memset(block + length, 0x90, 200);
    for (int i = 0; i < STREAMS; i++)
        h2_frame(h2, H2_HEADERS, H2_END_HEADERS, id_of(i), block, length + 200);
}

static void escapes(struct h2 *h2)
{
    uint8_t block[2048] = {0x83, 0x86}; /* POST, http */
    char path[1024] = "/";
    for (int i = 0; i < 340; i++)
        (void)strcpy(path + 1 + (size_t)3 * (size_t)i, "%41");
    const uint8_t *end = h2_field(h2_field(block + 2, ":path", path), ":authority", "x");
    for (int i = 0; i < STREAMS; i++)
        h2_frame(h2, H2_HEADERS, H2_END_HEADERS, id_of(i), block, (size_t)(end - block));
}

static void in_table(struct h2 *h2)
{
    uint8_t block[2048];
    uint8_t *at = block + h2_block(block, "POST", "/hi");
    for (int i = 0; i < 123; i++) {
        *at = 0;
        uint8_t *end = h2_field(at, "x", "");
        *at = 0x40;
        at = end;
    }
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS, 1, block, (size_t)(at - block));
}

/* As much of everything as one request may have without asking. */
static void free_of_charge(struct h2 *h2)
{
    uint8_t block[4096];
    char value[1400];
    uint8_t *at = block + h2_block(block, "GET", "/parallel?count=14&delay=20s");
    for (int i = 0; i < 15; i++) {
        *at = 0;
        uint8_t *end = h2_field(at, "x", "");
        *at = 0x40;
        at = end;
    }
    memset(value, 'a', sizeof value);
    value[sizeof value - 1] = '\0';
    at = h2_field(at, "y", value + 700);
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, block, (size_t)(at - block));
}

/* A field of 60,000 bytes of which some have come. */
static void half_a_block(struct h2 *h2)
{
    static uint8_t block[16000];
    static const uint8_t field[] = {0x00, 0x01, 'x', 0x7f, 0xe1, 0xd3, 0x03};
    memset(block, 'a', sizeof block);
    memcpy(block + h2_block(block, "POST", "/hi"), field, sizeof field);
    h2_frame(h2, H2_HEADERS, 0, 1, block, sizeof block);
    memset(block, 'a', sizeof block);
    h2_frame(h2, H2_CONTINUATION, 0, 1, block, sizeof block);
    h2_frame(h2, H2_CONTINUATION, 0, 1, block, sizeof block);
}

static void unread(struct h2 *h2)
{
    h2_setting(h2, 4, 1 << 24);
    h2_number(h2, H2_WINDOW_UPDATE, 0, 1 << 24);
    ask(h2, LARGE);
}

static void one_unread(struct h2 *h2)
{
    h2_setting(h2, 4, 1 << 24);
    h2_number(h2, H2_WINDOW_UPDATE, 0, 1 << 24);
    h2_get(h2, 1, LARGE, H2_END_STREAM);
}

static void unread_with_pings(struct h2 *h2)
{
    static const uint8_t ping[8];
    unread(h2);
    for (int i = 0; i < 190; i++)
        h2_frame(h2, H2_PING, 0, 0, ping, sizeof ping);
}

static void shut_windows(struct h2 *h2)
{
    h2_setting(h2, 4, 0);
    ask(h2, LARGE);
}

static void pages(struct h2 *h2)
{
    h2_setting(h2, 4, 0);
    ask(h2, "/openapi.json");
}

static void refusals(struct h2 *h2)
{
    h2_setting(h2, 4, 0);
    ask(h2, "/nothing");
}

static const struct load loads[] = {
    {"idle", idle},
    {"waiting", waiting},
    {"sequences", sequences},
    {"half requests", half_requests},
    {"half bodies", half_bodies},
    {"a large half of a body", large_body},
    {"small heads", small_heads},
    {"large heads", large_heads},
    {"many fields", many_fields},
    {"paths of escapes", escapes},
    {"fields in the table", in_table},
    {"all that is free", free_of_charge},
    {"half a block", half_a_block},
    {"one answer not read", one_unread},
    {"answers not read", unread},
    {"answers not read, and PINGs", unread_with_pings},
    {"shut windows", shut_windows},
    {"pages not read", pages},
    {"refusals not read", refusals},
};

/* What is refused half-way cannot be sent. */
static int64_t grow(const struct service *service, const struct load *load, bool is_tls)
{
    static struct h2 clients[CONNECTIONS];
    int64_t at_rest = service_resident_bytes(service);
    for (int i = 0; i < CONNECTIONS; i++) {
        h2_open(&clients[i], service, is_tls);
        (void)h2_send(&clients[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        load->gather(&clients[i]);
        (void)h2_send(&clients[i]);
    }
    test_nap_ms(300);
    int64_t bytes = service_resident_bytes(service) - at_rest;
    for (int i = 0; i < CONNECTIONS; i++)
        h2_close(&clients[i]);
    return bytes;
}

/* With a service of its own, which gives all of it back. */
static int64_t grow_once(const struct load *load, struct certificate *certificate)
{
    const char *const arguments[] = {"--live",
                                     "off",
                                     "--max-held",
                                     HELD,
                                     "--max-connections",
                                     "400",
                                     "--request-timeout",
                                     "1m",
                                     "--write-timeout",
                                     "1m",
                                     NULL};
    struct service service;
    if (certificate != NULL)
        certificate_serve(&service, certificate, arguments);
    else
        service_start(&service, arguments);
    int64_t bytes = grow(&service, load, certificate != NULL);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
    return bytes;
}

/* The least of up to three: what the allocator keeps of what was freed depends on how the two
   loops' turns fall, which a busy machine decides. What is held is the same each time. A
   sanitizer's memory is not awaitd's: there it is borne once, for what the sanitizer finds. */
static void bear(const struct load *load, struct certificate *certificate)
{
    int64_t each = certificate != NULL ? PER_TLS_CONNECTION_BYTES : PER_CONNECTION_BYTES;
    int64_t most = CONNECTIONS * each + HELD_BYTES;
    int64_t least = INT64_MAX;
    for (int i = 0; i < (IS_SANITIZED ? 1 : 3) && least > most; i++) {
        int64_t bytes = grow_once(load, certificate);
        least = bytes < least ? bytes : least;
        print_message("%s: %.1f MB of %.1f\n", load->name, (double)bytes / 1e6, (double)most / 1e6);
    }
    if (!IS_SANITIZED)
        assert_in_range(least, 0, most);
}

static void plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(loads); i++)
        bear(&loads[i], NULL);
}

static void with_tls(void **state)
{
    struct certificate certificate;
    (void)state;
    certificate_make(&certificate);
    for (size_t i = 0; i < COUNT(loads); i++)
        bear(&loads[i], &certificate);
    certificate_remove(&certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(with_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
