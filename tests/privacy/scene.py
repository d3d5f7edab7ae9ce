"""An erasure, step by step: Thủy (officer) asks, Bình (director) approves, the worker acts."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from casemgr import clock, rooms
from casemgr.access import Compartment
from casemgr.cases import recording
from casemgr.cases.retention import ERASABLE, Keeping, RecordKind
from casemgr.db import session
from casemgr.privacy.erasure import erasures
from casemgr.privacy.erasure.models import Erasure
from casemgr.privacy.erasure.rules import Basis, ErasureState
from casemgr.work.worker import Worker
from tests.cast import Cast
from tests.house.hospital import Hospital

REASON = "Người bệnh yêu cầu bằng văn bản"
COUNTDOWN = timedelta(days=7)  # the number, not the code's
YEARS_LATER = timedelta(days=366 * 11)  # no record is kept any more: 10 years (TT 53/2017)


@contextmanager
def later(by: timedelta) -> Iterator[datetime]:
    """The same hospital, so much later."""
    at = clock.now() + by
    with clock.frozen(at):
        yield at


def close(made: Hospital, name: str = "case") -> None:
    """The one who runs the case closes it."""
    with made.cast.acting():
        recording.close_case(made.cast.actor("worker"), made.ids[name], "Đã ổn định, về nhà")


def ask(
    cast: Cast, code: str, parts: Collection[Compartment] = ERASABLE, by: str = "officer"
) -> UUID:
    """The officer asks."""
    with cast.acting():
        return erasures.request_erasure(
            cast.actor(by),
            code,
            basis=Basis.PERSON_ASKED,
            reason=REASON,
            record_kind=RecordKind.GENERAL,
            parts=parts,
        ).id


def answers(cast: Cast, erasure_id: UUID) -> dict[Compartment, tuple[Keeping | None, date | None]]:
    """What the law answered for each part, and until which day."""
    with cast.acting():
        opened = erasures.show(cast.actor("officer"), erasure_id)
        return {row.part: (row.keeping, row.kept_until) for row in opened.parts}


def asked(made: Hospital) -> UUID:
    """A closed case, of which everything is to be erased."""
    close(made)
    return ask(made.cast, made.code("case"))


def version(erasure_id: UUID) -> int:
    """What a form would carry."""
    return session.get_one(Erasure, erasure_id).version


def approve(cast: Cast, erasure_id: UUID) -> None:
    """The director approves."""
    with cast.acting():
        version = session.get_one(Erasure, erasure_id).version
        erasures.approve(cast.actor("director"), erasure_id, version)


def work(cast: Cast) -> None:
    """What a worker that was started now does, twice: a round may make the next one's work."""
    with cast.app.app_context():
        for _ in range(2):
            Worker(cast.facility_id, rooms.HANDLERS, rooms.periodic_rounds()).work_once()


def erase(made: Hospital, name: str = "case") -> UUID:
    """Closed, asked for, approved, waited for, carried out."""
    close(made, name)
    with later(YEARS_LATER):
        erasure_id = ask(made.cast, made.code(name))
        approve(made.cast, erasure_id)
    with later(YEARS_LATER + COUNTDOWN + timedelta(minutes=1)):
        work(made.cast)
    return erasure_id


def state_of(cast: Cast, erasure_id: UUID) -> ErasureState:
    """Where it stands."""
    with cast.app.app_context():
        return session.get_one(Erasure, erasure_id).state
