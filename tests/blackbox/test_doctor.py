"""The checklist of the setup: `meshmon doctor` and /api/v1/health/setup, with a daemon and without."""

import json
import pathlib
import re

from mesh import run, wait_until

PEER_STEPS = ["listed", "url_set", "resolves", "connects", "key_present", "key_matches", "same_network", "version", "clock",
              "same_config", "sees_us"]


def doctor(node, *arguments):
    done = run("doctor", "--json", "--config-dir", node.config, *arguments)
    return done.returncode, json.loads(done.stdout)


def steps_of(setup, peer):
    found = next(each for each in setup["networks"][0]["peers"] if each["node_id"] == peer)
    return {step["name"]: step for step in found["steps"]}


def states_of(setup, peer):
    return {name: step["state"] for name, step in steps_of(setup, peer).items()}


def test_all_is_done_in_a_mesh_that_works(three):
    wait_until(lambda: doctor(three.a)[0] == 0, "the checklist is complete", mesh=three)
    code, setup = doctor(three.a)
    assert code == 0 and setup["complete"] and setup["schema"] == 1
    assert list(states_of(setup, "b")) == PEER_STEPS
    assert set(states_of(setup, "b").values()) == {"done"}
    shown = run("doctor", "--config-dir", three.a.config)
    assert shown.returncode == 0 and "All is set up" in shown.stdout


def test_a_missing_key_is_named_with_the_command_that_fetches_it(make_mesh):
    mesh = make_mesh(["a", "b", "c"]).write()
    (mesh.a.network_folder() / "pubkeys" / "b.pub").unlink()
    mesh.start()
    words = json.loads(run("key", "words", "--json", "--config-dir", mesh.b.config).stdout)["keys"][0]["words"]
    def remedy():
        return steps_of(doctor(mesh.a)[1], "b")["key_present"]["remedy"]
    wait_until(lambda: f"meshmon key fetch b --network {mesh.network.name} --confirm {words}" in remedy(), "it offers the key", mesh=mesh)
    setup = doctor(mesh.a)[1]
    assert states_of(setup, "b")["connects"] == "done", "reaching it needs no key"
    assert states_of(setup, "b")["key_matches"] == "waiting"
    assert run("key", "fetch", "b", "--confirm", words, "--config-dir", mesh.a.config).returncode == 0


def hint_of_missing_key(node):
    """What `meshmon check` says is to be run on the peer's host, and where its output goes."""
    said = run("check", "--config-dir", node.config).stdout
    found = re.search(r"warning\[W104\]: no public key for 'b'.*\n\s*hint: on the host of b run: meshmon (.*); put its output "
                      r"(?:here )?into (\S+?)( of the repository)?\n", said)
    assert found, said
    return found[1].split(), found[2], bool(found[3])


def test_the_hints_about_a_missing_key_lead_to_it(make_mesh):
    mesh = make_mesh(["a", "b"]).write()
    (mesh.a.network_folder() / "pubkeys" / "b.pub").unlink()
    mesh.start()
    command, file, in_repository = hint_of_missing_key(mesh.a)
    assert not in_repository
    pathlib.Path(file).write_text(run(*command, "--config-dir", mesh.b.config).stdout)
    mesh.wait_agreed()
    assert run("check", "--strict", "--config-dir", mesh.a.config).returncode == 0
    wait_until(lambda: doctor(mesh.a)[0] == 0, "the checklist is complete", mesh=mesh)


def test_the_hints_about_a_missing_key_lead_to_it_in_git_mode(make_git_mesh):
    mesh = make_git_mesh(("a", "b"))
    mesh.repository.write_network(mesh.network, but=("b",))
    mesh.repository.commit("without the key of b")
    for node in mesh.nodes:
        node.write()
    mesh.start()
    mesh.wait(lambda: mesh.a.problems("key_missing"), "a knows its network")
    step = steps_of(doctor(mesh.a)[1], "b")["key_present"]
    assert step["state"] == "failed" and "pubkeys/b.pub" in step["remedy"] and "repository" in step["remedy"], step
    assert "key fetch" not in step["remedy"], "nobody writes into a clone"
    command, file, in_repository = hint_of_missing_key(mesh.a)
    assert in_repository and file == "pubkeys/b.pub"
    mesh.repository.write(file, run(*command, "--config-dir", mesh.b.config).stdout)
    mesh.repository.commit("the key of b")
    for node in mesh.nodes:
        node.look_now()
    mesh.wait_agreed()
    assert run("check", "--strict", "--config-dir", mesh.a.config).returncode == 0
    wait_until(lambda: doctor(mesh.a)[0] == 0, "the checklist is complete", mesh=mesh)


def test_without_a_daemon_files_and_peers_tell_what_they_can(make_mesh):
    mesh = make_mesh(["a", "b", "c"]).write()
    mesh.b.start().wait_ready()
    (mesh.a.network_folder() / "pubkeys" / "c.pub").unlink()
    code, setup = doctor(mesh.a)
    assert code == 10 and {step["name"]: step["state"] for step in setup["steps"]} == {"node_file": "done", "daemon": "failed"}
    b, c = states_of(setup, "b"), states_of(setup, "c")
    assert b["connects"] == b["key_matches"] == b["same_network"] == "done" and b["version"] == "waiting", b
    assert c["resolves"] == "done" and c["connects"] == "failed" and c["key_present"] == "failed", c
    assert not (mesh.a.data / "daemon.json").exists(), "it writes nothing"


def test_each_failing_step_says_what_to_do_and_where(make_mesh):
    mesh = make_mesh(["a", "b", "c"]).write()
    config = mesh.a.network_folder() / "config.yml"
    config.write_text(config.read_text().replace(mesh.b.url, "replace_me").replace(mesh.c.url, "http://no-such-host.invalid:8000"))
    mesh.a.start().wait_ready()
    wait_until(lambda: states_of(doctor(mesh.a)[1], "c")["resolves"] == "failed", "the name does not resolve", mesh=mesh)
    setup = doctor(mesh.a)[1]
    url = steps_of(setup, "b")["url_set"]
    assert url["state"] == "failed" and url["file"].endswith("config.yml") and url["line"] > 1 and url["host"] == "a"
    for peer in ("b", "c"):
        for step in steps_of(setup, peer).values():
            assert step["state"] != "failed" or (step["detail"] and step["remedy"] and step["host"]), step


def test_a_folder_without_a_node_file_is_told_how_to_begin(tmp_path):
    done = run("doctor", "--config-dir", tmp_path / "nothing")
    assert done.returncode == 10 and "meshmon init" in done.stdout, done
