"""(a) Sealing and opening a 200-byte value, beside what a team would pick instead.

Judged against Tink, which binds associated data as we do. The raw call is given its nonce and a
cipher object that is there already. The columns of the other libraries take and give text.
"""

from collections.abc import Callable
from os import urandom
from typing import Any
from uuid import UUID

import tink
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from tink import aead

from bench import peers
from bench.measuring import Race, Runner, race
from casemgr.crypto import envelope

BAR = 1.15
TIMES, ROUNDS = 1_000, 45  # many short rounds: a busy machine disturbs few of them
PLAIN = (b"Nguyen Thi Hoa, ward 7, to be met again on Monday; " * 4)[:200]


def run(_full: bool) -> list[Race]:
    """Both races."""
    runners = [_ours(), _tink(), _raw(), *_columns()]
    races = []
    for number, act in enumerate(("seal", "open")):
        both = [
            Runner(name, pair[number], BAR if name == "casemgr" else None, than="Tink AEAD")
            for name, pair in runners
        ]
        races.append(race(f"{act} 200 bytes", both, times=TIMES, rounds=ROUNDS))
    return races


Pair = tuple[Callable[[], object], Callable[[], object]]


def _ours() -> tuple[str, Pair]:
    cipher, row = AESGCM(urandom(32)), UUID("0197a000-0000-7000-8000-000000000001").bytes
    where = envelope.place("case_identity", "identity_sealed") + row
    sealed = envelope.seal(cipher, 1, PLAIN, where)
    assert envelope.unseal(cipher, sealed, where) == PLAIN
    return "casemgr", (
        lambda: envelope.seal(cipher, 1, PLAIN, where),
        lambda: envelope.unseal(cipher, sealed, where),
    )


def _tink() -> tuple[str, Pair]:
    aead.register()
    handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
    primitive, where = handle.primitive(aead.Aead), bytes(62)
    sealed = primitive.encrypt(PLAIN, where)
    assert primitive.decrypt(sealed, where) == PLAIN
    return "Tink AEAD", (
        lambda: primitive.encrypt(PLAIN, where),
        lambda: primitive.decrypt(sealed, where),
    )


def _raw() -> tuple[str, Pair]:
    cipher, nonce, where = AESGCM(urandom(32)), urandom(12), bytes(62)
    sealed = cipher.encrypt(nonce, PLAIN, where)
    return "raw AESGCM, nonce given", (
        lambda: cipher.encrypt(nonce, PLAIN, where),
        lambda: cipher.decrypt(nonce, sealed, where),
    )


def _columns() -> list[tuple[str, Pair]]:
    """Encrypted columns, as SQLAlchemy calls them for each value."""
    return [(name, _of_column(column)) for name, column in peers.COLUMNS.items()]


def _of_column(column: Any) -> Pair:
    text, dialect = PLAIN.decode(), SQLiteDialect()
    sealed = column.process_bind_param(text, dialect)
    assert column.process_result_value(sealed, dialect) == text
    return (
        lambda: column.process_bind_param(text, dialect),
        lambda: column.process_result_value(sealed, dialect),
    )
