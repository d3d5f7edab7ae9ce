"""The log leaves for a collector: whole, in order, at least once, and it holds nobody up."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.db import session
from casemgr.work import collector
from casemgr.work.collector import NAME, SETTLE, Collector
from casemgr.work.models import Forwarding
from casemgr.work.receiver import AddressFaulty, Receiver, read_receiver
from tests.cast import Cast

pytestmark = pytest.mark.server


@dataclass
class Listener:
    """A collector of a hospital: reads frames by octet counting, on 127.0.0.1."""

    folder: Path
    messages: list[str] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._certify()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def receiver(self) -> Receiver:
        return Receiver("127.0.0.1", self.port, str(self.folder / "cert.pem"))

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with suppress(OSError), self._context.wrap_socket(plain, server_side=True) as link:
                received = b"".join(iter(lambda: link.recv(65536), b""))
                with suppress(OSError):
                    link.unwrap()
                self.messages += _unframed(received)

    def _certify(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector of a test")])
        now = datetime(2020, 1, 1, tzinfo=UTC)
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=36500))
            .add_extension(alternative, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (self.folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
        (self.folder / "key.pem").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )


def _unframed(received: bytes) -> list[str]:
    found = []
    while received:
        length, _, rest = received.partition(b" ")
        found.append(rest[: int(length)].decode())
        received = rest[int(length) :]
    return found


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listening = Listener(tmp_path)
    yield listening
    listening.close()


def round_of(cast: Cast, sending: Collector, after: timedelta = SETTLE * 2) -> None:
    """What the worker does in one round, each step a transaction of its own."""
    actor = system_actor(NAME, cast.facility_id)
    with clock.frozen(clock.now() + after):
        with cast.acting():
            sending.gather(actor)
        with cast.acting():
            sending.deliver(actor)


def entries(cast: Cast) -> list[tuple[str, Action]]:
    with cast.acting():
        query = select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id)
        return [(str(entry.id), entry.action) for entry in session.scalars(query)]


def ids(messages: list[str]) -> list[str]:
    return [text.partition(' id="')[2][:36] for text in messages]


def test_every_entry_arrives_once_in_order(
    cast: Cast, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "BATCH", 7)
    sending = Collector(listener.receiver, "casemgr.example.vn")
    expected = [entry_id for entry_id, _ in entries(cast)]
    assert len(expected) > 7
    for _ in range(5):
        round_of(cast, sending)
    arrived = ids(listener.messages)
    assert arrived[: len(expected)] == expected
    assert len(arrived) == len(set(arrived))
    assert all(" casemgr - AUDIT [casemgr@" in text for text in listener.messages)


def test_it_comes_to_rest_and_goes_on_with_the_next_act(cast: Cast, listener: Listener) -> None:
    """Its own entries alone are no reason to send: that would never end."""
    sending = Collector(listener.receiver, "h")
    for _ in range(4):
        round_of(cast, sending)
    before = entries(cast)
    round_of(cast, sending)
    assert entries(cast) == before
    with cast.acting():
        shown = str(record(cast.actor("worker"), Action.CASE_SHOWN).id)
    round_of(cast, sending)
    assert shown in ids(listener.messages)


def test_what_may_still_be_joined_by_an_older_entry_waits(cast: Cast, listener: Listener) -> None:
    with cast.acting():
        young = str(record(cast.actor("worker"), Action.CASE_SHOWN).id)
    sending = Collector(listener.receiver, "h")
    round_of(cast, sending, after=timedelta(seconds=0))
    assert young not in ids(listener.messages)
    round_of(cast, sending)
    assert ids(listener.messages).count(young) == 1


def test_a_collector_that_is_away_is_told_of_once_and_gets_everything_later(
    cast: Cast, listener: Listener
) -> None:
    gone = Receiver("127.0.0.1", 1, listener.receiver.ca)
    sending = Collector(gone, "h")
    for _ in range(3):
        round_of(cast, sending)
    failures = [action for _, action in entries(cast) if action is Action.LOG_FORWARDING_FAILED]
    assert len(failures) == 1
    with cast.acting():
        known = session.scalars(select(Forwarding)).one()
        assert known.failing_since is not None
        assert known.last_at is None
        record(cast.actor("admin"), Action.HOME_SHOWN)
        known.receiver = str(listener.receiver)  # it comes back
    page = cast.browser("officer").get("/log")
    assert "Máy thu nhật ký của bệnh viện" in page
    round_of(cast, Collector(listener.receiver, "h"))
    assert len(listener.messages) > 3
    with cast.acting():
        assert session.scalars(select(Forwarding)).one().failing_since is None


def test_a_certificate_that_is_not_believed_gets_nothing(
    cast: Cast, listener: Listener, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = Listener(other)
    stranger.close()
    wrong = Receiver("127.0.0.1", listener.port, stranger.receiver.ca)
    round_of(cast, Collector(wrong, "h"))
    assert listener.messages == []
    with cast.acting():
        (failure,) = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.LOG_FORWARDING_FAILED)
        )
        assert failure.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("tls://log.example.vn", Receiver("log.example.vn", 6514, "")),
        ("tls://10.0.0.5:7000?ca=/etc/ca.pem", Receiver("10.0.0.5", 7000, "/etc/ca.pem")),
    ],
)
def test_the_setting_is_read(address: str, expected: Receiver) -> None:
    assert read_receiver(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "udp://log:514",
        "tls://",
        "tls://u:p@log",
        "tls://log/path",
        "tls://log?key=x",
        "tls://l:99999",
    ],
)
def test_anything_else_is_refused(address: str) -> None:
    with pytest.raises(AddressFaulty):
        read_receiver(address)
