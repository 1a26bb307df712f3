"""Runs a mesh of real nodes on this machine, in front of your eyes. scripts/run calls it.

Each node is a process of its own with its own configuration folder and keys, exactly as on separate machines: only the
addresses are loopback's.
"""

import argparse
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

NETWORK = "local-mesh"
FIRST_PORT = 8000
LAST_PORT = 30000  # below the ephemeral range: no outgoing connection takes one of these
AGREE_SECONDS = 60
STOP_SECONDS = 15
PORT_IN_USE = 4    # the exit code of a node that finds its port taken
PORT_TRIES = 3
COLOURS = (36, 33, 35, 32, 34, 31)


def say(text=""):
    """One write a line: the nodes' lines come from a thread each."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Node:
    def __init__(self, binary, folder, index, width):
        self.name = f"node-{index + 1}"
        self.port = None
        self.config = folder / self.name / "config"
        self.binary = binary
        self.process = None
        label = f"{self.name:<{width}}"
        self.label = f"\033[{COLOURS[index % len(COLOURS)]}m{label}\033[0m" if sys.stdout.isatty() else label

    def command(self, *arguments):
        return [str(self.binary), *arguments, "--config-dir", str(self.config)]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pubkeys(self):
        return self.config / "networks" / NETWORK / "pubkeys"

    def write_config(self, nodes):
        (self.config / "nodeconf.yml").write_text(
            f"listen: 127.0.0.1:{self.port}\n"
            f"networks:\n  - directory: {NETWORK}\n    node_id: {self.name}\n    config_type: local\n")
        entries = "".join(f"  - node_id: {node.name}\n    url: {node.url}\n" for node in nodes)
        (self.pubkeys.parent / "config.yml").write_text(f"network_id: {NETWORK}\nnode_config:\n{entries}")

    def make_key(self):
        done = subprocess.run(self.command("key", "generate", "--network", NETWORK), capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"error: {self.name}: key generate failed:\n{done.stdout}{done.stderr}")

    def start(self):
        # In a session of its own, so that Ctrl-C reaches it through us alone; and it ends if we are killed.
        end_with_us = ctypes.CDLL(None, use_errno=True).prctl
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("MESHMON_") and name != "CONFIG_FILE_NAME"}
        self.process = subprocess.Popen(self.command("run", "--log-format", "short"), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                        env=environment, start_new_session=True,
                                        preexec_fn=lambda: end_with_us(1, signal.SIGTERM))
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        for line in self.process.stdout:
            say(f"{self.label} | {line.rstrip()}")

    def statuses(self):
        """What this node says of every node, by name; empty while it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/networks/{NETWORK}/nodes", timeout=2) as answer:
                return {node["node_id"]: node["status"] for node in json.load(answer)["nodes"]}
        except (OSError, ValueError, urllib.error.HTTPError):
            return {}


def free_ports(count):
    """FIRST_PORT and the following ones, or the next free ones. Nobody holds them yet, so that a node may still fail."""
    found = []
    for port in range(FIRST_PORT, LAST_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise SystemExit(f"error: no {count} free ports between {FIRST_PORT} and {LAST_PORT}")


def make_mesh(binary, folder, count):
    nodes = [Node(binary, folder, index, len(f"node-{count}")) for index in range(count)]
    for node in nodes:
        node.pubkeys.mkdir(parents=True, exist_ok=True)
    give_ports(nodes)
    for node in nodes:
        node.make_key()
    for node in nodes:
        for peer in nodes:
            if peer is not node:
                shutil.copy(peer.pubkeys / f"{peer.name}.pub", node.pubkeys)
    return nodes


def give_ports(nodes):
    for node, port in zip(nodes, free_ports(len(nodes))):
        node.port = port
    for node in nodes:
        node.write_config(nodes)


class Stopped(Exception):
    """Ctrl-C, or another signal to stop."""


class Signals:
    """Counts them. Raised from the handler, Stopped could leave a lock of subprocess taken for ever: pause() raises it."""

    def __init__(self):
        self.seen = self.heeded = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._count)

    def _count(self, number, frame):
        self.seen += 1

    def pause(self):
        """A moment's wait; Stopped where a signal came that was not heeded yet."""
        if self.seen == self.heeded:
            time.sleep(0.1)
        if self.seen > self.heeded:
            self.heeded = self.seen
            raise Stopped


class PortTaken(Exception):
    """Another program was quicker."""


def wait_until_agreed(nodes, signals):
    names = {node.name for node in nodes}
    deadline = time.monotonic() + AGREE_SECONDS
    while True:
        for node in nodes:
            if node.process.poll() == PORT_IN_USE:
                raise PortTaken
            if node.process.poll() is not None:
                raise SystemExit(f"error: {node.name} ended with exit code {node.process.returncode} before the nodes agreed")
        views = {node.name: node.statuses() for node in nodes}
        if all(set(view) == names and set(view.values()) == {"up"} for view in views.values()):
            return
        if time.monotonic() > deadline:
            lines = "\n".join(f"  {name} says {view or 'nothing'}" for name, view in views.items())
            raise SystemExit(f"error: the nodes did not agree within {AGREE_SECONDS} s:\n{lines}")
        signals.pause()


def show(nodes):
    first = nodes[0]
    say()
    subprocess.run([str(first.binary), "status", "--api", first.url])
    say()
    for node in nodes:
        say(f"{node.label}  {node.url}  pid {node.process.pid}  {node.config}")
    last = nodes[-1]
    say(f"""
API pages   {first.url}/docs
one view    curl -s {first.url}/api/v1/networks/{NETWORK}/nodes
status      {first.binary} status --api {first.url}
break it    kill -9 {last.process.pid}
mend it     {' '.join(last.command('run'))}
stop        Ctrl-C
""")


def watch(nodes, signals):
    """Until all have ended: nodes are killed on purpose here, the others are to show it."""
    ended = set()
    while len(ended) < len(nodes):
        for node in nodes:
            code = node.process.poll()
            if code is not None and node.name not in ended:
                ended.add(node.name)
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
                say(f"{node.label} | -- {how}")
        signals.pause()


def stop(nodes, signals):
    """SIGINT to each, then wait; another Ctrl-C, or time, kills. Returns whether all that still ran stopped cleanly."""
    running = [node for node in nodes if node.process and node.process.poll() is None]
    clean = True
    try:
        if running:
            say("\nstopping; Ctrl-C again kills")
        for node in running:
            node.process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while any(node.process.poll() is None for node in running):
            if time.monotonic() > deadline:
                raise TimeoutError
            signals.pause()
    except (Stopped, TimeoutError) as reason:
        clean = False
        say("killing what is left" if isinstance(reason, Stopped) else f"not stopped within {STOP_SECONDS} s: killing")
        for node in running:
            node.process.kill()
            node.process.wait()
    for node in running:
        if node.process.returncode != 0:
            clean = False
            say(f"{node.label} | -- exit code {node.process.returncode}")
    return clean


def start(nodes, signals):
    for tries_left in reversed(range(PORT_TRIES)):
        for node in nodes:
            node.start()
        try:
            return wait_until_agreed(nodes, signals)
        except PortTaken:
            stop(nodes, signals)
            if not tries_left:
                raise SystemExit(f"error: a port was taken {PORT_TRIES} times in a row")
            say("a port was taken meanwhile: once more, with others")
            give_ports(nodes)


def run(nodes, signals):
    """Whether all went well: the nodes agreed, and at the end stopped cleanly."""
    agreed = False
    try:
        start(nodes, signals)
        agreed = True
        show(nodes)
        watch(nodes, signals)
    except Stopped:
        agreed = True
    except SystemExit as error:
        print(error, file=sys.stderr)
    return stop(nodes, signals) and agreed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--nodes", type=int, default=3, metavar="N")
    parser.add_argument("--dir", type=pathlib.Path, metavar="DIR")
    options = parser.parse_args()
    if not 1 <= options.nodes <= 100:
        parser.error("--nodes: 1 to 100")
    folder = options.dir.resolve() if options.dir else pathlib.Path(tempfile.mkdtemp(prefix="meshmon-run-"))
    signals = Signals()
    try:
        return 0 if run(make_mesh(options.binary.resolve(), folder, options.nodes), signals) else 1
    finally:
        if not options.dir:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
