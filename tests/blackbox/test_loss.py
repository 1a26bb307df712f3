"""A third of all packets is lost for a minute: links suffer, and nobody is called down."""

import contextlib
import time

from netns import lab_of, needs_namespaces
from stream import Stream

pytestmark = needs_namespaces
SECONDS = 60
SHARE = 0.3


def test_lost_packets_kill_nobody(tmp_path):
    with contextlib.contextmanager(lab_of)(("a", "b", "c"), tmp_path) as (mesh, lab):
        streams = [Stream(node) for node in mesh.nodes]
        for node in mesh.nodes:
            lab.lose(node.name, SHARE)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for node in mesh.nodes:
                assert "down" not in node.statuses().values(), mesh.describe()
            time.sleep(0.2)
        lost = sum(node.metrics()[series] for node in mesh.nodes for series in node.metrics()
                   if series.startswith("meshmon_exchanges_failed_total"))
        assert lost > 0, "nothing was lost: the test proves nothing"
        lab.heal()
        # Links stay lossy, and nodes degraded, until a hundred tries have gone by; but everybody is alive for everybody.
        mesh.wait(lambda: all(set(node.statuses().values()) <= {"up", "degraded"} for node in mesh.nodes), "all live")
        for stream in streams:
            down = [event.data for event in stream.events if event.name == "node_status" and event.data["to"] == "down"]
            assert down == []
            stream.close()
