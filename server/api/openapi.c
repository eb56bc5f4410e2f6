#include "server/api/openapi.h"

#include "server/api/parameters.h"
#include "server/http/answer.h"
#include <stdlib.h>

/* The bytes of openapi.json (CMakeLists.txt). */
static const unsigned char written[] = {
#include "openapi.json.inc"
};

json_t *openapi_document(const struct config *config, const struct route *routes)
{
    json_t *document = json_loadb((const char *)written, sizeof written, 0, NULL);
    json_t *paths = json_object_get(document, "paths");
    json_t *common = json_object_get(document, "x-endpoints");
    json_t *descriptions = json_object_get(common, "parameters");
    (void)json_object_set_new(json_object_get(document, "info"), "version",
                              json_string(AWAITD_VERSION));
    for (const struct parameter *row = parameters; row->name != NULL; row++) {
        json_t *description = json_object_get(descriptions, row->name);
        (void)json_object_set_new(description, "name", json_string(row->name));
        (void)json_object_set_new(description, "in", json_string("query"));
        if (row->describe != NULL)
            row->describe(config, description);
    }
    for (const struct route *route = routes; route->path != NULL; route++) {
        json_t *operation = json_object_get(json_object_get(paths, route->path), "get");
        if (route->is_for_operators && config->admin_port > 0)
            (void)json_object_del(paths, route->path);
        if (route->endpoint == NULL)
            continue;
        json_t *list = json_array();
        for (const struct parameter *row = parameters; row->name != NULL; row++)
            if (row->is_for == NULL || row->is_for(route->endpoint))
                (void)json_array_append(list, json_object_get(descriptions, row->name));
        (void)json_object_set_new(operation, "parameters", list);
        (void)json_object_set(operation, "responses", json_object_get(common, "responses"));
    }
    (void)json_object_del(document, "x-endpoints");
    return document;
}

void openapi_answer(struct request *request)
{
    json_t *document = openapi_document(request->config, request->loop->shared->routes);
    char *text = json_dumps(document, JSON_INDENT(2));
    json_decref(document);
    answer_send(request, 200, "application/json", text == NULL ? "" : text,
                text == NULL ? 0 : strlen(text));
    free(text);
}
