"""/api/v1/stream: changes in order, slow readers cut off, and coming back without loss."""

import socket
import time

import openapi
from mesh import wait_until
from stream import Stream

STREAM_SCHEMAS = {"hello": "StreamHello", "gap": "StreamGap", "problems": "StreamProblems"}


def test_changes_arrive_in_order_and_as_described(three):
    with Stream(three.a) as one, Stream(three.a) as another:
        for _ in range(2):
            three.c.stop()
            three.wait(lambda: three.a.status("c") == "down", "c left")
            three.c.start().wait_ready()
            three.wait_agreed()
        for stream in (one, another):
            wait_until(lambda: len(changes_of(stream, "c")) >= 4, "four changes", mesh=three)
        changes = changes_of(one, "c")
        for before, after in zip(changes, changes[1:]):
            assert before.data["to"] == after.data["from"], "no change is skipped"
            assert before.data["at"] <= after.data["at"]
        assert [event.id for event in one.events] == sorted({event.id for event in one.events})
        for event in one.events:
            openapi.validate_as(event.data, STREAM_SCHEMAS.get(event.name, "StreamEvent"))
        told = [[event for event in stream.events if event.name != "hello"] for stream in (one, another)]
        shorter = min(len(events) for events in told)
        assert told[0][:shorter] == told[1][:shorter], "both are told the same"


def changes_of(stream, node_id):
    return [event for event in list(stream.events) if event.name == "node_status" and event.data["node_id"] == node_id]


def test_who_comes_back_gets_what_happened_meanwhile(three):
    with Stream(three.a) as stream:
        three.c.stop()
        left = stream.wait_status("c", "down")
    three.c.start().wait_ready()
    three.wait_agreed()
    with Stream(three.a, last_event_id=left.id) as again:
        returned = again.wait_status("c", "up")
        assert returned.id > left.id
        assert all(event.id > left.id for event in again.events if event.name not in ("hello", "gap"))
        assert not [event for event in again.events if event.name == "gap"]


def test_who_comes_back_after_a_restart_is_told_of_the_gap(three):
    with Stream(three.a) as stream:
        hello = stream.wait(lambda event: event.name == "hello", "the first event")
    three.a.stop()
    three.a.start().wait_ready()
    with Stream(three.a, last_event_id=hello.id) as again:
        other = again.wait(lambda event: event.name == "hello", "the first event")
        assert other.data["boot_id"] != hello.data["boot_id"]
        gap = again.wait(lambda event: event.name == "gap", "the gap")
        assert gap.data["reason"] == "restarted"
        openapi.validate_as(gap.data, "StreamGap")


def test_readers_that_never_read_disturb_nobody(three):
    """They ask for the stream and read nothing, while changes happen and others listen."""
    deaf = []
    try:
        for _ in range(20):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect(("127.0.0.1", three.a.port))
            connection.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
            deaf.append(connection)
        wait_until(lambda: three.a.metrics()["meshmon_stream_clients"] >= 20, "they are served", mesh=three)
        with Stream(three.a) as listener:
            began = time.monotonic()
            three.c.stop()
            listener.wait_status("c", "down")
            assert time.monotonic() - began < three.network.bound + 5
        assert three.a.get("/healthz").status_code == 200
    finally:
        for connection in deaf:
            connection.close()
    wait_until(lambda: three.a.metrics()["meshmon_stream_clients"] == 0, "closed streams are let go", timeout=60, mesh=three)
    three.c.start().wait_ready()
    three.wait_agreed()


def test_places_for_streams_are_limited(three):
    streams = []
    try:
        for _ in range(64):
            streams.append(Stream(three.a))
        response = three.a.get("/api/v1/stream")
        assert response.status_code == 503 and response.json()["error"]["code"] == "too_many_streams"
        assert int(response.headers["Retry-After"]) > 0
        openapi.check("/api/v1/stream", response)
        assert three.a.get("/healthz").status_code == 200
    finally:
        for stream in streams:
            stream.close()


def test_a_stop_ends_open_streams(three):
    with Stream(three.a) as stream:
        assert three.a.stop() == 0
        wait_until(lambda: stream.ended, "the stream ends")
