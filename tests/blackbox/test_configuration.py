"""What docs/reference/configuration.md promises of the files as a whole, seen from outside."""

import time

import pytest

from keys import Key
from mesh import Mesh, Network, Node, run, wait_until
from test_reload import assert_nobody_was_lost, write_config


@pytest.fixture
def alone(tmp_path):
    """A node whose files are not written yet."""
    mesh = Mesh(tmp_path, ["a"])
    yield mesh
    mesh.end()


def test_an_empty_list_of_networks_is_allowed_and_said(alone):
    alone.a.config.mkdir(parents=True)
    (alone.a.config / "nodeconf.yml").write_text(f"listen: 127.0.0.1:{alone.a.port}\nnetworks: []\n")
    alone.start()
    problem = alone.wait(lambda: alone.a.problems("no_networks"), "it says that it watches nothing")[0]
    assert problem["severity"] == "info" and "nodeconf.yml" in problem["file"] + problem["detail"] + problem["remedy"]
    assert alone.a.get("/readyz").status_code == 200 and "level=error" not in alone.a.log()


def test_a_node_that_is_not_listed_accuses_nobody_and_goes_on_once_it_is(three):
    newcomer = three.add("d")
    key = three.network.keys.pop("d")
    entry = three.network.entries.pop("d")
    three.network.keys["d"] = key
    newcomer.write()
    del three.network.keys["d"]
    newcomer.start()
    assert newcomer.wait_ready()
    problem = three.wait(lambda: newcomer.problems("not_listed"), "it says that it is not listed")[0]
    assert "- node_id: d" in problem["remedy"] and problem["line"]
    assert newcomer.metrics()['meshmon_exchanges_started_total{network="testnet"}'] == 0, "it dials nobody"
    assert set(newcomer.statuses().values()) == {"unknown"}
    assert all(node["reason"] == "not_listed" for node in newcomer.nodes().values())
    boot = newcomer.json("/api/v1/me")["boot_id"]

    three.network.add("d", key=key, **entry)
    for node in three.nodes:
        (node.network_folder() / "pubkeys" / "d.pub").write_text(key.public_pem)
    write_config(three)
    three.wait_agreed()
    three.wait(lambda: not newcomer.problems("not_listed"), "it is listed")
    assert newcomer.json("/api/v1/me")["boot_id"] == boot
    assert_nobody_was_lost(three.nodes)


def test_one_network_by_two_directories_is_an_error_and_the_first_has_it(alone):
    alone.a.write()
    twin = Network("twin")
    twin.add("a", key=alone.network.keys["a"], url=alone.a.url)
    alone.a.networks.append(twin)
    alone.a.write()
    (alone.a.network_folder(twin) / "config.yml").write_text(alone.network.config())
    checked = run("check", alone.a.config)
    assert checked.returncode == 1 and "E034" in checked.stdout and "'testnet'" in checked.stdout
    alone.start()
    problem = alone.wait(lambda: alone.a.problems("config_invalid"), "it says so")[0]
    assert "testnet" in problem["detail"] and "twin" in problem["detail"] + problem["file"]
    assert alone.a.statuses() == {"a": "up"}


def test_names_are_lower_cased_and_keys_of_strangers_ignored_with_one_note(alone):
    alone.write()
    text = (alone.a.config / "nodeconf.yml").read_text()
    (alone.a.config / "nodeconf.yml").write_text(text.replace("node_id: a", "node_id: A"))
    config = alone.a.network_folder() / "config.yml"
    config.write_text(config.read_text().replace("node_id: a", "node_id: A").replace("network_id: testnet", "network_id: TestNet"))
    for name in ("x", "y", "z"):
        (alone.a.network_folder() / "pubkeys" / f"{name}.pub").write_text(Key().public_pem)
    alone.start()
    alone.wait(lambda: alone.a.statuses() == {"a": "up"}, "it runs")
    assert alone.a.network()["network_id"] == "testnet"
    notes = [line for line in alone.a.log().splitlines() if "event=config_note" in line and "key files of nodes" in line]
    assert len(notes) == 1 and "3 key files" in notes[0]


@pytest.mark.parametrize("text, code", [
    ("network_id: n\nnode_config: " + "[" * 50 + "]" * 50 + "\n", "E006"),
    ("network_id: n\n#" + "x" * (2 * 1024 * 1024) + "\n", "E003"),
    ("network_id: n\nbase: &a [" + "x, " * 1000 + "]\nnode_config: [" + "*a, " * 1000 + "]\n", "E007"),
    ("network_id: n\nnode_config:\n" + "".join(f"  - {{node_id: n{i}, url: null}}\n" for i in range(10001)), "E032"),
    ("network_id: n\nnode_config:\n  - {node_id: a, url: null}\n  - {node_id: A, url: null}\n", "E030"),
], ids=lambda value: value if value.startswith("E0") else "")
def test_past_a_limit_comes_a_clear_error_and_never_a_hang(alone, text, code):
    alone.write()
    config = alone.a.network_folder() / "config.yml"
    config.write_text(text)
    begin = time.monotonic()
    checked = run("check", alone.a.config)
    assert checked.returncode == 1 and f"error[{code}]" in checked.stdout, checked.stdout[-2000:]
    assert time.monotonic() - begin < 30
    alone.start()
    alone.wait(lambda: alone.a.problems("config_invalid"), "the daemon lives, and says so")


def test_flag_beats_variable_beats_file(tmp_path):
    network = Network("home")
    node, by_variable, by_flag = (Node(tmp_path, "a", [network]) for _ in range(3))
    network.add("a", url=node.url)
    node.write()
    try:
        node.start(MESHMON_LISTEN=f"127.0.0.1:{by_variable.port}")
        wait_until(lambda: by_variable.get("/healthz").status_code == 200, "it listens where the variable says")
        assert node.stop() == 0
        node.start("--listen", f"127.0.0.1:{by_flag.port}", MESHMON_LISTEN=f"127.0.0.1:{by_variable.port}")
        wait_until(lambda: by_flag.get("/healthz").status_code == 200, "it listens where the flag says")
        assert node.stop() == 0
    finally:
        for each in (node, by_variable, by_flag):
            each.process = each.process or node.process
            each.expected_to_run = False
            each.end()
