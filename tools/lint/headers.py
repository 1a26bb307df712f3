"""Every header begins with one #pragma once."""

import re


def check(tree):
    for name in tree.named(".hpp"):
        code = tree.code(name)
        count = len(re.findall(r"^\s*#\s*pragma\s+once\b", code, re.MULTILINE))
        if count != 1:
            yield name, 1, f"{count} times #pragma once instead of once"
        elif not code.lstrip().startswith("#pragma once"):
            yield name, 1, "#pragma once does not stand first"
