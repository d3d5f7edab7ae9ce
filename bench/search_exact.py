"""Finding one of a million by identity number: the blind index against the number in clear.

Both ask by the product's own way (SQLAlchemy, one statement over identity and insurance number) for
numbers that somebody has; the twin's table holds the numbers readable. What the product does beyond
the index, opening the hit and comparing it, costs the same for ten people as for a million.
"""

import random
import sys
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from os import urandom
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Column,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    or_,
    select,
    text,
)

from bench.hospitals import KINDS, hospital
from bench.measuring import Contest, contest
from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.access.key_names import the_keyring
from casemgr.cases import numbers
from casemgr.cases.models import Case, Identity
from casemgr.cases.rules import CaseState
from casemgr.crypto.names import fold
from casemgr.db import session
from tests.planting import planted

BAR = 1.4
QUICK, FULL = 100_000, 1_000_000
TIMES, ROUNDS = 100, 61  # many short rounds: a busy machine disturbs few of them
BATCH = 10_000
FACILITY = UUID(int=1)
LABELS = ("case_identity.national_id", "case_identity.insurance_number")

plain = Table(
    "plain_identity",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("facility_id", Uuid, nullable=False, index=True),
    Column("case_id", Uuid, nullable=False, unique=True),
    Column("national_id", String(20), index=True),
    Column("insurance_number", String(20), index=True),
    Column("identity", String(300)),
)


def run(full: bool) -> list[Contest]:
    """On SQLite and on PostgreSQL."""
    return [exact(kind, FULL if full else QUICK) for kind in KINDS]


def exact(kind: str, people: int) -> Contest:
    """One contest on one kind of database."""
    with hospital(kind) as (app, _pair), app.app_context():
        the_keyring().found_facility(FACILITY)
        for start in range(0, people, BATCH):
            _add(start, min(BATCH, people - start))
        session.execute(text("ANALYZE"))
        session.commit()
        ours, twin = _ours(people), _twin(people)
        assert ours() == twin() == 1
        return contest(
            f"exact number among {people:,}, {kind}: blind index against the number in clear",
            BAR,
            ours,
            twin,
            times=TIMES,
            rounds=ROUNDS,
        )


def _ours(people: int) -> Callable[[], int]:
    actor, asked = system_actor("bench", FACILITY), _asked(people)
    part = numbers._IDENTITY  # noqa: SLF001 - what the product asks with
    return lambda: len(numbers._candidates(actor, next(asked), part))  # noqa: SLF001


def _twin(people: int) -> Callable[[], int]:
    asked, columns = _asked(people), plain.c
    national: BindParameter[str] = bindparam("national")
    insurance: BindParameter[str] = bindparam("insurance")
    has_it = or_(columns.national_id == national, columns.insurance_number == insurance)
    in_facility = columns.facility_id == bindparam("facility_id")
    query = select(columns.id, columns.case_id, columns.identity).where(in_facility, has_it)

    def ask() -> int:
        number = fold.identifier(next(asked))  # people type blanks and dots in either system
        values = {"facility_id": FACILITY, "national": number, "insurance": number}
        return len(session.execute(query, values).all())

    return ask


def _asked(people: int) -> Iterator[str]:
    rng = random.Random(11)
    return cycle([_number(rng.randrange(people)) for _ in range(5_000)])


def _number(person: int) -> str:
    return f"022{person * 7919 % 10**9:09}"


def _add(start: int, count: int) -> None:
    """People whose records nobody opens here: only the indexes are asked."""
    blind, now = the_keyring().blind_index, clock.now()
    everybody = [UUID(int=(start + n + 1) << 64 | 1) for n in range(count)]
    rows: dict[Any, list[dict[str, Any]]] = {Case: [], Identity: [], plain: []}
    for n, row_id in enumerate(everybody, start):
        national, insurance = _number(n), f"{n:010}"
        place = {"facility_id": FACILITY, "id": row_id}
        rows[Case].append(
            {
                **place,
                "code": f"B-{n}",
                "code_name": f"B {n}",
                "state": CaseState.ADMITTED,
                "opened_at": now,
                "changed_at": now,
                "version": 1,
            }
        )
        shared = {**place, "case_id": row_id}
        rows[Identity].append(
            {
                **shared,
                "version": 1,
                "identity_sealed": urandom(225),
                "national_id_index": blind(FACILITY, LABELS[0], national),
                "insurance_number_index": blind(FACILITY, LABELS[1], insurance),
            }
        )
        rows[plain].append(
            {
                **shared,
                "national_id": national,
                "insurance_number": insurance,
                "identity": "x" * 192,
            }
        )
    with planted(session()):
        if start == 0:
            plain.create(session.connection())
        for kind, values in rows.items():
            session.execute(insert(kind), list(islice(values, count)))
        session.commit()


if __name__ == "__main__":
    for each in run("--full" in sys.argv):
        print(each.table(), end="\n\n", flush=True)
