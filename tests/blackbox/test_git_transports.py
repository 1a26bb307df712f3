"""Git mode by every transport, with what each needs to be let in."""

import shutil

from git_mesh import revision, wait_no_problem, wait_problem
from repositories import GitHttpServer, SshAgent, SshServer, make_certificate


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
