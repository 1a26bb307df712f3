"""Pure modules read no clock and draw no chance but from what they are given: the simulator depends on it."""

import re

import layers
from tree import line_of, module_of

FORBIDDEN = re.compile(
    r"\b(?:steady_clock|system_clock|high_resolution_clock|utc_clock|file_clock|random_device|default_random_engine"
    r"|clock_gettime|gettimeofday|getrandom|sleep_for|sleep_until|srand"
    r"|(?:std::)?time\s*(?=\(\s*(?:nullptr|NULL|0|&))|(?:(?:std::)?rand|std::clock)\s*(?=\(\s*\)))")


def check(tree):
    pure = layers.load().having("pure")
    for name in tree.cpp():
        if module_of(name) not in pure:
            continue
        for found in FORBIDDEN.finditer(tree.code(name)):
            word = found.group().strip()
            yield name, line_of(tree.code(name), found.start()), f"'{word}' in a pure module; time and chance are handed in"
