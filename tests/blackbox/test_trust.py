"""How nodes come to trust each other's keys: key fetch, key trust, and what is handed out for it."""

import json
import os
import pty
import subprocess

import requests

from keys import Key
from loopback import Handler, HttpServer
from mesh import binary, environment, run


def key_file(node, peer):
    return node.network_folder() / "pubkeys" / f"{peer.name}.pub"


def strangers(make_mesh):
    """Nodes a and b that run and lack each other's keys."""
    mesh = make_mesh(["a", "b"]).write()
    for node, peer in ((mesh.a, mesh.b), (mesh.b, mesh.a)):
        key_file(node, peer).unlink()
    return mesh.start()


def words_of(node):
    done = run("key", "words", "--json", "--config-dir", node.config)
    return json.loads(done.stdout)["keys"][0]["words"]


def fetch(node, peer, *arguments):
    return run("key", "fetch", peer.name, "--config-dir", node.config, *arguments)


def trust(node, peer, text):
    return subprocess.run([str(binary()), "key", "trust", peer.name, "-", "--config-dir", str(node.config)], input=text, timeout=30,
                          capture_output=True, text=True, env=environment(), check=False)


class LyingEndpoint(HttpServer):
    """Answers every question with these keys."""

    def __init__(self, *pems):
        class Liar(Handler):
            def do_GET(self):
                self.answer(200, "".join(pems).encode(), "application/x-pem-file")

        super().__init__(Liar)


def test_the_endpoint_hands_out_the_public_key_and_nothing_else(make_mesh):
    mesh = strangers(make_mesh)
    answer = requests.get(f"{mesh.b.url}/mesh/v1/{mesh.network.name}/key", timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/x-pem-file"
    assert answer.text.split() == mesh.network.keys["b"].public_pem.split()
    assert requests.get(f"{mesh.b.url}/mesh/v1/other/key", timeout=10).status_code == 404
    assert requests.post(f"{mesh.b.url}/mesh/v1/{mesh.network.name}/key", timeout=10).status_code == 405


def test_a_fetched_key_is_stored_once_the_words_are_right(make_mesh):
    mesh = strangers(make_mesh)
    wrong = fetch(mesh.a, mesh.b, "--confirm", words_of(mesh.a))
    assert wrong.returncode == 1 and words_of(mesh.b) in wrong.stderr and not key_file(mesh.a, mesh.b).exists()
    right = fetch(mesh.a, mesh.b, "--confirm", words_of(mesh.b).replace("-", " ").upper())
    assert right.returncode == 0, right
    assert key_file(mesh.a, mesh.b).read_text().split() == mesh.network.keys["b"].public_pem.split()
    again = fetch(mesh.a, mesh.b, "--confirm", words_of(mesh.b), "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["stored"] is False


def test_of_two_keys_that_a_liar_shows_only_what_was_compared_is_stored(make_mesh):
    mesh = strangers(make_mesh)
    true, evil = mesh.network.keys["b"].public_pem, Key().public_pem
    words = words_of(mesh.b)
    with LyingEndpoint(evil, true) as liar:
        behind = fetch(mesh.a, mesh.b, "--confirm", words, "--from", liar.url)
        assert behind.returncode == 1 and "another key answers there" in behind.stderr, behind
        assert not key_file(mesh.a, mesh.b).exists()
    with LyingEndpoint(true, evil) as liar:
        before = fetch(mesh.a, mesh.b, "--confirm", words, "--from", liar.url)
        assert before.returncode == 0 and "only this first one is stored" in before.stderr, before
        assert key_file(mesh.a, mesh.b).read_text() == true, "the second key was compared by nobody"
        again = fetch(mesh.a, mesh.b, "--confirm", words, "--from", liar.url)
        assert again.returncode == 0 and "already there" in again.stdout and key_file(mesh.a, mesh.b).read_text() == true, again
    with LyingEndpoint(evil, true) as liar:
        follower = fetch(mesh.a, mesh.b, "--confirm", words, "--from", liar.url)
        assert follower.returncode == 1 and "another key answers there" in follower.stderr, follower
        assert key_file(mesh.a, mesh.b).read_text() == true


def test_without_words_and_without_a_person_nothing_is_stored(make_mesh):
    mesh = strangers(make_mesh)
    done = fetch(mesh.a, mesh.b)
    assert done.returncode == 2 and f"--confirm {words_of(mesh.b)}" in done.stderr
    assert f"--config-dir {mesh.a.config}" in done.stderr and f"--network {mesh.network.name}" in done.stderr, done
    assert not key_file(mesh.a, mesh.b).exists()


def test_a_person_at_the_terminal_is_asked(make_mesh):
    mesh = strangers(make_mesh)
    for typed, stored in (("n\n", False), ("y\n", True)):
        ours, theirs = pty.openpty()
        os.write(ours, typed.encode())
        done = subprocess.run([str(binary()), "key", "fetch", "b", "--config-dir", str(mesh.a.config)], stdin=theirs, timeout=30,
                              capture_output=True, text=True, env=environment(), check=False)
        os.close(ours)
        os.close(theirs)
        assert words_of(mesh.b) in done.stderr and "[y/N]" in done.stderr, done
        assert (done.returncode == 0) == stored and key_file(mesh.a, mesh.b).exists() == stored, done


def test_a_stored_key_is_never_replaced(make_mesh):
    mesh = strangers(make_mesh)
    other = Key()
    key_file(mesh.a, mesh.b).write_text(other.public_pem)
    done = fetch(mesh.a, mesh.b, "--confirm", words_of(mesh.b))
    assert done.returncode == 1 and "another key" in done.stderr and "rm " in done.stderr, done
    assert key_file(mesh.a, mesh.b).read_text() == other.public_pem


def test_a_key_may_come_from_a_file_or_a_pipe(make_mesh, tmp_path):
    mesh = strangers(make_mesh)
    file = tmp_path / "b.pub"
    file.write_text(mesh.network.keys["b"].public_pem)
    assert run("key", "trust", "b", file, "--config-dir", mesh.a.config).returncode == 0
    shown = run("key", "show", "--config-dir", mesh.a.config).stdout
    piped = trust(mesh.b, mesh.a, shown)
    assert piped.returncode == 0, piped
    assert key_file(mesh.b, mesh.a).read_text().split() == shown.split()


def test_what_is_no_key_or_no_peer_is_named(make_mesh, tmp_path):
    mesh = strangers(make_mesh)
    file = tmp_path / "garbage"
    file.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    shows_it = f"`meshmon key show --network {mesh.network.name}` on the host of b prints it"
    for words, code, said in ((("trust", "b", file), 1, "garbage"),
                              (("trust", "b", file), 1, shows_it),
                              (("trust", "b", tmp_path / "nothing"), 1, shows_it),
                              (("trust", "b", mesh.a.private_key_file()), 1, "private key"),
                              (("trust", "nobody", file), 1, "nobody"),
                              (("trust", "a", file), 2, "itself"),
                              (("fetch", "b", "--from", "http://127.0.0.1:1"), 1, "127.0.0.1:1"),
                              (("fetch", "b", "--from", "ftp://b"), 2, "ftp")):
        done = run("key", *words, "--config-dir", mesh.a.config)
        assert done.returncode == code and said in done.stderr and "hint: " in done.stderr, (words, done)
        assert not key_file(mesh.a, mesh.b).exists()


def test_the_key_of_another_node_is_not_stored(make_mesh):
    mesh = strangers(make_mesh)
    own = run("key", "show", "--config-dir", mesh.a.config).stdout
    done = trust(mesh.a, mesh.b, own)
    assert done.returncode == 1 and "it is the key of a already" in done.stderr and "hint: " in done.stderr, done
    done = fetch(mesh.a, mesh.b, "--from", mesh.a.url, "--confirm", words_of(mesh.a))
    assert done.returncode == 1 and "it is the key of a already" in done.stderr, done
    assert not key_file(mesh.a, mesh.b).exists()


def test_standard_input_is_read_as_far_as_a_key_file_goes(make_mesh):
    mesh = strangers(make_mesh)
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run([str(binary()), "key", "trust", "b", "-", "--config-dir", str(mesh.a.config)], stdin=endless, timeout=30,
                              capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 1 and "longer than 16 KiB" in done.stderr, done
    done = trust(mesh.a, mesh.b, mesh.network.keys["b"].public_pem + "# " + "x" * 16384)
    assert done.returncode == 1 and not key_file(mesh.a, mesh.b).exists(), done
