"""What the lint finds in the trees beside this file: nothing in good/, and in bad/x/ exactly what bad/x.expected says."""

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
LINT = HERE.parent.parent / "tools" / "lint"
CHECKS = {path.stem for path in LINT.glob("*.py")} - {"__main__", "tree"}
BAD = sorted(path for path in (HERE / "bad").iterdir() if path.is_dir())


def lint(tree):
    done = subprocess.run([sys.executable, LINT, tree], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("tree", sorted((HERE / "good").iterdir()), ids=lambda tree: tree.name)
def test_a_good_tree_passes(tree):
    code, lines = lint(tree)
    assert code == 0, lines


@pytest.mark.parametrize("tree", BAD, ids=lambda tree: tree.name)
def test_a_bad_tree_fails_with_what_is_expected(tree):
    code, lines = lint(tree)
    assert code == 1
    assert lines == tree.with_suffix(".expected").read_text().splitlines()


def test_every_check_has_a_bad_tree():
    assert {tree.name for tree in BAD} == CHECKS
