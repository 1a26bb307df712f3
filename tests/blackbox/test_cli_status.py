"""`meshmon status` and `healthcheck` as a user meets them. No daemon runs here: a small HTTP server in this file answers as the API does."""

import json
import re
import signal
import subprocess
import time

import pytest

from command import BINARY, environment, init, meshmon, on_terminal
from loopback import Handler, HttpServer


def test_without_a_daemon_the_answer_is_one_and_how_to_start_it(tmp_path):
    for command, title in ((["status"], "no status"), (["healthcheck"], "not healthy"), (["healthcheck", "--live"], "not healthy")):
        done = meshmon(*command, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines() == [f"error: {title}: no daemon runs here: there is no config/.data/daemon.json",
                                            "hint: meshmon run"]
    body = json.loads(meshmon("status", "--json", cwd=tmp_path).stdout)
    assert body["error"]["code"] == "cli.not_running"


def test_the_data_folder_is_found_by_flag_variable_and_file(tmp_path):
    def looked_in(*arguments, **env):
        return re.search(r"there is no (\S+)/daemon.json", meshmon("healthcheck", *arguments, cwd=tmp_path, env=env).stderr)[1]

    init(tmp_path)
    file = tmp_path / "config/nodeconf.yml"
    file.write_text(re.sub(r"(?m)^\s*#?\s*data_dir:.*\n", "", file.read_text()) + f"\ndata_dir: {tmp_path}/by-file\n")
    assert looked_in() == f"{tmp_path}/by-file"
    assert looked_in(MESHMON_DATA_DIR="by-variable") == "by-variable"
    assert looked_in("--data-dir", "by-flag", MESHMON_DATA_DIR="by-variable") == "by-flag"


def test_an_address_without_a_daemon_is_named(tmp_path):
    done = meshmon("status", "--api", "http://127.0.0.1:1", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: no status: http://127.0.0.1:1/api/v1/me: ")
    assert done.stderr.endswith("hint: curl -v http://127.0.0.1:1/healthz\n")
    (tmp_path / "config/.data").mkdir(parents=True)
    (tmp_path / "config/.data/daemon.json").write_text('{"address": "127.0.0.1:1"}')  # left behind by a killed daemon
    done = meshmon("status", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.endswith("hint: meshmon run\n")


def node(name, status, **more):
    testimony = {"observer": "fra-1", "says": "down", "reason": "timeout", "since": "2026-11-22T07:14:18.000Z", "counts": True}
    return {"node_id": name, "self": False, "status": status, "reason": None, "contested": False, "since": "2026-11-22T07:00:00.000Z",
            "software_version": "1.0.0", "config_revision": "9f3c2a1d0e55", "in": {"up": 1, "total": 2}, "out": {"up": 1, "total": 2},
            "link": None, "evidence": {"testimonies": [testimony] if status == "down" else []}, **more}


class Daemon(HttpServer):
    """Answers what `answers` holds, 503 otherwise."""

    def __init__(self, statuses, problems=()):
        nodes = [node("fra-1", "up", self=True)] + [node(f"node-{i}", status) for i, status in enumerate(statuses)]
        network = {"network_id": "prod", "directory": "prod", "node_id": "fra-1", "state": "running"}
        partition = {"sides": [[each["node_id"] for each in nodes]], "groups": [], "broken_links": []}
        self.answers = {
            "/api/v1/me": {"version": "1.0.0"},
            "/api/v1/networks": {"networks": [network]},
            "/api/v1/networks/prod": {"at": "2026-11-22T07:14:30.000Z", "network_id": "prod", "node_count": len(nodes),
                                      "config_revision": "9f3c2a1d0e55", "revisions": [], "partition": partition},
            "/api/v1/networks/prod/nodes": {"at": "2026-11-22T07:14:30.000Z", "nodes": nodes},
            "/api/v1/health": {"problems": list(problems)},
            "/healthz": {"status": "alive"},
            "/readyz": {"status": "ready"},
            **{f"/api/v1/networks/prod/nodes/{each['node_id']}": each for each in nodes},
        }
        super().__init__(Api)


class Api(Handler):
    def do_GET(self):
        answer = self.server.answers.get(self.path, {"error": {"code": "not_ready", "title": "x", "detail": "no such thing", "hint": ""}})
        self.answer(200 if "error" not in answer else 503, json.dumps(answer).encode(), "application/json")


@pytest.mark.parametrize("statuses, code", [(["up", "up"], 0), (["up", "degraded"], 10), (["unknown"], 10), (["up", "down", "unknown"], 11)])
def test_status_exits_with_the_worst(tmp_path, statuses, code):
    with Daemon(statuses) as server:
        done = meshmon("status", "--api", server.url, cwd=tmp_path)
        assert done.returncode == code and done.stderr == ""
        rows = [line.split("\t") for line in done.stdout.splitlines() if not line.startswith("#")]
        assert rows[0][:3] == ["NETWORK", "NODE", "STATUS"]
        assert [row[2] for row in rows[1:]] == ["up", *statuses]
        assert ("said by fra-1 (timeout, 12 s)" in done.stdout) == ("down" in statuses)
        body = json.loads(meshmon("status", "--json", "--api", server.url, cwd=tmp_path).stdout)
        assert body["schema"] == 1 and body["exit_code"] == code
        assert [each["status"] for each in body["networks"][0]["nodes"]] == ["up", *statuses]


def test_status_finds_the_daemon_by_its_file(tmp_path):
    with Daemon(["up"]) as server:
        folder = tmp_path / "config/.data"
        folder.mkdir(parents=True)
        (folder / "daemon.json").write_text(json.dumps({"schema": 1, "address": server.url.removeprefix("http://"), "pid": 1}))
        assert meshmon("status", cwd=tmp_path).returncode == 0
        assert meshmon("healthcheck", cwd=tmp_path).stdout == f"ready: {server.url}\n"
        assert meshmon("healthcheck", "--live", cwd=tmp_path).stdout == f"alive: {server.url}\n"
        del server.answers["/readyz"]
        assert meshmon("healthcheck", cwd=tmp_path).returncode == 1
        assert meshmon("healthcheck", "--live", cwd=tmp_path).returncode == 0


def test_status_is_a_table_on_a_terminal(tmp_path):
    with Daemon(["up", "down"]) as server:
        code, shown = on_terminal("status", "--no-color", "--api", server.url, cwd=tmp_path)
        assert code == 11
        lines = shown.replace("\r", "").splitlines()
        assert lines[0].startswith("prod  as seen by fra-1 · 07:14:30Z · config 9f3c2a1")
        assert lines[1].split() == ["NODES", "2/3", "up", "RTT", "LOSS", "IN", "OUT", "CONFIG", "CLOCK", "VERSION"]
        assert lines[2].startswith("● fra-1 (this)") and lines[4].startswith("✕ node-1")
        code, shown = on_terminal("status", "--api", server.url, cwd=tmp_path, env={"LC_ALL": "C"})
        assert shown.isascii() and "\x1b[" in shown


def test_status_of_one_node(tmp_path):
    with Daemon(["up", "down"]) as server:
        done = meshmon("status", "--node", "node-0", "--api", server.url, cwd=tmp_path)
        assert done.returncode == 0 and "node-1" not in done.stdout
        assert meshmon("status", "--node", "node-1", "--api", server.url, cwd=tmp_path).returncode == 11
        wrong = meshmon("status", "--node", "nod-1", "--api", server.url, cwd=tmp_path)
        assert wrong.returncode == 2 and "did you mean 'node-1'?" in wrong.stderr
        wrong = meshmon("status", "--network", "pord", "--api", server.url, cwd=tmp_path)
        assert wrong.returncode == 2 and "did you mean 'prod'?" in wrong.stderr


def test_status_keeps_escape_sequences_of_peers_off_the_terminal(tmp_path):
    bad = "\x1b]0;owned\x07\x1b[2J\r\n\u202e\x9b"
    problem = {"code": "x", "severity": "error", "title": bad, "detail": bad, "remedy": bad, "network_id": None}
    with Daemon(["down"], [problem]) as server:
        for answer in server.answers["/api/v1/networks/prod/nodes"]["nodes"]:
            answer.update(software_version=bad, config_revision=bad, reason=bad)
            for testimony in answer["evidence"]["testimonies"]:
                testimony.update(observer=bad, reason=bad)
        for shown in (on_terminal("status", "--no-color", "--api", server.url, cwd=tmp_path)[1],
                      meshmon("status", "--api", server.url, cwd=tmp_path).stdout):
            assert not set(shown) & set("\x1b\x07\u202e\x9b")
            assert "owned" in shown


def test_watch_prints_again_and_ends_by_ctrl_c(tmp_path):
    with Daemon(["up"]) as server:
        process = subprocess.Popen([BINARY, "status", "--watch", "0.2", "--json", "--api", server.url], cwd=tmp_path, env=environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        bodies = [json.loads(process.stdout.readline()) for _ in range(3)]
        assert all(body["exit_code"] == 0 for body in bodies)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
        assert (process.returncode, complaints) == (0, "")


def test_watch_goes_on_while_the_daemon_is_away(tmp_path):
    with Daemon(["up"]) as server:
        process = subprocess.Popen([BINARY, "status", "--watch", "0.2", "--json", "--api", server.url], cwd=tmp_path, env=environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert json.loads(process.stdout.readline())["exit_code"] == 0
        kept = server.answers.pop("/api/v1/me")
        deadline = time.monotonic() + 30
        while "error" not in json.loads(process.stdout.readline()):
            assert time.monotonic() < deadline
        server.answers["/api/v1/me"] = kept
        while "error" in json.loads(process.stdout.readline()):
            assert time.monotonic() < deadline
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 0
