"""Makes a scratch mesh of real meshmon processes on loopback and drives it.

Each node has its own configuration folder, keys and port, exactly as on separate machines. Nothing outlives the test: every
process that was started here is ended by its pid, and the kernel ends it if the test run dies.
"""

import ctypes
import os
import pathlib
import signal
import subprocess
import time

import requests

from keys import Key
from ports import Port

PATIENCE = 30  # seconds; for what takes a few where the machine is idle
PORT_IN_USE = 4
_prctl = ctypes.CDLL(None, use_errno=True).prctl


def binary():
    default = pathlib.Path(__file__).parents[2] / "build" / "release" / "meshmon"
    return pathlib.Path(os.environ.get("MESHMON_BINARY", default)).resolve()


def environment(**extra):
    """Ours, without what would change meshmon's behaviour."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("MESHMON_") and name not in ("CONFIG_FILE_NAME", "LOG_LEVEL", "NO_COLOR")}
    return {**kept, **extra}


def run(*arguments, timeout=60, **options):
    """One command of meshmon, to its end."""
    return subprocess.run([str(binary()), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, env=environment(), **options)


def wait_until(condition, what, timeout=PATIENCE, mesh=None):
    """Waits until `condition()` is true and returns what it returned; a node that does not answer counts as false."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            last = condition()
            if last:
                return last
        except (requests.RequestException, LookupError, TypeError, ValueError, OSError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}\nlast: {last!r}\n{mesh.describe() if mesh else ''}")
        time.sleep(0.05)


class Network:
    """What all nodes of one network share: the node list and the public keys."""

    def __init__(self, name="testnet", poll_rate=1, retry=3):
        self.name = name
        self.poll_rate = poll_rate
        self.retry = retry
        self.keys = {}
        self.entries = {}  # node_id -> more lines of its entry in node_config

    @property
    def bound(self):
        """Within how many seconds a death is known everywhere, by docs/verdicts.md and two seconds of news."""
        return self.poll_rate + self.retry * max(1, self.poll_rate / 4) + 2

    def add(self, node_id, key=None, **entry):
        self.keys[node_id] = key or Key()
        self.entries[node_id] = entry
        return self.keys[node_id]

    def config(self):
        lines = [f"network_id: {self.name}",
                 f"defaults: {{nodes: {{poll_rate: {self.poll_rate}, retry: {self.retry}}}}}",
                 "node_config:"]
        for node_id, entry in self.entries.items():
            lines.append(f"  - node_id: {node_id}")
            lines += [f"    {name}: {value}" for name, value in entry.items()]
        return "\n".join(lines) + "\n"


class Node:
    """One meshmon process and its folders."""

    def __init__(self, folder, name, networks, address="127.0.0.1", prefix=()):
        self.name = name
        self.networks = list(networks)
        self.folder = folder / name
        self.config = self.folder / "config"
        self.data = self.config / ".data"
        self.log_file = self.folder / "log"
        self.address = address
        self.prefix = prefix  # a command that starts the command, such as one that enters a namespace
        self.claim = Port()
        self.process = None
        self.expected_to_run = False

    @property
    def port(self):
        return self.claim.number

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    def network_folder(self, network=None):
        return self.config / "networks" / (network or self.networks[0]).name

    def private_key_file(self, network=None):
        return self.config / ".private_keys" / (network or self.networks[0]).name / f"{self.name}.key"

    # ---- files -------------------------------------------------------------------------------------------------------

    def write(self):
        """Both files, the own private key and everybody's public key. Whatever a test changes, it changes afterwards."""
        self.config.mkdir(parents=True, exist_ok=True)
        entries = "".join(f"  - directory: {network.name}\n    node_id: {self.name}\n" for network in self.networks)
        (self.config / "nodeconf.yml").write_text(f"listen: {self.address}:{self.port}\nnetworks:\n{entries}")
        for network in self.networks:
            pubkeys = self.network_folder(network) / "pubkeys"
            pubkeys.mkdir(parents=True, exist_ok=True)
            (self.network_folder(network) / "config.yml").write_text(network.config())
            for node_id, key in network.keys.items():
                (pubkeys / f"{node_id}.pub").write_text(key.public_pem)
            private = self.private_key_file(network)
            private.parent.mkdir(parents=True, exist_ok=True)
            for part in (private.parent.parent, private.parent):
                part.chmod(0o700)
            private.write_text(network.keys[self.name].private_pem)
            private.chmod(0o600)

    # ---- the process -------------------------------------------------------------------------------------------------

    def start(self, *arguments, **environ):
        """Starts it and returns at once."""
        assert self.process is None or self.process.poll() is not None, f"{self.name} runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                [*map(str, self.prefix), str(binary()), "run", "--config-dir", str(self.config), *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment(**environ),
                start_new_session=True, preexec_fn=lambda: _prctl(1, signal.SIGKILL))
        self.expected_to_run = True
        return self

    def wait_ready(self, timeout=PATIENCE):
        """Until it answers. False if another program holds its port."""
        def answers():
            if self.process.poll() is not None:
                return True
            return self.get("/healthz").status_code == 200
        wait_until(answers, f"{self.name} answers", timeout, self)
        if self.process.poll() == PORT_IN_USE:
            return False
        assert self.process.poll() is None, f"{self.name} ended with exit code {self.process.returncode}\n{self.describe()}"
        return True

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self, timeout=PATIENCE):
        """Its exit code; fails if it does not end."""
        self.expected_to_run = False
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout} s\n{self.describe()}") from None

    def kill(self):
        self.expected_to_run = False
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Asks it to stop; its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait_end()

    def end(self):
        """Whatever state it is in; for cleaning up."""
        ended_by_itself = self.expected_to_run and self.process.poll() is not None
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.claim.release()
        if ended_by_itself:
            raise AssertionError(f"{self.name} ended by itself with exit code {self.process.returncode}\n{self.describe()}")

    def memory_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    # ---- what it says ------------------------------------------------------------------------------------------------

    def get(self, path, timeout=5, **options):
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.url + path, timeout=timeout, **options)

    def json(self, path, timeout=5):
        response = self.get(path, timeout)
        response.raise_for_status()
        return response.json()

    def network_path(self, network=None):
        return f"/api/v1/networks/{(network or self.networks[0]).name}"

    def network(self, network=None):
        return self.json(self.network_path(network))

    def nodes(self, network=None):
        return {node["node_id"]: node for node in self.json(self.network_path(network) + "/nodes")["nodes"]}

    def node(self, node_id, network=None):
        """One node with all evidence."""
        return self.json(f"{self.network_path(network)}/nodes/{node_id}")

    def statuses(self, network=None):
        return {node_id: node["status"] for node_id, node in self.nodes(network).items()}

    def status(self, node_id, network=None):
        return self.statuses(network)[node_id]

    def problems(self, code=None):
        return [problem for problem in self.json("/api/v1/health")["problems"] if code in (None, problem["code"])]

    def metrics(self):
        """By series, as written: {'meshmon_refused_total{network="n",reason="replayed"}': 1.0}."""
        lines = [line for line in self.get("/metrics").text.splitlines() if line and not line.startswith("#")]
        return {series: float(value) for series, value in (line.rsplit(" ", 1) for line in lines)}

    def refused(self, reason):
        """How many were refused for it, over all networks."""
        return sum(value for series, value in self.metrics().items()
                   if series.startswith("meshmon_refused_total{") and f'reason="{reason}"' in series)

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def describe(self):
        """For a failure: what it says now, and the end of its log."""
        try:
            said = {network.name: {node_id: f"{node['status']} {node['reason'] or ''}".strip()
                                   for node_id, node in self.nodes(network).items()} for network in self.networks}
            said["problems"] = [f"{problem['code']}: {problem['detail']}" for problem in self.problems()]
        except (requests.RequestException, LookupError, ValueError) as error:
            said = repr(error)
        code = self.process.poll() if self.process else "not started"
        tail = "\n    ".join(self.log().splitlines()[-25:])
        return f"--- {self.name} at {self.url}, {'runs' if code is None else f'ended: {code}'}; says {said}\n    {tail}"


class Mesh:
    """Some nodes of one network."""

    def __init__(self, folder, names=("a", "b", "c"), network=None, **options):
        self.folder = folder
        self.network = network or Network(**options)
        self.nodes = []
        for name in names:
            self.add(name)

    def add(self, name, **options):
        node = Node(self.folder, name, [self.network], **options)
        self.nodes.append(node)
        self.network.add(name, url=node.url)
        setattr(self, name, node)
        return node

    def adopt(self, node):
        """A node made elsewhere is described and ended with the others."""
        self.nodes.append(node)
        return node

    def write(self):
        for node in self.nodes:
            node.write()
        return self

    def start(self):
        """Starts all and waits until they answer. Where a stranger took a port meanwhile, all get new ones."""
        for _ in range(5):
            for node in self.nodes:
                node.start()
            if all([node.wait_ready() for node in self.nodes]):
                return self
            for node in self.nodes:
                node.expected_to_run = False
                node.end()
                node.claim = Port()
                self.network.entries[node.name]["url"] = node.url
            self.write()
        raise AssertionError("no free ports in five tries")

    def wait_agreed(self, nodes=None, timeout=PATIENCE):
        """Until each of `nodes` says that all nodes of the network are up."""
        nodes = nodes or self.nodes
        names = set(self.network.keys)
        wait_until(lambda: all(node.statuses() == dict.fromkeys(names, "up") for node in nodes), "all nodes are up at all",
                   timeout, self)
        return self

    def others(self, *but):
        return [node for node in self.nodes if node not in but]

    def wait(self, condition, what, timeout=PATIENCE):
        return wait_until(condition, what, timeout, self)

    def describe(self):
        return "\n".join(node.describe() for node in self.nodes)

    def end(self):
        errors = []
        for node in self.nodes:
            try:
                node.end()
            except AssertionError as error:
                errors.append(str(error))
        assert not errors, "\n".join(errors)
