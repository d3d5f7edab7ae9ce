"""Building the index of names against the bare loop that opens the same values.

Both select, unwrap keys and open the sealed records of every case through the product's own code;
the twin then drops what it read. So the ratio is what folding, sorting and listing cost beside it.
"""

import sys
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import select

from bench.hospitals import hospital
from bench.measuring import Contest, contest
from bench.people import names
from casemgr.access.actor import system_actor
from casemgr.cases.indexing import Taking, read_into
from casemgr.cases.models import Case
from casemgr.crypto.names.name_index import NameIndex
from casemgr.crypto.names.packing import Packing
from casemgr.db import session
from tests.cases.people import add_people
from tests.cast import Cast

BAR = 1.5
QUICK, FULL = 3_000, 30_000
ROUNDS = 9
BATCH = 500


class Dropped:
    """What is read is forgotten at once."""

    def put(self, doc_id: UUID, name_strings: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Nothing is kept."""

    def remove(self, doc_id: UUID) -> None:
        """There is nobody to remove."""


def run(full: bool) -> list[Contest]:
    """The index in memory, and the packed one up to its sealed blocks."""
    people = FULL if full else QUICK
    with hospital("sqlite") as (app, _pair):
        cast = Cast(app)
        everybody = names(people)
        for start in range(0, people, BATCH):
            add_people(cast, [{"full_name": name} for name in everybody[start : start + BATCH]])
        with app.app_context():
            ids = list(session.scalars(select(Case.id)))
            results = [_against_reading(cast, ids, *each) for each in (_IN_MEMORY, _PACKED)]
            session.rollback()
    return results


def _packed(names: Packing) -> None:
    names.sealed()


_IN_MEMORY = ("in memory", NameIndex, lambda _names: None)
_PACKED = ("packed and sealed", Packing, _packed)


def _against_reading(
    cast: Cast,
    ids: list[UUID],
    name: str,
    make: Callable[[], Taking],
    finish: Callable[..., object],
) -> Contest:
    actor = system_actor("name-index", cast.facility_id)

    def build() -> None:
        names = make()
        read_into(actor, names, ids)
        finish(names)

    return contest(
        f"index of {len(ids):,} names, {name}: building it against opening the same values",
        BAR,
        build,
        lambda: read_into(actor, Dropped(), ids),
        times=1,
        rounds=ROUNDS,
    )


if __name__ == "__main__":
    for each in run("--full" in sys.argv):
        print(each.table(), end="\n\n", flush=True)
