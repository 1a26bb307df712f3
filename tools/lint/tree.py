"""The files that the checks look at, and C++ text with comments and strings blanked."""

import functools
import os
import pathlib
import re
import subprocess

# The lint's own fixtures are wrong on purpose.
FIXTURES = "tests/lint/"

_BLANKED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL)


def blank(text):
    """The same text, as long and with the same lines, without what stands in comments, strings and characters."""
    return _BLANKED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


class Tree:
    """A source tree: every file that git knows or would add; without git, every file."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.files = sorted(self._git_files() if (self.root / ".git").exists() else self._all_files())

    def _git_files(self):
        listed = subprocess.run(["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                check=True, capture_output=True, text=True).stdout.split("\0")
        return [name for name in set(listed)
                if name and not name.startswith(FIXTURES) and (self.root / name).is_file()]

    def _all_files(self):
        for folder, _, names in os.walk(self.root):
            for name in names:
                yield str((pathlib.Path(folder) / name).relative_to(self.root))

    def named(self, *endings):
        return [name for name in self.files if name.endswith(endings)]

    def cpp(self):
        return self.named(".cpp", ".hpp")

    @functools.lru_cache(maxsize=None)
    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    @functools.lru_cache(maxsize=None)
    def code(self, name):
        return blank(self.text(name))

    @functools.lru_cache(maxsize=None)
    def includes(self, name):
        """(line number, '<' or '"', what is included) of every include directive."""
        found = []
        for number, line in enumerate(self.text(name).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                found.append((number, match.group(1), match.group(2)))
        return found


def module_of(name):
    """'mesh' for src/mesh/network.cpp, 'sim' for sim/world.cpp; a program of its own is 'sim/program'."""
    parts = name.split("/")
    if len(parts) > 2 and parts[1] == "program":
        return f"{parts[0]}/program"
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return parts[0] if len(parts) > 1 else ""


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
