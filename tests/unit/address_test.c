/* Addresses and networks: what is one, how it is printed, and what lies in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/trusted.h"
#include "tests/support/count.h"
#include <stdio.h>
#include <string.h>

static struct text text_of(const char *bytes)
{
    return (struct text){bytes, strlen(bytes)};
}

static void an_address_is_printed_in_its_short_form(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"::", "::"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:c000:201", "192.0.2.1"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        assert_true(address_parse(text_of(forms[i][0]), &address));
        address_print(&address, text);
        assert_string_equal(text, forms[i][1]);
    }
}

static void anything_else_is_no_address(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "256.0.0.1",
        " 1.2.3.4",
        "1.2.3.4 ",
        "0x7f.1",
        "127.1",
        "2130706433",
        ":",
        ":::",
        "1:2",
        "::1%lo",
        "[::1]",
        "::1/128",
        "localhost",
        "unknown",
        "1.2.3.4:80",
        "::g",
        "1:2:3:4:5:6:7:8:9",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:00000000000000001"};
    struct address address;
    for (size_t i = 0; i < COUNT(others); i++)
        if (address_parse(text_of(others[i]), &address))
            fail_msg("'%s' is taken for an address", others[i]);
    assert_false(address_parse((struct text){"1.2.3.4\0", 8}, &address));
}

static void a_network_has_its_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *network;
        const char *in;
        const char *out;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
        {"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
        {"192.0.2.1", "192.0.2.1", "192.0.2.0"},
        {"192.0.2.1/32", "::ffff:192.0.2.1", "192.0.2.3"},
        {"0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
        {"2001:db8::/32", "2001:db8:ffff::", "2001:db9::"},
        {"fe80::/10", "febf::1", "fec0::1"},
        {"::1", "::1", "127.0.0.1"},
        {"2001:db8::1/128", "2001:db8::1", "2001:db8::"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct network network;
        struct address in;
        struct address out;
        assert_true(network_parse(text_of(cases[i].network), &network));
        assert_true(address_parse(text_of(cases[i].in), &in));
        assert_true(address_parse(text_of(cases[i].out), &out));
        assert_true(network_has(&network, &in));
        assert_false(network_has(&network, &out));
    }
}

static void every_prefix_ends_at_its_bit(void **state)
{
    (void)state;
    for (int bits = 1; bits <= 128; bits++) {
        struct network network = {.prefix_bits = bits};
        struct address address = {.bytes = {0}};
        uint8_t *last = &address.bytes[(bits - 1) / 8];
        *last = (uint8_t)(0x80 >> (bits - 1) % 8);
        assert_false(network_has(&network, &address));
        network.prefix_bits--;
        assert_true(network_has(&network, &address));
    }
}

static void anything_else_is_no_network(void **state)
{
    (void)state;
    static const char *const others[] = {"",
                                         "/",
                                         "/8",
                                         "10.0.0.0/",
                                         "10.0.0.0/33",
                                         "10.0.0.0/-1",
                                         "10.0.0.0/08",
                                         "10.0.0.0/8/8",
                                         "10.0.0.1/8",
                                         "10.0.0.0/ 8",
                                         "10/8",
                                         "::/129",
                                         "::1/127",
                                         "2001:db8::/",
                                         "fd00::/8x",
                                         "::/1000",
                                         "10.0.0.0/255.0.0.0"};
    struct network network;
    for (size_t i = 0; i < COUNT(others); i++)
        if (network_parse(text_of(others[i]), &network))
            fail_msg("'%s' is taken for a network", others[i]);
}

static void trust_goes_by_a_list(void **state)
{
    (void)state;
    struct trusted trusted;
    struct text bad;
    struct address address;
    assert_true(trusted_parse(&trusted, "", &bad));
    assert_true(trusted_is_nobody(&trusted));
    assert_true(trusted_parse(&trusted, "unix", &bad));
    assert_false(trusted_is_nobody(&trusted));
    assert_true(trusted_has(&trusted, NULL));
    assert_true(trusted_parse(&trusted, "10.0.0.0/8 ,\t2001:db8::1", &bad));
    assert_int_equal(trusted.count, 2);
    assert_false(trusted_has(&trusted, NULL));
    assert_true(address_parse(text_of("2001:db8::1"), &address));
    assert_true(trusted_has(&trusted, &address));
    assert_true(address_parse(text_of("::1"), &address));
    assert_false(trusted_has(&trusted, &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_printed_in_its_short_form),
        cmocka_unit_test(anything_else_is_no_address),
        cmocka_unit_test(a_network_has_its_addresses),
        cmocka_unit_test(every_prefix_ends_at_its_bit),
        cmocka_unit_test(anything_else_is_no_network),
        cmocka_unit_test(trust_goes_by_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
