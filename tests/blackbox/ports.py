"""Free ports on loopback that no other test run takes at the same time."""

import pathlib
import random
import socket

FIRST = 10000


def last():
    """Below the ephemeral range: no outgoing connection takes one of these."""
    low, _ = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    return max(FIRST + 1000, int(low)) - 1


class Port:
    """One port, ours until released: a socket with an abstract name keeps other test runs from choosing it too."""

    def __init__(self):
        for _ in range(1000):
            self.number = random.randint(FIRST, last())
            self._claim = socket.socket(socket.AF_UNIX)
            try:
                self._claim.bind(f"\0meshmon-test-port-{self.number}")
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", self.number))
                return
            except OSError:
                self._claim.close()
        raise RuntimeError(f"no free port between {FIRST} and {last()}")

    def release(self):
        self._claim.close()
