"""The first minutes with meshmon: nothing is there yet, and what a person must do is said, not logged as an error."""

import re
import stat

import pytest

from mesh import Node, Network, wait_until


@pytest.fixture
def fresh(tmp_path):
    """A node in a folder that does not exist."""
    node = Node(tmp_path, "first", [Network("home")])
    yield node
    node.end()


def join_home(node):
    node.config.mkdir(parents=True, exist_ok=True)
    (node.config / "nodeconf.yml").write_text(
        f"listen: {node.address}:{node.port}\nnetworks:\n  - directory: home\n    node_id: first\n")


def levels(log):
    return set(re.findall(r"\blevel=(\w+)", log))


def start_on_its_port(node):
    node.start("--listen", f"{node.address}:{node.port}").wait_ready()


def test_a_folder_that_does_not_exist_is_no_error(fresh):
    start_on_its_port(fresh)
    assert fresh.get("/readyz").status_code == 200
    wait_until(lambda: fresh.problems(), "it says what it waits for", mesh=fresh)
    assert {problem["severity"] for problem in fresh.problems()} == {"info"}
    assert all(problem["remedy"] for problem in fresh.problems())
    assert levels(fresh.log()) == {"info"}, fresh.log()


def test_the_first_network_gets_an_example_a_key_and_an_explanation(fresh):
    join_home(fresh)
    start_on_its_port(fresh)
    example = fresh.network_folder() / "config.yml"
    wait_until(example.exists, "the example is written", mesh=fresh)
    assert "network_id:" in example.read_text() and "replace_me" in example.read_text()
    key = fresh.config / ".private_keys" / "home" / "first.key"
    assert key.exists() and (fresh.network_folder() / "pubkeys" / "first.pub").exists()
    wait_until(lambda: fresh.problems("config_waiting") or fresh.problems("placeholder_url"), "it says so", mesh=fresh)
    for problem in fresh.problems():
        assert problem["remedy"] and problem["severity"] != "error", problem
    assert not levels(fresh.log()) & {"error", "critical"}, fresh.log()
    assert "config.yml" in fresh.log(), "what it waits for is in the log too"


def test_what_a_person_wrote_is_never_overwritten(fresh):
    join_home(fresh)
    start_on_its_port(fresh)
    example = fresh.network_folder() / "config.yml"
    wait_until(example.exists, "the example is written", mesh=fresh)
    fresh.stop()
    key = (fresh.config / ".private_keys" / "home" / "first.key").read_bytes()
    text = f"network_id: home\nnode_config:\n  - node_id: first\n    url: {fresh.url}\n# mine\n"
    example.write_text(text)
    start_on_its_port(fresh)
    wait_until(lambda: fresh.status("first") == "up", "it runs", mesh=fresh)
    assert example.read_text() == text
    assert (fresh.config / ".private_keys" / "home" / "first.key").read_bytes() == key


def test_private_keys_are_for_their_owner_alone(fresh):
    join_home(fresh)
    start_on_its_port(fresh)
    key = fresh.config / ".private_keys" / "home" / "first.key"
    wait_until(key.exists, "the key is made", mesh=fresh)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(key.parent.parent.stat().st_mode) == 0o700
    assert "PRIVATE" not in fresh.log() + fresh.get("/api/v1/me").text


def test_a_private_key_that_others_can_read_is_repaired_and_reported(make_mesh):
    mesh = make_mesh(["a"]).write()
    key = mesh.a.private_key_file()
    key.chmod(0o644)
    mesh.start()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    problem = wait_until(lambda: mesh.a.problems("key_permissions"), "it is reported", mesh=mesh)[0]
    assert problem["severity"] == "warning" and str(key) in problem["detail"] + (problem["file"] or "")
    assert "level=warn" in mesh.a.log()


def test_a_private_key_that_is_opened_while_the_node_runs_is_closed_and_reported(make_mesh):
    mesh = make_mesh(["a"]).write().start()
    key = mesh.a.private_key_file()
    key.chmod(0o666)
    problem = mesh.wait(lambda: mesh.a.problems("key_permissions"), "it is reported")[0]
    assert str(key) in problem["detail"] and stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "event=problem" in mesh.a.log() and "code=key_permissions" in mesh.a.log()


def test_a_clean_start_of_a_whole_mesh_logs_neither_error_nor_warning(make_mesh):
    mesh = make_mesh().write().start().wait_agreed()
    for node in mesh.nodes:
        assert levels(node.log()) == {"info"}, node.log()
        assert node.problems() == []


def test_the_first_line_names_version_node_key_and_url(make_mesh):
    mesh = make_mesh(["a"]).write().start()
    log = wait_until(lambda: mesh.a.url in mesh.a.log() and mesh.a.log(), "the start-up line", mesh=mesh)
    lines = [line for line in log.splitlines() if "SHA256:" in line]
    assert lines and f"a in {mesh.network.name}" in lines[0] and "meshmon 1." in lines[0], log


@pytest.mark.parametrize("file", ["config.yml", "nodeconf.yml"])
def test_broken_yaml_is_named_with_line_and_column_and_the_process_goes_on(make_mesh, file):
    mesh = make_mesh(["a"]).write()
    other = Network("second")
    other.add("a", url=mesh.a.url)
    mesh.a.networks.append(other)
    mesh.write()
    path = mesh.a.config / file if file == "nodeconf.yml" else mesh.a.network_folder(mesh.network) / file
    path.write_text(path.read_text() + "node_config: [broken\n" if file == "config.yml" else "networks: [broken\n")
    mesh.a.start("--listen", f"127.0.0.1:{mesh.a.port}").wait_ready()
    problem = wait_until(lambda: mesh.a.problems("config_invalid"), "the problem is shown", mesh=mesh)[0]
    assert problem["severity"] == "error" and problem["line"] >= 1 and problem["file"].endswith(file)
    assert re.search(rf"{re.escape(file)}:\d+:\d+", problem["detail"]), problem
    assert re.search(rf"{re.escape(file)}:\d+:\d+", mesh.a.log()), "the log names the place too"
    assert mesh.a.get("/readyz").status_code == 200
    if file == "config.yml":
        assert mesh.a.statuses(other) == {"a": "up"}, "the other network runs"
        listed = {network["directory"]: network["state"] for network in mesh.a.json("/api/v1/networks")["networks"]}
        assert listed == {mesh.network.name: "waiting", "second": "running"}
        assert mesh.a.get(mesh.a.network_path(mesh.network)).status_code in (404, 503)
