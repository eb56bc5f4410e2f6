/*
 * Counting the fields of header blocks: by hand for each kind of field, and cut at every point.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/guard/hpack_count.h"
#include "tests/support/count.h"
#include <string.h>

struct block {
    const char *what;
    const char *bytes;
    size_t length;
    size_t fields;
};

#define BLOCK(what, bytes, fields)                                                                 \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, fields                                                     \
    }

static const struct block blocks[] = {
    BLOCK("nothing", "", 0),
    BLOCK("an indexed field", "\x82", 1),
    BLOCK("three", "\x82\x86\x84", 3),
    BLOCK("an index of two bytes", "\xff\x01\x82", 2),
    BLOCK("an index of five bytes", "\xff\x80\x80\x80\x01\x82", 2),
    BLOCK("literal, indexed, name from the table", "\x41\x03www\x82", 2),
    BLOCK("literal, indexed, new name", "\x40\x01x\x03www\x82", 2),
    BLOCK("literal, not indexed", "\x04\x02/x\x82", 2),
    BLOCK("literal, not indexed, new name", "\x00\x01x\x01y\x82", 2),
    BLOCK("literal, never indexed, new name", "\x10\x01x\x01y\x82", 2),
    BLOCK("literal, never indexed, long index", "\x1f\x20\x01y\x82", 2),
    BLOCK("empty name and value", "\x00\x00\x00\x82", 2),
    BLOCK("Huffman", "\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff\x82", 2),
    BLOCK("a change of the table's size", "\x20\x82", 2),
    BLOCK("a long one", "\x3f\xe1\x1f\x82", 2),
    BLOCK("a text of 130 bytes",
          "\x41\x7f\x03"
          "0123456789012345678901234567890123456789012345678901234567890123456789"
          "012345678901234567890123456789012345678901234567890123456789"
          "\x82",
          2),
    BLOCK("a text that does not end", "\x41\x05www", 1),
    BLOCK("an integer that libh2o does not take", "\xff\x80\x80\x80\x80\x01\x82\x82", 1),
    /* RFC 7541, appendix C.3.1. */
    BLOCK("a request", "\x82\x86\x84\x41\x0fwww.example.com", 4),
};

static void each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(blocks); i++) {
        struct hpack_count count = {0};
        hpack_count(&count, (const uint8_t *)blocks[i].bytes, blocks[i].length);
        if (count.fields != blocks[i].fields)
            fail_msg("%s: %zu, not %zu", blocks[i].what, count.fields, blocks[i].fields);
    }
}

static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(blocks); i++) {
        const uint8_t *bytes = (const uint8_t *)blocks[i].bytes;
        for (size_t cut = 0; cut <= blocks[i].length; cut++) {
            struct hpack_count count = {0};
            hpack_count(&count, bytes, cut);
            hpack_count(&count, bytes + cut, blocks[i].length - cut);
            if (count.fields != blocks[i].fields)
                fail_msg("%s, cut at %zu: %zu", blocks[i].what, cut, count.fields);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
