"""Validates /openapi.json and tries every documented example against the server: openapi.py BASE_URL

Debian has no validator for OpenAPI 3.1, so the rules of the specification that the document makes use of stand
here (OpenAPI 3.1.0, sections 4.8.1 to 4.8.16). Its schemas are JSON Schema 2020-12, which jsonschema knows.
Prints "tried N examples".
"""
import itertools
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

from jsonschema import Draft202012Validator, RefResolver

BASE = sys.argv[1]
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def fetch(path, body=None):
    request = urllib.request.Request(BASE + path, body, {"Content-Type": "text/plain"} if body else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read().decode()


def only(thing, required, optional, where):
    missing, unknown = required - set(thing), set(thing) - required - optional
    assert not missing and not unknown, f"{where}: missing {missing}, unknown {unknown}"


def resolve(document, thing):
    while "$ref" in thing:
        assert set(thing) == {"$ref"} and thing["$ref"].startswith("#/"), thing
        reference, thing = thing["$ref"], document
        for step in reference[2:].split("/"):
            thing = thing[step]
    return thing


def check_schema(document, schema):
    Draft202012Validator.check_schema(resolve(document, schema))


def check_content(document, content, where):
    for kind, media in content.items():
        assert kind.count("/") == 1, where
        only(media, {"schema"}, {"example", "examples"}, f"{where} {kind}")
        check_schema(document, media["schema"])


def check_parameter(document, parameter, where):
    only(parameter, {"name", "in", "schema"}, {"description", "required", "examples"}, where)
    assert parameter["in"] in {"query", "header", "path", "cookie"}, where
    check_schema(document, parameter["schema"])
    validator = Draft202012Validator(parameter["schema"])
    if "default" in parameter["schema"]:
        validator.validate(parameter["schema"]["default"])
    for name, example in parameter.get("examples", {}).items():
        only(example, {"value"}, {"summary", "description"}, f"{where} example {name}")
        validator.validate(example["value"])


def parameters_of(document, operation):
    return [resolve(document, parameter) for parameter in operation.get("parameters", [])]


def check_operation(document, operation, where):
    only(operation, {"responses"}, {"operationId", "summary", "description", "parameters", "requestBody"}, where)
    if "requestBody" in operation:
        only(operation["requestBody"], {"content"}, {"description", "required"}, where)
        check_content(document, operation["requestBody"]["content"], where)
    parameters = parameters_of(document, operation)
    names = [(p["name"], p["in"]) for p in parameters]
    assert len(set(names)) == len(names), f"{where}: a parameter stands twice"
    for parameter in parameters:
        check_parameter(document, parameter, f"{where} {parameter.get('name')}")
    assert operation["responses"], where
    for code, response in operation["responses"].items():
        assert code == "default" or (len(code) == 3 and code.isdigit()), (where, code)
        response = resolve(document, response)
        only(response, {"description"}, {"headers", "content", "links"}, f"{where} {code}")
        check_content(document, response.get("content", {}), f"{where} {code}")


def check_document(document):
    only(document, {"openapi", "info", "paths", "components"}, {"servers", "tags"}, "document")
    assert document["openapi"].startswith("3.1."), document["openapi"]
    only(document["info"], {"title", "version"}, {"description", "license", "summary"}, "info")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    ids = []
    for path, item in document["paths"].items():
        assert path.startswith("/"), path
        only(item, set(), METHODS, path)
        for method, operation in item.items():
            check_operation(document, operation, f"{method} {path}")
            ids += [operation["operationId"]] if "operationId" in operation else []
    assert len(set(ids)) == len(ids), "an operationId stands twice"


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def try_query(document, path, operation, query):
    posted = operation.get("requestBody", {}).get("content", {}).get("text/plain", {}).get("example")
    status, kind, body = fetch(path + "?" + urllib.parse.urlencode(query), posted and posted.encode())
    response = resolve(document, operation["responses"][str(status)])
    assert status == 200, (path, query, status, body)
    schema = response["content"][kind]["schema"]
    value = json.loads(body) if kind == "application/json" else body
    resolver = RefResolver.from_schema(document)
    Draft202012Validator(schema, resolver=resolver).validate(value)


def try_examples(document):
    """Every example of every parameter together with every one of each other."""
    tried = 0
    for path, item in document["paths"].items():
        for operation in item.values():
            parameters = [p for p in parameters_of(document, operation) if "examples" in p]
            choices = [[(p["name"], as_text(e["value"])) for e in p["examples"].values()] for p in parameters]
            for query in itertools.product(*choices) if parameters else []:
                try_query(document, path, operation, query)
                tried += 1
    return tried


def try_limits(document):
    """The limits that the document states are those that are in force."""
    parameters = parameters_of(document, document["paths"]["/parallel"]["get"])
    count = next(p["schema"] for p in parameters if p["name"] == "count")
    for value, expected in ((count["maximum"], 200), (count["maximum"] + 1, 400), (count["minimum"] - 1, 400)):
        status, kind, body = fetch(f"/parallel?delay=0&count={value}")
        assert status == expected, (value, status)
        if status == 400:
            problem = resolve(document, document["paths"]["/parallel"]["get"]["responses"]["400"])
            schema = problem["content"][kind]["schema"]
            Draft202012Validator(schema, resolver=RefResolver.from_schema(document)).validate(json.loads(body))


def main():
    status, kind, body = fetch("/openapi.json")
    assert (status, kind) == (200, "application/json"), (status, kind)
    document = json.loads(body)
    check_document(document)
    assert {"/hi", "/parallel", "/sequence", "/run", "/livez", "/readyz", "/metrics"} <= set(document["paths"])
    for path, item in document["paths"].items():
        if "parameters" not in item["get"]:
            assert fetch(path)[0] == 200, path
    try_limits(document)
    print(f"tried {try_examples(document)} examples")


main()
