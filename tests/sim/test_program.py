"""meshmon_sim as people and scripts meet it: its lines, its exit codes, and that a seed is the same run in every process."""

import os
import re
import signal
import subprocess
import time

import pytest

PROGRAM = os.environ["MESHMON_SIM"] + "/meshmon_sim"
LAST_LINE = re.compile(r"seed (\d+) nodes (\d+) virtual_s [\d.]+ wall_s [\d.]+ events \d+ trace ([0-9a-f]{16})")


def run(*arguments, before=(), **environment):
    return subprocess.run([*before, PROGRAM, *arguments], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **environment})


def trace(*arguments, **how):
    done = run(*arguments, **how)
    assert done.returncode == 0, done.stdout + done.stderr
    return LAST_LINE.fullmatch(done.stdout.splitlines()[-1]).group(3)


def test_the_last_line_tells_seed_nodes_and_trace():
    done = run("--seed", "18446744073709551615", "--nodes", "4")
    assert done.returncode == 0, done.stdout
    assert LAST_LINE.fullmatch(done.stdout.splitlines()[-1]).groups()[:2] == ("18446744073709551615", "4")


@pytest.mark.parametrize("seed", ["1", "4711", "9223372036854775808"])
def test_a_seed_has_one_trace_in_every_process_wherever_its_memory_lies(seed):
    options = ("--seed", seed, "--nodes", "5")
    first = trace(*options)
    assert trace(*options) == first
    assert trace(*options, MALLOC_PERTURB_="165") == first
    assert trace(*options, before=("setarch", "-R")) == first
    assert trace(*options, "--crypto", "real") != first


def test_two_logs_of_a_seed_are_the_same_and_those_of_two_seeds_part(tmp_path):
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        assert run("--seed", seed, "--nodes", "3", "--log", str(tmp_path / name)).returncode == 0
    lines = {name: (tmp_path / name).read_text().splitlines() for name in "abc"}
    assert lines["a"] == lines["b"]
    assert lines["a"] != lines["c"]
    assert len(lines["a"]) > 100


def test_minutes_try_seeds_one_after_the_other_and_print_each():
    done = run("--seed", "40", "--minutes", "0.02", "--nodes", "2")
    assert done.returncode == 0, done.stdout
    *seed_lines, probes, last = done.stdout.splitlines()
    assert probes.startswith("probes never passed:")
    seeds = [int(LAST_LINE.fullmatch(line).group(1)) for line in [*seed_lines, last]]
    assert seeds == list(range(40, 40 + len(seeds)))
    assert len(seeds) > 1


@pytest.mark.parametrize("arguments, complaint", [
    (["--seed", "12x"], "error: --seed '12x': expected a whole number from 0 to 18446744073709551615."),
    (["--nodes", "5"], "error: one of --seed, --seeds and --minutes is needed."),
    (["--fast"], "error: unknown option '--fast'."),
])
def test_wrong_options_end_with_2_and_say_why(arguments, complaint):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(complaint)
    assert "scripts/sim --help" in done.stderr


def test_a_broken_invariant_ends_with_1_and_tells_how_to_see_it_again(tmp_path):
    done = subprocess.run([PROGRAM, "--seed", "9", "--nodes", "4", "--mistake", "reuses_seq"], capture_output=True, text=True,
                          timeout=120, cwd=tmp_path)
    assert done.returncode == 1
    assert re.search(r"^broken invariant: at .*: S6: ", done.stdout, re.MULTILINE)
    assert re.search(r"^seed: 9$", done.stdout, re.MULTILINE)
    assert re.search(r"^commit: [0-9a-f]{12}|unknown", done.stdout, re.MULTILINE)
    replay = re.search(r"^replay: scripts/sim (.*)$", done.stdout, re.MULTILINE).group(1)
    log = tmp_path / re.search(r"^log: (\S+)", done.stdout, re.MULTILINE).group(1)
    first = LAST_LINE.fullmatch(done.stdout.splitlines()[-1]).group(3)
    again = run(*replay.split(), "--log", str(tmp_path / "again.log"))
    assert again.returncode == 1
    assert LAST_LINE.fullmatch(again.stdout.splitlines()[-1]).group(3) == first
    assert log.read_text() == (tmp_path / "again.log").read_text()


@pytest.mark.parametrize("sent, code, says", [
    (signal.SIGABRT, 1, "broken invariant: a check of our own failed"),  # as std::abort() does
    (signal.SIGINT, 130, "interrupted"),
    (signal.SIGTERM, 143, "interrupted"),
])
def test_a_run_that_ends_before_its_time_tells_how_to_see_it_again(sent, code, says, tmp_path):
    log = tmp_path / "steps.log"
    command = [PROGRAM, "--seed", "7", "--nodes", "40", "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not (log.exists() and log.stat().st_size):
            time.sleep(0.01)
        running.send_signal(sent)
        words = running.communicate(timeout=120)[0].splitlines()
    assert running.returncode == code
    assert words[0] == says
    assert "replay: scripts/sim --seed 7 --nodes 40" in words
    assert LAST_LINE.fullmatch(words[-1]).groups()[:2] == ("7", "40")


def test_a_log_that_cannot_be_written_is_told_before_the_run(tmp_path):
    done = run("--seed", "1", "--nodes", "3", "--log", str(tmp_path / "none" / "a.log"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {tmp_path}/none/a.log cannot be written.")
    assert done.stdout == ""


def test_a_log_on_a_full_disk_is_told_and_no_success():
    held = run("--seed", "1", "--nodes", "3", "--log", "/dev/full")
    assert held.returncode == 2
    assert held.stderr == "error: /dev/full could not be written whole\n"
    broke = run("--seed", "1", "--nodes", "3", "--mistake", "reuses_seq", "--log", "/dev/full")
    assert broke.returncode == 1
    assert "log: none, /dev/full could not be written whole" in broke.stdout.splitlines()
