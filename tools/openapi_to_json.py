#!/usr/bin/python3
"""Turns openapi/meshmon.yaml into the JSON that /openapi.json serves.

usage: openapi_to_json.py INPUT.yaml OUTPUT.json
"""

import json
import pathlib
import sys

import yaml


def refuse_what_json_lacks(value, place):
    """YAML reads an unquoted date as a date and `on` as true; JSON would get something else than was written."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                sys.exit(f"{place}: the key {key!r} is no text, quote it")
            refuse_what_json_lacks(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            refuse_what_json_lacks(item, f"{place}[{index}]")
    elif not isinstance(value, (str, int, float, bool, type(None))):
        sys.exit(f"{place}: {value!r} has no form in JSON, quote it")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    source, target = map(pathlib.Path, sys.argv[1:])
    document = yaml.safe_load(source.read_text(encoding="utf-8"))
    refuse_what_json_lacks(document, source.name)
    target.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
