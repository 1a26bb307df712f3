"""Git mode: what repositories and clones do to a node that runs from them, and what hostile ones try."""

import os
import shutil

import pytest

import mesh
from git_mesh import kept_commit, revision, wait_kept, wait_no_problem, wait_problem
from repositories import git


def test_a_broken_commit_leaves_the_last_good_one(single):
    before = revision(single.a)
    single.repository.write("config.yml", single.network.config() + "node_config: [\n")
    bad = single.repository.commit("broken")
    single.a.look_now()
    problem = wait_problem(single, single.a, "config_invalid")
    assert bad[:7] in problem["detail"] and "config.yml:" in problem["detail"]
    assert problem["line"] and problem["file"].endswith("config.yml")
    assert revision(single.a) == before and single.a.status("a") == "up"
    assert bad[:7] in single.a.log()
    assert single.a.metrics()["meshmon_config_valid"] == 0
    checked = mesh.run("check", "--config-dir", single.a.config)
    assert checked.returncode == 1 and "config.yml:" in checked.stdout and bad[:7] in checked.stdout, checked
    # Across a restart too.
    assert single.a.stop() == 0
    single.a.start().wait_ready()
    single.wait_agreed()
    assert revision(single.a) == before
    wait_problem(single, single.a, "config_invalid")
    # The next good commit heals it.
    single.network.poll_rate = 2
    good = single.publish("mended")
    single.a.look_now()
    wait_no_problem(single, single.a, "config_invalid")
    assert revision(single.a) != before
    assert mesh.run("check", "--config-dir", single.a.config).returncode == 0
    single.wait(lambda: kept_commit(single.a) == good, "the clone remembers the good commit")


def test_a_first_commit_that_does_not_load_is_mended_in_the_repository(make_git_mesh):
    """Nothing was taken over yet: the file that the message names lies nowhere on this host."""
    one = make_git_mesh().write()
    one.repository.write("config.yml", one.network.config() + "\tmore: 1\n")
    bad = one.repository.commit("a tab")
    one.a.start().wait_ready()
    problem = wait_problem(one, one.a, "config_invalid")
    assert f"commit main@{bad[:7]}; the network waits for one that loads" in problem["detail"], problem
    assert "mend it in the repository, and push" in problem["remedy"], problem
    checked = mesh.run("check", "--config-dir", one.a.config)
    assert checked.returncode == 1 and f"main@{bad[:7]}" in checked.stdout, checked
    assert "mend it in the repository, commit and push" in checked.stdout, checked
    one.publish("mended")
    one.a.look_now()
    one.wait_agreed()
    wait_no_problem(one, one.a, "config_invalid")


def test_a_forced_push_is_followed(single):
    before = revision(single.a)
    git(single.repository.work, "checkout", "--quiet", "--orphan", "other")
    single.network.poll_rate = 2
    single.publish("rewritten")
    single.a.look_now()
    single.wait(lambda: revision(single.a) != before, "the rewritten history runs")
    assert not single.a.problems("config_pull_failed")


def test_a_repository_that_is_empty_yet_is_waited_for(make_git_mesh):
    one = make_git_mesh()
    mesh.Mesh.write(one)
    one.a.start().wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert problem["severity"] == "info" and "no commit" in problem["detail"], problem
    one.publish("the first commit")
    one.a.look_now()
    one.wait_agreed()
    assert "level=error" not in one.a.log(), one.a.log()


def test_an_emptied_repository_changes_nothing(single):
    before = revision(single.a)
    git(single.repository.bare, "update-ref", "-d", "refs/heads/main")
    single.a.look_now()
    assert "no commit" in wait_problem(single, single.a, "config_pull_failed")["detail"]
    assert revision(single.a) == before and single.a.status("a") == "up"
    single.repository.push()
    single.a.look_now()
    wait_no_problem(single, single.a, "config_pull_failed")


def test_a_commit_without_files_changes_nothing(single):
    before = revision(single.a)
    git(single.repository.work, "rm", "-r", "--quiet", ".")
    single.repository.commit("all gone")
    single.a.look_now()
    assert "config.yml" in wait_problem(single, single.a, "config_invalid")["detail"]
    assert revision(single.a) == before and single.a.status("a") == "up"
    single.publish("back")
    single.a.look_now()
    wait_no_problem(single, single.a, "config_invalid")


def test_a_corrupted_repository_changes_nothing(single):
    before = revision(single.a)
    single.network.poll_rate = 2
    single.publish("damaged on the way")
    for file in (single.repository.bare / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            file.write_bytes(b"rubbish")
    single.a.look_now()
    wait_problem(single, single.a, "config_pull_failed")
    assert revision(single.a) == before and single.a.status("a") == "up"
    shutil.rmtree(single.repository.bare)
    git(single.folder, "init", "--quiet", "--bare", str(single.repository.bare))
    single.repository.push()
    single.a.look_now()
    wait_no_problem(single, single.a, "config_pull_failed")
    assert revision(single.a) != before


def test_a_deleted_clone_is_made_anew(single):
    commit = wait_kept(single, single.a)
    single.a.network_folder().rename(single.folder / "deleted")
    assert single.a.status("a") == "up"
    single.a.look_now()
    single.wait(lambda: single.a.clone.is_dir() and kept_commit(single.a) == commit, "there is a clone again")
    assert single.a.status("a") == "up"


def test_a_damaged_clone_is_kept_and_made_anew(single):
    commit = wait_kept(single, single.a)
    (single.a.clone / "HEAD").write_bytes(b"\0" * 41)
    single.a.look_now()
    single.wait(lambda: (single.a.network_folder() / ".git.damaged-1").is_dir() and kept_commit(single.a) == commit,
                "there is a clone again")
    assert single.a.status("a") == "up"


def test_an_enclosing_repository_is_left_alone(make_git_mesh):
    """The whole config folder may itself lie in a repository, with changes that nobody has committed."""
    one = make_git_mesh().write()
    git(one.a.config, "init", "--quiet")
    git(one.a.config, "add", "nodeconf.yml")
    git(one.a.config, "commit", "--quiet", "-m", "my nodes")
    with (one.a.config / "nodeconf.yml").open("a") as file:
        file.write("# not committed\n")
    outer = lambda: (git(one.a.config, "rev-parse", "HEAD"), git(one.a.config, "for-each-ref"),
                     (one.a.config / ".git/config").read_text(), (one.a.config / "nodeconf.yml").read_text())
    before = outer()
    one.a.start().wait_ready()
    one.wait_agreed()
    commit = wait_kept(one, one.a)
    # A clone that is none any more: what searches upwards for a repository finds the outer one.
    (one.a.clone / "HEAD").unlink()
    one.a.look_now()
    one.wait(lambda: (one.a.network_folder() / ".git.damaged-1").is_dir() and kept_commit(one.a) == commit, "cloned anew")
    assert outer() == before


# ---- hostile repositories -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["config.yml", "pubkeys/x.pub", "pubkeys"])
def test_links_are_refused(single, link):
    before = revision(single.a)
    place = single.repository.work / link
    if link == "pubkeys":
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.symlink_to(single.a.config / ".private_keys")
    bad = single.repository.commit("a way out")
    single.a.look_now()
    problem = wait_problem(single, single.a, "commit_refused")
    assert bad[:7] in problem["detail"] and "symbolic link" in problem["detail"]
    assert revision(single.a) == before and single.a.status("a") == "up"
    place.unlink()
    single.publish("good again")
    single.a.look_now()
    wait_no_problem(single, single.a, "commit_refused")


def test_of_two_bad_commits_the_newest_alone_is_a_problem(single):
    """One with broken YAML, then one that is refused: of the first nobody needs to hear any more."""
    before = revision(single.a)
    single.repository.write("config.yml", "node_config: [\n")
    single.repository.commit("broken")
    single.a.look_now()
    wait_problem(single, single.a, "config_invalid")
    (single.repository.work / "config.yml").unlink()
    (single.repository.work / "config.yml").symlink_to("other.yml")
    single.repository.commit("a link in its place")
    single.a.look_now()
    wait_problem(single, single.a, "commit_refused")
    wait_no_problem(single, single.a, "config_invalid")
    assert revision(single.a) == before and single.a.status("a") == "up"
    (single.repository.work / "config.yml").unlink()
    single.network.poll_rate = 2
    single.publish("good again")
    single.a.look_now()
    wait_no_problem(single, single.a, "commit_refused")
    single.wait(lambda: revision(single.a) != before, "the good commit runs")


def test_a_huge_file_is_refused(single):
    before = revision(single.a)
    single.repository.write("video.bin", os.urandom(70 * 1024 * 1024))
    single.repository.commit("holiday")
    single.a.look_now()
    problem = single.wait(lambda: single.a.problems("commit_refused"), "refused", timeout=90)[0]
    assert "MiB" in problem["detail"]
    assert revision(single.a) == before and single.a.status("a") == "up"
    used = sum(file.stat().st_size for file in single.a.clone.rglob("*") if file.is_file())
    assert used < 5 * 1024 * 1024, "what was fetched of it is gone"
    assert single.a.memory_kib() < 300 * 1024


def test_too_many_files_are_refused(single):
    before = revision(single.a)
    for number in range(20_001):
        single.repository.write(f"pubkeys/{number}.pub", "x")
    single.repository.commit("many")
    single.a.look_now()
    problem = wait_problem(single, single.a, "commit_refused")
    assert "20000 files" in problem["detail"]
    assert revision(single.a) == before and single.a.status("a") == "up"


@pytest.mark.parametrize("url", ["--upload-pack=touch /tmp/x", "ext::sh -c 'touch /tmp/x'", "git://127.0.0.1/x",
                                 "ssh://-oProxyCommand=touch/x", "https://ada:hunter2@127.0.0.1/x"])
def test_a_hostile_url_is_refused_and_not_repeated(make_git_mesh, url):
    one = make_git_mesh().write()
    one.a.git_repo = f'"{url}"'
    one.a.write_node_file()
    one.a.start().wait_ready()
    problem = wait_problem(one, one.a, "config_invalid")
    assert problem["line"] == 6
    said = one.a.log() + str(problem)
    assert "hunter2" not in said
    assert not one.a.network_folder().exists()
