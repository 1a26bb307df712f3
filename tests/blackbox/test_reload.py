"""A changed configuration takes effect in a running mesh: nothing that still applies is lost, and nothing broken is taken over."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest

from keys import Key
from mesh import Network, run

BROKEN = "network_id: testnet\nnode_config:\n  - node_id: a\n    url: null\n    poll_rate: -1\n"


def write_whole(file, text):
    """As editors and tools do it: another file takes the name."""
    temporary = file.with_name(file.name + ".tmp")
    temporary.write_text(text)
    temporary.rename(file)


def config_file(node):
    return node.network_folder() / "config.yml"


def write_config(mesh, nodes=None, more=""):
    for node in nodes or mesh.nodes:
        write_whole(config_file(node), mesh.network.config() + more)


def revision(node):
    return node.network()["config_revision"]


def assert_nobody_was_lost(nodes):
    for node in nodes:
        for event in ("node_down", "node_degraded", "link_lost", "quorum_lost", "partition_changed"):
            assert f"event={event}" not in node.log(), node.describe()


# ---- what changes ----------------------------------------------------------------------------------------------------


def test_a_node_joins_and_leaves_without_a_restart(three):
    old = list(three.nodes)
    boots = {node.name: node.json("/api/v1/me")["boot_id"] for node in old}
    fourth = three.add("d")
    fourth.write()
    for node in old:
        (node.network_folder() / "pubkeys" / "d.pub").write_text(three.network.keys["d"].public_pem)
    write_config(three, old)
    fourth.start()
    assert fourth.wait_ready()
    three.wait_agreed()
    assert "added d" in three.a.log()

    assert fourth.stop() == 0
    three.nodes.remove(fourth)
    del three.network.entries["d"], three.network.keys["d"]
    write_config(three, old)
    three.wait_agreed()
    assert {node.name: node.json("/api/v1/me")["boot_id"] for node in old} == boots
    lost = [line for node in old for line in node.log().splitlines()
            if ("event=link_lost" in line or "event=node_down" in line) and "node=d " not in line]
    assert not lost, lost


def test_a_peer_comes_back_with_another_key(three):
    assert three.b.stop() == 0
    key = three.network.keys["b"] = Key()
    three.b.write()
    for node in (three.a, three.c):
        write_whole(node.network_folder() / "pubkeys" / "b.pub", key.public_pem)
    three.b.start()
    assert three.b.wait_ready()
    three.wait_agreed()
    assert "another key for b" in three.a.log()
    assert three.a.node("b")["fingerprint"] == three.b.json("/api/v1/me")["networks"][0]["fingerprint"]


def test_a_running_node_takes_up_its_own_new_key(three):
    boot = three.b.json("/api/v1/me")["boot_id"]
    key = three.network.keys["b"] = Key()
    for node in three.nodes:
        write_whole(node.network_folder() / "pubkeys" / "b.pub", key.public_pem)
    private = three.b.private_key_file()
    private.write_text(key.private_pem)
    three.wait(lambda: "event=network_changed" in three.b.log(), "b sees that it has another key")
    assert "this node has another key there, SHA256:" in three.b.log()
    three.wait(lambda: all("another key for b" in node.log() for node in (three.a, three.c)), "the others see it")
    three.wait_agreed()
    assert three.b.json("/api/v1/me")["boot_id"] == boot


def test_urls_and_rates_change(three):
    before = revision(three.a)
    three.network.entries["b"]["url"] = f"http://localhost:{three.b.port}"
    three.network.poll_rate = 0.5
    write_config(three)
    three.wait(lambda: three.a.node("b")["url"] == f"http://localhost:{three.b.port}", "a knows the new URL")
    three.wait(lambda: len({revision(node) for node in three.nodes} - {before}) == 1, "all run the new revision")
    three.wait_agreed()
    assert "another URL for b; other settings for a and c" in three.a.log()
    assert_nobody_was_lost(three.nodes)


def test_networks_come_and_go(three):
    other = Network("other")
    for name in "ab":
        other.add(name, url=getattr(three, name).url)
    for node in (three.a, three.b):
        node.networks.append(other)
        node.write()
    three.wait(lambda: three.a.statuses(other) == {"a": "up", "b": "up"} == three.b.statuses(other), "the new network runs")
    three.a.networks.remove(other)
    three.a.write()
    three.wait(lambda: three.b.nodes(other)["a"]["reason"] == "left", "a has said that it leaves")
    assert three.a.get("/api/v1/networks/other").status_code == 404
    three.wait_agreed()
    assert_nobody_was_lost([three.a, three.c])


def test_a_network_is_left_while_its_version_range_does_not_fit(three):
    boots = {node.name: node.json("/api/v1/me")["boot_id"] for node in three.nodes}
    write_config(three, [three.c], more="node_version: ['>=99.0.0']\n")
    problem = three.wait(lambda: three.c.problems("node_version_unmet"), "c says so")[0]
    assert problem["severity"] == "error" and ">=99.0.0" in problem["detail"] and problem["remedy"]
    assert "code=node_version_unmet" in three.c.log(), "loudly"
    assert "its node_version asks for >=99.0.0, and this is " in three.c.log(), "what changed there"
    for node in (three.a, three.b):
        three.wait(lambda: node.nodes()["c"]["reason"] == "left", f"{node.name} was told that c leaves")
        assert node.nodes()["c"]["status"] == "down"
    assert three.c.get("/api/v1/networks/testnet").status_code == 503
    status = run("status", "--config-dir", three.c.config)
    assert status.returncode != 0 and ">=99.0.0" in status.stdout
    assert {node.status("b") for node in (three.a, three.b)} == {"up"}

    write_config(three, [three.c], more="node_version: ['>=0.0.1', '<99.0.0']\n")
    three.wait(lambda: not three.c.problems("node_version_unmet"), "it is back by itself")
    three.wait_agreed()
    assert {node.name: node.json("/api/v1/me")["boot_id"] for node in three.nodes} == boots, "no process was restarted"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_reads_at_once_and_says_what_came_of_it(make_mesh, number):
    mesh = make_mesh(["a"]).write().start()
    mesh.a.signal(number)
    mesh.wait(lambda: "event=config_unchanged" in mesh.a.log(), "nothing changed")
    before = revision(mesh.a)
    config_file(mesh.a).write_text(mesh.network.config() + "# more\n")
    mesh.a.signal(number)
    mesh.wait(lambda: revision(mesh.a) != before, "it runs the new revision", timeout=10)


# ---- what is broken --------------------------------------------------------------------------------------------------


def test_a_broken_file_keeps_the_last_good_state_also_after_a_restart(three):
    a, good = three.a, config_file(three.a).read_text()
    before = revision(a)
    write_whole(config_file(a), BROKEN)
    problem = three.wait(lambda: a.problems("config_invalid"), "it says that the file is broken")[0]
    assert problem["file"] == str(config_file(a)) and problem["line"] == 5
    assert problem["excerpt"].splitlines()[0].endswith("poll_rate: -1") and "^^" in problem["excerpt"]
    assert f"{config_file(a)}:5:16: error[" in problem["detail"] and before in problem["detail"]
    line = 'event=problem net=testnet code=config_invalid excerpt="  5 |     poll_rate: -1'
    three.wait(lambda: line in a.log(), "it is logged")
    metrics = a.metrics()
    assert metrics["meshmon_config_valid"] == 0
    assert metrics['meshmon_problems{code="config_invalid",severity="error"}'] == 1
    assert metrics['meshmon_config_loads_total{result="rejected"}'] >= 1
    status = run("status", "--config-dir", a.config)
    assert status.returncode == 10 and "^^" in status.stdout and "config.yml:5:16" in status.stdout
    assert revision(a) == before

    assert a.stop() == 0
    a.start()
    assert a.wait_ready()
    three.wait_agreed()
    assert revision(a) == before and a.problems("config_invalid")
    assert run("check", a.config).returncode == 1, "check says what the file is, not what runs"

    write_whole(config_file(a), good + "# mended\n")
    three.wait(lambda: not a.problems("config_invalid") and revision(a) != before, "it goes on with the mended file")
    assert a.metrics()["meshmon_config_valid"] == 1
    assert "event=problem_mended" in a.log()


def test_a_broken_node_file_stops_no_network(three):
    node_file = three.a.config / "nodeconf.yml"
    good = node_file.read_text()
    for spoil in (lambda: write_whole(node_file, "networks: [\n"), node_file.unlink,
                  lambda: (node_file.unlink(), node_file.mkdir())):
        spoil()
        three.wait(lambda: three.a.problems("config_invalid"), "it says that the node file is broken")
        write_config(three, more=f"# {spoil}\n")
        three.wait(lambda: len({revision(node) for node in three.nodes}) == 1, "networks are read all the same")
        assert three.a.stop() == 0
        three.a.start()
        assert three.a.wait_ready()
        three.wait_agreed()
        assert three.a.problems("config_invalid")
        if node_file.is_dir():
            node_file.rmdir()
        write_whole(node_file, good)
        three.wait(lambda: not three.a.problems("config_invalid"), "it is mended")


def test_a_config_that_vanishes_or_becomes_a_folder_is_no_config(three):
    a = three.a
    for spoil in (lambda: None, lambda: config_file(a).mkdir()):
        config_file(a).unlink()
        spoil()
        three.wait(lambda: a.problems("config_invalid"), "it says so")
        assert a.status("b") == "up"
        assert not config_file(a).is_file(), "and makes no example in its place"
        if config_file(a).is_dir():
            config_file(a).rmdir()
        config_file(a).write_text(three.network.config())
        three.wait(lambda: not a.problems("config_invalid"), "it is mended")
    assert_nobody_was_lost(three.nodes)


def test_a_key_file_that_breaks_costs_no_peer(three):
    file = three.a.network_folder() / "pubkeys" / "b.pub"
    good = file.read_text()
    file.write_text(good[:40])
    problem = three.wait(lambda: three.a.problems("key_unreadable"), "it says that the key cannot be read")[0]
    assert "the key that it held before counts" in problem["detail"]
    assert three.a.status("b") == "up"
    file.unlink()
    three.wait(lambda: three.a.problems("key_missing") and three.a.status("b") == "unknown", "without a file there is no key")
    file.write_text(good)
    three.wait_agreed()


@pytest.fixture
def open_folder():
    """One that other users can look into."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="meshmon-reload-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_file_that_may_not_be_read_keeps_the_last_good_state(make_mesh, open_folder):
    nobody = 65534
    mesh = make_mesh(["a"], folder=open_folder)
    mesh.a.prefix = ("setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups")
    mesh.write()
    for path in [mesh.a.folder, *mesh.a.folder.rglob("*")]:
        os.chown(path, nobody, nobody)
    mesh.start()
    config_file(mesh.a).chmod(0)
    problem = mesh.wait(lambda: mesh.a.problems("config_invalid"), "it says that it may not read the file")[0]
    assert "permission" in problem["detail"].lower()
    assert mesh.a.network()["node_count"] == 1
    config_file(mesh.a).chmod(0o644)
    mesh.wait(lambda: not mesh.a.problems("config_invalid"), "it is mended")


def test_a_node_file_that_is_awaited_starts_the_node(make_mesh):
    mesh = make_mesh(["a"]).write()
    node_file = mesh.a.config / "nodeconf.yml"
    text = node_file.read_text()
    node_file.unlink()
    mesh.a.start("--listen", f"127.0.0.1:{mesh.a.port}")
    assert mesh.a.wait_ready()
    problem = mesh.wait(lambda: mesh.a.problems("config_waiting"), "it says what it waits for")[0]
    assert str(node_file) in problem["detail"] and "level=error" not in mesh.a.log()
    node_file.write_text(text)
    mesh.wait(lambda: mesh.a.statuses() == {"a": "up"}, "it runs")
    assert "level=error" not in mesh.a.log()


def test_what_needs_a_restart_is_said(make_mesh):
    mesh = make_mesh(["a"]).write().start()
    node_file = mesh.a.config / "nodeconf.yml"
    text = node_file.read_text()
    write_whole(node_file, text.replace(f":{mesh.a.port}", ":1"))
    problem = mesh.wait(lambda: mesh.a.problems("restart_needed"), "it says that it still listens there")[0]
    assert "listen is 127.0.0.1:1 now" in problem["detail"]
    write_whole(node_file, text)
    mesh.wait(lambda: not mesh.a.problems("restart_needed"), "it is as it was")


# ---- where inotify is blind ------------------------------------------------------------------------------------------


def may_mount():
    return subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount")
def test_a_single_mounted_file_is_followed(make_mesh, tmp_path):
    mesh = make_mesh(["a"]).write()
    outside = tmp_path / "outside.yml"
    outside.write_text(mesh.network.config())
    mesh.a.prefix = ("unshare", "-m", "sh", "-c", f"mount --bind {outside} {config_file(mesh.a)} && exec \"$@\"", "sh")
    mesh.start()
    before = revision(mesh.a)
    outside.write_text(mesh.network.config() + "# changed outside\n")
    mesh.wait(lambda: revision(mesh.a) != before, "the change is found by looking")


def test_what_a_link_leads_to_is_followed(make_mesh):
    """Written where nobody watches: only looking finds it, with or without the right to mount."""
    mesh = make_mesh(["a"]).write()
    elsewhere = mesh.a.network_folder() / "elsewhere"
    elsewhere.mkdir()
    config_file(mesh.a).rename(elsewhere / "config.yml")
    config_file(mesh.a).symlink_to("elsewhere/config.yml")
    mesh.start()
    for _ in range(2):  # the first may be found by the looks of the start
        before = revision(mesh.a)
        with (elsewhere / "config.yml").open("a") as file:
            file.write("# changed\n")
        mesh.wait(lambda: revision(mesh.a) != before, "the change is found by looking")


def test_a_swapped_data_link_is_followed(make_mesh):
    """As Kubernetes replaces the files of a ConfigMap."""
    mesh = make_mesh(["a"]).write()
    folder = mesh.a.network_folder()
    for name, more in (("..1", ""), ("..2", "# changed\n")):
        (folder / name).mkdir()
        (folder / name / "config.yml").write_text(mesh.network.config() + more)
    (folder / "..data").symlink_to("..1")
    config_file(mesh.a).unlink()
    config_file(mesh.a).symlink_to("..data/config.yml")
    mesh.start()
    before = revision(mesh.a)
    (folder / "..tmp").symlink_to("..2")
    (folder / "..tmp").rename(folder / "..data")
    mesh.wait(lambda: revision(mesh.a) != before, "the swap is found")
    assert not mesh.a.problems("config_invalid")


# ---- nothing is lost -------------------------------------------------------------------------------------------------


def connections(node):
    """The TCP connections to it, by both ends."""
    wanted = f"0100007F:{node.port:04X}"
    lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {fields[2] for fields in lines if fields[1] == wanted and fields[3] == "01"}


def failed_exchanges(node):
    return {series: value for series, value in node.metrics().items()
            if series.startswith("meshmon_exchanges_failed_total") and value}


def test_a_hundred_reloads_under_load_lose_no_link(three, record_property):
    three.network.poll_rate = 20  # a try may then take 5 s: a busy machine is not what loses a link here
    last = {node.name: revision(node) for node in three.nodes}
    write_config(three)
    three.wait(lambda: all(revision(node) != last[node.name] for node in three.nodes), "the longer polls are loaded")
    three.wait(lambda: all(len(connections(node)) >= 2 for node in three.nodes), "all are connected")
    before = {node.name: connections(node) for node in three.nodes}
    failed_at_the_start = {node.name: failed_exchanges(node) for node in three.nodes}
    done = threading.Event()
    answered = []

    def ask(node):
        while not done.is_set():
            assert node.get(node.network_path() + "/nodes", timeout=20).status_code == 200
            answered.append(node.name)

    askers = [threading.Thread(target=ask, args=[node], daemon=True) for node in three.nodes]
    for asker in askers:
        asker.start()
    for i in range(100):
        last = {node.name: revision(node) for node in three.nodes}
        write_config(three, more=f"  - {{node_id: x{i}, url: null}}\n" if i % 3 else f"# {i}\n")
        three.wait(lambda: all(revision(node) != last[node.name] for node in three.nodes), f"reload {i} is done", timeout=60)
    done.set()
    for asker in askers:
        asker.join(30)
    write_config(three)
    three.wait_agreed()
    assert_nobody_was_lost(three.nodes)
    for node in three.nodes:
        assert failed_exchanges(node) == failed_at_the_start[node.name], node.describe()
        assert node.metrics()['meshmon_config_loads_total{result="applied"}'] >= 100
        assert before[node.name] <= connections(node), "every connection is still the same one"
    record_property("answers_meanwhile", len(answered))
