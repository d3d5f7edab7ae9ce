"""What is known outside the database about the newest head: a database behind it was rolled back.

The file beside the log key holds one JSON object: the newest head that was signed here, and the
largest size that a witness claimed to have seen. A size without a root is a claim: nobody proved it.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from casemgr.audit.outside import append_file
from casemgr.audit.outside.note import NoteBroken, Vkey, read_checkpoint, read_note, signatures_of
from casemgr.crypto.providers.durable import replace_durably


@dataclass(frozen=True, slots=True)
class Seen:
    """A head that somebody outside the database knows of; ``root`` None when only its size is told."""

    size: int
    root: bytes | None = None


def _nothing(_earlier: Seen) -> bool:
    return False


class SeenFile:
    """Only ever grows. Losing it loses a warning, nothing else; a damaged one is as good as none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Seen]:
        """What was noted: a signed head, a claim, both or none."""
        try:
            told = json.loads(self._path.read_text("ascii"))
            found = [Seen(int(told["size"]), bytes.fromhex(told["root"]))] if "root" in told else []
            return [*found, Seen(int(told["claimed"]))] if told.get("claimed") else found
        except (OSError, ValueError, LookupError, TypeError):
            return []

    def remember(self, seen: Seen, extends: Callable[[Seen], bool] = _nothing) -> None:
        """Note a head or a claim unless a larger one stands there. Raises OSError.

        ``extends``: whether the new head extends an earlier one. Evidence of another log stays.
        """
        known = self.read()
        alike = [each for each in known if (each.root is None) == (seen.root is None)]
        if any(each.size >= seen.size for each in alike):
            return
        if seen.root is not None and not all(extends(each) for each in alike):
            return
        told: dict[str, object] = {}
        for each in [*known, seen]:
            told |= (
                {"claimed": each.size}
                if each.root is None
                else {"size": each.size, "root": each.root.hex()}
            )
        replace_durably(self._path, json.dumps(told) + "\n")


def newest_known(seen: Iterable[Seen]) -> Seen | None:
    """The largest; of two of one size the one with a root."""
    return max(seen, key=lambda each: (each.size, each.root is not None), default=None)


def heads_in_file(path: str, keys: Iterable[Vkey]) -> list[Seen]:
    """The heads in an append-only file that one of these keys signed; anything else is no evidence."""
    known = list(keys)
    return [head for raw in append_file.notes_in(path) if (head := _verified(raw, known))]


def _verified(raw: str, keys: list[Vkey]) -> Seen | None:
    try:
        note = read_note(raw)
        if any(signatures_of(note, key) for key in keys):
            head = read_checkpoint(note.text)
            return Seen(head.size, head.root)
    except NoteBroken:
        pass
    return None
