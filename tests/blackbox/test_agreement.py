"""Three nodes find each other, say the same, and say it as openapi/meshmon.yaml promises."""

import re

import openapi
from mesh import wait_until
from stream import Stream


def test_three_nodes_agree_within_seconds_and_show_why(three):
    for viewer in three.nodes:
        for node_id, node in viewer.nodes().items():
            assert node["status"] == "up"
            assert node["reason"] is None
            assert node["self"] == (node_id == viewer.name)
            assert node["key_known"] and node["fingerprint"].startswith("SHA256:")
        wait_until(lambda: all(node["head"] for node in viewer.nodes().values()), "a head of each is held", mesh=three)
        for node_id in sorted({"a", "b", "c"} - {viewer.name}):
            wait_until(lambda: viewer.node(node_id)["evidence"]["says_up"] == 2, "both others speak for it", mesh=three)
            evidence = viewer.node(node_id)["evidence"]
            assert evidence["votes"] == 2 and evidence["says_down"] == 0
            assert evidence["proof_kind"] in ("exchange", "relayed_head")
            observers = {testimony["observer"]: testimony for testimony in evidence["testimonies"]}
            assert set(observers) == {"a", "b", "c"} - {node_id}
            for observer, testimony in observers.items():
                assert testimony["says"] == "up" and testimony["counts"], testimony
                assert testimony["head"], f"{observer} says it under a signed head"


def test_everybody_reaches_everybody_in_the_matrix(three):
    for viewer in three.nodes:
        matrix = wait_until(lambda: full_matrix(viewer), "every cell says ok", mesh=three)
        assert matrix["viewpoint"] == viewer.name
        wait_until(lambda: measured(viewer), "every link has a round-trip time", timeout=60, mesh=three)
        network = viewer.network()
        assert (network["seen"], network["quorum"], network["node_count"]) == (3, 2, 3)
        assert network["partition"]["whole"] is True
        assert {revision["node_id"] for revision in network["revisions"]} == {"a", "b", "c"}
        assert len({revision["config_revision"] for revision in network["revisions"]}) == 1


def full_matrix(viewer):
    matrix = viewer.json(viewer.network_path() + "/links")
    assert matrix["nodes"] == ["a", "b", "c"]
    words = [[matrix["status_codes"][cell] for cell in row] for row in matrix["status"]]
    expected = [["self" if row == column else "ok" for column in range(3)] for row in range(3)]
    return matrix if words == expected else None


def measured(viewer):
    rows = viewer.json(viewer.network_path() + "/links")["rtt_ms"]
    return all((cell is None) == (row == column) for row, cells in enumerate(rows) for column, cell in enumerate(cells))


def test_every_route_of_every_node_answers_as_described(three):
    values = {"network_id": three.network.name, "node_id": "b", "asset": "swagger-ui.css"}
    for node in three.nodes:
        for path in openapi.get_paths():
            if path == "/api/v1/stream":
                continue
            response = node.get(re.sub(r"\{(\w+)\}", lambda found: values[found[1]], path), allow_redirects=False)
            assert response.status_code in openapi.good_statuses(path), path
            openapi.check(path, response)
        with Stream(node) as stream:
            hello = stream.wait(lambda event: event.name == "hello", "the first event")
            openapi.validate_as(hello.data, "StreamHello")
            assert hello.data["networks"] == [{"network_id": three.network.name, "node_id": node.name}]


def test_what_is_not_there_is_named_in_the_error(three):
    network = three.a.network_path()
    for path, code, described in (("/api/v1/networks/nowhere", "unknown_network", "/api/v1/networks/{network_id}"),
                                  (network + "/nodes/nobody", "unknown_node", "/api/v1/networks/{network_id}/nodes/{node_id}"),
                                  ("/api/v2/me", "not_found", "/api/v1/me")):
        response = three.a.get(path)
        assert response.status_code == 404 and response.json()["error"]["code"] == code, response.text
        openapi.check(described, response)


def test_an_unchanged_view_is_not_sent_twice(three):
    def unchanged():
        path = three.a.network_path() + "/nodes"
        tag = three.a.get(path).headers["ETag"]
        return three.a.get(path, headers={"If-None-Match": tag}).status_code == 304
    wait_until(unchanged, "the node says 304 while nothing happens", mesh=three)
