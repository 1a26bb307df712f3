"""Listens to /api/v1/stream of a node in a thread of its own."""

import collections
import contextlib
import http.client
import json
import socket
import threading

from mesh import PATIENCE

Event = collections.namedtuple("Event", "name id data")


class Stream:
    """Gathers events until closed. `ended` is true once the node ended the stream."""

    def __init__(self, node, path="/api/v1/stream", last_event_id=None):
        headers = {"Last-Event-ID": str(last_event_id)} if last_event_id is not None else {}
        self.node = node
        self.events = []
        self.ended = False
        self._changed = threading.Condition()
        connection = http.client.HTTPConnection(node.address, node.port, timeout=5)
        connection.request("GET", path, headers=headers)
        self._socket = connection.sock
        self._response = connection.getresponse()
        assert self._response.status == 200, self._response.read()
        assert self._response.headers["Content-Type"].startswith("text/event-stream")
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        fields = {}
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):  # closed, by us or by the node
            while line := self._response.readline().decode():
                line = line.rstrip("\n")
                if line == "" and "data" in fields:
                    with self._changed:
                        self.events.append(Event(fields.get("event"), int(fields.get("id", 0)), json.loads(fields["data"])))
                        self._changed.notify_all()
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def wait(self, matches, what, timeout=PATIENCE):
        """The first event that matches, of those gathered and those to come."""
        def found():
            return next((event for event in list(self.events) if matches(event)), None)
        with self._changed:
            if self._changed.wait_for(lambda: found() or self.ended, timeout) and found():
                return found()
        raise AssertionError(f"no such event within {timeout} s: {what}\ngot {self.events}\n{self.node.describe()}")

    def wait_status(self, node_id, status, timeout=PATIENCE):
        return self.wait(lambda event: event.name == "node_status" and event.data["node_id"] == node_id and
                         event.data["to"] == status, f"{node_id} becomes {status}", timeout)

    def close(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
