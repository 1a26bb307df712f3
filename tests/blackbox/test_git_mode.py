"""Git mode: a network's files come from a repository, from the first clone on, and by one commit to all."""

import os
import re
import subprocess

import requests

import mesh
from git_mesh import INTERVAL, kept_commit, revision, wait_kept, wait_no_problem, wait_problem
from keys import Key
from repositories import GitNode, git


def test_three_nodes_learn_a_fourth_by_one_commit(make_git_mesh):
    one = make_git_mesh(("a", "b", "c")).write().start().wait_agreed()
    boots = {node.name: node.json("/api/v1/me")["boot_id"] for node in one.nodes}
    one.add("d").write()
    one.publish("add d")
    one.d.start().wait_ready()
    for node in one.nodes[:3]:
        node.look_now()
    one.wait_agreed()
    assert {node.name: node.json("/api/v1/me")["boot_id"] for node in one.nodes[:3]} == boots, "nobody was restarted"
    assert len({revision(node) for node in one.nodes}) == 1


def test_a_commit_is_found_without_being_asked(single):
    before = revision(single.a)
    single.network.poll_rate = 2
    commit = single.publish("slower")
    single.wait(lambda: revision(single.a) != before, "the new commit runs", timeout=INTERVAL * 4)
    single.wait(lambda: kept_commit(single.a) == commit, "the clone remembers it")
    assert "slower" in single.a.log()


def test_the_clone_can_be_looked_into(single):
    commit = wait_kept(single, single.a)
    folder = single.a.network_folder()
    assert (folder / "config.yml").read_text() == single.network.config()
    assert git(folder, "rev-parse", "HEAD") == commit
    before = revision(single.a)
    (folder / "config.yml").write_text("nonsense: [")
    single.a.look_now()
    single.wait(lambda: single.a.log().count("config_asked") > 0, "it has looked")
    assert revision(single.a) == before and not single.a.problems("config_invalid"), "nobody reads the checked-out files"


def test_a_clean_first_run_logs_no_error(single):
    assert not re.search(r"level=(error|critical)", single.a.log()), single.a.log()


def test_it_starts_from_the_clone_without_the_repository(single):
    commit = wait_kept(single, single.a)
    assert single.a.stop() == 0
    single.repository.bare.rename(single.repository.bare.with_suffix(".away"))
    single.a.start().wait_ready()
    single.wait_agreed()
    problem = wait_problem(single, single.a, "config_pull_failed")
    assert problem["severity"] == "warning"
    assert str(single.repository.bare) in problem["detail"]
    single.repository.bare.with_suffix(".away").rename(single.repository.bare)
    single.a.look_now()
    wait_no_problem(single, single.a, "config_pull_failed")


def test_it_starts_from_a_clone_that_a_person_made(make_git_mesh):
    one = make_git_mesh().write()
    folder = one.a.network_folder()
    folder.parent.mkdir(parents=True)
    git(folder.parent, "clone", "--quiet", one.url, str(folder))
    (folder / "config.yml").write_text("work in progress")
    one.repository.bare.rename(one.repository.bare.with_suffix(".away"))
    one.a.start().wait_ready()
    one.wait_agreed()
    assert (folder / "config.yml").read_text() == "work in progress", "their files are theirs"


def test_the_branch_can_be_chosen(make_git_mesh):
    one = make_git_mesh().write()
    one.network.poll_rate = 2
    one.repository.write_network(one.network)
    one.repository.commit("for the team", branch="team/eu")
    one.a.git_options["git_branch"] = "team/eu"
    one.a.write_node_file()
    one.a.start().wait_ready()
    one.wait_agreed()
    assert "team/eu@" in one.a.log()


def test_the_own_key_is_ready_to_be_added(make_git_mesh):
    """A newcomer: its key is in no repository yet, and it is told the commands; a shell that runs them ends the problem."""
    one = make_git_mesh(("a", "b"))
    one.repository.write_network(one.network, but=("b",))
    one.repository.commit("without the key of b")
    for node in one.nodes:
        node.write()
    one.b.start().wait_ready()
    problem = one.wait(lambda: [p for p in one.b.problems("key_missing") if p["node_id"] == "b"], "b's key is missed")[0]
    assert one.b.own_public_key.read_text() == one.network.keys["b"].public_pem
    assert not (one.b.network_folder() / "pubkeys" / "b.pub").exists(), "nothing is written into the clone"
    commands = problem["remedy"][problem["remedy"].index("git clone"):].splitlines()[0]
    shell = one.folder / "shell"
    shell.mkdir()
    done = subprocess.run(["sh", "-c", commands], cwd=shell, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "GIT_AUTHOR_NAME": "B", "GIT_AUTHOR_EMAIL": "b@example.com",
                               "GIT_COMMITTER_NAME": "B", "GIT_COMMITTER_EMAIL": "b@example.com"})
    assert done.returncode == 0, done.stderr
    one.b.look_now()
    one.wait(lambda: not [p for p in one.b.problems("key_missing") if p["node_id"] == "b"], "the key is found")


def test_a_node_that_is_not_listed_gets_the_commands_for_its_key_too(make_git_mesh):
    one = make_git_mesh(("a",)).write()
    newcomer = GitNode(one.folder, "new", [mesh.Network("testnet")], one.url)
    newcomer.networks[0].keys["new"] = Key()
    one.adopt(newcomer).write()
    newcomer.start().wait_ready()
    problem = one.wait(lambda: newcomer.problems("not_listed"), "it says that it is not listed")[0]
    assert "node_id: new" in problem["remedy"]
    assert "git clone" in problem["remedy"] and str(newcomer.own_public_key) in problem["remedy"]
    assert not re.search(r"level=(error|critical)", newcomer.log()), "so it is for everybody who follows the guide"
    for command in ("status", "doctor"):
        said = mesh.run(command, "--config-dir", newcomer.config)
        assert said.returncode == 10, said
        lines = [line.strip("# ") for line in said.stdout.splitlines()]
        assert "- node_id: new" in lines and "url: http://ADDRESS-OF-THIS-HOST:8000" in lines, said.stdout
        assert any(line.startswith("git clone") and line.endswith("git push") for line in lines), said.stdout


def test_why_a_pull_failed_is_told_to_all(make_git_mesh):
    one = make_git_mesh(("a", "b", "c")).write().start().wait_agreed()
    said = lambda: {each["node_id"]: each for each in one.a.network()["revisions"]}["c"]  # noqa: E731
    one.wait(lambda: said()["drift"] == "same" and said()["trouble"] is None, "all is well")
    hidden = one.repository.bare.with_name("hidden.git")
    one.repository.bare.rename(hidden)
    one.c.look_now()
    one.wait(lambda: (said()["trouble"] or "").startswith("pull-"), "a knows that c cannot fetch")
    assert said()["drift"] == "same", "both run the same still"
    status = mesh.run("status", "--config-dir", one.a.config)
    line = next(line for line in status.stdout.splitlines() if "\tc\t" in line)
    assert "cannot fetch its repository" in line, status.stdout
    own = one.c.json("/api/v1/me")["networks"][0]["repository"]
    assert own["url"] == one.url and own["trouble"] and own["commit"] == git(one.repository.work, "rev-parse", "HEAD")
    metrics = one.c.metrics()
    assert metrics['meshmon_git_pull_ok{network="testnet"}'] == 0
    assert any(own["commit"] in series for series in metrics if series.startswith("meshmon_git_commit_info"))

    hidden.rename(one.repository.bare)
    commit = one.publish("on")
    for node in one.nodes:
        node.look_now()
    one.wait(lambda: said()["trouble"] is None and said()["drift"] == "same", "all is well again")
    one.wait(lambda: one.c.json("/api/v1/me")["networks"][0]["repository"]["commit"] == commit, "the new commit is shown")
    assert one.c.metrics()['meshmon_git_pull_ok{network="testnet"}'] == 1
    assert one.c.metrics()['meshmon_git_asked_timestamp_seconds{network="testnet"}'] > 1e9
    for event in ("node_down", "link_lost", "node_degraded"):
        assert f"event={event}" not in one.a.log()


def test_a_network_that_waits_for_its_repository_is_not_denied(make_git_mesh):
    one = make_git_mesh(("a",))
    for node in one.nodes:
        node.git_repo = f"file://{one.folder}/nothing.git"
        node.write()
    one.a.start().wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert "git init --bare" in problem["remedy"] and "token" not in problem["remedy"], problem
    assert one.a.get("/api/v1/networks/testnet").status_code == 503, "by its directory, until its id is known"
    assert one.a.get("/api/v1/networks/elsewhere").status_code == 404
    for answer in (one.a.get("/mesh/v1/testnet/key"), requests.post(one.a.url + "/mesh/v1/testnet", data=b"x", timeout=5)):
        assert answer.status_code == 503 and answer.json()["error"]["code"] == "network_waiting"


def test_a_host_without_git_is_told_so(make_git_mesh, tmp_path):
    one = make_git_mesh().write()
    empty = tmp_path / "empty"
    empty.mkdir()
    one.a.start(PATH=str(empty)).wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert "git" in problem["detail"] and "apt-get install git" in problem["remedy"]


def check(node):
    done = mesh.run("check", "--config-dir", node.config)
    return done.returncode, done.stdout


def test_check_tells_a_refused_commit_from_one_that_cannot_be_read(single):
    folder = single.a.network_folder()
    good = wait_kept(single, single.a)
    link = single.repository.work / "pubkeys" / "x.pub"
    link.symlink_to("a.pub")
    single.repository.commit("a link")
    single.a.look_now()
    wait_problem(single, single.a, "commit_refused")
    code, said = check(single.a)
    assert code == 1 and f"{folder}: error[E040]: the newest commit is refused: " in said and "E041" not in said, said
    assert "pubkeys/x.pub" in said and "symbolic link" in said and "E036" not in said, said

    link.unlink()
    single.network.poll_rate = "fast"
    before = set((single.a.clone / "objects" / "pack").iterdir())
    single.publish("broken, so that it is not taken over")
    single.a.look_now()
    wait_problem(single, single.a, "config_invalid")
    assert single.a.stop() == 0  # it would make the clone anew
    for file in set((single.a.clone / "objects" / "pack").iterdir()) - before:
        file.unlink()
    code, said = check(single.a)
    assert code == 1 and "E040" not in said and "E036" not in said, said
    assert f"{folder}: error[E041]: the newest commit could not be read, so nothing is known of it: {single.a.clone}" in said, said
    assert "hint: " in said and kept_commit(single.a) == good


def test_check_reads_the_commit(single):
    commit = wait_kept(single, single.a)
    (single.a.network_folder() / "config.yml").write_text("nonsense: [")
    done = mesh.run("check", "--config-dir", single.a.config)
    assert done.returncode == 0, done.stdout
    assert "0 errors" in done.stdout
