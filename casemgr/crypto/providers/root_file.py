"""A private file of numbered roots: one JSON object a line, the highest number is the present one.

    {"number": 1, "created_at": "2026-05-04T03:02:01+00:00", "key": "<64 hex digits>"}

A file of one bare line of 64 hex digits, as the first version wrote it, is root number 1.
"""

import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from casemgr import clock
from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers.durable import replace_durably
from casemgr.crypto.secret import KeptInside

Root = dict[str, Any]
Roots = dict[int, Root]
MakeRoot = Callable[[int], Root]
_KEY_DIGITS = 64


class RootFile(KeptInside):
    """Reads and replaces the file. Never cached: another process may have renewed the root."""

    def __init__(self, path: Path, apart_from: Sequence[Path] = ()) -> None:
        """Raises KeyProviderRefused for a file that must not be used; one not there yet is none."""
        self._path = path.resolve()
        if any(_one_copy_takes_both(self._path, other) for other in apart_from):
            raise KeyProviderRefused(
                "the key file lies beside the databases or backups: move it to a folder of its own"
            )
        with suppress(FileNotFoundError):
            self._read()

    def roots(self) -> Roots:
        """Every root by number. Raises KeyProviderDown."""
        try:
            return self._read()
        except FileNotFoundError:
            raise KeyProviderDown("the key file is not there") from None

    def create(self, make: MakeRoot) -> int:
        """Make the file with its first root. Refuses where there is one."""
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            if self._path.exists():
                raise KeyProviderRefused("the key file exists already")
            return self._add({}, make)

    def add(self, make: MakeRoot) -> int:
        """Add a root, which is the present one from now on. Returns its number."""
        with self._locked():
            return self._add(self.roots(), make)

    def remove(self, number: int) -> None:
        """Remove an earlier root; one that is gone already is left in peace. Raises RootInUse."""
        with self._locked():
            roots = self.roots()
            if number == max(roots):
                raise RootInUse
            if roots.pop(number, None):
                self._replace(roots)

    def _add(self, roots: Roots, make: MakeRoot) -> int:
        number = max(roots, default=0) + 1
        made_at = clock.now().isoformat(timespec="seconds")
        self._replace({**roots, number: {"created_at": made_at, **make(number)}})
        return number

    def _read(self) -> Roots:
        try:
            with self._path.open("rb") as file:
                _require_private(os.fstat(file.fileno()))
                return _parsed(file.read().decode("ascii"))
        except FileNotFoundError:
            raise
        except OSError:
            raise KeyProviderDown("the key file cannot be read") from None
        except (ValueError, LookupError, TypeError, AttributeError):
            raise KeyProviderRefused("the key file is damaged") from None

    def _replace(self, roots: Roots) -> None:
        lines = "".join(json.dumps({"number": n, **root}) + "\n" for n, root in roots.items())
        replace_durably(self._path, lines)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, among all processes: the folder carries the lock."""
        try:
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            raise KeyProviderDown("the folder of the key file is not there") from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        except OSError:
            raise KeyProviderDown("the key file cannot be written") from None
        finally:
            os.close(folder)


def number_of(root_name: str, scheme: str) -> int:
    """The number in a root's name. Raises SealBroken for the name of another provider's root."""
    kind, _, number = root_name.partition(":")
    if kind != scheme or not number.isdecimal():
        raise SealBroken
    return int(number)


def _parsed(text: str) -> Roots:
    if len(bare := text.strip()) == _KEY_DIGITS:
        return {1: {"key": bytes.fromhex(bare).hex()}}
    roots: Roots = {}
    for line in text.splitlines():
        root = json.loads(line)
        number = int(root.pop("number"))
        if number in roots or not 0 < number < 2**32:
            raise ValueError
        roots[number] = root
    if not roots:
        raise ValueError
    return roots


def _require_private(facts: os.stat_result) -> None:
    if facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise KeyProviderRefused("the key file must belong to this user alone (chmod 600)")


def _one_copy_takes_both(key_file: Path, other: Path) -> bool:
    """Whether somebody who copies the folder of the one takes the other along."""
    other = other.resolve()
    theirs, ours = other if other.is_dir() else other.parent, key_file.parent
    return ours.is_relative_to(theirs) or theirs.is_relative_to(ours)
