"""The quick starts in docs/guides, step by step with the commands that stand there: three machines are three folders here."""

import os
import pathlib
import re
import subprocess

import pytest

from mesh import Mesh, binary, environment, wait_until
from repositories import Repository

GUIDES = pathlib.Path(__file__).parents[2] / "docs" / "guides"
NAMES = ("server-01", "server-02", "server-03")


class Machine:
    """A folder with a daemon in it, and a shell that stands there."""

    def __init__(self, node, number):
        self.node = node
        self.number = number
        node.folder.mkdir(parents=True, exist_ok=True)

    def shell(self, command, **options):
        """Runs what a guide says. That all machines here have one address is all that differs."""
        path = f"{binary().parent}:{os.environ['PATH']}"
        return subprocess.run(["sh", "-c", command], cwd=self.node.folder, capture_output=True, text=True, timeout=60,
                              env=environment(PATH=path, MESHMON_LISTEN=f"{self.node.address}:{self.node.port}",
                                              GIT_AUTHOR_NAME="A", GIT_AUTHOR_EMAIL="a@example.com",
                                              GIT_COMMITTER_NAME="A", GIT_COMMITTER_EMAIL="a@example.com"), **options)

    def does(self, command, **options):
        done = self.shell(command, **options)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def runs(self):
        self.node.start("--listen", f"{self.node.address}:{self.node.port}")
        assert self.node.wait_ready()


@pytest.fixture
def machines(tmp_path):
    mesh = Mesh(tmp_path, NAMES)
    mesh.network.name = "home"
    yield [Machine(node, i + 1) for i, node in enumerate(mesh.nodes)]
    mesh.end()


def says(guide, command):
    """The command, if the guide has it; so that this test and the guide cannot part."""
    text = (GUIDES / guide).read_text()
    assert command in text, f"{guide} does not say: {command}"
    return command


def on(machine, command, machines):
    """The guide's names and addresses, for this machine."""
    command = command.replace("server-01", machine.node.name)
    for other in machines:
        command = command.replace(f"192.168.1.1{other.number}:8000", f"127.0.0.1:{other.node.port}")
    return command.replace("192.168.1.11:8000", f"127.0.0.1:{machine.node.port}")


def assert_every_wait_is_explained(machine):
    wait_until(lambda: machine.node.problems(), f"{machine.node.name} says what it waits for")
    for problem in machine.node.problems():
        assert problem["severity"] != "error" and problem["remedy"], problem
    assert_no_error(machine)


def assert_no_error(machine):
    assert not set(re.findall(r"\blevel=(\w+)", machine.node.log())) & {"error", "critical"}, machine.node.log()


def wait_all_up(machines):
    wanted = dict.fromkeys(NAMES, "up")
    for machine in machines:
        wait_until(lambda machine=machine: machine.node.statuses() == wanted, f"{machine.node.name} sees all up")


def test_the_first_mesh(machines):
    guide = "first-mesh.md"
    init = says(guide, "meshmon init --config-dir config --network home --node-id server-01 --url http://192.168.1.11:8000")
    for machine in machines:
        command = init.replace("192.168.1.11", f"192.168.1.1{machine.number}")
        said = machine.does(on(machine, command, machines))
        assert "meshmon run" in said
        machine.runs()
    for machine in machines:
        assert_every_wait_is_explained(machine)
        done = machine.shell("meshmon doctor --config-dir config")
        assert done.returncode in (0, 10) and "error:" not in done.stderr, done

    text = (GUIDES / guide).read_text()
    block = next(part for part in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "node_config" in part)
    for machine in machines:
        block = block.replace(f"192.168.1.1{machine.number}:8000", f"127.0.0.1:{machine.node.port}")
    for machine in machines:
        (machine.node.network_folder() / "config.yml").write_text(block)
    for machine in machines:
        node = machine.node
        wait_until(lambda node=node: node.problems("key_missing"), f"{node.name} misses the keys of the others")
        assert_every_wait_is_explained(machine)
        assert "key fetch" in machine.shell("meshmon doctor --config-dir config").stdout

    words = {}
    for machine in machines:
        shown = machine.does(says(guide, "meshmon key words --network home"))
        words[machine.node.name] = shown.splitlines()[1].split("\t")[-1]
    says(guide, "meshmon key fetch server-02")
    for machine in machines:
        for name in NAMES:
            if name != machine.node.name:
                machine.does(f"meshmon key fetch {name} --confirm {words[name]}")
    wait_all_up(machines)
    for machine in machines:
        assert "0 errors, 0 warnings" in machine.does(says(guide, "meshmon check --config-dir config"))
        wait_until(lambda machine=machine: not machine.node.problems(), "nothing is left to mend")
        assert "(3/3)" in machine.does(says(guide, "meshmon status --config-dir config"))
        assert machine.shell("meshmon doctor").returncode == 0
        assert_no_error(machine)


def test_who_takes_time_over_the_keys_is_told_of_no_error(machines):
    """The list has grown from this node to three, and the keys are not there yet: nobody was cut off."""
    machine = machines[0]
    machine.does(f"meshmon init --network home --node-id server-01 --url {machine.node.url}")
    machine.runs()
    (machine.node.network_folder() / "config.yml").write_text(machine.node.networks[0].config())
    wait_until(lambda: machine.node.problems("isolated"), "it says that it waits for the others", timeout=90)
    assert machine.node.problems("isolated")[0]["severity"] == "warning"
    assert_every_wait_is_explained(machine)


def test_a_network_in_a_git_repository(machines, tmp_path):
    guide = "git-mode.md"
    repository = Repository(tmp_path)
    first = machines[0]
    nodes = "".join(f"  - node_id: {machine.node.name}\n    url: http://127.0.0.1:{machine.node.port}\n" for machine in machines)
    repository.write("config.yml", f"network_id: home\nnode_config:\n{nodes}")
    repository.commit("the network")
    for machine in machines:
        init = says(guide, "meshmon init --network prod --node-id server-04 --url http://192.168.1.14:8000 "
                           "--git https://git.example.com/team/mesh.git")
        command = init.replace("prod", "home").replace("server-04", machine.node.name)
        command = command.replace("192.168.1.14:8000", f"127.0.0.1:{machine.node.port}")
        machine.does(command.replace("https://git.example.com/team/mesh.git", repository.url))
        machine.runs()
    for machine in machines:
        node = machine.node
        problem = wait_until(lambda node=node: [each for each in node.problems("key_missing") if each["node_id"] == node.name],
                             f"{node.name} says that the repository lacks its key")[0]
        assert_every_wait_is_explained(machine)
        commands = problem["remedy"][problem["remedy"].index("git clone"):].splitlines()[0]
        machine.does(commands)
    for machine in machines:
        machine.node.signal(1)  # a look now, not in a minute
    wait_all_up(machines)
    for machine in machines:
        wait_until(lambda machine=machine: not machine.node.problems(), "nothing is left to mend")
        assert "(3/3)" in machine.does("meshmon status")
        assert_no_error(machine)
    repository_seen = first.node.json("/api/v1/me")["networks"][0]["repository"]
    assert repository_seen["url"] == repository.url and repository_seen["trouble"] is None and repository_seen["asked"]
