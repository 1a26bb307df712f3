"""Two networks in one process know nothing of each other."""

import signal

import pytest

from mesh import Network, Node
from protocol import Peer
from stream import Stream


@pytest.fixture
def two(make_mesh, tmp_path):
    """The middle node is in both networks, under one name; left and right are in one each."""
    mesh = make_mesh(["left", "middle"], network=Network("first"))
    second = Network("second", poll_rate=1)
    right = mesh.adopt(Node(tmp_path, "right", [second]))
    mesh.right = right
    second.add("right", url=right.url)
    second.add("middle", url=mesh.middle.url)
    mesh.middle.networks.append(second)
    mesh.second = second
    mesh.write().start()
    mesh.wait(lambda: both_up(mesh), "both networks agree")
    return mesh


def both_up(mesh):
    return (mesh.middle.statuses(mesh.network) == mesh.left.statuses() == {"left": "up", "middle": "up"} and
            mesh.middle.statuses(mesh.second) == mesh.right.statuses() == {"right": "up", "middle": "up"})


def test_two_networks_in_one_process_stay_apart(two):
    listed = {network["network_id"] for network in two.middle.json("/api/v1/networks")["networks"]}
    assert listed == {"first", "second"}
    identities = {network["network_id"]: network["fingerprint"] for network in two.middle.json("/api/v1/me")["networks"]}
    assert identities["first"] != identities["second"], "a key each"
    assert two.left.get("/api/v1/networks/second").status_code == 404
    assert "right" not in two.left.get("/metrics").text

    path = "/api/v1/stream?network="
    with Stream(two.middle, path + "second") as second, Stream(two.middle, path + "first") as first:
        two.right.kill()
        second.wait_status("right", "down")
        assert two.middle.statuses(two.network) == {"left": "up", "middle": "up"}
        assert not [event for event in first.events if event.data.get("network_id") == "second"]
    assert two.left.statuses() == {"left": "up", "middle": "up"}
    two.right.start().wait_ready()
    two.wait(lambda: both_up(two), "it is back")


def test_a_member_of_one_network_is_a_stranger_in_the_other(two):
    keys = two.network.keys
    left = Peer("second", "left", keys["left"], "middle", two.second.keys["middle"], two.middle.url)
    answer = left.send()
    assert (answer.status, answer.code) == (403, "unknown_key")


def test_a_recorded_box_of_one_network_is_nothing_in_the_other(make_mesh, tmp_path):
    """Both networks have the same members with the same keys: the name of the network inside the box keeps them apart."""
    mesh = make_mesh(["x", "y"], network=Network("first"))
    second = Network("second")
    for name in ("x", "y"):
        second.add(name, key=mesh.network.keys[name], **mesh.network.entries[name])
    for node in mesh.nodes:
        node.networks.append(second)
    mesh.write().start()
    mesh.wait(lambda: all(node.statuses(network) == {"x": "up", "y": "up"} for node in mesh.nodes for network in node.networks),
              "both networks are up")
    mesh.y.signal(signal.SIGSTOP)
    spoken = Peer("first", "y", mesh.network.keys["y"], "x", mesh.network.keys["x"], mesh.x.url)
    body = spoken.seal(spoken.request())
    spoken.url = f"{mesh.x.url}/mesh/v1/second"
    answer = spoken.post(body)
    assert (answer.status, answer.code) == (409, "wrong_recipient")
    mesh.y.signal(signal.SIGCONT)
