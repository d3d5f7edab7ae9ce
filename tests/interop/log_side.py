"""The other hospital: a log of its own with its key, asking our witness over real HTTP."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from casemgr.audit.outside.note import Head
from casemgr.audit.outside.way import Errand
from casemgr.audit.outside.witness_call import request_body
from casemgr.audit.signing import LogKey
from tests.audit.made_up_log import SlowTree, proof_of, root_of

ORIGIN = "khac.benhvien.example"


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The application on a port of this machine, as long as the block runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class OtherLog:
    """Grows by made-up leaves and signs its heads."""

    folder: Path
    tree: SlowTree = field(default_factory=SlowTree)

    def __post_init__(self) -> None:
        self.key = LogKey(f"file:{self.folder / 'other-log' / 'log.key'}", ORIGIN)
        self.key.create()

    def grow(self, count: int) -> None:
        start = len(self.tree.leaves)
        self.tree.leaves += [f"{self.folder} {n}".encode() for n in range(start, start + count)]

    def errand(self, old: int, size: int | None = None, origin: str = "") -> Errand:
        """The head of this size with the proof from ``old``."""
        leaves = self.tree.leaves[:size]
        text = Head(origin or self.key.origin, len(leaves), root_of(leaves)).text
        note = str(self.key.sign(text, before=None))
        return Errand(note, len(leaves), root_of(leaves), old, tuple(proof_of(old, leaves)))

    def body(self, old: int, size: int | None = None, origin: str = "") -> bytes:
        return request_body(self.errand(old, size, origin))


def ask(port: int, body: bytes, content_type: str = "text/plain") -> tuple[int, bytes, str]:
    """Status, body and type of the answer; without cookies or token, as any program asks."""
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    headers = {"Content-Type": content_type}
    connection.request("POST", "/witness/add-checkpoint", body, headers)
    response = connection.getresponse()
    answer = (response.status, response.read(), response.headers["Content-Type"])
    connection.close()
    return answer
