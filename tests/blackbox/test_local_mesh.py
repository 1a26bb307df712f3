"""What scripts/run does once it has built: a mesh of real processes, started, shown, broken and stopped."""

import os
import pathlib
import queue
import re
import signal
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("MESHMON_BINARY", str(ROOT / "build" / "release" / "meshmon"))
PATIENCE = 90


class LocalMesh:
    def __init__(self, *options):
        self.process = subprocess.Popen(["/usr/bin/python3", ROOT / "tools" / "local_mesh.py", "--binary", BINARY, *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip())
        self.lines.put(None)

    def wait_for(self, pattern):
        """The first line from here on that matches, as a match."""
        while True:
            line = self.lines.get(timeout=PATIENCE)
            assert line is not None, "\n".join(["ended before a line matched " + pattern, *self.seen])
            self.seen.append(line)
            found = re.search(pattern, line)
            if found:
                return found

    def rest(self):
        while (line := self.lines.get(timeout=PATIENCE)) is not None:
            self.seen.append(line)
        return self.process.wait(PATIENCE)


@pytest.fixture
def local_mesh():
    started = []

    def start(*options):
        started.append(LocalMesh(*options))
        return started[-1]

    yield start
    for mesh in started:
        if mesh.process.poll() is None:
            mesh.process.terminate()
            mesh.process.wait(PATIENCE)


def is_running(pid):
    return pathlib.Path(f"/proc/{pid}").exists()


def test_three_nodes_agree_show_a_death_and_stop_by_one_signal(local_mesh):
    mesh = local_mesh("--nodes", "3")
    nodes = [mesh.wait_for(rf"^node-{number} +http://127\.0\.0\.1:\d+ +pid (\d+) +(\S+)") for number in (1, 2, 3)]
    table = [line for line in mesh.seen if re.match(r"local-mesh\tnode-\d\tup\t", line)]
    assert len(table) == 3, mesh.seen
    assert not [line for line in mesh.seen if re.search(r" (warn|error) ", line)]

    os.kill(int(mesh.wait_for(r"kill -9 (\d+)$").group(1)), signal.SIGKILL)
    mesh.wait_for(r"^node-3 \| -- was ended by SIGKILL")
    mesh.wait_for(r"^node-[12] \| .*node-3 is down")

    mesh.process.send_signal(signal.SIGINT)
    assert mesh.rest() == 0, mesh.seen
    assert not [node.group(1) for node in nodes if is_running(node.group(1))]
    assert not any(pathlib.Path(node.group(2)).exists() for node in nodes)


def test_a_folder_that_is_named_is_kept_with_its_keys(local_mesh, tmp_path):
    def fingerprints():
        mesh = local_mesh("--nodes", "2", "--dir", str(tmp_path))
        found = {mesh.wait_for(r"^(node-\d) .*(SHA256:\S+?)[,)]").groups() for _ in range(2)}
        mesh.wait_for(r"^stop ")
        mesh.process.send_signal(signal.SIGTERM)
        assert mesh.rest() == 0, mesh.seen
        return found

    assert fingerprints() == fingerprints()
    assert (tmp_path / "node-1" / "config" / ".private_keys" / "local-mesh" / "node-1.key").stat().st_mode & 0o777 == 0o600


def test_a_second_signal_kills_what_does_not_stop(local_mesh):
    mesh = local_mesh("--nodes", "2")
    frozen = int(mesh.wait_for(r"^node-1 +http\S+ +pid (\d+)").group(1))
    mesh.wait_for(r"^stop ")
    os.kill(frozen, signal.SIGSTOP)
    mesh.process.send_signal(signal.SIGINT)
    mesh.wait_for(r"^stopping")
    mesh.wait_for(r"^node-2 \| .*stopped")
    mesh.process.send_signal(signal.SIGINT)
    mesh.wait_for(r"^killing what is left")
    assert mesh.rest() == 1
    assert not is_running(frozen)
