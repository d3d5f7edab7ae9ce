"""The twin of the page benchmarks: sealing and the log replaced by pass-through, in this process.

Never a mode of the product. Values keep their length, so that both read the same number of bytes;
keys are neither fetched nor made; entries are counted but neither written nor encoded.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.access import opening
from casemgr.access.actor import Actor
from casemgr.audit import lanes, trail
from casemgr.crypto import envelope
from casemgr.crypto.keyring import OpenedKey
from casemgr.db import session

_NO_CIPHER = AESGCM(bytes(32))
_HEAD, _TAG = b"\x01\x00\x00\x00\x01" + bytes(12), bytes(16)


def _seal(_key: AESGCM, _generation: int, plaintext: bytes, _where: bytes) -> bytes:
    return _HEAD + plaintext + _TAG


def _unseal(_key: AESGCM, sealed: bytes, _where: bytes) -> bytes:
    return sealed[17:-16]


def _unseal_by_header(_keys: object, sealed: bytes, _where: bytes) -> bytes:
    return sealed[17:-16]


def _record(*_args: object, **_named: object) -> None:
    session.info[trail._WRITTEN] = trail.entries_written() + 1  # noqa: SLF001 - a twin's business


def _has_entries(_session: object) -> bool:
    return True  # so that the log's guard lets the twin commit


def _open_many(_actor: Actor, owners: Collection[UUID], parts: Collection[str]) -> None:
    keys = opening._keys()  # noqa: SLF001 - as above
    for owner in owners:
        for part in parts:
            keys.add(OpenedKey(owner, owner, part, 1, _NO_CIPHER))


@contextmanager
def patched_out() -> Iterator[None]:
    """Within this, nothing is sealed and nothing is logged."""
    swaps: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
        (envelope.seal, _seal),
        (envelope.unseal, _unseal),
        (envelope.unseal_by_header, _unseal_by_header),
        (trail.record, _record),
        (lanes.has_entries, _has_entries),
        (opening.open_many, _open_many),
    ]
    patches = [
        mock.patch.object(module, name, other)
        for module in [m for n, m in sys.modules.items() if n.startswith("casemgr")]
        for name, value in list(vars(module).items())
        for real, other in swaps
        if value is real
    ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
