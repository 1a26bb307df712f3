"""`meshmon key rotate`: every key of a running mesh is changed, and nobody is lost out of sight."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest

from keys import fingerprint
from mesh import Network, binary, environment, run
from test_reload import assert_nobody_was_lost
from test_trust import LyingEndpoint, fetch


def rotate(node, *arguments):
    return run("key", "rotate", "--config-dir", node.config, *arguments)


def own_file(node):
    return node.network_folder() / "pubkeys" / f"{node.name}.pub"


def hand_out(node, others):
    """As somebody does it with scp."""
    for other in others:
        target = other.network_folder() / "pubkeys" / f"{node.name}.pub"
        temporary = target.with_name(target.name + ".tmp")
        shutil.copyfile(own_file(node), temporary)
        temporary.rename(target)


def fingerprints(viewer):
    return {node_id: node["fingerprint"] for node_id, node in viewer.nodes().items()}


def own_fingerprint(node):
    return node.json("/api/v1/me")["networks"][0]["fingerprint"]


def setup_step(viewer, peer, name, state):
    """That step of the checklist of `viewer` about `peer`, if it is in this state."""
    network = viewer.json("/api/v1/health/setup")["networks"][0]
    steps = next(each for each in network["peers"] if each["node_id"] == peer)["steps"]
    return next((step for step in steps if step["name"] == name and step["state"] == state), None)


def all_go_by(mesh, wanted):
    return all(fingerprints(node) == wanted for node in mesh.nodes)


def test_every_key_of_a_running_mesh_is_changed_without_one_down(three):
    boots = {node.name: node.json("/api/v1/me")["boot_id"] for node in three.nodes}
    before = fingerprints(three.a)
    new = {}
    for node in three.nodes:
        done = rotate(node, "--json")
        assert done.returncode == 0, done.stderr
        key = json.loads(done.stdout)["keys"][0]
        assert key["fingerprint"] == before[node.name] != key["next_fingerprint"]
        new[node.name] = key["next_fingerprint"]
        assert own_file(node).read_text().count("BEGIN PUBLIC KEY") == 2
        assert node.private_key_file().with_name(f"{node.name}.key.next").stat().st_mode & 0o777 == 0o600
    problem = three.wait(lambda: three.a.problems("key_rotation"), "a says what its new key waits for")[0]
    assert new["a"] in problem["detail"] and "b and c do not know it yet" in problem["detail"]
    assert "meshmon key fetch a --network testnet" in problem["remedy"] and problem["severity"] == "info"
    assert fingerprints(three.b) == before, "nothing has changed yet"

    for node in three.nodes:
        hand_out(node, three.others(node))
    three.wait(lambda: all_go_by(three, new), "all go by their new keys")
    for node in three.nodes:
        assert own_fingerprint(node) == new[node.name]
        folder = node.private_key_file().parent
        assert sorted(file.name for file in folder.iterdir()) == [f"{node.name}.key", f"{node.name}.key.previous"]

    three.wait(lambda: "--finish" in three.a.problems("key_rotation")[0]["remedy"], "a says how to end it")
    for node in three.nodes:
        done = rotate(node, "--finish")
        assert done.returncode == 0, done.stderr
        assert own_file(node).read_text().count("BEGIN PUBLIC KEY") == 1
        hand_out(node, three.others(node))
    three.wait(lambda: not any(node.problems("key_rotation") for node in three.nodes), "the rotation has ended")
    assert not three.b.private_key_file().with_name("b.key.previous").exists()
    three.wait_agreed()
    assert fingerprints(three.a) == new
    assert {node.name: node.json("/api/v1/me")["boot_id"] for node in three.nodes} == boots
    assert_nobody_was_lost(three.nodes)
    for node in three.nodes:
        assert node.log().count("event=key_changed") == 3 and "level=error" not in node.log()
        assert "event=peer_misbehaved" not in node.log() and "event=network_changed" not in node.log()

    assert three.b.stop() == 0
    three.b.start()
    assert three.b.wait_ready()
    three.wait_agreed()


def test_a_rotation_says_what_it_cannot_do(three):
    a = three.a
    nothing = rotate(a, "--finish")
    assert nothing.returncode == 1 and "no rotation of a's key is under way" in nothing.stderr
    assert "key rotate --network testnet" in nothing.stderr
    assert rotate(a).returncode == 0
    text = own_file(a).read_text()
    twice = rotate(a)
    assert twice.returncode == 1 and "a rotation is under way" in twice.stderr and "meshmon status" in twice.stderr
    early = rotate(a, "--finish")
    assert early.returncode == 1 and "until most nodes hold it" in early.stderr
    assert own_file(a).read_text() == text, "nothing was changed by either"
    shown = run("key", "words", "--config-dir", a.config)
    assert "(its next key)" in shown.stdout

    three.wait(lambda: a.problems("key_rotation"), "the daemon knows of it")
    assert a.stop() == 0
    a.start()
    assert a.wait_ready()
    three.wait_agreed()
    three.wait(lambda: a.problems("key_rotation"), "and still does after a restart")
    own_file(a).write_text(three.network.keys["a"].public_pem)
    three.wait(lambda: own_file(a).read_text() == text, "a file that comes back from a backup gets the next key again")
    hand_out(a, [three.b])
    three.wait(lambda: "c does not know it yet" in a.problems("key_rotation")[0]["detail"], "it says who is missing")
    words = run("key", "rotate", "--help")
    assert "--finish" in words.stdout

    fetched = run("key", "fetch", "a", "--config-dir", three.c.config, "--confirm",
                  next(line for line in shown.stdout.splitlines() if "(its next key)" in line).split("\t")[-1])
    assert fetched.returncode == 0, fetched.stderr
    three.wait(lambda: all(node.node("a")["fingerprint"] != fingerprint(three.network.keys["a"].public) for node in three.nodes),
               "a goes by its new key")
    assert_nobody_was_lost(three.nodes)
    again = rotate(a)
    assert again.returncode == 1 and "the last rotation has not ended" in again.stderr and "--finish" in again.stderr


def test_a_next_key_that_cannot_be_read_for_a_moment_keeps_waiting(three):
    a, b, c = three.nodes
    assert rotate(a).returncode == 0
    hand_out(a, [b])
    three.wait(lambda: "c does not know it yet, 1 of 2" in str(a.problems("key_rotation")), "b knows the new key")
    next_file = a.private_key_file().with_name("a.key.next")
    whole = next_file.read_text()
    next_file.write_text("half a key")
    three.wait(lambda: any("W112" in problem["detail"] for problem in a.problems("config_warning")), "a has looked at it")
    assert "c does not know it yet, 1 of 2" in a.problems("key_rotation")[0]["detail"], "the next key is held still"
    refused = rotate(a)
    assert refused.returncode == 1 and "a.key.next" in refused.stderr and "--abort --network testnet" in refused.stderr, refused
    hand_out(a, [c])
    three.wait(lambda: "level=error" in a.log() or "cannot be put in use" in str(a.problems("key_rotation")), "a cannot go over")
    next_file.write_text(whole)
    three.wait(lambda: own_key(a)["second"] and not own_key(a)["second"]["is_next"], "it goes over once it can be read again")
    three.wait_agreed()
    assert_nobody_was_lost(three.nodes)


def go_over_without_c(three):
    a, b, c = three.nodes
    assert c.stop() == 0
    assert rotate(a).returncode == 0
    hand_out(a, [b])
    three.wait(lambda: "c has not used it yet" in str(a.problems("key_rotation")), "a uses its new key, and c does not know it")


def test_the_end_asks_who_does_not_use_the_new_key_yet(three):
    go_over_without_c(three)
    a = three.a
    text = own_file(a).read_text()
    refused = rotate(a, "--finish")
    assert refused.returncode == 1 and "c has not used the new key yet" in refused.stderr, refused
    assert "--finish --force --network testnet" in refused.stderr and own_file(a).read_text() == text
    seen = a.json("/api/v1/networks/testnet")["rotation"]
    assert seen["in_use"] is True and seen["lacking"] == ["c"] and seen["holding"] == 1
    late = rotate(a, "--abort")
    assert late.returncode == 1 and "is in use already" in late.stderr and "key rotate --finish" in late.stderr
    assert a.stop() == 0
    unasked = rotate(a, "--finish")
    assert unasked.returncode == 1 and "nobody could be asked" in unasked.stderr, unasked
    assert "--finish --force --network testnet" in unasked.stderr and own_file(a).read_text() == text
    assert rotate(a, "--finish", "--force").returncode == 0
    assert own_file(a).read_text().count("BEGIN PUBLIC KEY") == 1


def test_who_lost_the_new_key_again_is_named(three):
    a, b, c = three.nodes
    assert rotate(a).returncode == 0
    hand_out(a, [b])
    three.wait(lambda: "c does not know it yet" in str(a.problems("key_rotation")), "b knows the new key")
    step = three.wait(lambda: setup_step(a, "c", "same_config", "failed"), "the checklist names what c lacks")
    assert "c does not know it yet" in step["detail"] and "meshmon key fetch a" in step["remedy"], step
    hand_out(a, [c])
    three.wait(lambda: "--finish" in str(a.problems("key_rotation")), "all use the new key")
    lost = c.network_folder() / "pubkeys" / "a.pub"
    lost.write_text(three.network.keys["a"].public_pem)
    three.wait(lambda: a.json("/api/v1/networks/testnet")["rotation"]["lacking"] == ["c"], "a backup came back at c")
    refused = rotate(a, "--finish")
    assert refused.returncode == 1 and "c has not used the new key yet" in refused.stderr, refused
    three.wait(lambda: "c has not used it yet, or lost it again" in a.problems("key_rotation")[0]["detail"], "the problem says so")
    step = three.wait(lambda: setup_step(a, "c", "key_matches", "failed"), "the checklist says the same as the problem")
    assert step["remedy"] == a.problems("key_rotation")[0]["remedy"] and "meshmon key fetch a" in step["remedy"], step
    assert fetch(c, a, "--confirm", own_key(a)["words"]).returncode == 0
    hand_out(a, [c])
    three.wait(lambda: a.json("/api/v1/networks/testnet")["rotation"]["lacking"] == [], "c uses it again")
    three.wait_agreed()


def test_the_end_can_be_forced(three):
    go_over_without_c(three)
    a = three.a
    assert rotate(a, "--finish", "--force").returncode == 0
    three.wait(lambda: not a.problems("key_rotation"), "the rotation has ended")
    assert a.json("/api/v1/networks/testnet")["rotation"] is None


def test_of_two_networks_the_one_that_rotates_is_taken_back(make_mesh):
    mesh = make_mesh(["a"])
    second = Network("second")
    second.add("a", url=mesh.a.url)
    mesh.a.networks.append(second)
    mesh.write()
    for wrong in ("--abort", "--finish"):
        nothing = rotate(mesh.a, wrong)
        assert nothing.returncode == 1 and "no rotation of a's key is under way" in nothing.stderr, nothing
    assert rotate(mesh.a, "--network", "second").returncode == 0
    early = rotate(mesh.a, "--finish")
    assert early.returncode == 1 and "second: a rotation is under way" in early.stderr, early
    back = f"meshmon key rotate --abort --network second --config-dir {mesh.a.config}\n"
    assert early.stderr.endswith(f"to take it back: {back}"), early
    done = rotate(mesh.a, "--abort", "--json")
    assert done.returncode == 0 and [key["directory"] for key in json.loads(done.stdout)["keys"]] == ["second"], done


def test_a_rotation_is_taken_back(three):
    a, b, c = three.nodes
    before = fingerprints(a)
    for wrong in (("--finish", "--abort"), ("--force",)):
        assert rotate(a, *wrong).returncode == 2
    assert "no rotation of a's key is under way" in rotate(a, "--abort").stderr
    assert rotate(a).returncode == 0
    shown = json.loads(run("key", "show", "--json", "--config-dir", a.config).stdout)["keys"][0]
    assert shown["second"]["is_next"] is True and shown["second"]["fingerprint"] != before["a"] == shown["fingerprint"]
    three.wait(lambda: a.problems("key_rotation"), "a knows of it")
    hand_out(a, [b])
    three.wait(lambda: "c does not know it yet, 1 of 2" in a.problems("key_rotation")[0]["detail"], "b knows the new key")
    done = rotate(a, "--abort", "--json")
    assert done.returncode == 0, done.stderr
    key = json.loads(done.stdout)["keys"][0]
    assert key["fingerprint"] == before["a"] and key["next_fingerprint"] is None
    assert own_file(a).read_text() == three.network.keys["a"].public_pem
    assert [file.name for file in a.private_key_file().parent.iterdir()] == ["a.key"]
    three.wait(lambda: not a.problems("key_rotation"), "nothing is under way")
    hand_out(a, [b])
    three.wait_agreed()
    assert fingerprints(b) == before

    assert rotate(a).returncode == 0
    hand_out(a, [b, c])
    three.wait(lambda: fingerprints(b)["a"] not in (before["a"], shown["second"]["fingerprint"]), "another begins and goes through")
    assert_nobody_was_lost(three.nodes)
    assert "level=error" not in a.log()


def own_key(node):
    return json.loads(run("key", "show", "--json", "--config-dir", node.config).stdout)["keys"][0]


def test_who_has_both_keys_follows_an_abort_by_fetch(three):
    a, b, c = three.nodes
    held = b.network_folder() / "pubkeys" / "a.pub"
    first = own_key(a)
    assert rotate(a).returncode == 0
    hand_out(a, [b])
    three.wait(lambda: "c does not know it yet, 1 of 2" in str(a.problems("key_rotation")), "b knows the new key")
    both = held.read_text()
    taken_back = own_key(a)["second"]["fingerprint"]

    assert rotate(a, "--abort").returncode == 0
    three.wait(lambda: not a.problems("key_rotation"), "nothing is under way")
    unwanted = fetch(b, a, "--confirm", first["words"])
    assert unwanted.returncode == 1 and "--take-back" in unwanted.stderr, unwanted
    assert f"TAKES BACK its next key {taken_back}" in unwanted.stderr and held.read_text() == both
    trusted = run("key", "trust", "a", own_file(a), "--config-dir", b.config)
    assert trusted.returncode == 1 and "meshmon key fetch a" in trusted.stderr and held.read_text() == both, trusted

    assert rotate(a).returncode == 0
    three.wait(lambda: a.problems("key_rotation"), "another one is under way")
    words = own_key(a)["second"]["words"]
    replaced = fetch(b, a, "--confirm", words, "--take-back", "--json")
    assert replaced.returncode == 0 and json.loads(replaced.stdout)["change"] == "replace", replaced
    assert held.read_text() == own_file(a).read_text() != both
    three.wait(lambda: "c does not know it yet, 1 of 2" in str(a.problems("key_rotation")), "b knows the other new key")

    assert rotate(a, "--abort").returncode == 0
    three.wait(lambda: not a.problems("key_rotation"), "nothing is under way")
    back = fetch(b, a, "--confirm", first["words"], "--take-back", "--json")
    assert back.returncode == 0 and json.loads(back.stdout)["change"] == "withdraw", back
    assert held.read_text() == own_file(a).read_text() == three.network.keys["a"].public_pem
    three.wait_agreed()
    assert_nobody_was_lost(three.nodes)


def test_a_next_key_that_was_used_is_not_taken_back(three):
    a, b, c = three.nodes
    first = own_key(a)
    assert rotate(a).returncode == 0
    hand_out(a, [b, c])
    three.wait(lambda: fingerprints(b)["a"] != first["fingerprint"], "a goes by its new key")
    held = b.network_folder() / "pubkeys" / "a.pub"
    both = held.read_text()
    with LyingEndpoint(three.network.keys["a"].public_pem) as thief:
        asked = fetch(b, a, "--confirm", first["words"], "--take-back", "--from", thief.url)
        assert asked.returncode == 1 and "uses its new key" in asked.stderr and held.read_text() == both, asked
        assert b.stop() == 0
        asked = fetch(b, a, "--confirm", first["words"], "--take-back", "--from", thief.url)
        assert asked.returncode == 1 and "nobody could be asked" in asked.stderr and held.read_text() == both, asked


def test_only_the_own_node_says_that_a_next_key_is_unused(three):
    a, b, c = three.nodes
    first = own_key(a)
    assert rotate(a).returncode == 0
    hand_out(a, [b])  # c does not know the new key, and says that the old one is in use
    three.wait(lambda: "c does not know it yet, 1 of 2" in str(a.problems("key_rotation")), "b knows the new key")
    held = b.network_folder() / "pubkeys" / "a.pub"
    both = held.read_text()
    with LyingEndpoint(three.network.keys["a"].public_pem) as old:
        asked = fetch(b, a, "--confirm", first["words"], "--take-back", "--from", old.url, "--api", c.url)
        assert asked.returncode == 1 and f"{c.url} is the node 'c', and this is the configuration of b" in asked.stderr, asked
        assert "take --api away" in asked.stderr and held.read_text() == both, asked
        asked = fetch(b, a, "--confirm", first["words"], "--take-back", "--from", old.url, "--api", b.url)
        assert asked.returncode == 0 and held.read_text() == three.network.keys["a"].public_pem, asked


def test_one_that_is_taken_back_at_the_last_moment_and_begun_again_loses_nobody(three):
    a, b, c = three.nodes
    for pause in (0.05, 0.1, 0.2):  # the node goes over in between, or just did
        assert rotate(a).returncode == 0
        hand_out(a, [b])
        three.wait(lambda: "c does not know it yet" in str(a.problems("key_rotation")), "b knows the new key")
        hand_out(a, [c])
        time.sleep(pause)
        if rotate(a, "--abort").returncode == 0:
            assert rotate(a).returncode == 0
            three.wait(lambda: "b and c do not know it yet" in str(a.problems("key_rotation")), "a has another next key")
            three.wait_agreed()
        hand_out(a, [b, c])
        wanted = json.loads(run("key", "show", "--json", "--config-dir", a.config).stdout)["keys"][0]
        next_one = wanted["second"]["fingerprint"] if wanted["second"]["is_next"] else wanted["fingerprint"]
        three.wait(lambda: all(fingerprints(node)["a"] == next_one for node in three.nodes), "a goes by its new key")
        three.wait(lambda: rotate(a, "--finish").returncode == 0, "all have used it")
        hand_out(a, [b, c])
        three.wait(lambda: not a.problems("key_rotation"), "the rotation has ended")
        three.wait_agreed()
    assert_nobody_was_lost(three.nodes)
    assert "event=network_changed" not in a.log()


def test_one_commit_changes_every_key_in_git_mode(make_git_mesh):
    mesh = make_git_mesh("abc").write().start().wait_agreed()
    repository = mesh.repository
    before = fingerprints(mesh.a)
    new = {}
    for node in mesh.nodes:
        done = rotate(node, "--json")
        assert done.returncode == 0, done.stderr
        new[node.name] = json.loads(done.stdout)["keys"][0]["next_fingerprint"]
    problem = mesh.wait(lambda: mesh.a.problems("key_rotation"), "a says what to do")[0]
    assert "git push" in problem["remedy"] and str(mesh.a.own_public_key) in problem["remedy"]
    assert fingerprints(mesh.a) == before
    for node in mesh.nodes:
        repository.write(f"pubkeys/{node.name}.pub", node.own_public_key.read_text())
    repository.commit("new keys for all")
    mesh.wait(lambda: all_go_by(mesh, new), "all go by their new keys")
    for node in mesh.nodes:
        mesh.wait(lambda node=node: "--finish" in node.problems("key_rotation")[0]["remedy"], "it can be ended")
        done = rotate(node, "--finish")
        assert done.returncode == 0 and "git push" in done.stdout + done.stderr, done.stderr
        repository.write(f"pubkeys/{node.name}.pub", node.own_public_key.read_text())
    repository.commit("the new keys alone")
    mesh.wait(lambda: not any(node.problems("key_rotation") for node in mesh.nodes), "the rotation has ended")
    mesh.wait_agreed()
    assert_nobody_was_lost(mesh.nodes)
    for node in mesh.nodes:
        assert "level=error" not in node.log(), node.log()
        assert not node.private_key_file().with_name(f"{node.name}.key.previous").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_without_the_right_to_write_nothing_changes_and_the_mend_is_named(make_mesh):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="meshmon-rotation-"))
    folder.chmod(0o755)
    try:
        mesh = make_mesh(["a"], folder=folder).write()
        nobody = 65534
        for path in [mesh.a.folder, *mesh.a.folder.rglob("*")]:
            os.chown(path, nobody, nobody)
        pubkeys = mesh.a.network_folder() / "pubkeys"
        for shut in (pubkeys, mesh.a.private_key_file().parent):
            shut.chmod(0o500)
            program = ("setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups", str(binary()))
            done = subprocess.run([*program, "key", "rotate", "--config-dir", str(mesh.a.config)], capture_output=True, text=True,
                                  timeout=60, env=environment())
            assert done.returncode == 1 and "ermission denied" in done.stderr, done
            assert "hint: " in done.stderr and str(shut) in done.stderr
            shut.chmod(0o700)
            assert own_file(mesh.a).read_text() == mesh.network.keys["a"].public_pem
            assert [file.name for file in mesh.a.private_key_file().parent.iterdir()] == ["a.key"]
    finally:
        shutil.rmtree(folder)
