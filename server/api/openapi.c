#include "server/api/openapi.h"

#include "server/api/query.h"
#include "server/api/routes.h"
#include "server/http/headers.h"
#include "server/loop/loop.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what a client may say ------------------------------------------------------------------- */

static json_t *describe_delay(const struct config *config)
{
    char text[160];
    char longest[DURATION_TEXT_BYTES];
    char normal[DURATION_TEXT_BYTES];
    duration_print(config->max_delay_ns, longest);
    duration_print(DEFAULT_DELAY_NS, normal);
    (void)snprintf(text, sizeof text,
                   "How long each hi() waits, 0s to %s: a number with ns, us, ms, s or m, or plain "
                   "seconds. A list gives each task its own.",
                   longest);
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:{s:s}, s:{s:s}, s:{s:s}}}", "description", text,
                     "schema", "type", "string", "default", normal, "pattern",
                     "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m)?(,[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m)?)*$",
                     "examples", "milliseconds", "value", "20ms", "seconds", "value", "0.01",
                     "turn", "value", "0");
}

static json_t *describe_count(const struct config *config)
{
    return json_pack("{s:s, s:{s:s, s:i, s:I, s:i}, s:{s:{s:i}}}", "description",
                     "How many hi(); with a list of delays, its length.", "schema", "type",
                     "integer", "minimum", 1, "maximum", (json_int_t)config->max_count, "default",
                     DEFAULT_COUNT, "examples", "one", "value", 1);
}

static json_t *describe_choice(const char *text, const char *const *names, size_t count)
{
    json_t *choices = json_array();
    json_t *examples = json_object();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(choices, json_string(names[i]));
        (void)json_object_set_new(examples, names[i], json_pack("{s:s}", "value", names[i]));
    }
    return json_pack("{s:s, s:{s:s, s:o, s:s}, s:o}", "description", text, "schema", "type",
                     "string", "enum", choices, "default", names[0], "examples", examples);
}

static json_t *describe_format(void)
{
    const char *names[VIEWS];
    for (size_t i = 0; i < VIEWS; i++)
        names[i] = views[i]->name;
    return describe_choice("The view of the run. Without it the Accept header decides.", names,
                           VIEWS);
}

static json_t *describe_parameter(enum parameter which, const struct config *config)
{
    switch (which) {
    case PARAMETER_DELAY:
        return describe_delay(config);
    case PARAMETER_COUNT:
        return describe_count(config);
    case PARAMETER_SLEEP:
        return describe_choice("How hi() waits: awaited; blocking its event loop; or with the "
                               "await forgotten.",
                               sleep_names, SLEEP_MODES);
    case PARAMETER_TIMELINE:
        return json_pack("{s:s, s:{s:s, s:b}, s:{s:{s:b}}}", "description",
                         "Adds who said what when.", "schema", "type", "boolean", "default", 0,
                         "examples", "on", "value", 1);
    case PARAMETER_FORMAT:
        return describe_format();
    case PARAMETERS:
        break;
    }
    return NULL;
}

static json_t *list_parameters(const struct endpoint *endpoint, const struct config *config)
{
    json_t *list = json_array();
    for (unsigned which = 0; which < PARAMETERS; which++) {
        if (which == PARAMETER_COUNT && !endpoint->takes_count)
            continue;
        json_t *parameter = describe_parameter((enum parameter)which, config);
        (void)json_object_set_new(parameter, "name", json_string(parameter_names[which]));
        (void)json_object_set_new(parameter, "in", json_string("query"));
        (void)json_array_append_new(list, parameter);
    }
    return list;
}

/* ---- what it is answered --------------------------------------------------------------------- */

static json_t *refer(const char *what)
{
    return json_pack("{s:s}", "$ref", what);
}

static json_t *run_content(void)
{
    json_t *content = json_object();
    for (size_t i = 0; i < VIEWS; i++) {
        bool is_json = views[i] == &json_view;
        json_t *schema =
            is_json ? refer("#/components/schemas/Run") : json_pack("{s:s}", "type", "string");
        (void)json_object_set_new(content, views[i]->media_type,
                                  json_pack("{s:o}", "schema", schema));
    }
    return content;
}

static json_t *list_answers(void)
{
    static const int problems[] = {400, 406, 413, 431, 503};
    json_t *answers = json_pack("{s:{s:s, s:o}}", "200", "description",
                                "What was said, and how long it took.", "content", run_content());
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        (void)json_object_set_new(answers, status_text(status_index(problems[i])),
                                  refer("#/components/responses/Problem"));
    return answers;
}

static json_t *describe_operators_route(void)
{
    return json_pack("{s:{s:s, s:{s:{s:s}}}}", "get", "summary", "For operators", "responses",
                     "200", "description", "As its name says; /readyz answers 503 during a drain.");
}

static json_t *describe_endpoint(const struct endpoint *endpoint, const struct config *config)
{
    char summary[80];
    (void)snprintf(summary, sizeof summary, "The article's %s()", endpoint->name);
    return json_pack("{s:{s:s, s:s, s:o, s:o}}", "get", "operationId", endpoint->name, "summary",
                     summary, "parameters", list_parameters(endpoint, config), "responses",
                     list_answers());
}

static json_t *list_paths(const struct config *config)
{
    json_t *paths = json_object();
    for (int i = 0; i < ROUTES; i++) {
        const struct route *route = &routes[i];
        if (route->is_for_operators && config->admin_port > 0)
            continue;
        (void)json_object_set_new(paths, route->path,
                                  route->endpoint != NULL
                                      ? describe_endpoint(route->endpoint, config)
                                      : describe_operators_route());
    }
    return paths;
}

/* ---- the shapes of answers: JSON Schema 2020-12 ---------------------------------------------- */

static json_t *run_schema(void)
{
    return json_pack(
        "{s:s, s:[s,s,s], s:{s:{s:s}, s:{s:s, s:{s:s}}, s:{s:s, s:i}, s:{s:s, s:i},"
        " s:{s:s, s:{s:s, s:[s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}}}}, s:{s:s, s:{s:s}}}}",
        "type", "object", "required", "endpoint", "output", "elapsed_seconds", "properties",
        "endpoint", "type", "string", "output", "type", "array", "items", "type", "string",
        "elapsed_seconds", "type", "number", "minimum", 0, "loop_blocked_seconds", "type", "number",
        "minimum", 0, "timeline", "type", "array", "items", "type", "object", "required",
        "at_seconds", "task", "says", "properties", "at_seconds", "type", "number", "task", "type",
        "integer", "says", "type", "string", "warnings", "type", "array", "items", "type",
        "string");
}

static json_t *problem_schema(void)
{
    return json_pack("{s:s, s:[s,s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s},"
                     " s:{s:s}}}",
                     "type", "object", "required", "type", "title", "status", "detail",
                     "properties", "type", "type", "string", "title", "type", "string", "status",
                     "type", "integer", "detail", "type", "string", "parameter", "type", "string",
                     "minimum", "type", "number", "maximum", "type", "number");
}

static json_t *list_components(void)
{
    json_t *problem =
        json_pack("{s:s, s:{s:{s:o}}}", "description",
                  "What was wrong, what was given, and what is allowed (RFC 9457).", "content",
                  "application/problem+json", "schema", refer("#/components/schemas/Problem"));
    return json_pack("{s:{s:o, s:o}, s:{s:o}}", "schemas", "Run", run_schema(), "Problem",
                     problem_schema(), "responses", "Problem", problem);
}

void openapi_answer(h2o_req_t *req)
{
    const struct config *config = loop_of(req)->server->config;
    json_t *document = json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:o}", "openapi", "3.1.0", "info",
                                 "title", "awaitd", "version", AWAITD_VERSION, "description",
                                 "async/await as an HTTP service", "paths", list_paths(config),
                                 "components", list_components());
    char *text = json_dumps(document, JSON_INDENT(2));
    json_decref(document);
    headers_set(req, 200, "application/json");
    req->res.content_length = text == NULL ? 0 : strlen(text);
    h2o_send_inline(req, text == NULL ? "" : text, req->res.content_length);
    free(text);
}
