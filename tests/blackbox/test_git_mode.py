"""Git mode: a network's files come from a repository, by every transport, through everything that repositories do to nodes."""

import os
import re
import shutil
import subprocess

import pytest
import requests

import mesh
from keys import Key
from repositories import GitHttpServer, GitNode, Repository, SshAgent, SshServer, git, make_certificate

INTERVAL = 5  # seconds, the shortest that nodeconf.yml takes


class GitMesh(mesh.Mesh):
    """A mesh whose nodes have nothing but a node file, a key and a repository's URL."""

    def __init__(self, folder, names, url=None, **options):
        self.repository = Repository(folder)
        self.url = url or self.repository.url
        super().__init__(folder, names, **options)

    def add(self, name, **options):
        node = GitNode(self.folder, name, [self.network], self.url, **options)
        self.nodes.append(node)
        self.network.add(name, url=node.url)
        setattr(self, name, node)
        return node

    def write(self):
        super().write()
        self.publish()
        return self

    def publish(self, subject="the network"):
        self.repository.write_network(self.network)
        return self.repository.commit(subject)


@pytest.fixture
def make_git_mesh(tmp_path):
    made = []

    def make(names=("a",), **options):
        made.append(GitMesh(tmp_path, names, **options))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def single(make_git_mesh):
    """One node that runs from its repository."""
    one = make_git_mesh().write()
    one.a.start().wait_ready()
    one.wait_agreed()
    return one


@pytest.fixture
def serve(request):
    """serve(Server, ...) starts a server and ends it with the test."""
    def start(kind, *arguments, **options):
        server = kind(*arguments, **options)
        request.addfinalizer(server.end)
        return server
    return start


def revision(node):
    return node.network()["config_revision"]


def wait_problem(one, node, code):
    return one.wait(lambda: node.problems(code), f"{node.name} has the problem {code}")[0]


def wait_no_problem(one, node, code):
    one.wait(lambda: not node.problems(code), f"{node.name} has the problem {code} no longer")


def kept_commit(node):
    """What the clone remembers as good."""
    refs = git(node.network_folder(), "--git-dir", str(node.clone), "for-each-ref", "--format=%(refname) %(objectname)",
               "refs/meshmon", check=False).splitlines()
    return next((line.split()[1] for line in refs if line.split()[0].endswith("/good")), None)


def wait_kept(one, node, commit=None):
    """Until the clone remembers the commit and shows its files: git has nothing more to do there."""
    commit = commit or git(one.repository.work, "rev-parse", "HEAD")
    folder = node.network_folder()
    one.wait(lambda: kept_commit(node) == commit and git(folder, "rev-parse", "HEAD", check=False) == commit
             and not git(folder, "status", "--porcelain", "--untracked-files=no", check=False)
             and not list(node.clone.glob("*.lock")), "the clone remembers the commit")
    return commit


# ---- the usual ------------------------------------------------------------------------------------------------------


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


# ---- what repositories do -------------------------------------------------------------------------------------------


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


# ---- transports -----------------------------------------------------------------------------------------------------


def test_http(make_git_mesh, serve, tmp_path):
    one = make_git_mesh()
    server = serve(GitHttpServer, tmp_path)
    one.a.git_repo = server.url(one.repository)
    one.write()
    one.a.start().wait_ready()
    one.wait_agreed()
    assert all(header is None for _, header in server.requests)


def test_http_with_a_token(make_git_mesh, serve, tmp_path):
    one = make_git_mesh()
    server = serve(GitHttpServer, tmp_path, token="hunter2-token")
    one.a.git_repo = server.url(one.repository)
    one.write()
    one.a.start().wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert problem["severity"] == "error", "it has nothing to run"
    token = one.a.config / ".git_tokens" / one.network.name
    assert str(token) in problem["remedy"] and "MESHMON_GIT_TOKEN" in problem["remedy"]
    token.parent.mkdir(mode=0o700)
    token.write_text("hunter2-token\n")
    token.chmod(0o600)
    one.a.look_now()
    one.wait_agreed()
    wait_no_problem(one, one.a, "config_pull_failed")
    # By the variable, and one that does not fit.
    assert one.a.stop() == 0
    token.unlink()
    one.a.start(MESHMON_GIT_TOKEN="hunter2-wrong").wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert problem["severity"] == "warning", "it runs from the clone"
    assert one.a.stop() == 0
    one.a.start(MESHMON_GIT_TOKEN="hunter2-token").wait_ready()
    before = revision(one.a)
    one.network.poll_rate = 2
    one.publish("with the variable")
    one.a.look_now()
    one.wait(lambda: revision(one.a) != before, "the new commit runs")
    kept = "".join(file.read_text(errors="replace") for file in one.a.config.rglob("*") if file.is_file())
    assert "hunter2" not in one.a.log() + kept + str(one.a.json("/api/v1/health")) + one.a.get("/metrics").text


def test_https(make_git_mesh, serve, tmp_path):
    one = make_git_mesh()
    certificate, key = make_certificate(tmp_path)
    server = serve(GitHttpServer, tmp_path, token="hunter2-token", certificate=(certificate, key))
    one.a.git_repo = server.url(one.repository)
    one.write()
    one.a.start(MESHMON_GIT_TOKEN="hunter2-token").wait_ready()
    assert "certificate" in wait_problem(one, one.a, "config_pull_failed")["detail"]
    assert all(header is None for _, header in server.requests), "no token for a stranger"
    assert one.a.stop() == 0
    one.a.start(MESHMON_GIT_TOKEN="hunter2-token", SSL_CERT_FILE=str(certificate)).wait_ready()
    one.wait_agreed()


def test_ssh(make_git_mesh, serve, tmp_path):
    one = make_git_mesh()
    server = serve(SshServer, tmp_path)
    one.a.git_repo = server.url(one.repository)
    one.write()
    one.a.start().wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert "host key" in problem["detail"]
    assert server.known_hosts_line in problem["remedy"], "the line to add is printed"
    known_hosts = one.a.config / ".ssh" / "known_hosts"
    assert not known_hosts.exists(), "and nothing is trusted by itself"
    known_hosts.parent.mkdir(mode=0o700)
    known_hosts.write_text(server.known_hosts_line + "\n")
    one.a.look_now()
    one.wait(lambda: "Permission denied" in one.a.problems("config_pull_failed")[0]["detail"], "the key is missed")
    shutil.copy(server.user_key, known_hosts.parent / "id_ed25519")
    (known_hosts.parent / "id_ed25519").chmod(0o600)
    one.a.look_now()
    one.wait_agreed()
    # Another host that answers there is not talked to.
    other = server.make_key("other_key")
    known_hosts.write_text(f"[127.0.0.1]:{server.claim.number} {open(f'{other}.pub').read()}")
    one.a.look_now()
    assert "another ssh host key" in wait_problem(one, one.a, "config_pull_failed")["detail"]


def test_ssh_with_an_agent(make_git_mesh, serve, tmp_path):
    one = make_git_mesh()
    server = serve(SshServer, tmp_path)
    agent = serve(SshAgent, tmp_path, server.user_key)
    server.user_key.unlink()
    one.a.git_repo = server.url(one.repository)
    one.write()
    known_hosts = one.a.config / ".ssh" / "known_hosts"
    known_hosts.parent.mkdir(mode=0o700)
    known_hosts.write_text(server.known_hosts_line + "\n")
    one.a.start(SSH_AUTH_SOCK=str(agent.socket)).wait_ready()
    one.wait_agreed()
    assert not one.a.problems("config_pull_failed")


def test_a_silent_server_holds_up_nothing(make_git_mesh, serve, tmp_path):
    one = make_git_mesh()
    server = serve(GitHttpServer, tmp_path)
    one.a.git_repo = server.url(one.repository)
    one.write()
    one.a.start().wait_ready()
    one.wait_agreed()
    server.silent = True
    count = len(server.requests)
    one.a.look_now()
    one.wait(lambda: len(server.requests) > count, "it asks")
    assert one.a.status("a") == "up"
    lag = max(value for series, value in one.a.metrics().items() if series.startswith("meshmon_loop_lag"))
    assert lag < 2
    assert one.a.stop() == 0, "and is stopped at once"


def test_a_host_without_git_is_told_so(make_git_mesh, tmp_path):
    one = make_git_mesh().write()
    empty = tmp_path / "empty"
    empty.mkdir()
    one.a.start(PATH=str(empty)).wait_ready()
    problem = wait_problem(one, one.a, "config_pull_failed")
    assert "git" in problem["detail"] and "apt-get install git" in problem["remedy"]


def test_check_reads_the_commit(single):
    commit = wait_kept(single, single.a)
    (single.a.network_folder() / "config.yml").write_text("nonsense: [")
    done = mesh.run("check", "--config-dir", single.a.config)
    assert done.returncode == 0, done.stdout
    assert "0 errors" in done.stdout
