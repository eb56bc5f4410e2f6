/*
 * Content negotiation: which view an Accept header asks for (RFC 9110, section 12.5.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/negotiate.h"
#include "tests/support/count.h"
#include "views/views.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chosen {
    const char *accept;
    const struct view *view;
};

static const struct chosen chosen[] = {
    {"", &json_view},
    {"*/*", &json_view},
    {"application/json", &json_view},
    {"text/plain", &text_view},
    {"TEXT/Plain", &text_view},
    {"text/*", &text_view},
    {"application/*", &json_view},
    {"  text/plain  ", &text_view},
    {"\ttext/plain\t;q=1", &text_view},
    {",,text/plain,", &text_view},

    /* Among equals the default, wherever it stands. */
    {"text/plain, application/json", &json_view},
    {"text/plain;q=0.5, application/json;q=0.5", &json_view},
    {"text/plain, */*", &json_view},

    /* The higher quality wins. */
    {"application/json;q=0.5, text/plain", &text_view},
    {"application/json;q=0.499, text/plain;q=0.5", &text_view},
    {"application/json;q=0.5,text/plain;q=0.499", &json_view},
    {"application/json ; q=0.1 , text/plain ; q=0.2", &text_view},
    {"application/json;Q=0.1, text/plain;Q=0.2", &text_view},
    {"application/json;q=0, text/plain;q=0.001", &text_view},
    {"application/json;q=1.000, text/plain;q=0.999", &json_view},
    {"application/json;charset=utf-8;q=0.2, text/plain;q=0.3", &text_view},

    /* The closest range decides, not the highest quality nor the place. */
    {"*/*;q=0.9, application/json;q=0.1", &text_view},
    {"application/json;q=0.1, */*;q=0.9", &text_view},
    {"application/*;q=0.1, */*;q=0.9", &text_view},
    {"*/*, application/*;q=0", &text_view},
    {"text/*;q=0.3, text/plain;q=0.9, application/json;q=0.5", &text_view},
    {"text/*;q=0.9, text/plain;q=0.3, application/json;q=0.5", &json_view},
    {"text/plain;q=0, */*;q=0.1", &json_view},
    {"application/json;q=0, */*;q=0.1", &text_view},

    /* What browsers, curl and fetch() send. */
    {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", &json_view},
    {"application/json, text/plain, */*", &json_view},
    {"text/html, text/plain;q=0.9, */*;q=0.1", &text_view},

    /* What cannot be read is passed over. */
    {"json, text/plain", &text_view},
    {"application/jso, text/plain;q=0.1", &text_view},
    {"application/jsonx, text/plain;q=0.1", &text_view},
    {"application/json/x, text/plain;q=0.1", &text_view},
    {"*, text/plain;q=0.1", &text_view},
    {"*/json, text/plain;q=0.1", &text_view},
    {";q=1, text/plain;q=0.1", &text_view},
};

static const char *const ruled_out[] = {
    "text/html",
    "application/xml, image/*",
    "application/json;q=0",
    "application/json;q=0, text/plain;q=0.000",
    "*/*;q=0",
    "text/*;q=0, application/*;q=0, */*",
    "json",
    "text",
    "nonsense",
};

/* A copy without a NUL at its end, in memory of its own, so that a
   sanitizer sees a read past it. */
static const struct view *negotiate_copy(const char *accept)
{
    size_t length = strlen(accept);
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, accept, length);
    struct negotiation negotiation = {0};
    negotiate_field(&negotiation, (struct text){exact, length});
    free(exact);
    return negotiate_end(&negotiation);
}

static void the_best_view_is_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chosen); i++) {
        const struct view *view = negotiate_copy(chosen[i].accept);
        if (view != chosen[i].view)
            fail_msg("'%s' chose %s", chosen[i].accept, view == NULL ? "nothing" : view->name);
    }
}

static void all_views_can_be_ruled_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ruled_out); i++) {
        const struct view *view = negotiate_copy(ruled_out[i]);
        if (view != NULL)
            fail_msg("'%s' chose %s", ruled_out[i], view->name);
    }
}

/* Several fields are one list, wherever it is cut; an empty one asks for nothing. */
static void fields_are_one_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chosen); i++) {
        struct text rest = {chosen[i].accept, strlen(chosen[i].accept)};
        struct negotiation negotiation = {0};
        while (rest.length > 0)
            negotiate_field(&negotiation, text_split(&rest, ','));
        negotiate_field(&negotiation, (struct text){"", 0});
        if (negotiate_end(&negotiation) != chosen[i].view)
            fail_msg("'%s' in fields of its own", chosen[i].accept);
    }
}

/* What lies beyond the bound is counted and not looked at. */
static void only_so_much_is_looked_at(void **state)
{
    static char spaces[ACCEPT_BYTES - 10];
    const struct text plain = {"text/plain", 10};
    struct negotiation negotiation = {0};
    (void)state;
    memset(spaces, ' ', sizeof spaces);
    negotiate_field(&negotiation, (struct text){spaces, sizeof spaces});
    negotiate_field(&negotiation, plain);
    assert_ptr_equal(negotiate_end(&negotiation), &text_view);
    negotiation = (struct negotiation){0};
    negotiate_field(&negotiation, (struct text){spaces, sizeof spaces});
    negotiate_field(&negotiation, (struct text){",", 1});
    negotiate_field(&negotiation, plain);
    assert_null(negotiate_end(&negotiation));
    assert_int_equal(negotiation.bytes, ACCEPT_BYTES + 1);
}

/* Every header there is, cut after every byte, is read without a step past its end. */
static void a_header_may_end_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chosen); i++) {
        for (size_t length = 0; length <= strlen(chosen[i].accept); length++) {
            char *cut = strndup(chosen[i].accept, length);
            (void)negotiate_copy(cut);
            free(cut);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_view_is_chosen),   cmocka_unit_test(all_views_can_be_ruled_out),
        cmocka_unit_test(fields_are_one_list),       cmocka_unit_test(only_so_much_is_looked_at),
        cmocka_unit_test(a_header_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
