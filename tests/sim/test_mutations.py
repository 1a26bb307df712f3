"""Every mistake of mesh/mistake.hpp breaks the invariant that sim/mutations.txt names, and a checker finds it there."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SIM = os.environ["MESHMON_SIM"]
INVARIANTS = {f"S{i}" for i in range(1, 10)} | {f"L{i}" for i in range(1, 7)}


def table():
    for line in (ROOT / "sim/mutations.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            yield [field.strip() for field in line.split("|")]


def listed():
    text = (ROOT / "src/mesh/mistake.hpp").read_text()
    return [name for name in re.findall(r"^    (\w+),", text, re.MULTILINE) if name != "none"]


def run(found_by, folder, mistake=None):
    """A story by its name in sim_test, or the options of meshmon_sim."""
    if found_by.startswith("--"):
        command = [f"{SIM}/meshmon_sim", *found_by.split(), *(["--mistake", mistake] if mistake else [])]
    else:
        command = [f"{SIM}/sim_test", f"--gtest_filter={found_by}", "--gtest_brief=1"]
    environment = {**os.environ, **({"MESHMON_MISTAKE": mistake} if mistake else {})}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder, env=environment)


@pytest.mark.parametrize("mistake, invariant, found_by", table())
def test_a_mistake_is_found_by_the_invariant_that_it_breaks(mistake, invariant, found_by, tmp_path):
    done = run(found_by, tmp_path, mistake)
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    assert re.search(rf"\b{invariant}: ", done.stdout), done.stdout[-3000:]


def test_without_a_mistake_the_same_runs_hold(tmp_path):
    runs = {found_by for _, _, found_by in table()}
    stories = ":".join(sorted(run for run in runs if not run.startswith("--")))
    for found_by in [stories, *sorted(run for run in runs if run.startswith("--"))]:
        done = run(found_by, tmp_path)
        assert done.returncode == 0, done.stdout[-3000:]


def test_every_mistake_is_in_the_table_and_every_invariant_is_broken():
    rows = list(table())
    assert [row[0] for row in rows] == listed()
    assert len(rows) >= 30
    assert {row[1] for row in rows} - {"exam", "tries"} == INVARIANTS


def test_the_program_that_people_run_holds_no_mistake():
    binary = pathlib.Path(os.environ["MESHMON_BINARY"]).read_bytes()
    simulator = pathlib.Path(f"{SIM}/meshmon_sim").read_bytes()
    for name in [*listed(), "chosen_mistake", "probes_passed"]:
        assert name.encode() in simulator
        assert name.encode() not in binary
