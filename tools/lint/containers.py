"""Where iteration order is behaviour, containers are ordered: the same seed must give the same trace everywhere."""

import re

import layers
from tree import line_of, module_of

UNORDERED = re.compile(r"\b(?:unordered_(?:flat_)?(?:multi)?(?:map|set)|flat_hash_(?:map|set))\b")


def check(tree):
    ordered = layers.load().having("ordered")
    for name in tree.cpp():
        if module_of(name) not in ordered:
            continue
        for found in UNORDERED.finditer(tree.code(name)):
            line = line_of(tree.code(name), found.start())
            yield name, line, f"'{found.group()}' where iteration order is behaviour; take an ordered container"
