"""The image as the Dockerfile says, built and run without a container engine.

buildah builds it on a base that debootstrap makes from the machine's own package sources; a container of it is a mount namespace with the
image's files read-only, the user, the working folder and the commands that the image names, on a host of a netns.Lab.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess

import mesh

REPOSITORY = pathlib.Path(__file__).parents[2]
WORK = mesh.binary().parents[1] / "image"  # the base is kept there
BASE = "docker.io/library/debian:bookworm-slim"
LABEL = "localhost/meshmon-under-test"


def run(*words, timeout=600, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=timeout, **options)
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def package_source():
    """Where this machine gets Debian 12 from."""
    targets = run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages")
    return next((line.split()[0] for line in targets.splitlines() if line.endswith(" bookworm")), "http://deb.debian.org/debian")


class Image:
    """Built once; remove() frees what it took."""

    def __init__(self):
        self.buildah = ("buildah", "--root", WORK / "storage", "--runroot", WORK / "run", "--storage-driver", "vfs")
        self.remove()
        base = WORK / "base.tar"
        if not base.exists():
            self._make_base(base)
        container = run(*self.buildah, "from", "scratch").strip()
        run(*self.buildah, "add", container, base, "/")
        run(*self.buildah, "commit", "--rm", container, BASE)
        context = self._context()
        run(*self.buildah, "bud", "--isolation", "chroot", "--format", "docker", "--pull-never", "--build-arg", "BINARY=prebuilt",
            "-t", LABEL, context)
        self.container = run(*self.buildah, "from", "--pull-never", LABEL).strip()
        self.root = pathlib.Path(run(*self.buildah, "mount", self.container).strip())
        self.says = json.loads(run(*self.buildah, "inspect", "--type", "image", LABEL))["Docker"]["config"]

    @staticmethod
    def _make_base(target):
        WORK.mkdir(parents=True, exist_ok=True)
        folder = WORK / "base"
        run("debootstrap", "--variant=minbase", "bookworm", folder, package_source(), timeout=900)
        for what in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"):  # as `slim` does
            shutil.rmtree(folder / what)
        run("tar", "-C", folder, "-cf", f"{target}.new", ".")
        pathlib.Path(f"{target}.new").rename(target)
        shutil.rmtree(folder)

    @staticmethod
    def _context():
        """The Dockerfile and the binary under test, where BINARY=prebuilt looks for it."""
        context = WORK / "context"
        (context / "build/release").mkdir(parents=True)
        shutil.copy(REPOSITORY / "Dockerfile", context)
        run("strip", "-o", context / "build/release/meshmon", mesh.binary())
        return context

    def size(self):
        return int(run("du", "-sxb", self.root).split()[0])

    def remove(self):
        for folder in ("storage", "run", "context", "base"):
            shutil.rmtree(WORK / folder, ignore_errors=True)


class Container:
    """One run of the image's entry point: root read-only, /tmp in memory, `config` mounted at /app/config."""

    def __init__(self, image, lab, host, config, user=None):
        self.image, self.lab, self.host, self.config = image, lab, host, config
        self.user = user or image.says["User"]
        self.url = f"http://{lab.addresses[host]}:8000"
        self.log_file = config.parent / f"{host}.log"
        self.process = None

    def _command(self, words):
        """`words` as a container engine would run them."""
        root = self.image.root
        program = f"env -i --chdir={self.image.says['WorkingDir']} PATH=/usr/sbin:/usr/bin:/sbin:/bin {' '.join(words)}"
        script = f"""set -e
            mount --bind {root} {root}
            mount --bind {self.config} {root}/app/config
            mount -t tmpfs tmp {root}/tmp
            mount -t proc proc {root}/proc
            mount -t tmpfs dev {root}/dev
            for name in null zero random urandom; do touch {root}/dev/$name; mount --bind /dev/$name {root}/dev/$name; done
            mount -o remount,bind,ro {root}
            exec chroot --userspec={self.user} {root} setpriv --no-new-privs --bounding-set=-all {program}"""
        return [*self.lab.prefix(self.host), "unshare", "--mount", "--propagation", "private", "bash", "-c", script]

    def start(self):
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(self._command(self.image.says["Entrypoint"]), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        return self

    def healthy(self):
        """What the image's HEALTHCHECK says."""
        words = self.image.says["Healthcheck"]["Test"]
        assert words[0] == "CMD", words
        return subprocess.run(self._command(words[1:]), capture_output=True, timeout=30).returncode == 0

    def log(self):
        return self.log_file.read_text()

    def stop(self):
        """As the engine stops it; the exit code."""
        self.process.send_signal(signal.Signals[self.image.says["StopSignal"]])
        return self.process.wait(timeout=30)

    def end(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
