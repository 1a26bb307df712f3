"""Cables are cut between hosts: the majority judges, the minority knows that it cannot, and all heals."""

import contextlib

import pytest

from netns import lab_of, needs_namespaces
from stream import Stream

pytestmark = needs_namespaces
SLACK = 4


@pytest.fixture
def hosts(tmp_path):
    with contextlib.contextmanager(lab_of)(("a", "b", "c"), tmp_path) as both:
        yield both


def called_down(stream):
    return [event.data for event in list(stream.events) if event.name == "node_status" and event.data["to"] == "down"]


def test_a_node_that_is_cut_off_knows_that_it_is_and_is_down_for_the_others(hosts):
    mesh, lab = hosts
    with Stream(mesh.c) as minority, Stream(mesh.a) as majority:
        lab.cut("c", "a", "b")
        mesh.wait(lambda: mesh.a.status("c") == mesh.b.status("c") == "down", "the majority calls c down",
                  timeout=SLACK * mesh.network.bound)
        mesh.wait(lambda: mesh.c.statuses() == {"a": "unknown", "b": "unknown", "c": "up"}, "c judges nobody")
        assert mesh.a.statuses() == {"a": "up", "b": "up", "c": "down"}
        assert mesh.a.node("c")["reason"] == "timeout"
        problem = mesh.wait(lambda: mesh.c.problems("isolated"), "c says that it is isolated")[0]
        assert problem["severity"] == "error" and problem["remedy"]
        network = mesh.c.network()
        assert (network["seen"], network["has_quorum"], network["self_health"]) == (1, False, "isolated")
        assert "isolated" in mesh.c.log()

        lab.heal()
        mesh.wait_agreed(timeout=SLACK * (2 * mesh.network.poll_rate + 2) + 20)
        mesh.wait(lambda: not mesh.c.problems("isolated"), "the problem goes by itself")
        assert called_down(minority) == []
        assert {data["node_id"] for data in called_down(majority)} == {"c"}


def test_a_cut_between_two_is_a_broken_link_and_nobody_is_down(hosts):
    mesh, lab = hosts
    streams = [Stream(node) for node in mesh.nodes]
    lab.cut("a", "b")
    mesh.wait(lambda: [["a", "b"]] == mesh.c.network()["partition"]["broken_links"], "the bridge sees which link is broken",
              timeout=SLACK * mesh.network.bound)
    mesh.wait(lambda: mesh.a.node("b")["link"]["status"] == "down", "a does not reach b")
    mesh.wait(lambda: mesh.a.status("b") == "degraded" and mesh.b.status("a") == "degraded", "alive, but not for all")
    lab.heal()
    mesh.wait_agreed(timeout=60)
    for stream in streams:
        assert called_down(stream) == []
        stream.close()


def test_a_link_that_works_one_way_degrades_and_nobody_is_down(hosts):
    mesh, lab = hosts
    streams = [Stream(node) for node in mesh.nodes]
    lab.cut_one_way("a", "b", mesh.b.port)
    mesh.wait(lambda: mesh.c.status("b") == "degraded", "b is degraded", timeout=SLACK * mesh.network.bound)
    mesh.wait(lambda: cells(mesh.c) == {("a", "b"): "failed"}, "the matrix shows the direction")
    mesh.wait(lambda: mesh.b.node("a")["link"]["status"] == "up", "the other direction works")
    lab.heal()
    mesh.wait_agreed(timeout=60)
    for stream in streams:
        assert called_down(stream) == []
        stream.close()


def cells(viewer):
    """Links that are not ok, from observer to target, with what is said of them."""
    matrix = viewer.json(viewer.network_path() + "/links")
    names = matrix["nodes"]
    return {(names[row], names[column]): matrix["status_codes"][cell] for row, text in enumerate(matrix["status"])
            for column, cell in enumerate(text) if matrix["status_codes"][cell] not in ("ok", "self")}
