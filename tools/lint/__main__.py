"""Checks what compilers cannot.

    /usr/bin/python3 tools/lint [ROOT]        ROOT: the tree to look at, default the current folder

Prints `file:line: [check] what is wrong` and exits 1 if anything is. Each check is one file here, named like it; the trees
in tests/lint/ show what each of them finds.
"""

import sys

import awaits
import clocks
import containers
import dead_files
import headers
import layers
import leftovers
import links
import readmes
from tree import Tree

CHECKS = (layers, clocks, containers, awaits, dead_files, headers, readmes, links, leftovers)


def main(arguments):
    if len(arguments) > 1 or "--help" in arguments:
        print(__doc__.strip())
        return 0 if "--help" in arguments else 2
    tree = Tree(arguments[0] if arguments else ".")
    findings = [f"{name}:{line}: [{check.__name__}] {message}"
                for check in CHECKS for name, line, message in sorted(check.check(tree))]
    print("\n".join(findings) if findings else f"lint: {len(tree.files)} files, nothing found")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
