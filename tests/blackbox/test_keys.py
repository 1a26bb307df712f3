"""Key files: ours are read by openssl, openssl's by us, and a wrong one is named."""

import stat
import subprocess

from keys import Key, fingerprint
from mesh import Network, run, wait_until


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=30, check=True).stdout


def test_keys_made_by_meshmon_are_read_by_openssl(make_mesh):
    mesh = make_mesh(["a"]).write()
    private = mesh.a.private_key_file()
    public = mesh.a.network_folder() / "pubkeys" / "a.pub"
    private.unlink()
    public.unlink()
    done = run("key", "generate", "--network", mesh.network.name, "--config-dir", mesh.a.config)
    assert done.returncode == 0, done
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert openssl("pkey", "-in", private, "-pubout").split() == public.read_bytes().split()
    assert b"ED25519" in openssl("pkey", "-in", private, "-noout", "-text").upper()
    shown = run("key", "fingerprint", "--network", mesh.network.name, "--config-dir", mesh.a.config).stdout
    der = openssl("pkey", "-pubin", "-in", public, "-outform", "DER")
    assert fingerprint(der[-32:]) in shown
    secret = private.read_text().splitlines()[1]
    assert secret not in done.stdout + done.stderr + shown


def test_keys_made_by_openssl_are_read_by_meshmon(make_mesh):
    mesh = make_mesh(["a", "b"]).write()
    private = mesh.a.private_key_file()
    private.write_bytes(openssl("genpkey", "-algorithm", "ed25519"))
    private.chmod(0o600)
    public = openssl("pkey", "-in", private, "-pubout")
    for node in mesh.nodes:
        (node.network_folder() / "pubkeys" / "a.pub").write_bytes(public)
    mesh.start().wait_agreed()
    assert mesh.b.node("a")["fingerprint"] == mesh.a.json("/api/v1/me")["networks"][0]["fingerprint"]


def test_an_existing_key_is_kept(make_mesh):
    mesh = make_mesh(["a"]).write()
    private = mesh.a.private_key_file()
    before = private.read_bytes()
    done = run("key", "generate", "--network", mesh.network.name, "--config-dir", mesh.a.config)
    assert done.returncode == 0, done
    assert private.read_bytes() == before
    assert fingerprint(mesh.network.keys["a"].public) in done.stdout + done.stderr


def test_another_public_key_under_the_own_name_stops_that_network_alone(make_mesh):
    mesh = make_mesh(["a"]).write()
    other = Network("second")
    other.add("a", url=mesh.a.url)
    mesh.a.networks.append(other)
    mesh.write()
    public = mesh.a.network_folder(mesh.network) / "pubkeys" / "a.pub"
    strange = Key()
    public.write_text(strange.public_pem)
    mesh.start()
    problem = wait_until(lambda: mesh.a.problems("key_mismatch"), "it is said", mesh=mesh)[0]
    assert problem["severity"] == "error"
    for key in (strange, mesh.network.keys["a"]):
        assert fingerprint(key.public) in problem["detail"] + problem["remedy"]
    assert public.read_text() == strange.public_pem, "nothing is overwritten"
    assert mesh.a.statuses(other) == {"a": "up"}


def test_a_peer_with_another_key_than_its_file_says_is_named(make_mesh):
    mesh = make_mesh().write()
    strange = Key()
    (mesh.a.network_folder() / "pubkeys" / "c.pub").write_text(strange.public_pem)
    mesh.start()
    mesh.wait(lambda: mesh.a.statuses()["b"] == "up", "a and b find each other")
    mesh.wait(lambda: mesh.b.statuses() == {"a": "up", "b": "up", "c": "up"}, "b knows all")
    assert mesh.a.status("c") == "unknown"
    mesh.wait(lambda: {problem["code"] for problem in mesh.a.problems()} & {"key_mismatch", "refused_by_peer"}, "a says so")


def test_an_unreadable_public_key_is_treated_as_missing(make_mesh):
    mesh = make_mesh().write()
    (mesh.a.network_folder() / "pubkeys" / "c.pub").write_text("-----BEGIN PUBLIC KEY-----\nrubbish\n-----END PUBLIC KEY-----\n")
    mesh.start()
    problem = mesh.wait(lambda: mesh.a.problems("key_unreadable"), "it is said")[0]
    assert problem["node_id"] == "c" and problem["remedy"]
    mesh.wait(lambda: mesh.a.statuses() == {"a": "up", "b": "up", "c": "unknown"}, "the rest works")


def test_a_broken_private_key_is_left_as_it_is_and_named(make_mesh):
    """There is nothing to run without it: the start fails, and says what to do."""
    mesh = make_mesh(["a"]).write()
    private = mesh.a.private_key_file()
    private.write_text("half a k")
    mesh.a.start()
    assert mesh.a.wait_end() == 1
    assert str(private) in mesh.a.log() and "mv " in mesh.a.log(), "the mend is said"
    assert private.read_text() == "half a k"
