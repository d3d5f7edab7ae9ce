"""A tree as RFC 6962 §2.1 defines it, by recursion over a list of leaves: slow, and written apart."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from casemgr.audit import AuditEntry


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH of §2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = _half(len(leaves))
    return hashlib.sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def proof_of(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) of §2.1.2."""
    return _sub_proof(old, leaves, whole=True) if 0 < old < len(leaves) else []


def _sub_proof(old: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = _half(len(leaves))
    if old <= half:
        return [*_sub_proof(old, leaves[:half], whole=whole), root_of(leaves[half:])]
    return [*_sub_proof(old - half, leaves[half:], whole=False), root_of(leaves[:half])]


def _half(count: int) -> int:
    """The largest power of two smaller than ``count``."""
    return int(1 << ((count - 1).bit_length() - 1))


@dataclass
class SlowTree:
    """Leaves in the order in which they came."""

    leaves: list[bytes] = field(default_factory=list)
    ids: list[UUID] = field(default_factory=list)

    def head(self) -> "SlowHead":
        return SlowHead(len(self.leaves), root_of(self.leaves))

    def root_at(self, size: int) -> bytes:
        return root_of(self.leaves[:size])

    def entry_ids(self, start: int, end: int) -> Iterator[UUID]:
        return iter(self.ids[start:end])

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        return proof_of(old, self.leaves[:new])

    def of_the_log(self, reading: Session) -> "SlowTree":
        """Take in the entries that were committed since; the order of earlier ones stays."""
        rows = reading.execute(
            select(AuditEntry.id, AuditEntry.leaf).order_by(AuditEntry.at, AuditEntry.id)
        )
        for entry_id, leaf in rows:
            if entry_id not in self.ids:
                self.ids.append(entry_id)
                self.leaves.append(leaf)
        return self


@dataclass(frozen=True)
class SlowHead:
    size: int
    root: bytes


def grown(count: int, word: str = "leaf") -> SlowTree:
    """A tree of so many made-up leaves."""
    return SlowTree([f"{word} {n}".encode() for n in range(count)])
