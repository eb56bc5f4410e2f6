#include "server/api/openapi.h"

#include "plans/read.h"
#include "server/api/parameters.h"
#include "server/http/answer.h"
#include "views/views.h"

/* The bytes of openapi.json (CMakeLists.txt). */
static const unsigned char written[] = {
#include "openapi.json.inc"
};

static json_t *describe_parameter(const struct parameter *row, const struct config *config)
{
    json_t *description = json_pack("{s:s, s:s}", "name", row->name, "in", "query");
    if (row->about != NULL)
        (void)json_object_set_new(description, "description", json_string(row->about));
    if (row->describe != NULL) {
        row->describe(config, description);
        return description;
    }
    json_t *choices = json_array();
    json_t *examples = json_object();
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        const char *name = row->choices[i];
        (void)json_array_append_new(choices, json_string(name));
        (void)json_object_set_new(examples, name, json_pack("{s:s}", "value", name));
    }
    (void)json_object_update_new(
        description, json_pack("{s:{s:s, s:o, s:s}, s:o}", "schema", "type", "string", "enum",
                               choices, "default", row->choices[0], "examples", examples));
    return description;
}

/* As the pattern in openapi.json, with what its table says. */
static json_t *describe_operation(const json_t *pattern, const struct endpoint *endpoint,
                                  bool has_body)
{
    json_t *operation = json_deep_copy(pattern);
    json_t *list = json_array();
    for (const struct parameter *row = parameters; row->name != NULL; row++) {
        bool is_body = has_body && row == &parameters[PARAMETER_PLAN];
        if (!is_body && (row->is_for == NULL || row->is_for(endpoint)))
            (void)json_array_append_new(
                list,
                json_pack("{s:o}", "$ref", json_sprintf("#/components/parameters/%s", row->name)));
    }
    (void)json_object_set_new(operation, "parameters", list);
    return operation;
}

/* A plan that is too long for a URL. */
static json_t *describe_post(const json_t *pattern, const struct endpoint *endpoint)
{
    json_t *operation = describe_operation(pattern, endpoint, true);
    json_t *responses = json_object_get(operation, "responses");
    (void)json_object_set_new(operation, "operationId", json_sprintf("%s_post", endpoint->name));
    (void)json_object_set_new(operation, "summary", json_string("Runs the plan in its body"));
    (void)json_object_set_new(operation, "requestBody",
                              json_pack("{s:b, s:{s:{s:{s:s, s:i}, s:s}}}", "required", 1,
                                        "content", "text/plain", "schema", "type", "string",
                                        "maxLength", PLAN_BYTES, "example",
                                        "parallel(hi(20ms), hi(10ms))"));
    (void)json_object_del(responses, "304");
    (void)json_object_set(responses, "415", json_object_get(responses, "400"));
    return operation;
}

static json_t *describe_endpoint(const json_t *pattern, const struct endpoint *endpoint)
{
    json_t *get = describe_operation(pattern, endpoint, false);
    (void)json_object_set_new(get, "operationId", json_string(endpoint->name));
    (void)json_object_set_new(get, "summary",
                              endpoint->takes_plan
                                  ? json_string("Runs the plan that its caller draws")
                                  : json_sprintf("The article's %s()", endpoint->name));
    json_t *path = json_pack("{s:o}", "get", get);
    if (endpoint->takes_plan)
        (void)json_object_set_new(path, "post", describe_post(pattern, endpoint));
    return path;
}

json_t *openapi_document(const struct config *config, const struct route *routes)
{
    json_t *document = json_loadb((const char *)written, sizeof written, 0, NULL);
    json_t *paths = json_object_get(document, "paths");
    json_t *pattern = json_object_get(document, "x-endpoint");
    json_t *responses = json_object_get(pattern, "responses");
    json_t *content = json_object_get(json_object_get(responses, "200"), "content");
    (void)json_object_set_new(json_object_get(document, "info"), "version",
                              json_string(AWAITD_VERSION));
    for (size_t i = 0; i < VIEWS; i++)
        if (json_object_get(content, views[i]->media_type) == NULL)
            (void)json_object_set_new(content, views[i]->media_type,
                                      json_pack("{s:{s:s}}", "schema", "type", "string"));
    json_t *described = json_object();
    for (const struct parameter *row = parameters; row->name != NULL; row++)
        (void)json_object_set_new(described, row->name, describe_parameter(row, config));
    (void)json_object_set_new(json_object_get(document, "components"), "parameters", described);
    for (const struct route *route = routes; route->path != NULL; route++) {
        bool is_off = route->is_on != NULL && !route->is_on(config);
        if ((route->is_for_operators && config->admin_port > 0) || (is_off && !route->has_more))
            (void)json_object_del(paths, route->path);
        if (is_off && route->has_more)
            (void)json_object_del(paths, "/runs/{run}");
        if (route->endpoint != NULL)
            (void)json_object_set_new(paths, route->path,
                                      describe_endpoint(pattern, route->endpoint));
    }
    (void)json_object_del(document, "x-endpoint");
    return document;
}

char *openapi_text(const struct config *config, const struct route *routes)
{
    json_t *document = openapi_document(config, routes);
    char *text = json_dumps(document, JSON_INDENT(1));
    json_decref(document);
    return text;
}

void openapi_answer(struct request *request)
{
    answer_lend(request, 200, "application/json", request->loop->shared->openapi);
}
