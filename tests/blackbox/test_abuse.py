"""Garbage, floods, slow and idle connections: the mesh stays up everywhere, answers, and does not grow."""

import contextlib
import os
import resource
import socket
import threading
import time

import pytest
import requests

from protocol import Peer

MEMORY_MORE_KIB = 48 * 1024  # 500 connections of 16 KiB of header, and what the allocator keeps


class Watch:
    """Looks at every node while something happens: all stay up for each other, answer, and stay small."""

    def __init__(self, mesh):
        self.mesh = mesh
        self.before = {node.name: node.memory_kib() for node in mesh.nodes}
        self.findings = []
        self.looks = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self):
        names = dict.fromkeys(self.mesh.network.keys, "up")
        while not self._end.is_set():
            for node in self.mesh.nodes:
                try:
                    said = node.statuses()
                    if said != names:
                        self.findings.append(f"{node.name} says {said}")
                except (requests.RequestException, ValueError, LookupError) as error:
                    self.findings.append(f"{node.name} does not answer: {error!r}")
                more = node.memory_kib() - self.before[node.name]
                if more > MEMORY_MORE_KIB:
                    self.findings.append(f"{node.name} grew by {more} KiB")
            self.looks += 1
            time.sleep(0.2)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._end.set()
        self._thread.join()
        if kind is None:
            assert self.looks >= 1
            assert not self.findings, "\n".join(self.findings[:10]) + "\n" + self.mesh.describe()


@pytest.fixture
def watched(three):
    """Three agreed nodes under watch, and for at least two deaths' worth of time."""
    began = time.monotonic()
    with Watch(three):
        yield three
        time.sleep(max(0.0, began + 2 * three.network.bound - time.monotonic()))


def connect(node):
    return socket.create_connection(("127.0.0.1", node.port), timeout=10)


def talk(node, data):
    """Sends bytes and reads what comes until the node closes or says nothing for a while."""
    with contextlib.suppress(OSError), connect(node) as connection:
        connection.settimeout(3)
        connection.sendall(data)
        return connection.recv(4096)
    return b""


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None


def exchange_head(node, *headers):
    path = f"/mesh/v1/{node.networks[0].name}"
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/octet-stream", *headers, "", ""]).encode()


def test_random_bytes_disturb_nobody(watched, chance):
    for _ in range(100):
        talk_briefly(watched.a, chance.randbytes(chance.randint(1, 3000)))


def talk_briefly(node, data):
    with contextlib.suppress(OSError), connect(node) as connection:
        connection.sendall(data)


def test_http_garbage_is_answered_with_an_error_or_closed(watched):
    node = watched.a
    length = "Content-Length: 5"
    for name, data in {
            "no method": b"\r\n\r\n\r\n",
            "no version": b"GET /\r\n\r\n",
            "a bad version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
            "a null byte": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
            "two lengths": exchange_head(node, length, "Content-Length: 6") + b"hello",
            "length and chunks": exchange_head(node, length, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
            "a negative length": exchange_head(node, "Content-Length: -1"),
            "a huge length": exchange_head(node, f"Content-Length: {10**30}"),
            "a broken chunk": exchange_head(node, "Transfer-Encoding: chunked") + b"xyz\r\n",
            "a header without end": b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000,
            "many headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000,
            "a very long path": b"GET /" + b"a" * 50_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200)}.items():
        status = status_of(talk(node, data))
        assert status is None or 400 <= status < 600, (name, status)
    for path in ("/../../etc/passwd", "/docs/../../../etc/passwd", "/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "//",
                 "/api/v1/networks/%00", "/api/v1/networks/" + "x" * 300):
        answer = talk(node, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert status_of(answer) in (301, 308, 400, 404), (path, answer[:100])
        assert b"root:" not in answer
    for method in ("PUT", "DELETE", "PATCH", "POST", "TRACE", "OPTIONS"):
        answer = talk(node, f"{method} /api/v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        assert status_of(answer) in (400, 405, 501), (method, answer[:100])


def test_bodies_over_the_limit_are_refused_before_they_are_read(watched):
    node = watched.a
    before = node.metrics()["meshmon_http_refused_total"]
    answer = talk(node, exchange_head(node, f"Content-Length: {2 * 1024 * 1024}"))
    assert status_of(answer) == 413 and b'"too_large"' in answer, "2 MiB declared"
    assert node.metrics()["meshmon_http_refused_total"] == before + 1
    with connect(node) as connection, contextlib.suppress(OSError):
        connection.sendall(exchange_head(node, f"Content-Length: {2 * 1024 * 1024}") + bytes(2 * 1024 * 1024))
    assert status_of(talk(node, exchange_head(node, f"Content-Length: {200 * 1024}") + bytes(64))) == 413, \
        "200 KiB from a sender that never proved to be alive"


def test_chunks_without_end_are_cut_off(watched):
    sent = 0
    with connect(watched.a) as connection:
        connection.sendall(exchange_head(watched.a, "Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):
            while sent < 64 * 1024 * 1024:
                connection.sendall(b"1000\r\n" + bytes(0x1000) + b"\r\n")
                sent += 0x1000
    assert sent < 32 * 1024 * 1024, "64 MiB were taken"


def test_slow_senders_are_cut_off(watched):
    """One byte a second, in the header and in the body; docs/protocol.md gives a body two seconds."""
    header = connect(watched.a)
    body = connect(watched.a)
    body.sendall(exchange_head(watched.a, "Content-Length: 1000"))
    request = b"GET /healthz HTTP/1.1\r\nHost: " + b"x" * 1000
    cut = {}
    began = time.monotonic()
    for index in range(25):
        for name, connection, data in (("header", header, request[index:index + 1]), ("body", body, b"x")):
            if name not in cut and ended(connection, data):
                cut[name] = time.monotonic() - began
        if len(cut) == 2:
            break
        time.sleep(1)
    header.close()
    body.close()
    assert set(cut) == {"header", "body"}, cut


def ended(connection, data):
    """Sends, and says whether the node has ended the connection, after an answer or without."""
    try:
        connection.sendall(data)
        connection.settimeout(0.05)
        while True:
            if connection.recv(4096) == b"":
                return True
    except TimeoutError:
        return False
    except OSError:
        return True


def test_five_hundred_idle_connections_keep_nobody_out(watched):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    idle = []
    try:
        for _ in range(500):
            idle.append(connect(watched.a))
        for connection in idle[:250]:
            connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        end = time.monotonic() + 2 * watched.network.bound
        while time.monotonic() < end:
            assert watched.a.get("/healthz").status_code == 200
            time.sleep(0.1)
        assert watched.a.metrics()["meshmon_http_connections"] >= 1
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_flood_of_boxes_that_do_not_open_is_held_up_but_no_peer_is(watched):
    """All come from loopback, as the peers do; peers that were proven alive go on."""
    keys = watched.network.keys
    stranger = Peer(watched.network.name, "c", keys["c"], "a", keys["a"], watched.a.url)
    from_nobody = os.urandom(8)
    answers = {}
    end = time.monotonic() + 2 * watched.network.bound
    before = watched.a.metrics()
    while time.monotonic() < end:
        for sender in (from_nobody, keys["c"].digest[:8]):
            body = b"\x01" + sender + os.urandom(24 + 200)
            try:
                answer = stranger.post(body)
            except requests.RequestException:
                continue
            answers[answer.code] = answers.get(answer.code, 0) + 1
        time.sleep(0.005)
    print(answers)
    assert answers.get("too_many_failures", 0) > 0 and answers.get("unknown_key", 0) > 0, answers
    assert set(answers) <= {"too_many_failures", "unknown_key", "box_not_opened"}, answers
    after = watched.a.metrics()
    accepted = f'meshmon_exchange_requests_accepted_total{{network="{watched.network.name}"}}'
    assert after[accepted] >= before[accepted] + 4, "the peers' exchanges were taken in all the while"
    assert watched.a.refused("too_many_failures") > 0


def test_many_requests_at_once_are_all_answered(watched):
    answers = []

    def ask():
        for _ in range(20):
            try:
                answers.append(watched.a.get(watched.a.network_path() + "/nodes", timeout=20).status_code)
            except requests.RequestException as error:
                answers.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 400
