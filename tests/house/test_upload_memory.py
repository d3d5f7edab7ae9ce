"""Issue 3: fifty megabytes up and down at no more than 64 MB above the idle server.

Measured in the real web server, a process of its own, from what Linux says of its peak.
"""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr.accounts.sessions import COOKIE
from casemgr.cases.attachments import Attachment
from casemgr.db import session
from config import Settings
from tests import markup
from tests.house.hospital import Hospital
from tests.house.source_tree import ROOT

MEGABYTE = 1024 * 1024
SIZE = 50 * MEGABYTE
MOST_ABOVE_IDLE = 64 * MEGABYTE
BOUNDARY = "--------------------------the-boundary"

pytestmark = [pytest.mark.server, pytest.mark.parametrize("databases", ["sqlite"], indirect=True)]


@dataclass(frozen=True)
class Server:
    """The web server, somebody's session on it, and the process that does the work."""

    port: int
    cookie: str
    process: int

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(
            method,
            path,
            body,
            {
                "Host": f"localhost:{self.port}",
                "Cookie": f"{COOKIE}={self.cookie}",
                "Connection": "close",  # read to its end, the answer closes it
                **headers,
            },
        )
        return connection.getresponse()

    def form(self, path: str) -> dict[str, str]:
        page = markup.read(self.ask("GET", path).read().decode())
        return {f["name"]: f["value"] for f in page.all("input") if f["type"] == "hidden"}

    def forget_peak(self) -> int:
        """Begin to measure: the peak is what is resident now, in bytes."""
        Path(f"/proc/{self.process}/clear_refs").write_text("5")
        return self.peak()

    def peak(self) -> int:
        told = Path(f"/proc/{self.process}/status").read_text()
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", told)
        return int(kilobytes) * 1024


@contextmanager
def running(settings: Settings, cookie: str) -> Iterator[Server]:
    """gunicorn as production starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    named = {f"CASEMGR_{name.upper()}": str(getattr(settings, name)) for name in settings.__slots__}
    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **named},
    ) as master:
        try:
            wait_for(port)
            (child, *_) = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
            yield Server(port, cookie, int(child))
        finally:
            master.terminate()


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def parts_of(size: int) -> Iterator[bytes]:
    """A PDF by its first bytes, random and so as incompressible as a picture."""
    yield b"%PDF-1.7\n"
    rest = size - 9
    while rest:
        part = os.urandom(min(rest, MEGABYTE))
        rest -= len(part)
        yield part


def send(server: Server, path: str, size: int) -> str:
    """Upload so much, as a browser sends it. Returns the digest of what was sent."""
    head = b""
    for name, value in {**server.form(path), "part": "LEGAL"}.items():
        head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    head += (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    digest = sha256()

    def body() -> Iterator[bytes]:
        yield head
        for part in parts_of(size):
            digest.update(part)
            yield part
        yield tail

    answer = server.ask(
        "POST",
        path,
        body(),
        **{
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + size + len(tail)),
        },
    )
    answer.read()
    assert answer.status == 303, answer.status
    return digest.hexdigest()


def fetch(server: Server, path: str) -> str:
    answer = server.ask("GET", path)
    assert answer.status == 200
    digest = sha256()
    while part := answer.read(MEGABYTE):
        digest.update(part)
    return digest.hexdigest()


def newest(hospital: Hospital) -> UUID:
    with hospital.cast.app.app_context():
        query = select(Attachment.id).order_by(Attachment.number.desc())
        return session.scalars(query).all()[0]


def state_purpose(server: Server, path: str) -> None:
    data = {**server.form(path), "purpose": "case_work"}
    body = "&".join(f"{name}={value}" for name, value in data.items())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = server.ask("POST", path, body, **headers)
    answer.read()
    assert answer.status == 303


def test_fifty_megabytes_up_and_down(
    hospital: Hospital, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    client = hospital.cast.browser("worker").client
    (cookie,) = [c.value for c in (client._cookies or {}).values() if c.key == COOKIE]
    base = f"/cases/{hospital.ids['case']}/attachments"
    with running(settings, cookie) as server:
        state_purpose(server, base)
        send(server, base + "/new", 100)  # what is loaded the first time is no cost of the size
        fetch(server, f"{base}/{newest(hospital)}")
        idle = server.forget_peak()
        sent = send(server, base + "/new", SIZE)
        up = server.peak() - idle
        server.forget_peak()
        assert fetch(server, f"{base}/{newest(hospital)}") == sent
        down = server.peak() - idle
    megabytes = [f"{value / MEGABYTE:.1f}" for value in (idle, up, down)]
    with capsys.disabled():
        print("\n50 MB: idle {} MB, up +{} MB, down +{} MB".format(*megabytes))  # noqa: T201 - for the issue's note
    assert up <= MOST_ABOVE_IDLE
    assert down <= MOST_ABOVE_IDLE
