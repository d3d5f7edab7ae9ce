"""The one place that asks the time. Nobody else calls ``datetime.now``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HOSPITAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")  # UTC+7, no daylight saving (domain §5.8)

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days on which nobody works: a day of every year since ``first``, or of one year alone."""

    month: int
    day: int
    days: int
    first: int
    only: bool = False


# Labour Code 45/2019/QH14, article 112. The days that follow the moon, and the second day of
# 2 September, are announced for each year. In a year that is not here a term ends earlier, never later.
HOLIDAYS = (
    Holiday(1, 1, 1, 2021),
    Holiday(4, 30, 1, 2021),
    Holiday(5, 1, 1, 2021),
    Holiday(9, 2, 1, 2021),
    Holiday(2, 16, 5, 2026, only=True),  # the lunar new year
    Holiday(4, 27, 1, 2026, only=True),  # the Hung kings' day, a Sunday, made good on Monday
    Holiday(9, 1, 1, 2026, only=True),
)

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


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < SATURDAY and not any(_falls_on(holiday, day) for holiday in HOLIDAYS)


def after_working_days(day: date, count: int) -> date:
    """The last day of a term of ``count`` working days; ``day`` itself does not count."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def end_of(day: date) -> datetime:
    """The moment at which a day at the hospital is over."""
    return at_hospital(day + timedelta(days=1))


def _falls_on(holiday: Holiday, day: date) -> bool:
    if day.year < holiday.first or (holiday.only and day.year != holiday.first):
        return False
    begins = date(day.year, holiday.month, holiday.day)
    return begins <= day < begins + timedelta(days=holiday.days)


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
