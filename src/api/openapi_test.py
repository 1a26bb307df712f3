#!/usr/bin/python3
"""Holds every response of the API against openapi/meshmon.yaml, and the description against itself.

usage: openapi_test.py SOURCE_DIR RESPONSES_PROGRAM
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

import jsonschema
import yaml

SOURCE = pathlib.Path(sys.argv[1])
DESCRIPTION = yaml.safe_load((SOURCE / "openapi/meshmon.yaml").read_text(encoding="utf-8"))
SCHEMAS = DESCRIPTION["components"]["schemas"]
LINES = [json.loads(line) for line in subprocess.run(
    [sys.argv[2]], check=True, capture_output=True, encoding="utf-8").stdout.split("\n") if line]
ROUTES = [line for line in LINES if "route" in line]
RESPONSES = [line for line in LINES if "path" in line]
SERVED_BY_THE_MESH = ("POST", "/mesh/v1/{network_id}")
STREAM_SCHEMAS = {"hello": "StreamHello", "gap": "StreamGap", "problems": "StreamProblems"}


def resolve(item):
    while "$ref" in item:
        target = DESCRIPTION
        for part in item["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        item = target
    return item


def validate(value, schema):
    resolver = jsonschema.RefResolver.from_schema(DESCRIPTION)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(value)


def described(method, path):
    return DESCRIPTION["paths"][path].get(method.lower(), {"responses": {}})


def response_of(answer):
    method = "GET" if answer["status"] == 405 else answer["method"]
    responses = described(method, answer["path"])["responses"]
    return resolve(responses.get(str(answer["status"])) or responses["default"])


def stream_events(body):
    """The events of a stream as (name, id, data); comments are no events."""
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "data" in fields:
            yield fields["event"], fields.get("id"), json.loads(fields["data"])


def objects_in(schema, place):
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield place, schema
        for key, item in schema.items():
            yield from objects_in(item, f"{place}.{key}")
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from objects_in(item, f"{place}[{index}]")


class Description(unittest.TestCase):
    def test_schemas_are_valid_and_closed(self):
        for name, schema in SCHEMAS.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            for place, item in objects_in(schema, name):
                with self.subTest(place):
                    if item.get("additionalProperties") is False:
                        self.assertEqual(sorted(item["required"]), sorted(item["properties"]))
                    else:
                        self.assertIn("propertyNames", item)

    def test_every_schema_is_used(self):
        text = (SOURCE / "openapi/meshmon.yaml").read_text(encoding="utf-8")
        unused = {name for name in SCHEMAS if f"schemas/{name}\"" not in text} - {"StreamEvent"} - set(STREAM_SCHEMAS.values())
        self.assertEqual(unused, set())

    def test_numbers_name_their_unit(self):
        for name, schema in SCHEMAS.items():
            for place, item in objects_in(schema, name):
                for member, kind in item.get("properties", {}).items():
                    kind = resolve(kind)
                    types = kind.get("type", [])
                    if "number" in ([types] if isinstance(types, str) else types):
                        self.assertRegex(member, r"(_s|_ms|^loss)$", place)

    def test_routes_are_the_paths(self):
        paths = {(method.upper(), path) for path, item in DESCRIPTION["paths"].items() for method in item if method != "parameters"}
        self.assertIn(SERVED_BY_THE_MESH, paths)
        self.assertEqual({(route["method"], route["route"]) for route in ROUTES}, paths - {SERVED_BY_THE_MESH})

    def test_served_description_is_the_written_one(self):
        answer = next(one for one in RESPONSES if one["path"] == "/openapi.json" and one["status"] == 200)
        self.assertEqual(json.loads(answer["body"]), DESCRIPTION)


class Responses(unittest.TestCase):
    def test_bodies_fit_their_schemas(self):
        for answer in RESPONSES:
            content = response_of(answer).get("content")
            with self.subTest(path=answer["path"], status=answer["status"]):
                if content is None:
                    self.assertEqual(answer["body"], "")
                    continue
                kind = answer["headers"]["Content-Type"].split(";")[0]
                self.assertIn(kind, content)
                if kind == "application/json":
                    validate(json.loads(answer["body"]), content[kind]["schema"])

    def test_headers_fit_too(self):
        for answer in RESPONSES:
            for name, header in response_of(answer).get("headers", {}).items():
                with self.subTest(path=answer["path"], header=name):
                    self.assertIn(name, answer["headers"])
                    validate(answer["headers"][name], resolve(header)["schema"])

    def test_every_described_answer_was_seen(self):
        seen = {(answer["method"], answer["path"], str(answer["status"])) for answer in RESPONSES}
        for path, item in DESCRIPTION["paths"].items():
            for method, operation in item.items():
                if method == "parameters" or (method.upper(), path) == SERVED_BY_THE_MESH:
                    continue
                for status in set(operation["responses"]) - {"default"}:
                    self.assertIn((method.upper(), path, status), seen)

    def test_every_response_carries_the_common_headers(self):
        for answer in RESPONSES:
            self.assertEqual(answer["headers"]["X-Content-Type-Options"], "nosniff")
            self.assertNotIn("Access-Control-Allow-Origin", answer["headers"])

    def test_every_word_is_shown_somewhere(self):
        seen = collections.defaultdict(set)

        def collect(value):
            if isinstance(value, dict):
                for key, item in value.items():
                    if item is None or isinstance(item, str):
                        seen[key].add(item)
                    collect(item)
            elif isinstance(value, list):
                for item in value:
                    collect(item)

        for answer in RESPONSES:
            if answer["status"] == 200 and answer["headers"]["Content-Type"] == "application/json":
                collect(json.loads(answer["body"]))
        self.assertEqual(seen["reason"], set(SCHEMAS["Reason"]["enum"]))
        self.assertEqual(seen["status"] - {"alive", "ready"}, set(SCHEMAS["Status"]["enum"]))
        self.assertEqual(seen["self_health"] - {None}, set(SCHEMAS["SelfHealth"]["enum"]))
        self.assertEqual(seen["severity"], set(SCHEMAS["Severity"]["enum"]))

    def test_matrix_is_square_and_its_codes_are_in_the_legend(self):
        for answer in RESPONSES:
            if not answer["path"].endswith("/links") or answer["status"] != 200:
                continue
            matrix = json.loads(answer["body"])
            count = len(matrix["nodes"])
            for name in ("status", "reason", "rtt_ms", "loss"):
                self.assertEqual([len(row) for row in matrix[name]], [count] * count, name)
            self.assertEqual(len(matrix["row_age_s"]), count)
            for name in ("status", "reason"):
                self.assertLessEqual(set("".join(matrix[name])), set(matrix[name + "_codes"]))


class Stream(unittest.TestCase):
    def setUp(self):
        self.events = [event for answer in RESPONSES if answer["path"] == "/api/v1/stream" and answer["status"] == 200
                       for event in stream_events(answer["body"])]

    def test_data_fits_its_schema(self):
        for name, _, data in self.events:
            with self.subTest(name):
                validate(data, {"$ref": f"#/components/schemas/{STREAM_SCHEMAS.get(name, 'StreamEvent')}"})
                if name not in STREAM_SCHEMAS:
                    self.assertEqual(data["kind"], name)

    def test_every_kind_is_told_and_written_down(self):
        kinds = set(SCHEMAS["EventKind"]["enum"])
        self.assertEqual({name for name, _, _ in self.events}, kinds | set(STREAM_SCHEMAS))
        page = (SOURCE / "docs/reference/events.md").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE)), kinds | set(STREAM_SCHEMAS))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
