"""A node dies, freezes or leaves: the others say so, say why, and say when it is back."""

import signal
import time

import pytest

from mesh import run
from stream import Stream

SLACK = 4  # times the bound of docs/verdicts.md: these machines are busy


def assert_down_with_evidence(viewer, witness, subject, reasons):
    node = viewer.node(subject.name)
    assert node["status"] == "down" and node["reason"] in reasons and node["reason_text"], node
    evidence = node["evidence"]
    assert evidence["says_down"] == evidence["votes"] == 2
    testimonies = {testimony["observer"]: testimony for testimony in evidence["testimonies"]}
    assert set(testimonies) == {viewer.name, witness.name}
    for testimony in testimonies.values():
        assert testimony["says"] == "down" and testimony["counts"]
        assert testimony["reason"] in reasons and testimony["since"]
    head = testimonies[witness.name]["head"]
    assert head and head["epoch"] >= 1 and head["seq"] >= 1
    assert viewer.node(witness.name)["head"]["epoch"] == head["epoch"]


def wait_down(three, subject, bound, record_property):
    """Until both others call it down; how long that took, from now."""
    began = time.monotonic()
    viewers = three.others(subject)
    three.wait(lambda: all(viewer.status(subject.name) == "down" for viewer in viewers), f"{subject.name} is down at both others",
               timeout=SLACK * bound)
    took = time.monotonic() - began
    record_property("seconds until down everywhere", round(took, 2))
    print(f"down everywhere after {took:.2f} s; bound {bound:.2f} s")
    for viewer, witness in (viewers, viewers[::-1]):
        three.wait(lambda: viewer.node(subject.name)["evidence"]["says_down"] == 2, "both accuse")


def assert_answers_fast(node):
    began = time.monotonic()
    for _ in range(20):
        node.nodes()
    took = time.monotonic() - began
    assert took < 5, f"20 answers took {took:.2f} s"


def test_a_killed_node_is_down_with_evidence_and_up_again_after_its_restart(three, record_property):
    network = three.network
    with Stream(three.a) as stream:
        three.c.kill()
        wait_down(three, three.c, network.bound, record_property)
        event = stream.wait_status("c", "down")
        assert event.data["from"] in ("up", "degraded") and event.data["reason"] == "connect" and event.data["detail"]
        assert_down_with_evidence(three.a, three.b, three.c, {"connect"})
        assert_down_with_evidence(three.b, three.a, three.c, {"connect"})
        for survivor in (three.a, three.b):
            assert_answers_fast(survivor)
            assert survivor.network()["seen"] == 2
            assert survivor.network()["statuses"] == {"up": 2, "degraded": 0, "down": 1, "unknown": 0}
            assert 'msg="' in survivor.log() and "level=warn" in survivor.log()

        told = run("status", "--api", three.a.url)
        assert told.returncode == 11, told
        for part in ("c", "down", "a", "b"):
            assert part in told.stdout

        before = three.a.node("c")["head"]["epoch"]
        three.c.start().wait_ready()
        three.wait_agreed(timeout=SLACK * (2 * network.poll_rate + 2) + 10)
        assert stream.wait_status("c", "up").id > event.id
        three.wait(lambda: three.a.node("c")["head"]["epoch"] > before, "it speaks under a higher epoch")
    three.wait(lambda: run("status", "--api", three.a.url).returncode == 0, "nothing is left to say about it")


def test_a_frozen_node_is_down_and_accuses_nobody_when_it_wakes(three, record_property):
    with Stream(three.c) as frozen:
        frozen.wait(lambda event: event.name == "hello", "it listens")
        before = len(three.c.log())
        three.c.signal(signal.SIGSTOP)
        wait_down(three, three.c, three.network.bound, record_property)
        assert_down_with_evidence(three.a, three.b, three.c, {"timeout"})
        assert_answers_fast(three.a)
        three.c.signal(signal.SIGCONT)
        three.wait_agreed()
        time.sleep(3 * three.network.poll_rate)  # an accusation would come within retries of its own
        accused = [event for event in frozen.events if event.name == "node_status" and event.data["to"] == "down"]
        assert accused == []
    assert "to=down" not in three.c.log()[before:]
    for viewer in (three.a, three.b):
        assert viewer.statuses() == {"a": "up", "b": "up", "c": "up"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_node_is_known_to_have_left_at_once(three, number):
    with Stream(three.a) as first, Stream(three.b) as second:
        began = time.monotonic()
        three.c.signal(number)
        for stream in (first, second):
            event = stream.wait_status("c", "down")
            assert event.data["reason"] == "left"
        assert time.monotonic() - began < three.network.bound, "it took as long as a death"
        assert three.c.wait_end(10) == 0
    for viewer in (three.a, three.b):
        assert viewer.node("c")["reason"] == "left"
    three.c.start().wait_ready()
    three.wait_agreed()


def test_both_others_killed_leaves_one_that_judges_nobody(three):
    three.b.kill()
    three.c.kill()
    three.wait(lambda: three.a.status("b") == three.a.status("c") == "unknown", "no quorum: all else is unknown")
    assert three.a.status("a") in ("up", "degraded"), "of itself it never says down"
    network = three.a.network()
    assert (network["seen"], network["quorum"], network["has_quorum"]) == (1, 2, False)
    three.wait(lambda: three.a.problems("isolated"), "it calls itself isolated")
    three.b.start().wait_ready()
    three.c.start().wait_ready()
    three.wait_agreed()
    three.wait(lambda: not three.a.problems("isolated"), "the problem goes by itself")
