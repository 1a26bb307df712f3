"""Holds answers of a running node against openapi/meshmon.yaml."""

import pathlib

import jsonschema
import yaml

DESCRIPTION = yaml.safe_load((pathlib.Path(__file__).parents[2] / "openapi" / "meshmon.yaml").read_text(encoding="utf-8"))
_resolver = jsonschema.RefResolver.from_schema(DESCRIPTION)


def validate(value, schema):
    jsonschema.Draft202012Validator(schema, resolver=_resolver).validate(value)


def validate_as(value, name):
    validate(value, {"$ref": f"#/components/schemas/{name}"})


def get_paths():
    return [path for path, item in DESCRIPTION["paths"].items() if "get" in item]


def good_statuses(path):
    """What a request without conditions is answered with where nothing is wrong."""
    described = DESCRIPTION["paths"][path]["get"]["responses"]
    return {int(status) for status in described if status.isdigit() and status < "400" and status != "304"}


def check(path, response):
    """`path` as in the description, with its parameters in braces."""
    responses = DESCRIPTION["paths"][path]["get"]["responses"]
    described = responses.get(str(response.status_code)) or responses["default"]
    while "$ref" in described:
        described = DESCRIPTION["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
    if "content" not in described:
        assert response.content == b"", path
        return
    kind = response.headers["Content-Type"].split(";")[0]
    assert kind in described["content"], f"{path}: {kind}"
    if kind == "application/json":
        validate(response.json(), described["content"][kind]["schema"])
