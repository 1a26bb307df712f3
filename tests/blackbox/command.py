"""Runs one command of the real binary as a user does, in a folder and an environment of its own."""

import contextlib
import os
import pty
import subprocess

from mesh import binary

BINARY = str(binary())


def environment(**variables):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TERM": "xterm", **variables}


def meshmon(*arguments, cwd, env=None, stdin=subprocess.DEVNULL):
    return subprocess.run([BINARY, *arguments], cwd=cwd, env=environment(**(env or {})), stdin=stdin, capture_output=True, text=True,
                          timeout=60)


def on_terminal(*arguments, cwd, env=None, typed=None):
    """Runs it on a pseudo-terminal; answers (exit code, everything shown)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(BINARY, [BINARY, *arguments], environment(**(env or {})))
    if typed:
        os.write(terminal, typed.encode())
    shown = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while piece := os.read(terminal, 65536):
            shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def init(folder, network="home", node="server-01", url="http://127.0.0.1:8000", *more):
    done = meshmon("init", "--network", network, "--node-id", node, "--url", url, *more, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done
