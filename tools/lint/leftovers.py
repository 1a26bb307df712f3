"""No note to oneself is left in the repository: what is to be done is an issue."""

import re

LEFTOVER = re.compile(r"\b(TODO|FIXME)\b")
TEXT = (".cpp", ".hpp", ".proto", ".py", ".md", ".txt", ".cmake", ".yaml", ".yml", ".bash", ".json", ".ts", ".tsx", ".css")
ABOUT_THEM = ("tools/lint/leftovers.py",)


def check(tree):
    for name in tree.files:
        is_text = name.endswith(TEXT) or name.startswith(("scripts/", ".ci/"))
        if not is_text or name in ABOUT_THEM or name.endswith("package-lock.json"):
            continue
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            for word in LEFTOVER.findall(line):
                yield name, number, f"'{word}' left behind"
