"""Configuration as people have it today, from the meshmon before this one, loads unchanged."""

import json

import pytest

from keys import Key
from mesh import Network, Node, run, wait_until

NODE_FILE = """\
networks:
  - directory: my-network
    node_id: Server-01
    config_type: local
"""

CONFIG = """\
# The network as every node has it.
network_id: My-Network
node_version:
  - ">=0.2.0"
  - "<2.0.0"
defaults:
  nodes:
    poll_rate: 15
    retry: 2
node_config:
  - node_id: server-01
    url: https://server-01.example.com
    poll_rate: 30
    retry: 5
  - node_id: server-02
    url: https://server-02.example.com:8443/meshmon
  - node_id: server-03
    url: replace_me
    block:
      - server-02
  - node_id: behind-nat
    url: null
    poll_rate: 2.5
monitors:
  - name: site
    type: http
    host: https://www.example.com
    interval: 60
    retry: 3
  - name: gateway
    type: ping
    host: 192.0.2.1
"""


@pytest.fixture
def old(tmp_path):
    node = Node(tmp_path, "server-01", [Network("my-network")])
    pubkeys = node.network_folder() / "pubkeys"
    pubkeys.mkdir(parents=True)
    (node.config / "nodeconf.yml").write_text(NODE_FILE)
    (node.network_folder() / "config.yml").write_text(CONFIG)
    for name in ("server-01", "server-02", "server-03", "behind-nat"):
        node.networks[0].keys[name] = Key()
        (pubkeys / f"{name}.pub").write_text(node.networks[0].keys[name].public_pem)
    private = node.private_key_file()
    private.parent.mkdir(parents=True)
    private.write_text(node.networks[0].keys["server-01"].private_pem)
    private.chmod(0o600)
    for folder in (private.parent, private.parent.parent):
        folder.chmod(0o700)
    yield node
    node.end()


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".data" not in path.parts}


def test_it_loads_as_it_is_and_nothing_of_it_is_written(old):
    before = files(old.config)
    checked = run("check", old.config, "--json")
    assert checked.returncode == 0, checked.stdout
    found = json.loads(checked.stdout)
    assert found["errors"] == 0, found
    old.start("--listen", f"{old.address}:{old.port}")
    assert old.wait_ready()
    wait_until(lambda: old.network()["node_count"] == 4, "the network runs", mesh=old)
    assert old.network()["network_id"] == "my-network" and old.network()["node_id"] == "server-01"
    listed = {entry["node_id"]: entry for entry in old.json(old.network_path() + "/config")["nodes"]}
    assert {name: (entry["url"], entry["poll_rate_s"], entry["retry"]) for name, entry in listed.items()} == {
        "server-01": ("https://server-01.example.com", 30, 5),
        "server-02": ("https://server-02.example.com:8443/meshmon", 15, 2),
        "server-03": (None, 15, 2),
        "behind-nat": (None, 2.5, 2),
    }
    assert all(entry["key_known"] for entry in old.nodes().values())
    assert old.node("server-03")["reason"] == "placeholder_url"
    assert not old.problems("config_invalid") and not old.problems("node_version_unmet")
    assert files(old.config) == before


def test_keys_that_were_ignored_or_are_not_built_yet_stop_nothing(old):
    config = old.network_folder() / "config.yml"
    config.write_text(CONFIG + "cluster:\n  enabled: true\nrebroadcasts:\n  - type: http\n")
    checked = run("check", old.config)
    assert checked.returncode == 0, checked.stdout
    assert "cluster" in checked.stdout and "rebroadcasts" in checked.stdout
    old.start("--listen", f"{old.address}:{old.port}")
    assert old.wait_ready()
    wait_until(lambda: old.network()["node_count"] == 4, "the network runs", mesh=old)


def test_a_version_range_that_does_not_fit_is_named(old):
    config = old.network_folder() / "config.yml"
    config.write_text(CONFIG.replace("<2.0.0", "<0.3.0"))
    old.start("--listen", f"{old.address}:{old.port}")
    assert old.wait_ready()
    problem = wait_until(lambda: old.problems("node_version_unmet"), "it says so", mesh=old)[0]
    assert "<0.3.0" in problem["detail"]
