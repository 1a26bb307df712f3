"""Every .cpp is built, every .hpp is included: a file that nothing uses is removed."""

import posixpath
import re

BUILT = ("src/", "sim/", "fuzz/", "bench/")


def check(tree):
    lists = {posixpath.dirname(name): re.split(r'[\s()"]+', tree.text(name)) for name in tree.files
             if posixpath.basename(name) == "CMakeLists.txt"}
    included = set()
    for name in tree.cpp():
        for _, _, what in tree.includes(name):
            included.update({what, "src/" + what, posixpath.join(posixpath.dirname(name), what)})
    for name in tree.cpp():
        if not name.startswith(BUILT):
            continue
        if name.endswith(".cpp") and not _is_listed(name, lists):
            yield name, 1, "in no CMakeLists.txt: it is not built"
        if name.endswith(".hpp") and name not in included:
            yield name, 1, "included by no file"


def _is_listed(name, lists):
    """Whether the CMakeLists.txt of the file's folder, or of one above, names it: whole, or as `x` where it makes ${...}.cpp of it."""
    folder = posixpath.dirname(name)
    while True:
        words = {word.removeprefix("${CMAKE_CURRENT_SOURCE_DIR}/") for word in lists.get(folder, [])}
        own = posixpath.relpath(name, folder or ".")
        if own in words or (own.removesuffix(".cpp") in words and any(word.endswith("}.cpp") for word in words)):
            return True
        if not folder:
            return False
        folder = posixpath.dirname(folder)
