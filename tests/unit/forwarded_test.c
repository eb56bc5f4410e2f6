/*
 * Forwarded and X-Forwarded-For: who the client is, however the fields are written, and that
 * nothing a client writes is believed. Proxies are in 10.0.0.0/8 and 2001:db8:a::/48.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/forwarded.h"
#include "tests/support/count.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEER "peer" /* nobody beyond it is known */

struct field_case {
    const char *value;
    const char *client;
};

static bool follow(struct text value, enum forwarded_field field, char client[ADDRESS_TEXT_BYTES])
{
    struct trusted trusted;
    struct text bad;
    struct hops hops = {.is_any = false};
    assert_true(trusted_parse(&trusted, "10.0.0.0/8,2001:db8:a::/48", &bad));
    bool goes_on = forwarded_follow(value, field, &trusted, &hops);
    (void)strcpy(client, PEER);
    if (hops.is_any)
        address_print(&hops.last, client);
    return goes_on;
}

/* From memory of just its size, so that a sanitizer sees one byte too many. */
static void check(const struct field_case *cases, size_t count, enum forwarded_field field)
{
    for (size_t i = 0; i < count; i++) {
        char client[ADDRESS_TEXT_BYTES];
        size_t length = strlen(cases[i].value);
        char *exact = malloc(length + 1);
        memcpy(exact, cases[i].value, length);
        (void)follow((struct text){exact, length}, field, client);
        free(exact);
        if (strcmp(client, cases[i].client) != 0)
            fail_msg("%s leads to %s", cases[i].value, client);
    }
}

static void forwarded_names_the_client(void **state)
{
    (void)state;
    static const struct field_case cases[] = {
        {"for=192.0.2.43", "192.0.2.43"},
        {"For=192.0.2.43;proto=http;by=203.0.113.43", "192.0.2.43"},
        {"proto=http ; FOR=\"192.0.2.43:47011\" ; host=\"a, b\"", "192.0.2.43"},
        {"for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"},
        {"for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"},
        {"for=\"[2001:db8:cafe::17]:_gazonk\"", "2001:db8:cafe::17"},
        {"for=\"192\\.0.2.43\"", "192.0.2.43"},
        {"for=192.0.2.43, for=10.0.0.1", "192.0.2.43"},
        {"for=6.6.6.6, for=192.0.2.43,for=10.0.0.1 , ,", "192.0.2.43"},
        {"for=192.0.2.43;by=\"_a\\\",for=6.6.6.6,\\\\\"", "192.0.2.43"},
        {"for=192.0.2.43,for=\"[2001:db8:a::1]\",for=10.9.9.9", "192.0.2.43"},
        {";;for=192.0.2.43;", "192.0.2.43"},
    };
    check(cases, COUNT(cases), FORWARDED);
}

/* The client may write what it likes, as long as its proxy appends an element. */
static void what_stands_before_the_client_counts_for_nothing(void **state)
{
    (void)state;
    static const struct field_case cases[] = {
        {"for=\"6.6.6.6, for=192.0.2.43", "192.0.2.43"},
        {"for=\"x, for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"},
        {"for=6.6.6.6;x=\"\\, for=192.0.2.43;x=\"y\"", "192.0.2.43"},
        {"\\\\\\\", for=192.0.2.43", "192.0.2.43"},
        {"for=10.0.0.1, for=192.0.2.43", "192.0.2.43"},
    };
    check(cases, COUNT(cases), FORWARDED);
}

static void what_names_nobody_ends_at_the_last_good_hop(void **state)
{
    (void)state;
    static const struct field_case cases[] = {
        {"", PEER},
        {"for=unknown", PEER},
        {"for=_hidden, for=10.0.0.1", "10.0.0.1"},
        {"for=192.0.2.43, for=unknown, for=10.0.0.1", "10.0.0.1"},
        {"for=192.0.2.43, for=\"_SEVKISEK\", for=10.0.0.2, for=10.0.0.1", "10.0.0.2"},
        {"for=192.0.2.43, proto=https", PEER},
        {"for=192.0.2.43, for=", PEER},
        {"for=192.0.2.43, for", PEER},
        {"for=192.0.2.43, =", PEER},
        {"for=192.0.2.43, for=\"10.0.0.1", PEER},
        {"for=192.0.2.43, for=\"10.0.0.1\\", PEER},
        {"for=192.0.2.43, for=10.0.0.1;for=10.0.0.1", PEER},
        {"for=192.0.2.43, for=10.0.0.1 for=10.0.0.1", PEER},
        {"for=192.0.2.43, for=10.0.0.1:80", PEER},
        {"for=192.0.2.43, for=\"10.0.0.1:\"", PEER},
        {"for=192.0.2.43, for=\"10.0.0.1:123456\"", PEER},
        {"for=192.0.2.43, for=\"10.0.0.1:_\xc3\xa9\"", PEER},
        {"for=192.0.2.43, for=\"2001:db8:a::1\"", PEER},
        {"for=192.0.2.43, for=\"[10.0.0.1]\"", PEER},
        {"for=192.0.2.43, for=\"[2001:db8:a::1\"", PEER},
        {"for=192.0.2.43, for=\"[2001:db8:a::1]x\"", PEER},
        {"for=192.0.2.43, for=[2001:db8:a::1]", PEER},
        {"for=192.0.2.43, for = 10.0.0.1", PEER},
        {"for=192.0.2.43, for=\" 10.0.0.1\"", PEER},
        {"for=192.0.2.43, for=010.0.0.1", PEER},
    };
    check(cases, COUNT(cases), FORWARDED);
}

static void x_forwarded_for_names_the_client(void **state)
{
    (void)state;
    static const struct field_case cases[] = {
        {"192.0.2.43", "192.0.2.43"},
        {"2001:db8:cafe::17", "2001:db8:cafe::17"},
        {"[2001:db8:cafe::17]", "2001:db8:cafe::17"},
        {"192.0.2.43:47011", "192.0.2.43"},
        {"[2001:db8:cafe::17]:4711", "2001:db8:cafe::17"},
        {"6.6.6.6, 192.0.2.43, 10.0.0.1", "192.0.2.43"},
        {"\", 192.0.2.43,2001:db8:a::1", "192.0.2.43"},
        {"10.0.0.2, 10.0.0.1", "10.0.0.2"},
        {", 192.0.2.43,, ", "192.0.2.43"},
        {"192.0.2.43, unknown, 10.0.0.1", "10.0.0.1"},
        {"192.0.2.43, 10.0.0.1 10.0.0.2", PEER},
        {"192.0.2.43, \"10.0.0.1\"", PEER},
        {"192.0.2.43, 127.1", PEER},
        {"192.0.2.43, 10.0.0.1:", PEER},
        {"192.0.2.43, [10.0.0.1]", PEER},
        {"192.0.2.43, -", PEER},
        {",", PEER},
    };
    check(cases, COUNT(cases), X_FORWARDED_FOR);
}

static void the_field_above_counts_if_all_of_this_is_trusted(void **state)
{
    (void)state;
    char client[ADDRESS_TEXT_BYTES];
    assert_true(follow((struct text){"10.0.0.1", 8}, X_FORWARDED_FOR, client));
    assert_true(follow((struct text){"for=10.0.0.1", 12}, FORWARDED, client));
    assert_true(follow((struct text){"", 0}, FORWARDED, client));
    assert_false(follow((struct text){"192.0.2.1", 9}, X_FORWARDED_FOR, client));
    assert_false(follow((struct text){"x", 1}, FORWARDED, client));
}

/* A node is shorter than what is kept of a value; a longer one must not be taken for its front. */
static void a_long_node_is_none(void **state)
{
    (void)state;
    char value[600];
    char client[ADDRESS_TEXT_BYTES];
    for (int pad = 0; pad < 300; pad++) {
        int length = snprintf(value, sizeof value, "for=\"192.0.2.43:_%0*d\"", pad + 1, 0);
        (void)follow((struct text){value, (size_t)length}, FORWARDED, client);
        assert_string_equal(client, pad + 13 < 128 ? "192.0.2.43" : PEER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forwarded_names_the_client),
        cmocka_unit_test(what_stands_before_the_client_counts_for_nothing),
        cmocka_unit_test(what_names_nobody_ends_at_the_last_good_hop),
        cmocka_unit_test(x_forwarded_for_names_the_client),
        cmocka_unit_test(the_field_above_counts_if_all_of_this_is_trusted),
        cmocka_unit_test(a_long_node_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
