"""Every module says on one page what it is for."""

import posixpath

LINES_MAX = 80


def check(tree):
    modules = {posixpath.dirname(name) for name in tree.named("CMakeLists.txt") if name.startswith("src/") and name.count("/") == 2}
    for module in sorted(modules):
        readme = module + "/README.md"
        if readme not in tree.files:
            yield module, 1, "the module has no README.md"
        elif tree.text(readme).count("\n") > LINES_MAX:
            yield readme, 1, f"longer than a page ({LINES_MAX} lines)"
