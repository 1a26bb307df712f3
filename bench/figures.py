"""Measures whole processes on loopback: what a node costs as people run it. scripts/bench calls it.

Every figure stands beside its aim; nothing is asserted. CPU is user and system time, from the kernel's own count.
"""

import argparse
import contextlib
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

NETWORK = "figures"
QUICK_POLL = 0.1  # the shortest that the configuration allows: many exchanges in a short time
REST_POLL = 1     # what three nodes have where the configuration names nothing
FIRST_PORT = 20000
LAST_PORT = 30000
KIB = 1024
MIB = 1024 * 1024


def say(text=""):
    print(text, flush=True)


def figure(name, value, aim=""):
    say(f"{name:<58} {value:>18}   {aim}")


def cpu_seconds(pid):
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def resident_bytes(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * KIB
    raise SystemExit(f"error: no {field} of process {pid}")


def get(url, timeout=30):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read()


class Ports:
    def __init__(self):
        self.next = FIRST_PORT

    def take(self):
        for port in range(self.next, LAST_PORT):
            self.next = port + 1
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with contextlib.suppress(OSError):
                    probe.bind(("0.0.0.0", port))
                    return port
        raise SystemExit(f"error: no free port between {FIRST_PORT} and {LAST_PORT}")


class Node:
    """A real meshmon on a configuration folder."""

    def __init__(self, binary, config, port, network=NETWORK):
        self.binary, self.config, self.port, self.network = binary, config, port, network
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        log = (self.config.parent / f"{self.config.name}.log").open("w")
        self.process = subprocess.Popen([self.binary, "run", "--config-dir", self.config], stdout=log, stderr=log)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    @property
    def pid(self):
        return self.process.pid

    def wait_for(self, path):
        """Seconds until the first 200."""
        begun = time.perf_counter()
        while time.perf_counter() - begun < 60:
            with contextlib.suppress(OSError):
                get(self.url + path)
                return time.perf_counter() - begun
            time.sleep(0.001)
        raise SystemExit(f"error: no answer from {self.url}{path}")

    def counters(self):
        """The network's counters by their short names."""
        found = {}
        for line in get(self.url + "/metrics").decode().splitlines():
            name, _, value = line.rpartition(" ")
            if name.startswith("meshmon_") and f'network="{self.network}"' in name and "node=" not in name:
                short = name.partition("{")[0].removeprefix("meshmon_")
                found[short] = found.get(short, 0) + float(value)
        return found

    def statuses(self):
        nodes = json.loads(get(f"{self.url}/api/v1/networks/{self.network}/nodes"))["nodes"]
        return [node["status"] for node in nodes]


@contextlib.contextmanager
def running(nodes):
    for node in nodes:
        node.start()
    try:
        for node in nodes:
            node.wait_for("/healthz")
        yield nodes
    finally:
        for node in nodes:
            node.stop()


def make_mesh(binary, folder, ports, count, poll, proxied=False):
    """Nodes that know each other; where `proxied`, through a proxy of each that counts."""
    nodes = [Node(binary, folder / f"node-{i}", ports.take()) for i in range(count)]
    proxies = [Proxy(ports.take(), node.port) for node in nodes] if proxied else []
    entries = "".join(f"  - node_id: node-{i}\n    url: http://127.0.0.1:{proxies[i].port if proxied else node.port}\n"
                      for i, node in enumerate(nodes))
    for i, node in enumerate(nodes):
        network = node.config / "networks" / NETWORK
        network.mkdir(parents=True)
        (node.config / "nodeconf.yml").write_text(
            f"listen: 127.0.0.1:{node.port}\nnetworks:\n  - directory: {NETWORK}\n    node_id: node-{i}\n"
            "    config_type: local\n")
        (network / "config.yml").write_text(
            f"network_id: {NETWORK}\ndefaults:\n  nodes:\n    poll_rate: {poll}\nnode_config:\n{entries}")
        subprocess.run([binary, "key", "generate", "--network", NETWORK, "--config-dir", node.config], check=True,
                       capture_output=True)
    for node in nodes:
        for i, other in enumerate(nodes):
            key = other.config / "networks" / NETWORK / "pubkeys" / f"node-{i}.pub"
            (node.config / "networks" / NETWORK / "pubkeys" / key.name).write_text(key.read_text())
    return (nodes, proxies) if proxied else nodes


class Proxy:
    """Passes bytes on and notes how many there were in each piece: one message each, as the nodes write them."""

    def __init__(self, port, target):
        self.port, self.target = port, target
        self.requests, self.answers = [], []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:  # the node behind has not started yet
                client.close()
                continue
            for source, sink, sizes in ((client, server, self.requests), (server, client, self.answers)):
                threading.Thread(target=self._pass_on, args=(source, sink, sizes), daemon=True).start()

    @staticmethod
    def _pass_on(source, sink, sizes):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sizes.append(len(piece))
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def agree(nodes):
    for node in nodes:
        deadline = time.monotonic() + 60
        while set(node.statuses()) != {"up"}:
            if time.monotonic() > deadline:
                raise SystemExit(f"error: {node.url} does not see every node up: {node.statuses()}")
            time.sleep(0.1)


def deltas(nodes, seconds):
    """CPU seconds and counters of all nodes together over a span."""
    def totals():
        sums = {"cpu": sum(cpu_seconds(node.pid) for node in nodes)}
        for node in nodes:
            for name, value in node.counters().items():
                sums[name] = sums.get(name, 0) + value
        return sums
    before = totals()
    before["cpu"] = sum(cpu_seconds(node.pid) for node in nodes)  # without what asking for the counters cost
    begun = time.monotonic()
    time.sleep(seconds)
    cpu = sum(cpu_seconds(node.pid) for node in nodes)
    after = totals()
    return {name: after[name] - before.get(name, 0) for name in after} | {"cpu": cpu - before["cpu"],
                                                                           "seconds": time.monotonic() - begun}


def measure_start(binary, folder, ports, times):
    node = make_mesh(binary, folder / "start", ports, 1, REST_POLL)[0]
    answers = {"/healthz": [], "/api/v1/me": []}
    for _ in range(times):
        for path, seconds in answers.items():
            node.start()
            seconds.append(node.wait_for(path))
            node.stop()
    for path, seconds in answers.items():
        figure(f"start to first answer, {path}, median of {times}", f"{statistics.median(seconds) * 1000:.0f} ms", "aim: 100 ms")
        figure("  slowest", f"{max(seconds) * 1000:.0f} ms")


def measure_small_mesh(binary, folder, ports, seconds):
    with running(make_mesh(binary, folder / "three", ports, 3, REST_POLL)) as nodes:
        agree(nodes)
        time.sleep(seconds)
        figure("memory of a node, N = 3 (RSS)", f"{max(resident_bytes(node.pid) for node in nodes) / MIB:.1f} MiB", "aim: 20 MiB")
        spent = deltas(nodes, seconds)
        figure("CPU of a node, N = 3, polls of 1 s", f"{spent['cpu'] / spent['seconds'] / 3 * 100:.2f} % of a core")


def measure_exchange(binary, tools, folder, ports, seconds):
    with running(make_mesh(binary, folder / "two", ports, 2, QUICK_POLL)) as nodes:
        agree(nodes)
        time.sleep(2)
        spent = deltas(nodes, seconds)
    exchanges = spent["exchanges_succeeded_total"]
    rate = exchanges / spent["seconds"]
    http = measure_floor(tools, rate, seconds)
    boxes = 2 * float(subprocess.run([tools / "floor", "box"], capture_output=True, check=True, text=True).stdout) / 1e9
    with running([make_mesh(binary, folder / "alone", ports, 1, REST_POLL)[0]]) as alone:
        time.sleep(1)
        background = 2 * deltas(alone, seconds)["cpu"] / seconds  # of two nodes, a second
    whole = spent["cpu"] / exchanges
    share = background * spent["seconds"] / exchanges
    figure(f"exchange of two processes, {rate:.0f} a second, both ends", f"{whole * 1e6:.0f} us CPU")
    figure("  of this, what both nodes spend without any peer", f"{share * 1e6:.0f} us")
    figure("floor: a Beast request without content, both ends", f"{http * 1e6:.0f} us CPU")
    figure("floor: boxes of an exchange", f"{boxes * 1e6:.1f} us CPU")
    figure("ratio to one Beast request and its boxes", f"{whole / (http + boxes):.2f}")
    figure("  without what nodes spend without any peer", f"{(whole - share) / (http + boxes):.2f}")
    figure("ratio to two Beast requests and the boxes", f"{whole / (2 * http + boxes):.2f}", "aim: 1.5")


def measure_floor(tools, rate, seconds):
    """CPU seconds of a request without content: two processes as bare as Beast allows, at the nodes' pace."""
    server = subprocess.Popen([tools / "floor", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = server.stdout.readline().strip()
    client = subprocess.Popen([tools / "floor", "ask", port, f"{rate:.3f}", str(seconds + 2)])
    time.sleep(1)
    before = cpu_seconds(server.pid) + cpu_seconds(client.pid)
    begun = time.monotonic()
    time.sleep(seconds)
    spent = cpu_seconds(server.pid) + cpu_seconds(client.pid) - before
    asked = rate * (time.monotonic() - begun)
    client.wait()
    server.stdin.close()
    server.wait()
    return spent / asked


def measure_bytes(binary, folder, ports, seconds):
    nodes, proxies = make_mesh(binary, folder / "proxied", ports, 3, REST_POLL, proxied=True)
    with running(nodes):
        agree(nodes)
        time.sleep(12)  # the start's news are over
        for proxy in proxies:
            proxy.requests.clear()
            proxy.answers.clear()
        time.sleep(seconds)
        requests = [size for proxy in proxies for size in proxy.requests]
        answers = [size for proxy in proxies for size in proxy.answers]
    for name, sizes in (("request", requests), ("answer", answers)):
        figure(f"{name} with HTTP header, N = 3, nothing changed, median", f"{statistics.median(sizes):.0f} bytes", "aim: 600")
        figure("  mean, with the heads that are signed anew", f"{statistics.mean(sizes):.0f} bytes")


def measure_thousand(binary, tools, folder, ports, nodes, poll, seconds):
    config = folder / "crowd"
    node = Node(binary, config, ports.take(), "crowd")
    crowd = subprocess.Popen([tools / "crowd", config, str(nodes), str(node.port), str(ports.take()), str(poll)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if crowd.stdout.readline().strip() != "ready":
        raise SystemExit("error: the crowd does not play")
    node.start()
    figure(f"start to first answer, N = {nodes}", f"{node.wait_for('/healthz') * 1000:.0f} ms")
    deadline = time.monotonic() + 60 + 6 * poll
    while node.statuses().count("up") < nodes and time.monotonic() < deadline:
        time.sleep(2)
    figure(f"  nodes up, of {nodes}", str(node.statuses().count("up")))
    time.sleep(2 * poll)
    spent = deltas([node], seconds)
    resident = resident_bytes(node.pid)
    begun, cpu = time.perf_counter(), cpu_seconds(node.pid)
    links = get(f"{node.url}/api/v1/networks/crowd/links")
    took, cpu = time.perf_counter() - begun, cpu_seconds(node.pid) - cpu
    after_links, peak = resident_bytes(node.pid), resident_bytes(node.pid, "VmHWM")
    node.stop()
    crowd.stdin.close()
    seen = json.loads(crowd.stdout.readline())
    crowd.wait()
    span = spent["seconds"]
    figure(f"memory of a node, N = {nodes} (RSS)", f"{resident / MIB:.1f} MiB", "aim: 64 MiB")
    figure("  after the matrix of links was served once", f"{after_links / MIB:.1f} MiB")
    figure("  at its peak, while it was served", f"{peak / MIB:.1f} MiB")
    figure(f"CPU of a node, N = {nodes}, polls of {poll:g} s", f"{spent['cpu'] / span * 100:.2f} % of a core", "aim: 3 %")
    figure("  exchanges started and taken in", f"{spent['exchanges_started_total'] / span:.0f} + "
           f"{spent['exchange_requests_accepted_total'] / span:.0f} a second")
    figure("  heads verified", f"{spent['heads_verified_total'] / span:.0f} a second")
    figure("  bodies sent", f"{spent['exchange_sent_bytes_total'] / span / 1000:.0f} kB/s", "aim: 200 kB/s")
    figure("  bodies received", f"{spent['exchange_received_bytes_total'] / span / 1000:.0f} kB/s", "aim: 200 kB/s")
    figure(f"matrix of links, N = {nodes}: {len(links) / MIB:.1f} MiB of JSON", f"{took * 1000:.0f} ms, {cpu * 1000:.0f} ms CPU")
    figure("  what the crowd saw fail", f"{seen['failed']} of {seen['asked']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, required=True, help="a release build of meshmon")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="the folder that holds floor and crowd")
    parser.add_argument("--seconds", type=float, default=20, help="length of each measurement")
    parser.add_argument("--nodes", type=int, default=1000, help="size of the large mesh; 0: without it")
    parser.add_argument("--poll", type=float, default=10, help="poll rate of the large mesh, in seconds")
    parser.add_argument("--only", choices=("start", "small", "exchange", "bytes", "thousand"), help="one measurement alone")
    chosen = parser.parse_args()
    if not chosen.binary.exists():
        sys.exit(f"error: {chosen.binary} is missing; scripts/bench builds it")
    binary, tools, ports = chosen.binary.resolve(), chosen.tools.resolve(), Ports()
    with tempfile.TemporaryDirectory(prefix="meshmon-bench-") as name:
        folder = pathlib.Path(name)
        measurements = {
            "start": lambda: measure_start(binary, folder, ports, 10),
            "small": lambda: measure_small_mesh(binary, folder, ports, chosen.seconds),
            "exchange": lambda: measure_exchange(binary, tools, folder, ports, chosen.seconds),
            "bytes": lambda: measure_bytes(binary, folder, ports, chosen.seconds),
            "thousand": lambda: measure_thousand(binary, tools, folder, ports, chosen.nodes, chosen.poll, chosen.seconds),
        }
        for measurement, measure in measurements.items():
            if chosen.only in (None, measurement) and (measurement != "thousand" or chosen.nodes > 0):
                measure()


if __name__ == "__main__":
    main()
