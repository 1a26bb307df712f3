"""Real git repositories, and servers that hand them out: file://, http(s) by git http-backend, ssh by a local sshd."""

import base64
import getpass
import http.server
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

from mesh import Node, _prctl
from ports import Port

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
               "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
               "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"}


def git(folder, *arguments, check=True, **options):
    """What git printed, without the last line's end."""
    done = subprocess.run(["git", "-c", "init.defaultBranch=main", "-c", "safe.directory=*", *arguments], cwd=folder,
                          env=ENVIRONMENT, capture_output=True, text=True, timeout=120, **options)
    assert not check or done.returncode == 0, f"git {arguments}: {done.stderr}"
    return done.stdout.strip()


class Repository:
    """A bare repository that nodes fetch from, and a working copy that somebody pushes from."""

    def __init__(self, folder, name="mesh"):
        self.bare = folder / f"{name}.git"
        self.work = folder / f"{name}-work"
        self.work.mkdir(parents=True)
        git(folder, "init", "--quiet", "--bare", str(self.bare))
        git(self.work, "init", "--quiet")
        git(self.work, "remote", "add", "origin", str(self.bare))

    @property
    def url(self):
        return f"file://{self.bare}"

    def write(self, name, text):
        file = self.work / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text) if isinstance(text, str) else file.write_bytes(text)

    def write_network(self, network, but=()):
        """config.yml and all keys of a mesh.Network, save those of nodes in `but`."""
        self.write("config.yml", network.config())
        for node_id, key in network.keys.items():
            if node_id not in but:
                self.write(f"pubkeys/{node_id}.pub", key.public_pem)

    def commit(self, subject="change", branch="main"):
        """Commits all and pushes, by force; the commit's id."""
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "-m", subject)
        return self.push(branch)

    def push(self, branch="main"):
        git(self.work, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return git(self.work, "rev-parse", "HEAD")


class GitNode(Node):
    """A node whose networks are in git mode."""

    def __init__(self, folder, name, networks, url, **options):
        super().__init__(folder, name, networks, **options)
        self.git_repo = url
        self.git_options = {"git_interval": 5}

    @property
    def clone(self):
        return self.network_folder() / ".git"

    @property
    def own_public_key(self):
        return self.config / ".public_keys" / self.networks[0].name / f"{self.name}.pub"

    def write(self):
        self.config.mkdir(parents=True, exist_ok=True)
        self.write_node_file()
        for network in self.networks:
            private = self.private_key_file(network)
            private.parent.mkdir(parents=True, exist_ok=True)
            for part in (private.parent.parent, private.parent):
                part.chmod(0o700)
            private.write_text(network.keys[self.name].private_pem)
            private.chmod(0o600)

    def write_node_file(self):
        options = "".join(f"    {name}: {value}\n" for name, value in self.git_options.items())
        entries = "".join(f"  - directory: {network.name}\n    node_id: {self.name}\n    config_type: git\n"
                          f"    git_repo: {self.git_repo}\n{options}" for network in self.networks)
        (self.config / "nodeconf.yml").write_text(f"listen: {self.address}:{self.port}\nnetworks:\n{entries}")

    def look_now(self):
        """SIGHUP asks it to look at its repositories at once."""
        self.signal(signal.SIGHUP)


# ---- http -----------------------------------------------------------------------------------------------------------


class GitHttpServer:
    """Serves the repositories in a folder by git's own http-backend; with a token, to those alone who show it."""

    def __init__(self, root, token=None, certificate=None):
        self.token = token
        self.requests = []  # (path, the Authorization header)
        self.silent = False  # takes requests and never answers
        self.root = root
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.handle(self)

            do_POST = do_GET

            def log_message(self, *arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self):
        return self.http.server_address[1]

    def url(self, repository):
        return f"{self.scheme}://127.0.0.1:{self.port}/{repository.bare.name}"

    def allows(self, header):
        if self.token is None:
            return True
        kind, _, value = (header or "").partition(" ")
        return kind == "Basic" and base64.b64decode(value).decode().partition(":")[2] == self.token

    def handle(self, request):
        header = request.headers.get("Authorization")
        self.requests.append((request.path, header))
        while self.silent:
            time.sleep(0.1)
        if not self.allows(header):
            request.send_response(401)
            request.send_header("WWW-Authenticate", 'Basic realm="git"')
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        path, _, query = request.path.partition("?")
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        variables = {**ENVIRONMENT, "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                     "QUERY_STRING": query, "REQUEST_METHOD": request.command, "REMOTE_USER": "reader",
                     "REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                     "CONTENT_LENGTH": str(len(body)), "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
                     "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
                     "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        answer = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, timeout=60).stdout
        head, _, rest = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        request.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in {**fields, "Content-Length": str(len(rest))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(rest)

    def end(self):
        self.silent = False
        self.http.shutdown()
        self.http.server_close()


def make_certificate(folder):
    """A certificate for 127.0.0.1, and its key; it is its own authority."""
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)], check=True,
                   capture_output=True, timeout=60)
    return certificate, key


# ---- ssh ------------------------------------------------------------------------------------------------------------


class SshServer:
    """sshd for the user that runs the tests, on a port of its own, with keys of its own."""

    def __init__(self, folder):
        self.folder = folder / "sshd"
        self.folder.mkdir()
        self.host_key = self.make_key("host_key")
        self.user_key = self.make_key("user_key")
        (self.folder / "authorized_keys").write_text(pathlib.Path(f"{self.user_key}.pub").read_text())
        self.claim = Port()
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        (self.folder / "sshd_config").write_text(
            f"Port {self.claim.number}\nListenAddress 127.0.0.1\nHostKey {self.host_key}\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self.folder}/authorized_keys\nStrictModes no\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\n")
        self.log = self.folder / "log"
        program = shutil.which("sshd") or "/usr/sbin/sshd"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([program, "-D", "-e", "-f", str(self.folder / "sshd_config")], stderr=log,
                                            preexec_fn=lambda: _prctl(1, signal.SIGKILL))
        self.wait_answers()

    def make_key(self, name):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True, timeout=60)
        return self.folder / name

    def wait_answers(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.claim.number), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"sshd does not answer: {self.log.read_text()}")

    def url(self, repository):
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.claim.number}{repository.bare}"

    @property
    def known_hosts_line(self):
        return f"[127.0.0.1]:{self.claim.number} " + " ".join(pathlib.Path(f"{self.host_key}.pub").read_text().split()[:2])

    def end(self):
        self.process.kill()
        self.process.wait()
        self.claim.release()


class SshAgent:
    """An agent that holds one key; `socket` is what SSH_AUTH_SOCK names."""

    def __init__(self, folder, key):
        self.socket = folder / "agent"
        self.process = subprocess.Popen(["ssh-agent", "-D", "-a", str(self.socket)], stdout=subprocess.DEVNULL,
                                        preexec_fn=lambda: _prctl(1, signal.SIGKILL))
        deadline = time.monotonic() + 30
        while not self.socket.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, "the agent starts"
            time.sleep(0.05)
        subprocess.run(["ssh-add", "-q", str(key)], env={**ENVIRONMENT, "SSH_AUTH_SOCK": str(self.socket)}, check=True, timeout=60)

    def end(self):
        self.process.kill()
        self.process.wait()
