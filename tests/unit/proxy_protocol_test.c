/*
 * The PROXY header: each form, byte by byte, each way to be wrong, and that not one byte of what
 * follows is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/accept/proxy_protocol.h"
#include "tests/support/count.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST "GET / HTTP/1.1\r\n\r\n"

/* From memory of just its size, so that a sanitizer sees one byte too many. */
static enum proxy_verdict read_exactly(const void *bytes, size_t count, struct proxy_header *header)
{
    uint8_t *exact = malloc(count + 1);
    memcpy(exact, bytes, count);
    exact = realloc(exact, count > 0 ? count : 1);
    enum proxy_verdict verdict = proxy_header_read(exact, count, header);
    free(exact);
    return verdict;
}

/* `client` is NULL: it names nobody. */
static void expect_header(const void *bytes, size_t length, const char *client)
{
    char text[ADDRESS_TEXT_BYTES];
    struct proxy_header header;
    size_t all = length + sizeof REST - 1;
    char *both = malloc(all);
    memcpy(both, bytes, length);
    memcpy(both + length, REST, sizeof REST - 1);
    for (size_t count = 0; count < length; count++)
        assert_int_equal(read_exactly(both, count, &header), PROXY_UNFINISHED);
    for (size_t count = length; count <= all; count++) {
        enum proxy_verdict verdict = read_exactly(both, count, &header);
        assert_int_equal(verdict, client == NULL ? PROXY_NOBODY : PROXY_CLIENT);
        assert_int_equal(header.length, length);
        if (client == NULL)
            continue;
        address_print(&header.client, text);
        assert_string_equal(text, client);
    }
    free(both);
}

/* Unfinished until it is bad, and bad from then on. */
static void expect_bad(const void *bytes, size_t length)
{
    struct proxy_header header;
    bool was_bad = false;
    for (size_t count = 0; count <= length; count++) {
        enum proxy_verdict verdict = read_exactly(bytes, count, &header);
        assert_int_equal(verdict, was_bad || verdict == PROXY_BAD ? PROXY_BAD : PROXY_UNFINISHED);
        was_bad = verdict == PROXY_BAD;
    }
    if (!was_bad)
        fail_msg("'%.40s' is not bad", (const char *)bytes);
}

/* ---- version 1 ------------------------------------------------------------------------------- */

static void a_line_names_the_client(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *client;
    } cases[] = {
        {"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n", "192.0.2.7"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"},
        {"PROXY TCP4 192.0.2.7 10.0.0.1 0 0\r\n", "192.0.2.7"},
        {"PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "2001:db8::1"},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7"},
        {"PROXY UNKNOWN\r\n", NULL},
        {"PROXY UNKNOWN 192.0.2.7 10.0.0.1 1 2\r\n", NULL},
        {"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_header(cases[i].line, strlen(cases[i].line), cases[i].client);
}

static void any_other_line_is_bad(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "GET / HTTP/1.1\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "proxy TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
        " PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
        "\r\nPROXY UNKNOWN\r\n",
        "PROXY\tTCP4 192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY  TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY TCP4  192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 \r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 1 65536\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 01 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 -1 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1  2\r\n",
        "PROXY TCP4 192.0.2 10.0.0.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 host 1 2\r\n",
        "PROXY TCP4 192.0.02.7 10.0.0.1 1 2\r\n",
        "PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
        "PROXY TCP4 ::ffff:192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY TCP6 [::1] ::1 1 2\r\n",
        "PROXY TCP5 192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY UDP4 192.0.2.7 10.0.0.1 1 2\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY \r\n",
        "PROXY UNKNOWN\n",
        "PROXY UNKNOWN\rX",
        "PROXY UNKNOWN\r\r\n",
        "PROXY UNKNOWN a\nb\r\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        expect_bad(lines[i], strlen(lines[i]));
}

/* 107 bytes with CR LF, and not one more. */
static void a_line_has_a_bound(void **state)
{
    (void)state;
    char line[256];
    for (int length = 16; length < 130; length++) {
        (void)snprintf(line, sizeof line, "PROXY UNKNOWN %0*d\r\n", length - 16, 0);
        size_t bytes = strlen(line);
        if (bytes <= PROXY_V1_MOST_BYTES)
            expect_header(line, bytes, NULL);
        else
            expect_bad(line, bytes);
    }
}

/* ---- version 2 ------------------------------------------------------------------------------- */

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

struct v2 {
    uint8_t bytes[16 + 65535];
    size_t length;
};

/* The addresses' bytes count up from 1; the rest, TLVs or not, is 0xff. */
static const struct v2 *v2_of(int command, int family, int length)
{
    static struct v2 v2;
    memset(v2.bytes, 0xff, sizeof v2.bytes);
    memcpy(v2.bytes, SIGNATURE, 12);
    v2.bytes[12] = (uint8_t)command;
    v2.bytes[13] = (uint8_t)family;
    v2.bytes[14] = (uint8_t)(length >> 8);
    v2.bytes[15] = (uint8_t)length;
    for (int i = 0; i < 16; i++)
        v2.bytes[16 + i] = (uint8_t)(i + 1);
    v2.length = 16 + (size_t)length;
    return &v2;
}

static void expect_v2(int command, int family, int length, const char *client)
{
    const struct v2 *v2 = v2_of(command, family, length);
    expect_header(v2->bytes, v2->length, client);
}

static void binary_names_the_client(void **state)
{
    (void)state;
    expect_v2(0x21, 0x11, 12, "1.2.3.4");
    expect_v2(0x21, 0x21, 36, "102:304:506:708:90a:b0c:d0e:f10");
}

static void binary_names_nobody(void **state)
{
    (void)state;
    expect_v2(0x21, 0x00, 0, NULL);
    expect_v2(0x21, 0x12, 12, NULL); /* UDP */
    expect_v2(0x21, 0x22, 36, NULL);
    expect_v2(0x21, 0x31, 216, NULL); /* Unix sockets have no address */
    expect_v2(0x21, 0x32, 216, NULL);
}

/* The proxy's own connection, such as a health check: whatever the rest says. */
static void local_names_nobody(void **state)
{
    (void)state;
    expect_v2(0x20, 0x00, 0, NULL);
    expect_v2(0x20, 0x11, 12, NULL);
    expect_v2(0x20, 0x11, 3, NULL);
    expect_v2(0x20, 0xff, 20, NULL);
}

static void what_follows_the_addresses_is_skipped(void **state)
{
    (void)state;
    expect_v2(0x21, 0x11, 13, "1.2.3.4");
    expect_v2(0x21, 0x11, 300, "1.2.3.4");
    expect_v2(0x21, 0x21, 100, "102:304:506:708:90a:b0c:d0e:f10");
    expect_v2(0x21, 0x00, 100, NULL);
    expect_v2(0x21, 0x11, PROXY_V2_MOST_BYTES - 16, "1.2.3.4");
}

static void any_other_binary_is_bad(void **state)
{
    (void)state;
    static const struct {
        int command;
        int family;
        int length;
    } cases[] = {
        {0x11, 0x11, 12},    {0x31, 0x11, 12},  {0x22, 0x11, 12},
        {0x2f, 0x11, 12},    {0x01, 0x11, 12},  {0x21, 0x11, 11},
        {0x21, 0x11, 0},     {0x21, 0x21, 35},  {0x21, 0x31, 215},
        {0x21, 0x01, 12},    {0x21, 0x10, 12},  {0x21, 0x13, 12},
        {0x21, 0x41, 36},    {0x21, 0xff, 216}, {0x21, 0x11, PROXY_V2_MOST_BYTES - 15},
        {0x20, 0x00, 65535},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_bad(v2_of(cases[i].command, cases[i].family, cases[i].length)->bytes, 16);
}

static void a_signature_that_is_not_quite_one_is_bad(void **state)
{
    (void)state;
    for (size_t at = 1; at < 12; at++) {
        struct v2 v2 = *v2_of(0x21, 0x11, 12);
        v2.bytes[at] ^= 1;
        expect_bad(v2.bytes, at + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_names_the_client),
        cmocka_unit_test(any_other_line_is_bad),
        cmocka_unit_test(a_line_has_a_bound),
        cmocka_unit_test(binary_names_the_client),
        cmocka_unit_test(binary_names_nobody),
        cmocka_unit_test(local_names_nobody),
        cmocka_unit_test(what_follows_the_addresses_is_skipped),
        cmocka_unit_test(any_other_binary_is_bad),
        cmocka_unit_test(a_signature_that_is_not_quite_one_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
