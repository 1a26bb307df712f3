"""Who is not in the roster gets nothing and changes nothing; who lacks a key is said, and stops nobody."""

import nacl.exceptions
import pytest

from keys import Key
from mesh import Network, Node
from protocol import Peer, Version, node_tag, sign


def stranger_of(three, **changes):
    values = {"network": three.network.name, "node_id": "d", "key": Key(), "target": "a",
              "target_key": three.network.keys["a"], "url": three.a.url}
    return Peer(**{**values, **changes})


def test_a_missing_peer_key_is_said_and_the_rest_works(make_mesh):
    mesh = make_mesh().write()
    missing = mesh.a.network_folder() / "pubkeys" / "c.pub"
    missing.unlink()
    mesh.start()
    mesh.wait(lambda: mesh.a.statuses() == {"a": "up", "b": "up", "c": "unknown"}, "a knows b, and not c")
    mesh.wait(lambda: mesh.b.statuses() == {"a": "up", "b": "up", "c": "up"}, "b knows all")
    node = mesh.a.node("c")
    assert node["reason"] == "key_missing" and not node["key_known"] and node["fingerprint"] is None
    problem = mesh.wait(lambda: mesh.a.problems("key_missing"), "the problem is shown")[0]
    assert (problem["network_id"], problem["node_id"]) == (mesh.network.name, "c")
    text = f"{problem['detail']} {problem['remedy']} {problem['file'] or ''}"
    assert str(missing) in text and "meshmon key show" in text
    assert "c.pub" in mesh.a.log()
    assert mesh.a.process.poll() is None
    mesh.wait(lambda: mesh.c.problems("refused_by_peer"), "c is told why a does not listen")


def test_a_process_with_a_foreign_key_gets_nothing_and_changes_nothing(three, tmp_path):
    """It has the configuration, a name of its own and everybody's public keys; but nobody has its key."""
    network = Network(three.network.name)
    fourth = Node(tmp_path, "d", [network])
    for node_id in ("a", "b", "c"):
        network.add(node_id, key=three.network.keys[node_id], **three.network.entries[node_id])
    network.add("d", url=fourth.url)
    three.adopt(fourth).write()
    before = three.a.network()["roster_hash"]
    fourth.start().wait_ready()
    three.wait(lambda: fourth.problems("refused_by_peer"), "it is told that its key is unknown")
    three.wait(lambda: three.a.refused("unknown_key") >= 1 and three.b.refused("unknown_key") >= 1, "the refusals are counted")
    for node_id, node in fourth.nodes().items():
        assert node["head"] is None or node_id == "d", "no record came"
        assert node["status"] == ("up" if node_id == "d" else "unknown")
    for node in (three.a, three.b, three.c):
        assert node.statuses() == {"a": "up", "b": "up", "c": "up"}
    assert three.a.network()["roster_hash"] == before


def test_a_foreign_key_under_a_listed_name_is_refused_without_content(three):
    for name in ("c", "d"):
        stranger = stranger_of(three, node_id=name)
        answer = stranger.send(records=[sign(stranger.key, stranger.head())])
        assert (answer.status, answer.code) == (403, "unknown_key")
        for told in (b"c", b"epoch", three.network.keys["c"].public):
            assert told not in answer.body.split(b'"code":"unknown_key"')[0]
    epoch = three.a.node("c")["head"]["epoch"]
    assert epoch == three.c.node("c")["head"]["epoch"]


def test_the_fingerprint_of_a_member_alone_opens_nothing(three):
    """Fingerprints are public: a box under another key must not pass."""
    stranger = stranger_of(three, node_id="c")
    plain = stranger.request()
    body = stranger.seal(plain)
    body = body[:1] + three.network.keys["c"].digest[:8] + body[9:]
    answer = stranger.post(body)
    assert (answer.status, answer.code) == (401, "box_not_opened")


def test_a_member_cannot_speak_under_another_name(three):
    """Its key is known, but belongs to c; it says that it is b."""
    liar = stranger_of(three, node_id="b", key=three.network.keys["c"])
    answer = liar.send()
    assert (answer.status, answer.code) == (409, "wrong_recipient")


def test_what_was_meant_for_another_node_network_or_direction_is_refused(three):
    key = three.network.keys["c"]
    for changes in ({"f5": b"\x2a\x01b"}, {"f3": b"\x1a\x05other"}, {"f2": b"\x10\x02"}):
        peer = stranger_of(three, node_id="c", key=key)
        answer = peer.send(**changes)
        assert (answer.status, answer.code) == (409, "wrong_recipient"), changes
    for_b = stranger_of(three, node_id="c", key=key, target="b", target_key=three.network.keys["b"])
    answer = for_b.send()
    assert (answer.status, answer.code) == (401, "box_not_opened"), "a box for b does not open at a"


def test_another_network_is_not_served(three):
    stranger = stranger_of(three, network="elsewhere", node_id="c", key=three.network.keys["c"])
    before = three.a.metrics()["meshmon_http_refused_total"]
    answer = stranger.send()
    assert (answer.status, answer.code) == (404, "unknown_network")
    assert three.a.metrics()["meshmon_http_refused_total"] == before + 1


def test_nodes_of_another_network_at_our_address_are_named_as_such(make_mesh, tmp_path):
    """Their url for x leads to a node that only knows its own network."""
    ours = make_mesh(["a", "b"]).write().start().wait_agreed()
    theirs = make_mesh(["x", "y"], folder=tmp_path / "theirs", network=Network("elsewhere"))
    theirs.network.entries["x"]["url"] = ours.a.url
    theirs.nodes.remove(theirs.x)
    theirs.write()
    theirs.y.start().wait_ready()
    theirs.wait(lambda: theirs.y.nodes()["x"]["reason"] == "wrong_network", "it says that another network answers there")
    assert theirs.y.status("x") == "unknown"
    theirs.wait(lambda: theirs.y.problems("wrong_network"), "the problem is shown")
    assert ours.a.statuses() == {"a": "up", "b": "up"}
    theirs.x.end()


def test_an_answer_opens_only_with_the_key_of_its_receiver(three):
    member = stranger_of(three, node_id="c", key=three.network.keys["c"])
    answer = member.send()
    assert answer.status == 200 and not answer.accepted, "a new boot id must echo a challenge first"
    assert answer.records == [] and answer.challenge_only
    thief = stranger_of(three, node_id="c")
    with pytest.raises(nacl.exceptions.CryptoError):
        thief.post(member.seal(member.request()))


def test_a_member_that_echoes_the_challenge_gets_the_records_it_wants(three):
    """The protocol as the page tells it, from the other side: signatures, hashes and versions all fit."""
    keys = three.network.keys
    member = stranger_of(three, node_id="c", key=keys["c"])
    three.c.stop()
    want = [Version(node_tag("b"), keys["b"].digest[:4])]
    answer = member.exchange(want=want)
    records = {record.owner: record for record in answer.records}
    assert set(records) == {"a", "b"}
    for owner, record in records.items():
        assert record.is_signed_by(keys[owner].public) and record.slots_fit()
        assert record.key_tag == keys[owner].digest[:4]
        shown = three.a.node(owner)["head"]
        assert record.version <= (shown["epoch"], shown["seq"])
    assert answer.version.tag == node_tag("a") and answer.version.key_tag == keys["a"].digest[:4]
