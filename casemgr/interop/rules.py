"""What another log sends to its witness, taken apart; and how many may ask. Pure.

c2sp.org/tlog-witness, add-checkpoint.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casemgr.audit.outside.note import (
    ROOT_BYTES,
    Head,
    Note,
    NoteBroken,
    Vkey,
    read_checkpoint,
    read_note,
    signatures_of,
    unpacked,
)

MOST_PROOF_LINES = 63
MOST_BODY = 32 * 1024
MOST_CALLS, IN_TIME = 60, timedelta(minutes=1)  # one log asks every five minutes
MOST_CALLERS = 1_000
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to witness a head."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    head: Head


class RequestBroken(ValueError):
    """Not what add-checkpoint takes: 400."""


def read_request(body: bytes) -> Asked:
    """Take the body apart. Raises RequestBroken."""
    try:
        above, gap, raw = body.decode().partition("\n\n")
        first, *lines = above.split("\n")
        old = _OLD.fullmatch(first)
        note = read_note(raw)
        asked = Asked(int(old[1]) if old else -1, _proof(lines), note, read_checkpoint(note.text))
    except (UnicodeDecodeError, NoteBroken):
        raise RequestBroken from None
    if not gap or not 0 <= asked.old_size <= asked.head.size:
        raise RequestBroken
    if asked.proof and asked.old_size in {0, asked.head.size}:
        raise RequestBroken
    return asked


def is_signed(note: Note, keys: Sequence[Vkey]) -> bool:
    """Whether a trusted key signed, and none of them falsely."""
    try:
        return bool([line for key in keys for line in signatures_of(note, key)])
    except NoteBroken:
        return False


def _proof(lines: Sequence[str]) -> tuple[bytes, ...]:
    nodes = tuple(unpacked(line) for line in lines)
    if len(nodes) > MOST_PROOF_LINES or any(len(node) != ROOT_BYTES for node in nodes):
        raise NoteBroken("no proof")
    return nodes


@dataclass
class Patience:
    """How many calls one address may make in a minute; kept in memory, per process."""

    now: Callable[[], datetime]
    calls: dict[str, deque[datetime]] = field(default_factory=dict)

    def admits(self, caller: str) -> bool:
        """Count this call; False when there were too many."""
        since = self.now() - IN_TIME
        if len(self.calls) >= MOST_CALLERS:
            self.calls = {who: past for who, past in self.calls.items() if past[-1] > since}
        if len(self.calls) >= MOST_CALLERS and caller not in self.calls:
            return False
        past = self.calls.setdefault(caller, deque())
        while past and past[0] <= since:
            past.popleft()
        if len(past) >= MOST_CALLS:
            return False
        past.append(self.now())
        return True
