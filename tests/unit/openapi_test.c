/*
 * openapi.json held against the tables: what is in one is in the other, and nothing that has to be
 * filled in is left empty. tests/api/openapi_test.c asks whether the document is valid and true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/endpoints.h"
#include "server/api/openapi.h"
#include "server/api/parameters.h"
#include "server/api/query.h"
#include "server/api/routes.h"
#include "text/duration.h"
#include "text/names.h"
#include "views/views.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct config config = {.max_delay_ns = 1500 * NS_PER_MS, .max_count = 77};

static json_t *get(const json_t *from, const char *key)
{
    json_t *found = json_object_get(from, key);
    if (found == NULL)
        fail_msg("'%s' is not in the document", key);
    return found;
}

/* As the document names it: "/runs/{run}". */
static const char *path_of(const struct route *route, char path[40])
{
    (void)snprintf(path, 40, "%s%s", route->path, route->has_more ? "{run}" : "");
    return path;
}

static json_t *operation_of(const json_t *document, const struct route *route)
{
    char path[40];
    return get(get(get(document, "paths"), path_of(route, path)), "get");
}

static json_t *description_of(const json_t *document, const char *name)
{
    return get(get(get(document, "components"), "parameters"), name);
}

/* What a reference in a list leads to. */
static json_t *named_by(const json_t *document, const json_t *reference)
{
    const char *path = json_string_value(get(reference, "$ref"));
    assert_int_equal(strncmp(path, "#/components/parameters/", 24), 0);
    return description_of(document, path + 24);
}

static void every_route_is_described_and_no_other(void **state)
{
    (void)state;
    json_t *document = openapi_document(&config, routes);
    size_t count = 0;
    for (const struct route *route = routes; route->path != NULL; route++, count++)
        assert_true(json_is_object(get(operation_of(document, route), "responses")));
    assert_int_equal(json_object_size(get(document, "paths")), count);
    json_decref(document);
}

static void what_is_on_the_admin_port_is_left_out(void **state)
{
    (void)state;
    const struct config split = {.admin_port = 9};
    json_t *document = openapi_document(&split, routes);
    for (const struct route *route = routes; route->path != NULL; route++) {
        char path[40];
        bool is_there = json_object_get(get(document, "paths"), path_of(route, path)) != NULL;
        assert_int_equal(is_there, !route->is_for_operators);
    }
    json_decref(document);
}

static void an_endpoint_lists_the_parameters_that_are_for_it(void **state)
{
    (void)state;
    json_t *document = openapi_document(&config, routes);
    for (const struct route *route = routes; route->path != NULL; route++) {
        if (route->endpoint == NULL)
            continue;
        json_t *list = get(operation_of(document, route), "parameters");
        size_t i = 0;
        for (const struct parameter *row = parameters; row->name != NULL; row++)
            if (row->is_for == NULL || row->is_for(route->endpoint))
                assert_ptr_equal(named_by(document, json_array_get(list, i++)),
                                 description_of(document, row->name));
        assert_int_equal(json_array_size(list), i);
    }
    json_decref(document);
}

static void every_view_is_an_answer_and_no_other(void **state)
{
    (void)state;
    json_t *document = openapi_document(&config, routes);
    json_t *responses = get(operation_of(document, &routes[0]), "responses");
    json_t *content = get(get(responses, "200"), "content");
    for (size_t i = 0; i < VIEWS; i++)
        (void)get(content, views[i]->media_type);
    assert_int_equal(json_object_size(content), VIEWS);
    json_decref(document);
}

static void the_limits_are_those_of_the_configuration(void **state)
{
    (void)state;
    json_t *document = openapi_document(&config, routes);
    json_t *delay = description_of(document, "delay");
    json_t *count = get(description_of(document, "count"), "schema");
    assert_non_null(strstr(json_string_value(get(delay, "description")), "0s to 1.5s:"));
    assert_int_equal(json_integer_value(get(count, "maximum")), 77);
    json_decref(document);
}

/* How a query of `name` and `value` is read; without a name, an empty one. */
static bool read_as(h2o_mem_pool_t *pool, struct query *query, struct problem *problem,
                    const char *name, const char *value)
{
    char text[64] = "";
    static const struct config liberal = {
        .max_delay_ns = NS_PER_SECOND, .max_count = 10, .max_duration_ns = 10 * NS_PER_SECOND};
    if (name != NULL)
        (void)snprintf(text, sizeof text, "%s=%s", name, value);
    return query_parse((struct text){text, strlen(text)}, (struct text){NULL, 0},
                       &parallel_endpoint, routes, &liberal, pool, query, problem);
}

/* Saying what is the default is the same as saying nothing. */
static void the_defaults_are_those_that_are_read(void **state)
{
    (void)state;
    json_t *document = openapi_document(&config, routes);
    struct problem problem;
    struct query nothing;
    h2o_mem_pool_t pool;
    h2o_mem_init_pool(&pool);
    assert_true(read_as(&pool, &nothing, &problem, NULL, NULL));
    for (const struct parameter *row = parameters; row->name != NULL; row++) {
        struct query query;
        if (row->is_for != NULL && !row->is_for(&parallel_endpoint))
            continue;
        json_t *value = get(get(description_of(document, row->name), "schema"), "default");
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        size_t quote = text[0] == '"';
        text[strlen(text) - quote] = '\0';
        assert_true(read_as(&pool, &query, &problem, row->name, text + quote));
        assert_int_equal(query.plan.count, nothing.plan.count);
        assert_int_equal(query.plan.delay_count, nothing.plan.delay_count);
        assert_int_equal(query.plan.delays_ns[0], nothing.plan.delays_ns[0]);
        assert_int_equal(query.plan.sleep, nothing.plan.sleep);
        assert_int_equal(query.plan.timeline, nothing.plan.timeline);
        assert_true(query.view == NULL || query.view == views[0]);
        free(text);
    }
    h2o_mem_clear_pool(&pool);
    json_decref(document);
}

/* openapi.json has null where something is to be filled in. */
static void nothing_is_left_to_fill_in(void **state)
{
    (void)state;
    json_t *document = openapi_document(&config, routes);
    char *text = json_dumps(document, JSON_COMPACT);
    assert_null(strstr(text, ":null"));
    assert_null(strstr(text, "x-endpoint"));
    free(text);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described_and_no_other),
        cmocka_unit_test(what_is_on_the_admin_port_is_left_out),
        cmocka_unit_test(an_endpoint_lists_the_parameters_that_are_for_it),
        cmocka_unit_test(every_view_is_an_answer_and_no_other),
        cmocka_unit_test(the_limits_are_those_of_the_configuration),
        cmocka_unit_test(the_defaults_are_those_that_are_read),
        cmocka_unit_test(nothing_is_left_to_fill_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
