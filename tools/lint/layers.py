"""A module includes only the modules and the system headers that tools/layers.txt allows it."""

import dataclasses
import fnmatch
import pathlib
import posixpath
import re

from tree import module_of

RULES = pathlib.Path(__file__).parent.parent / "layers.txt"
FOR_TESTS = re.compile(r"_test\.cpp$|/test_support\.[ch]pp$|_for_tests\.[ch]pp$")


@dataclasses.dataclass
class Module:
    uses: list
    headers: list
    rules: list


class Layers:
    """What tools/layers.txt says."""

    def __init__(self, text):
        self.groups = []   # (name, patterns), in order
        self.modules = {}
        self.test_headers = []
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if line:
                self._read(line)

    def _read(self, line):
        head, _, rest = line.partition(":")
        kind, _, name = head.partition(" ")
        if kind == "headers":
            self.groups.append((name.strip(), rest.split()))
        elif kind == "module":
            module = Module(*(part.split() for part in rest.split("|")))
            for used in module.uses:
                if used not in self.modules:
                    raise ValueError(f"layers.txt: {name} uses {used}, which does not stand above it")
            self.modules[name] = module
        elif kind == "tests":
            self.test_headers = rest.split()
        else:
            raise ValueError(f"layers.txt: cannot read '{line}'")

    def group_of(self, header):
        return next(name for name, patterns in self.groups if any(fnmatch.fnmatch(header, pattern) for pattern in patterns))

    def having(self, rule):
        return {name for name, module in self.modules.items() if rule in module.rules}


def load():
    return Layers(RULES.read_text(encoding="utf-8"))


def check(tree):
    layers = load()
    for name in tree.cpp():
        module = module_of(name)
        if name.startswith("src/") and module not in layers.modules:
            yield name, 1, f"module '{module}' is not in tools/layers.txt"
        if module not in layers.modules:
            continue
        for line, kind, included in tree.includes(name):
            message = _system(layers, module, name, included) if kind == "<" else _own(layers, tree, name, included)
            if message:
                yield name, line, message


def _system(layers, module, name, header):
    group = layers.group_of(header)
    allowed = layers.modules[module].headers
    if group in allowed or (FOR_TESTS.search(name) and group in layers.test_headers):
        return None
    return f"{module} may not include <{header}> ({group}); it may include {', '.join(allowed)}"


def _own(layers, tree, name, included):
    module, other = module_of(name), included.split("/")[0]
    if not name.startswith("src/") and posixpath.join(posixpath.dirname(name), included) in tree.files:
        return None
    if "/" not in included or other not in layers.modules:
        return f'"{included}" is not written from src/ as "module/file.hpp"'
    uses = layers.modules[module].uses
    if other == module or other in uses:
        return None
    return f"{module} may not include {other}; it may include {', '.join(uses) or 'no other module'}"
