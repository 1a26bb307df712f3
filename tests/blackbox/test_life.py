"""How a process starts and ends: signals, exit codes, and what stands in its way."""

import json
import shutil
import signal
import socket
import subprocess
import time

from mesh import PORT_IN_USE, run, wait_until


def one(make_mesh, **options):
    return make_mesh(["a"], **options).write().start().a


def test_a_clean_stop_takes_seconds_and_ends_with_zero(make_mesh):
    node = one(make_mesh)
    daemon = json.loads((node.data / "daemon.json").read_text())
    assert daemon["pid"] == node.process.pid
    began = time.monotonic()
    assert node.stop() == 0
    assert time.monotonic() - began < 8
    assert not (node.data / "daemon.json").exists()


def test_a_second_signal_ends_it_at_once(make_mesh):
    """Its peer is frozen, so that there is something to wait for."""
    mesh = make_mesh(["a", "b"]).write().start().wait_agreed()
    mesh.b.signal(signal.SIGSTOP)
    mesh.a.signal(signal.SIGTERM)
    mesh.wait(lambda: "stop" in mesh.a.log(), "it says that it stops")
    began = time.monotonic()
    mesh.a.signal(signal.SIGTERM)
    assert mesh.a.wait_end(5) in (0, 3)
    assert time.monotonic() - began < 2


def test_other_signals_do_not_end_it(make_mesh):
    node = one(make_mesh)
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
        node.signal(number)
        time.sleep(0.2)
        assert node.get("/healthz").status_code == 200, number
    assert node.process.poll() is None


def test_a_second_daemon_on_the_same_data_names_the_first(make_mesh):
    node = one(make_mesh)
    second = run("run", "--config-dir", node.config, "--listen", "127.0.0.1:0")
    assert second.returncode == 1
    assert str(node.process.pid) in second.stdout + second.stderr
    assert node.get("/healthz").status_code == 200


def test_a_port_in_use_is_exit_code_four(make_mesh):
    mesh = make_mesh(["a"]).write()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", mesh.a.port))
        taken.listen()
        mesh.a.start()
        assert mesh.a.wait_end() == PORT_IN_USE
    assert str(mesh.a.port) in mesh.a.log()


def test_a_data_folder_that_is_a_file_is_named_with_its_mend(make_mesh):
    mesh = make_mesh(["a"]).write()
    mesh.a.data.write_text("in the way")
    mesh.a.start()
    assert mesh.a.wait_end() == 1
    assert str(mesh.a.data) in mesh.a.log() and "mv " in mesh.a.log(), "the mend is said"
    assert "terminate" not in mesh.a.log()


def test_a_data_folder_that_is_removed_is_made_anew(make_mesh):
    node = one(make_mesh)
    shutil.rmtree(node.data)
    wait_until(lambda: (node.data / "daemon.json").exists() and (node.data / "config" / "node").exists(), "it is there again")
    assert run("status", "--config-dir", node.config).returncode == 0
    assert run("run", "--config-dir", node.config, "--listen", "127.0.0.1:0").returncode == 1, "it is held"
    wait_until(lambda: not node.problems("data_unwritable"), "nothing is wrong any more")


def test_a_configuration_folder_that_is_put_back_is_gone_on_with(make_mesh, tmp_path):
    node = one(make_mesh)
    node.config.rename(tmp_path / "elsewhere")
    problem = wait_until(lambda: node.problems("data_unwritable"), "it says that the folder is gone")[0]
    assert str(node.config) in problem["remedy"] and not node.config.exists()
    (tmp_path / "elsewhere").rename(node.config)
    wait_until(lambda: not node.problems("data_unwritable") and not node.problems("config_invalid"), "all is well again")
    assert run("status", "--config-dir", node.config).returncode == 0


def test_a_read_only_data_folder_is_named_with_its_mend(make_mesh, tmp_path):
    mesh = make_mesh(["a"]).write()
    mesh.a.data.mkdir()
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    mesh.a.prefix = ("unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", mesh.a.data)
    mesh.a.start()
    assert mesh.a.wait_end() == 1, mesh.a.log()
    assert str(mesh.a.data) in mesh.a.log() and "mount " in mesh.a.log(), "the mend is said"


def test_a_bad_listen_address_is_a_failed_start(make_mesh):
    mesh = make_mesh(["a"]).write()
    done = run("run", "--config-dir", mesh.a.config, "--listen", "nowhere:http")
    assert done.returncode in (1, 2) and "nowhere:http" in done.stderr


def test_a_full_disk_is_said_and_survived(make_mesh):
    mesh = make_mesh(["a", "b", "c"]).write()
    mesh.c.data.mkdir()
    script = 'mount -t tmpfs -o size=128k none "$1" && shift && exec "$@"'
    mesh.c.prefix = ("unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", mesh.c.data)
    mesh.start().wait_agreed()
    inside = ("nsenter", "-t", str(mesh.c.process.pid), "-m", "sh", "-c")
    subprocess.run([*inside, f'dd if=/dev/zero of="{mesh.c.data}/fill" bs=1k count=1000; true'], check=True, capture_output=True)
    # What is held of others is saved every 30 s.
    mesh.wait(lambda: mesh.c.problems("data_unwritable"), "it says that the data folder cannot be written", timeout=90)
    problem = mesh.c.problems("data_unwritable")[0]
    assert problem["severity"] == "error" and str(mesh.c.data) in problem["detail"] + problem["remedy"] + (problem["file"] or "")
    for node in mesh.nodes:
        assert node.statuses() == {"a": "up", "b": "up", "c": "up"}
    subprocess.run([*inside, f'rm "{mesh.c.data}/fill"'], check=True)
    mesh.wait(lambda: not mesh.c.problems("data_unwritable"), "it heals once there is space", timeout=90)
    assert mesh.c.stop() == 0


def test_supervisors_can_ask_whether_it_lives_and_is_ready(make_mesh):
    node = one(make_mesh)
    assert node.get("/readyz").json() == {"status": "ready"}
    asked = run("healthcheck", "--config-dir", node.config)
    assert asked.returncode == 0, asked
    node.stop()
    asked = run("healthcheck", "--config-dir", node.config)
    assert asked.returncode == 1, asked
