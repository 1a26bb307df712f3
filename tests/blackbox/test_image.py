"""The quick start in a container: docs/guides/container.md, on the image that the Dockerfile makes."""

import os
import re
import shutil

import pytest
import requests

import image
from mesh import wait_until
from netns import Lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("buildah") or not shutil.which("debootstrap"),
                                reason="needs root, buildah and debootstrap")

SIZE_MAX = 200_000_000


@pytest.fixture(scope="module")
def built():
    made = image.Image()
    yield made
    made.remove()


@pytest.fixture
def lab():
    made = Lab(["one", "two"])
    try:
        made.build()
        yield made
    finally:
        made.end()


@pytest.fixture
def config(tmp_path, built):
    """The folder of the quick start: mkdir config, three lines of nodeconf.yml, the user's own."""
    tmp_path.chmod(0o755)
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "nodeconf.yml").write_text("networks:\n  - directory: my-network\n    node_id: my-node\n")
    uid, gid = map(int, built.says["User"].split(":"))
    for path in (folder, folder / "nodeconf.yml"):
        os.chown(path, uid, gid)
    return folder


@pytest.fixture
def container(built, lab, config):
    made = []

    def make(host="one", **options):
        made.append(image.Container(built, lab, host, config, **options))
        return made[-1].start()

    yield make
    for one in made:
        one.end()


def wait_healthy(one):
    try:
        wait_until(one.healthy, "the container is healthy")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{one.log()}") from None


def test_the_image_is_small_and_says_how_it_is_run(built):
    assert built.size() <= SIZE_MAX, f"{built.size()} bytes"
    assert built.says["Entrypoint"] == ["meshmon"] and built.says["WorkingDir"] == "/app"
    assert list(built.says["ExposedPorts"]) == ["8000/tcp"] and list(built.says["Volumes"]) == ["/app/config"]
    assert built.says["StopSignal"] == "SIGTERM"
    assert int(built.says["User"].split(":")[0]) > 0


def test_the_quick_start_ends_in_a_healthy_node_without_an_error(container, config):
    one = container()
    wait_healthy(one)
    example = config / "networks/my-network/config.yml"
    wait_until(example.exists, "the example network is written")
    assert "replace_me" in example.read_text()
    assert (config / ".private_keys/my-network/my-node.key").exists()
    assert requests.get(f"{one.url}/docs", timeout=10).status_code == 200
    assert requests.get(f"{one.url}/readyz", timeout=10).status_code == 200
    assert set(re.findall(r"\blevel=(\w+)", one.log())) <= {"info", "warn"}, one.log()
    assert one.stop() == 0, one.log()


def test_a_new_container_on_the_same_folder_finds_everything_again(container, config):
    first = container("one")
    wait_healthy(first)
    me = requests.get(f"{first.url}/api/v1/me", timeout=10).json()
    key = (config / ".private_keys/my-network/my-node.key").read_bytes()
    state = {path.name for path in (config / ".data").rglob("*") if path.is_file()}
    assert first.stop() == 0
    second = container("two")
    wait_healthy(second)
    again = requests.get(f"{second.url}/api/v1/me", timeout=10).json()
    assert [network["fingerprint"] for network in again["networks"]] == [network["fingerprint"] for network in me["networks"]]
    assert (config / ".private_keys/my-network/my-node.key").read_bytes() == key
    assert state <= {path.name for path in (config / ".data").rglob("*") if path.is_file()}


def test_any_user_may_run_it(container, config):
    for path in (config, config / "nodeconf.yml"):
        os.chown(path, 4711, 4711)
    wait_healthy(container(user="4711:4711"))


def test_a_folder_of_root_is_named_with_the_command_that_mends_it(container, config):
    for path in (config, config / "nodeconf.yml"):
        os.chown(path, 0, 0)
    one = container()
    assert one.process.wait(timeout=30) == 1
    assert re.search(r"chown -R 10001(:10001)? ", one.log()), one.log()
