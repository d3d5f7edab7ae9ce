"""Tests reach nothing outside this machine, and unit tests nothing at all.

The PostgreSQL driver speaks through its own C library and is the one exception; a test marked
`server` or `browser` may also reach 127.0.0.1 (design §5, I6).
"""

import socket
from typing import Any

import pytest

_LOCAL = {"127.0.0.1", "::1", "localhost"}


class SocketClosed(AssertionError):
    """A test tried to reach the network. No OSError, so that no retry swallows it."""


@pytest.fixture(autouse=True)
def _closed_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = any(request.node.get_closest_marker(m) for m in ("server", "browser"))
    open_hosts = _LOCAL if marked else set[str]()
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _guard(getattr(socket.socket, name), open_hosts))


def _guard(real: Any, open_hosts: set[str]) -> Any:
    def reach(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and address[0] not in open_hosts:
            raise SocketClosed(f"this test may not reach {address[0]}")
        return real(self, address)

    return reach
