"""Free ports on the loopback address that stay the same over restarts."""

import json
import random
import socket
from pathlib import Path

# Below Linux's range for outgoing connections (32768 and up). A client that keeps dialling a port of that range while
# the broker is down can be given that very port as its own, connect to itself, and keep the broker from coming back.
LOWEST, HIGHEST = 20_000, 32_000
TRIES = 200


def stable_ports(note: Path, count: int) -> list[int]:
    """The ports noted by the last start if they are free, else new ones: clients can then find a restarted broker."""
    if note.exists():
        ports: list[int] = json.loads(note.read_text())
        if len(ports) == count and all(map(is_free, ports)):
            return ports
    ports = free_ports(count)
    note.write_text(json.dumps(ports))
    return ports


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on at the moment, chosen at random so that two starts at once rarely meet."""
    found: set[int] = set()
    for _ in range(TRIES):
        if len(found) == count:
            return sorted(found)
        port = random.randint(LOWEST, HIGHEST)
        if is_free(port):
            found.add(port)
    raise OSError(f"no {count} free ports between {LOWEST} and {HIGHEST}")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As the servers do themselves: connections of the last run that linger in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
