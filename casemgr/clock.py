"""The one place that asks the time. Nobody else calls ``datetime.now``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

HOSPITAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")  # UTC+7, no daylight saving (domain §5.8)

_told: ContextVar[Callable[[], datetime] | None] = ContextVar("told_clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    source = _told.get()
    return source() if source else datetime.now(UTC)


def today() -> date:
    """The calendar day at the hospital."""
    return to_local(now()).date()


def to_local(moment: datetime) -> datetime:
    """The same moment as the hospital's wall clock shows it."""
    return moment.astimezone(HOSPITAL_ZONE)


def at_hospital(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The UTC moment at which the hospital's clock shows ``day`` ``hour``:``minute``."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=HOSPITAL_ZONE)
    return local.astimezone(UTC)


@contextmanager
def told_by(source: Callable[[], datetime]) -> Iterator[None]:
    """Ask ``source`` for the time within this context: the demonstration's past has its own."""
    token = _told.set(lambda: source().astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at ``at`` within this context: for tests."""
    with told_by(lambda: at):
        yield
