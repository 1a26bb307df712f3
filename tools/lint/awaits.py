"""Await expressions that some compilers get wrong: name it, then await it.

g++ 12 destroys a braced temporary, or the captures of a lambda, twice when it stands inside a co_await expression, and
crashes on switch (co_await x). Written so that any compiler gets them right, they are right with the next one too.
"""

import re

from tree import line_of

SWITCH = re.compile(r"\bswitch\s*\(\s*(?:[^;()]*;\s*)?co_await\b")
BINDING = re.compile(r"\bauto\s*&{0,2}\s*\[[^\]]*\]\s*[=({]\s*co_await\b")
AWAIT = re.compile(r"\bco_await\b")
BRACED = re.compile(r"(?:[\w>]|[(,]\s*)\s*\{")
LAMBDA = re.compile(r"(?<![\w)\]\s])\s*\[(?P<captures>[^\[\]]*)\]\s*(?=[({<]|mutable\b|->)")
CLOSING = {"(": ")", "[": "]", "{": "}"}


def check(tree):
    for name in tree.cpp():
        code = tree.code(name)
        for found in SWITCH.finditer(code):
            yield name, line_of(code, found.start()), "switch (co_await ...): await into a variable first"
        for found in BINDING.finditer(code):
            yield name, line_of(code, found.start()), "structured binding of a co_await: await into a variable first"
        for found in AWAIT.finditer(code):
            for message in _judge(code[found.end():_end(code, found.end())]):
                yield name, line_of(code, found.start()), message


def _judge(expression):
    plain, captures = _without_lambdas(expression)
    if any(captures):
        yield "a capturing lambda is awaited where it is written: name it, or give it parameters"
    if re.match(r"\s*\(*\s*\x00", plain) and not any(captures):
        yield "a lambda is awaited where it is written: name it, then await it"
    if BRACED.search(plain):
        yield "a braced temporary inside co_await: name it, then await it"


def _without_lambdas(expression):
    """The expression with a zero byte for each lambda, and what the lambdas capture."""
    captures = []
    while found := LAMBDA.search(expression):
        body = expression.find("{", found.end() - 1)
        if body < 0:
            break
        captures.append(found.group("captures").strip())
        expression = expression[:found.start()] + "\x00" + expression[_end(expression, body + 1) + 1:]
    return expression, captures


def _end(code, start):
    """Where the expression that begins at `start` ends: at its semicolon or the bracket that closes around it."""
    depth = 0
    in_braces = start > 0 and code[start - 1] == "{"
    for offset in range(start, len(code)):
        character = code[offset]
        if character in CLOSING:
            depth += 1
        elif character in CLOSING.values():
            if depth == 0:
                return offset
            depth -= 1
        elif character == ";" and depth == 0 and not in_braces:
            return offset
    return len(code)
