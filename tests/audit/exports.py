"""Exports made up in memory: leaves, signed checkpoints, folders, and what a forger does to them."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casemgr.audit.trail import canonical
from casemgr.audit.verify import Frontier, leaf_hash, sha256

ORIGIN = "hospital.example/log"
BEGIN = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
LANES = 3


def leaves(count: int, seed: int = 4) -> list[bytes]:
    """Leaves of version 3 in three lanes, a second apart."""
    rng = Random(seed)
    lanes = [str(UUID(int=rng.getrandbits(128))) for _ in range(LANES)]
    return [
        _leaf(number, lanes[number % LANES], number // LANES + 1, rng) for number in range(count)
    ]


def expiry(dropped: int, count: int) -> bytes:
    """The entry that says that the first ``dropped`` ones went; it follows ``count`` others."""
    leaf = json.loads(_leaf(count, str(UUID(int=9)), 1, Random(9)))
    return canonical(leaf | {"act": "log.expired", "n": dropped})


def _leaf(number: int, lane: str, seq: int, rng: Random) -> bytes:
    def some() -> str:
        return str(UUID(int=rng.getrandbits(128)))

    return canonical(
        {
            "v": 3,
            "id": some(),
            "fac": str(UUID(int=1)),
            "at": (BEGIN + timedelta(seconds=number)).isoformat(timespec="microseconds"),
            "who": some(),
            "as": "social_worker",
            "act": "case.shown",
            "out": "done",
            "case": some(),
            "kind": "note",
            "subj": some(),
            "parts": ["IDENTITY", "SOCIAL"],
            "purp": "case_work",
            "chan": "web",
            "sess": some(),
            "rid": some(),
            "n": None,
            "ids": [],
            "sealed": [],
            "lane": lane,
            "seq": seq,
        }
    )


@dataclass
class Signer:
    """A log key, by the specification alone."""

    name: str = ORIGIN
    secret: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        return b"\x01" + self.secret.public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        key_id = sha256(self.name.encode() + b"\n" + self.public).hexdigest()[:8]
        return f"{self.name}+{key_id}+{base64.b64encode(self.public).decode()}"

    def sign(self, size: int, root: bytes) -> str:
        text = f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n"
        key_id = sha256(self.name.encode() + b"\n" + self.public).digest()[:4]
        signature = base64.b64encode(key_id + self.secret.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signature}\n"

    def checkpoint(self, entries: Sequence[bytes], size: int | None = None) -> str:
        return self.sign_hashes([leaf_hash(each) for each in entries[:size]])

    def sign_hashes(self, hashes: Sequence[bytes]) -> str:
        edge = Frontier()
        edge.extend(hashes)
        return self.sign(edge.size, edge.root())


def write(
    folder: Path,
    entries: Sequence[bytes],
    checkpoint: str,
    older: Iterable[str] = (),
    hashes: Sequence[bytes] | None = None,
) -> Path:
    """An export as the product writes it."""
    (folder / "older").mkdir(parents=True, exist_ok=True)
    (folder / "entries.ndjson").write_bytes(b"".join(each + b"\n" for each in entries))
    known = [leaf_hash(each) for each in entries] if hashes is None else hashes
    (folder / "hashes.bin").write_bytes(b"".join(known))
    (folder / "checkpoint").write_text(checkpoint, "utf-8")
    for note in older:
        (folder / "older" / note.split("\n")[1]).write_text(note, "utf-8")
    return folder
