"""What docs/reference/configuration.md promises of the files as a whole, seen from outside."""

import http.server
import json
import ssl
import threading
import time

import pytest
import requests

from keys import Key
from mesh import Mesh, Network, Node, run, wait_until
from repositories import make_certificate
from test_reload import assert_nobody_was_lost, write_config


@pytest.fixture
def alone(tmp_path):
    """A node whose files are not written yet."""
    mesh = Mesh(tmp_path, ["a"])
    yield mesh
    mesh.end()


def test_an_empty_list_of_networks_is_allowed_and_said(alone):
    alone.a.config.mkdir(parents=True)
    (alone.a.config / "nodeconf.yml").write_text(f"listen: 127.0.0.1:{alone.a.port}\nnetworks: []\n")
    alone.start()
    problem = alone.wait(lambda: alone.a.problems("no_networks"), "it says that it watches nothing")[0]
    assert problem["severity"] == "info" and "nodeconf.yml" in problem["file"] + problem["detail"] + problem["remedy"]
    assert alone.a.get("/readyz").status_code == 200 and "level=error" not in alone.a.log()


def test_a_node_that_is_not_listed_accuses_nobody_and_goes_on_once_it_is(three):
    newcomer = three.add("d")
    key = three.network.keys.pop("d")
    entry = three.network.entries.pop("d")
    three.network.keys["d"] = key
    newcomer.write()
    del three.network.keys["d"]
    newcomer.start()
    assert newcomer.wait_ready()
    problem = three.wait(lambda: newcomer.problems("not_listed"), "it says that it is not listed")[0]
    assert "- node_id: d" in problem["remedy"] and problem["line"]
    assert newcomer.metrics()['meshmon_exchanges_started_total{network="testnet"}'] == 0, "it dials nobody"
    assert set(newcomer.statuses().values()) == {"unknown"}
    assert all(node["reason"] == "not_listed" for node in newcomer.nodes().values())
    boot = newcomer.json("/api/v1/me")["boot_id"]

    three.network.add("d", key=key, **entry)
    for node in three.nodes:
        (node.network_folder() / "pubkeys" / "d.pub").write_text(key.public_pem)
    write_config(three)
    three.wait_agreed()
    three.wait(lambda: not newcomer.problems("not_listed"), "it is listed")
    assert newcomer.json("/api/v1/me")["boot_id"] == boot
    assert_nobody_was_lost(three.nodes)


def test_one_network_by_two_directories_is_an_error_and_the_first_has_it(alone):
    alone.a.write()
    twin = Network("twin")
    twin.add("a", key=alone.network.keys["a"], url=alone.a.url)
    alone.a.networks.append(twin)
    alone.a.write()
    (alone.a.network_folder(twin) / "config.yml").write_text(alone.network.config())
    checked = run("check", alone.a.config)
    assert checked.returncode == 1 and "E034" in checked.stdout and "'testnet'" in checked.stdout
    alone.start()
    problem = alone.wait(lambda: alone.a.problems("config_invalid"), "it says so")[0]
    assert "testnet" in problem["detail"] and "twin" in problem["detail"] + problem["file"]
    assert alone.a.statuses() == {"a": "up"}


def test_names_are_lower_cased_and_keys_of_strangers_ignored_with_one_note(alone):
    alone.write()
    text = (alone.a.config / "nodeconf.yml").read_text()
    (alone.a.config / "nodeconf.yml").write_text(text.replace("node_id: a", "node_id: A"))
    config = alone.a.network_folder() / "config.yml"
    config.write_text(config.read_text().replace("node_id: a", "node_id: A").replace("network_id: testnet", "network_id: TestNet"))
    for name in ("x", "y", "z"):
        (alone.a.network_folder() / "pubkeys" / f"{name}.pub").write_text(Key().public_pem)
    alone.start()
    alone.wait(lambda: alone.a.statuses() == {"a": "up"}, "it runs")
    assert alone.a.network()["network_id"] == "testnet"
    notes = [line for line in alone.a.log().splitlines() if "event=config_note" in line and "key files of nodes" in line]
    assert len(notes) == 1 and "3 key files" in notes[0]


@pytest.mark.parametrize("text, code", [
    ("network_id: n\nnode_config: " + "[" * 50 + "]" * 50 + "\n", "E006"),
    ("network_id: n\n#" + "x" * (2 * 1024 * 1024) + "\n", "E003"),
    ("network_id: n\nbase: &a [" + "x, " * 1000 + "]\nnode_config: [" + "*a, " * 1000 + "]\n", "E007"),
    ("network_id: n\nnode_config:\n" + "".join(f"  - {{node_id: n{i}, url: null}}\n" for i in range(10001)), "E032"),
    ("network_id: n\nnode_config:\n  - {node_id: a, url: null}\n  - {node_id: A, url: null}\n", "E030"),
], ids=lambda value: value if value.startswith("E0") else "")
def test_past_a_limit_comes_a_clear_error_and_never_a_hang(alone, text, code):
    alone.write()
    config = alone.a.network_folder() / "config.yml"
    config.write_text(text)
    begin = time.monotonic()
    checked = run("check", alone.a.config)
    assert checked.returncode == 1 and f"error[{code}]" in checked.stdout, checked.stdout[-2000:]
    assert time.monotonic() - begin < 30
    alone.start()
    alone.wait(lambda: alone.a.problems("config_invalid"), "the daemon lives, and says so")


@pytest.mark.parametrize("rule", ["block: [a]", "allow: [c]"])
def test_who_dials_whom_is_decided_by_the_diallers_own_file(make_mesh, rule):
    """c is behind NAT; b is not to be dialled by a, by a's file alone: so a dials nobody, and all see each other all the same."""
    mesh = make_mesh(["a", "b", "c"])
    mesh.network.entries["c"]["url"] = "null"
    mesh.write()
    open_to_all = mesh.network.config()
    name, _, nodes = rule.partition(": ")
    mesh.network.entries["b"][name] = nodes
    mesh.a.write()
    mesh.start().wait_agreed()
    started = lambda node: node.metrics()['meshmon_exchanges_started_total{network="testnet"}']  # noqa: E731
    assert started(mesh.a) == 0
    assert started(mesh.b) > 0 and started(mesh.c) > 0
    (mesh.a.network_folder() / "config.yml").write_text(open_to_all)
    mesh.wait(lambda: started(mesh.a) > 0, "a dials b now")
    assert not mesh.a.node("c")["link"]["dials"] and not mesh.b.node("c")["link"]["dials"]


class Proxy:
    """Ends TLS, and hands on what stands under /mon/ to a node."""

    def __init__(self, node, certificate):
        self.paths = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                proxy.paths.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = requests.post(node.url + self.path.removeprefix("/mon"), data=body, timeout=10,
                                       headers={"Content-Type": self.headers["Content-Type"]})
                self.send_response(answer.status_code if self.path.startswith("/mon/") else 404)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"https://127.0.0.1:{self.http.server_address[1]}/mon"


def test_a_peer_may_stand_behind_a_proxy_under_a_path(make_mesh, tmp_path, request):
    certificate, key = make_certificate(tmp_path)
    mesh = make_mesh(["a", "b"])
    proxy = Proxy(mesh.b, (certificate, key))
    request.addfinalizer(proxy.http.server_close)
    request.addfinalizer(proxy.http.shutdown)
    mesh.network.entries["b"]["url"] = proxy.url
    mesh.network.entries["a"]["url"] = "null"
    mesh.write()
    mesh.a.start().wait_ready()
    mesh.b.start().wait_ready()
    mesh.wait(lambda: mesh.a.node("b")["link"]["reason"] == "tls", "a trusts no certificate that nobody vouches for")
    assert mesh.a.stop() == 0
    mesh.a.start(SSL_CERT_FILE=str(certificate)).wait_ready()
    mesh.wait_agreed()
    assert set(proxy.paths) == {"/mon/mesh/v1/testnet"}


def test_each_node_has_a_rate_and_a_patience_of_its_own(make_mesh):
    mesh = make_mesh(["a", "b", "c"], poll_rate=0.5)
    mesh.network.entries["c"].update(poll_rate=3600, retry=7)
    mesh.write().start().wait_agreed()
    seen = {node["node_id"]: (node["poll_rate_s"], node["retry"]) for node in
            mesh.a.json(mesh.a.network_path() + "/config")["nodes"]}
    assert seen == {"a": (0.5, 3), "b": (0.5, 3), "c": (3600, 7)}
    age = lambda node: mesh.a.node(node)["link"]["last_success_age_s"]  # noqa: E731
    mesh.wait(lambda: age("c") > 3, "c is left alone for long")
    assert mesh.a.node("b")["link"]["status"] == "up"
    mesh.wait(lambda: age("b") < age("c"), "and b is not")


def test_the_daemon_heeds_its_variables(make_mesh, tmp_path):
    mesh = make_mesh(["a"]).write()
    (mesh.a.config / "nodeconf.yml").rename(mesh.a.config / "other.yml")
    mesh.a.start(CONFIG_FILE_NAME="other.yml", MESHMON_DATA_DIR=str(tmp_path / "data"), MESHMON_LOG_FORMAT="json").wait_ready()
    mesh.wait(lambda: mesh.a.statuses() == {"a": "up"}, "it runs by that node file")
    assert (tmp_path / "data" / "daemon.json").exists() and not mesh.a.data.exists()
    assert mesh.a.stop() == 0
    lines = [json.loads(line) for line in mesh.a.log().splitlines()]
    assert "started" in {line["event"] for line in lines}
    mesh.a.start(CONFIG_FILE_NAME="other.yml", LOG_LEVEL="Warning").wait_ready()
    mesh.wait(lambda: mesh.a.statuses() == {"a": "up"}, "it runs")
    assert mesh.a.data.is_dir(), "by default within the configuration folder"
    assert mesh.a.stop() == 0
    assert len(mesh.a.log().splitlines()) == len(lines), "nothing was worth a warning"


def test_flag_beats_variable_beats_file(tmp_path):
    network = Network("home")
    node, by_variable, by_flag = (Node(tmp_path, "a", [network]) for _ in range(3))
    network.add("a", url=node.url)
    node.write()
    try:
        node.start(MESHMON_LISTEN=f"127.0.0.1:{by_variable.port}")
        wait_until(lambda: by_variable.get("/healthz").status_code == 200, "it listens where the variable says")
        assert node.stop() == 0
        node.start("--listen", f"127.0.0.1:{by_flag.port}", MESHMON_LISTEN=f"127.0.0.1:{by_variable.port}")
        wait_until(lambda: by_flag.get("/healthz").status_code == 200, "it listens where the flag says")
        assert node.stop() == 0
    finally:
        for each in (node, by_variable, by_flag):
            each.process = each.process or node.process
            each.expected_to_run = False
            each.end()
