"""Network namespaces: each node on a host of its own, with a cable that can be cut or made to lose packets.

Needs root, iproute2 and iptables. The test itself stays on the bridge between them and reaches every node all the time: only
what peers send to each other is cut.
"""

import os
import random
import shutil
import subprocess

import pytest

from mesh import Mesh

needs_namespaces = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("iptables"),
                                      reason="needs root, iproute2 and iptables")


def command(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stderr}"
    return done.stdout


class Lab:
    """A bridge in our namespace, and a host with one address on it for each name."""

    def __init__(self, names):
        self.id = f"{os.getpid():x}{random.randrange(256):02x}"
        self.bridge = f"mmb{self.id}"
        self.subnet = f"10.{random.randrange(64, 255)}.{random.randrange(256)}"
        self.addresses = {name: f"{self.subnet}.{index + 2}" for index, name in enumerate(names)}
        self.made = []

    def space(self, name):
        return f"mmt{self.id}{name}"

    def prefix(self, name):
        return ("ip", "netns", "exec", self.space(name))

    def build(self):
        command("ip", "link", "add", self.bridge, "type", "bridge")
        command("ip", "address", "add", f"{self.subnet}.1/24", "dev", self.bridge)
        command("ip", "link", "set", self.bridge, "up")
        for index, (name, address) in enumerate(self.addresses.items()):
            space, cable = self.space(name), f"mmv{self.id}{index}"
            command("ip", "netns", "add", space)
            self.made.append(space)
            command("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
            command("ip", "link", "set", cable, "master", self.bridge, "up")
            command(*self.prefix(name), "ip", "link", "set", "lo", "up")
            command(*self.prefix(name), "ip", "address", "add", f"{address}/24", "dev", "eth0")
            command(*self.prefix(name), "ip", "link", "set", "eth0", "up")

    def rule(self, name, *words):
        """An iptables rule on the host of `name`."""
        command(*self.prefix(name), "iptables", "-w", *words)

    def cut(self, name, *others):
        """No packet passes between `name` and `others`, silently."""
        for other in others:
            self.rule(name, "-A", "INPUT", "-s", self.addresses[other], "-j", "DROP")
            self.rule(name, "-A", "OUTPUT", "-d", self.addresses[other], "-j", "DROP")

    def cut_one_way(self, dialler, target, port):
        """`dialler` cannot reach the port of `target`; the other direction works."""
        self.rule(target, "-A", "INPUT", "-s", self.addresses[dialler], "-p", "tcp", "--dport", port, "-j", "DROP")

    def lose(self, name, share):
        """That share of the packets from peers is lost on the way to `name`."""
        for other, address in self.addresses.items():
            if other != name:
                chance = ("-m", "statistic", "--mode", "random", "--probability", share)
                self.rule(name, "-A", "INPUT", "-s", address, *chance, "-j", "DROP")

    def heal(self):
        for name in self.addresses:
            self.rule(name, "-F")

    def end(self):
        for space in self.made:
            subprocess.run(["ip", "netns", "delete", space], check=False, timeout=30)
        subprocess.run(["ip", "link", "delete", self.bridge], check=False, timeout=30)


def lab_of(names, tmp_path, **options):
    """A context: a mesh with a host for each node, agreed that all are up, and its lab."""
    lab = Lab(names)
    mesh = Mesh(tmp_path, (), **options)
    try:
        lab.build()
        for name in names:
            mesh.add(name, address=lab.addresses[name], prefix=lab.prefix(name))
        mesh.write().start().wait_agreed()
        yield mesh, lab
    finally:
        try:
            mesh.end()
        finally:
            lab.end()
