"""Repeated, altered, forged and malformed messages: refused, counted, and without effect."""

import dataclasses
import os
import time

import pytest

from protocol import (FAILED, REASON_TIMEOUT, SILENT, Head, Peer, Record, RecordingProxy, Slot, Version, bytes_field, field,
                      hello_slot, node_tag, parse, peers_slot, reach_slot, sign)


@pytest.fixture
def four(make_mesh):
    """a, b and c run; d is in the roster, dialled by nobody, and is played by the test."""
    mesh = make_mesh()
    mesh.network.add("d", url="null")
    mesh.write().start()
    expected = {"a": "up", "b": "up", "c": "up", "d": "unknown"}
    mesh.wait(lambda: all(node.statuses() == expected for node in mesh.nodes), "three are up")
    return mesh


def member(mesh, node_id="d", target="a"):
    keys = mesh.network.keys
    return Peer(mesh.network.name, node_id, keys[node_id], target, keys[target], getattr(mesh, target).url)


def state(mesh, node):
    """What must not change: verdicts, and the newest head held of each."""
    return {node_id: (said["status"], (said["head"] or {}).get("epoch"), said["fingerprint"])
            for node_id, said in node.nodes(mesh.network).items()}


def record_of(peer, owner, keys):
    """The newest record of `owner` that the node gives."""
    answer = peer.exchange(want=[Version(node_tag(owner), keys[owner].digest[:4])])
    return next(record for record in answer.records if record.owner == owner)


def test_a_peer_written_from_the_page_alone_becomes_up(four):
    """It sends a head of its own, as docs/protocol.md says, and a believes it."""
    peer = member(four)
    record = sign(peer.key, peer.head())
    four.wait(lambda: peer.exchange(records=[record]) and four.a.status("d") == "up", "d is up at a")
    node = four.a.node("d")
    assert (node["head"]["epoch"], node["head"]["seq"]) == record.version
    assert node["head"]["head_hash"] == peer.version_of(record).head_hash.hex()
    assert node["head"]["key_tag"] == peer.key.digest[:4].hex()
    assert node["software_version"] == "0.0.0-test"
    assert peer.exchange().held_of_mine == peer.version_of(record)
    four.wait(lambda: four.b.node("d")["head"], "a passes it on to b")
    assert four.b.node("d")["head"] == four.a.node("d")["head"]


def test_a_request_sent_again_is_refused_and_counted(four):
    peer = member(four)
    peer.exchange()
    body = peer.seal(peer.request())
    assert peer.post(body).status == 200
    before = four.a.refused("replayed")
    for _ in range(3):
        answer = peer.post(body)
        assert (answer.status, answer.code) == (409, "replayed")
    assert four.a.refused("replayed") == before + 3


def test_a_recorded_conversation_played_again_changes_nothing(make_mesh):
    """A proxy between a and b writes down what a sends; then everything is sent again, after a restart of a too."""
    mesh = make_mesh().write()
    proxy = RecordingProxy(mesh.b.url)
    try:
        config = mesh.a.network_folder() / "config.yml"
        config.write_text(config.read_text().replace(mesh.b.url, proxy.url))
        mesh.start().wait_agreed()
        mesh.wait(lambda: len([one for one in proxy.recorded if one.status == 200]) >= 5, "some exchanges pass")
        bodies = [one.body for one in proxy.recorded if one.status == 200]
        sender = member(mesh, "a", "b")
        before, refused = state(mesh, mesh.b), mesh.b.refused("replayed")
        answers = [sender.post(body) for body in bodies[1:]]  # the first had no challenge yet: it was not taken in
        assert {(answer.status, answer.code) for answer in answers} == {(409, "replayed")}
        assert mesh.b.refused("replayed") >= refused + len(answers)
        assert state(mesh, mesh.b) == before

        mesh.a.kill()
        mesh.wait(lambda: mesh.b.status("a") == "down", "a is down")
        for body in bodies:
            sender.post(body)
        assert mesh.b.status("a") == "down", "the recorded voice of a does not make it alive"

        mesh.b.stop()
        mesh.b.start().wait_ready()
        for body in bodies:
            answer = sender.post(body)
            assert not answer.accepted, "after b's restart too"
        assert mesh.b.status("a") != "up"
        mesh.a.start().wait_ready()
        mesh.wait_agreed()
    finally:
        proxy.close()


def test_a_record_altered_in_one_byte_is_refused_and_counted(four):
    keys = four.network.keys
    c_record = record_of(member(four, target="b"), "c", keys)
    before = state(four, four.a)
    epoch, _ = c_record.version
    for index, altered in enumerate((
            dataclasses.replace(c_record, signature=bytes([c_record.signature[0] ^ 1]) + c_record.signature[1:]),
            dataclasses.replace(c_record, head=bump_epoch(c_record.head, epoch + 1)))):
        # Each from a sender of its own: who brought a bad signature is not asked again for a minute.
        sender = member(four) if index == 0 else member(four, "b")
        refused = four.a.refused("bad_signature")
        fresh = dataclasses.replace(altered, head=bump_epoch(altered.head, epoch + 1))
        sender.exchange(records=[fresh])
        assert four.a.refused("bad_signature") == refused + 1
    after = state(four, four.a)
    assert {**after, "d": before["d"]} == before, "but that d, who spoke to a, is reached"
    assert four.a.statuses()["c"] == "up"


def bump_epoch(head, epoch):
    """The same head, saying another epoch: nobody but its owner could have signed it."""
    fields = parse(head)
    out = b""
    for number in sorted(fields):
        for value in fields[number]:
            value = epoch if number == 3 else value
            out += field(number, value) if isinstance(value, int) else bytes_field(number, value)
    return out


def test_after_a_bad_signature_what_the_sender_relays_is_ignored(four):
    keys = four.network.keys
    liar = member(four)
    good = record_of(member(four, target="b"), "c", keys)
    liar.exchange(records=[dataclasses.replace(good, head=bump_epoch(good.head, 10**6))])
    assert four.a.refused("bad_signature") >= 1
    before = four.a.refused("relay_ignored")
    liar.exchange(records=[good])
    assert four.a.refused("relay_ignored") == before + 1
    own = sign(liar.key, liar.head())
    liar.exchange(records=[own])
    four.wait(lambda: four.a.node("d")["head"], "its own record still counts")


def test_a_record_forged_in_the_name_of_another_is_refused(four):
    """d signs, with its own key, that c is leaving and that c reaches nobody."""
    liar = member(four)
    for health in (1, 4):
        slots = [peers_slot(["a", "b"]), reach_slot([("a", FAILED, SILENT, REASON_TIMEOUT)])]
        forged = sign(liar.key, Head(four.network.name, "c", 10**6, 1, os.urandom(16), slots, health=health))
        before = four.a.refused("bad_signature") + four.a.refused("relay_ignored")
        liar.exchange(records=[forged])
        assert four.a.refused("bad_signature") + four.a.refused("relay_ignored") == before + 1
    assert four.a.status("c") == "up" and four.a.node("c")["head"]["epoch"] < 10**6


def test_an_unlisted_owner_is_refused_and_counted(four):
    peer = member(four)
    before = four.a.refused("unlisted_owner")
    peer.exchange(records=[sign(peer.key, peer.head(owner="nobody"))])
    assert four.a.refused("unlisted_owner") == before + 1
    assert set(four.a.statuses()) == {"a", "b", "c", "d"}


MALFORMED = {
    "epoch 2^63": lambda peer: peer.head(epoch=2**63),
    "epoch 2^64 - 1": lambda peer: peer.head(epoch=2**64 - 1),
    "epoch 0": lambda peer: peer.head(epoch=0),
    "seq 0": lambda peer: peer.head(seq=0),
    "a boot id of 15 bytes": lambda peer: peer.head(boot_id=bytes(15)),
    "another network": lambda peer: peer.head(network="elsewhere"),
    "an owner that is no name": lambda peer: peer.head(owner="../etc/passwd"),
    "health 99": lambda peer: peer.head(health=99),
    "a time beyond 9999": lambda peer: peer.head(wall_ms=2**62),
    "a revision with a newline": lambda peer: peer.head(config_revision="a\nlevel=critical"),
    "slots out of order": lambda peer: peer.head(slots=[peers_slot(["a"]), hello_slot()]),
    "a slot twice": lambda peer: peer.head(slots=[hello_slot(), hello_slot()]),
    "a slot of kind 0": lambda peer: peer.head(slots=[Slot(0, b"x")]),
    "a slot hash of 31 bytes": lambda peer: peer.head(slots=[Slot(1, b"x", hash=bytes(31))]),
    "a slot of 5000 bytes": lambda peer: peer.head(slots=[Slot(77, bytes(5000))]),
    "a slot that changed later than its head": lambda peer: peer.head(slots=[hello_slot(changed_seq=2**40)]),
    "200 slots": lambda peer: peer.head(slots=[Slot(100 + index, b"x") for index in range(200)]),
    "no protobuf": lambda peer: os.urandom(300),
    "a field that ends too early": lambda peer: peer.head().encode() + b"\x52\x7f",
}


def test_malformed_heads_of_a_member_disturb_nobody(four):
    """Each is well signed by a member of the roster; none may stop, blind or kill the node."""
    peer = member(four)
    peer.exchange(records=[sign(peer.key, peer.head())])
    four.wait(lambda: four.a.status("d") == "up", "d is up before")
    held = four.a.node("d")["head"]
    for name, make in MALFORMED.items():
        before = total_refused(four.a)
        record = sign(peer.key, make(peer))
        answer = peer.send(records=[record])
        if answer.status == 200 and not answer.accepted:
            answer = peer.send(records=[record])
        assert answer.accepted or answer.status == 400, (name, answer)
        assert total_refused(four.a) > before, f"{name}: not counted"
        assert four.a.node("d")["head"] == held, name
    assert four.a.refused("malformed_record") >= len(MALFORMED) // 2
    assert "elsewhere" not in four.a.get("/metrics").text
    for line in four.a.log().splitlines():
        assert not line.startswith("level=critical"), "a peer wrote into our log"
    assert all(node.statuses()[other] == "up" for node in four.nodes for other in ("a", "b", "c"))


def total_refused(node):
    return sum(value for series, value in node.metrics().items() if series.startswith("meshmon_refused_total{"))


def test_slots_that_do_not_read_disturb_nobody(four):
    """The head is in order and names the slots' hashes; the slots themselves are garbage."""
    peer = member(four)
    for kind in (1, 2, 3, 4, 5, 77):
        content = os.urandom(200)
        head = peer.head(slots=[Slot(kind, content, changed_seq=peer.seq + 1)])
        peer.exchange(records=[sign(peer.key, head)])
        assert four.a.get(four.a.network_path() + "/links").status_code == 200
        assert four.a.node("d")["node_id"] == "d"
    assert all(node.statuses()[other] == "up" for node in four.nodes for other in ("a", "b", "c"))


def test_a_slot_that_its_head_does_not_list_is_not_taken(four):
    peer = member(four)
    head = peer.head()
    record = sign(peer.key, head)
    record = Record(record.head, record.signature, [hello_slot("evil").content, *record.slots[1:]])
    peer.exchange(records=[record])
    assert four.a.node("d")["software_version"] != "evil"


def test_malformed_requests_of_a_member_are_refused_and_counted(four):
    peer = member(four)
    unheard = Version(bytes(6), bytes(4))
    for name, change in (("a boot id of 3 bytes", {"f6": field(6, b"abc")}),
                         ("no boot id", {"f6": b""}),
                         ("kind 9", {"f2": field(2, 9)}),
                         ("a want that is cut short", {"f15": field(15, b"123")}),
                         ("300 wants", {"f15": field(15, 300 * unheard.pack())}),
                         ("a wanted epoch 2^63", {"f15": field(15, Version(bytes(6), bytes(4), bytes(4), 2**63, 1).pack())}),
                         ("a field that never ends", {"f99": b"\xff\xff\xff"})):
        before = four.a.refused("malformed_exchange")
        answer = peer.send(**change)
        assert (answer.status, answer.code) == (400, "malformed_exchange"), name
        assert four.a.refused("malformed_exchange") == before + 1, name
    version = peer.send(f1=field(1, 2))
    assert version.status in (400, 426), version
    peer.exchange()
    for name, change in (("counter 0", {"f7": b""}), ("a counter of the wrong type", {"f7": field(7, b"seven")})):
        answer = peer.send(**change)
        assert (answer.status, answer.code) == (409, "replayed"), name
        peer.exchange()


def test_one_liar_cannot_bring_a_living_node_down(four):
    """d accuses everybody, for longer than a death takes to be known."""
    liar = member(four)
    rows = [(name, FAILED, SILENT, REASON_TIMEOUT) for name in ("a", "b", "c")]

    def accuse():
        seq = liar.seq + 1
        slots = [hello_slot(changed_seq=seq), peers_slot(["a", "b", "c"], changed_seq=seq), reach_slot(rows, changed_seq=seq)]
        liar.exchange(records=[sign(liar.key, liar.head(slots=slots))])
        return [testimony for testimony in four.a.node("c")["evidence"]["testimonies"] if testimony["observer"] == "d"]

    four.wait(lambda: accuse() and accuse()[0]["says"] == "down", "the accusation is shown as evidence")
    end = time.monotonic() + 2 * four.network.bound
    while time.monotonic() < end:
        accuse()
        statuses = four.a.statuses()
        assert "down" not in (statuses["a"], statuses["b"], statuses["c"]), statuses
        time.sleep(0.3)
