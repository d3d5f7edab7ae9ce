"""I6 in the tests themselves: a unit test that reaches the network fails."""

import socket

import pytest

from tests.plugins.closed_sockets import SocketClosed


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "example.org"])
def test_a_unit_test_reaches_nothing(host: str) -> None:
    with socket.socket() as probe, pytest.raises(SocketClosed):
        probe.connect((host, 9))


@pytest.mark.server
def test_a_server_test_reaches_this_machine_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as probe:
        probe.connect(server.getsockname())
    with socket.socket() as probe, pytest.raises(SocketClosed):
        probe.connect(("192.0.2.1", 9))
