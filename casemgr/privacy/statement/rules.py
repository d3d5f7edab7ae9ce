"""What a statement tells of the log, and what it never tells. Pure functions.

The one law of this module: what is not told is taken out of the entries *first*, and only then is
anything counted or folded. A statement is therefore the same, byte by byte, as that of a case of
which the untold never happened; no gap and no total gives it away.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from casemgr.access import Compartment

# The person's file. INFORMANT is nobody's to know (R25); OVERSIGHT and NAME_INDEX are not the file.
FILE = tuple(
    part
    for part in Compartment
    if part not in {Compartment.INFORMANT, Compartment.OVERSIGHT, Compartment.NAME_INDEX}
)
# Acts that are about the file although they open no part of it; the rest is the log, keys, oversight.
_ABOUT_THE_FILE = frozenset(
    {"screening", "case", "identity", "contact", "social", "consent", "ground", "note"}
    | {"clinical", "attachment", "task", "notice", "referral", "letter"}
)
# Acts that name parts without looking at them: a place given, a part restricted, keys made anew.
_NO_LOOK = frozenset({"team", "part", "erasure", "hold", "key", "rights"})
# Somebody outside told us of the person (domain §2.5, Art. 24 NĐ 56/2017): acts on what they told.
_TELLING = ("tip", "informant", "denunciation", "incoming", "hotline")
_CAME_IN = "referral.received"


class Receiver(StrEnum):
    """Who holds out a hand for the statement."""

    PERSON = "person"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


class Shown(StrEnum):
    """What was seen where no part of the file was opened."""

    PAGE = "page"  # that the case exists, and its work flow
    LIST = "list"  # its code on a list


@dataclass(frozen=True, slots=True)
class Act:
    """As much of an entry of the log as a statement looks at."""

    at: datetime
    who: UUID | None
    acting_as: str
    action: str
    occasion: UUID  # entries of one request are one look
    parts: frozenset[str] = frozenset()
    purpose: str | None = None
    subject_id: UUID | None = None
    subject_kind: str | None = None
    is_done: bool = True
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """What a statement must not tell today: records (with every look that touched them), parts."""

    records: frozenset[UUID] = frozenset()
    occasions: frozenset[UUID] = frozenset()
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Who:
    """Role and department; a name only where the officer decided so (CJEU C-579/21)."""

    acting_as: str
    department: str
    name: str = ""


@dataclass(slots=True)
class Line:
    """One line: who saw which part, for what, on how many occasions, from when to when."""

    who: Who
    part: str
    purpose: str
    first_at: datetime
    last_at: datetime
    occasions: set[UUID] = field(default_factory=set)

    @property
    def times(self) -> int:
        """On how many occasions; several entries of one request are one."""
        return len(self.occasions)


def told(acts: Iterable[Act], secret: Secret) -> Iterator[Act]:
    """Those acts that the person is told of, each without the parts that are not told.

    Left out are acts of the machine, refusals (nobody saw anything), the informant and whatever is
    a sign of one, oversight, and what is withheld today.
    """
    for act in acts:
        if act.who is None or not act.is_done or _is_secret(act, secret):
            continue
        parts = act.parts & frozenset(FILE) - secret.parts
        if parts or (not act.parts and act.action.partition(".")[0] in _ABOUT_THE_FILE):
            yield replace(act, parts=parts)


def _is_secret(act: Act, secret: Secret) -> bool:
    if act.occasion in secret.occasions or act.subject_id in secret.records:
        return True
    if act.action.partition(".")[0] in _NO_LOOK:
        return True
    return act.action == _CAME_IN or (act.subject_kind or "").startswith(_TELLING)


def fold(acts: Iterable[Act], who: "dict[UUID, Who]") -> list[Line]:
    """The lines of acts that are told (see ``told``), in a stable order; ``who`` by account.

    One pass; what is kept grows with the lines and the occasions, not with the entries' size.
    """
    lines: dict[tuple[Who, str, str], Line] = {}
    for act in acts:
        known = who.get(act.who) if act.who else None
        one = Who(act.acting_as, known.department if known else "", known.name if known else "")
        bare = Shown.LIST if act.is_list else Shown.PAGE
        for part in sorted(act.parts) or [bare.value]:
            purpose = (act.purpose or "") if act.parts else ""
            line = lines.setdefault((one, part, purpose), Line(one, part, purpose, act.at, act.at))
            line.first_at, line.last_at = min(line.first_at, act.at), max(line.last_at, act.at)
            line.occasions.add(act.occasion)
    return sorted(lines.values(), key=_place)


_ORDER = {part: place for place, part in enumerate([*FILE, *Shown])}


def _place(line: Line) -> tuple[str, str, str, int, str]:
    who = line.who
    return who.acting_as, who.department, who.name, _ORDER[line.part], line.purpose


def is_refused(receiver: Receiver, is_conflicted: bool | None) -> bool:
    """A guardian who is suspected, or stands against the person, gets none (domain §2.5).

    So does a representative; and for either, not knowing is no yes.
    """
    return receiver is not Receiver.PERSON and is_conflicted is not False


@dataclass(frozen=True, slots=True)
class WithholdingGround:
    """Why a disclosure may be kept from the person for a time, from which day, by which source."""

    name: str
    source: str
    valid_from: date
    valid_to: date | None = None


GROUNDS = (
    WithholdingGround(
        "investigation",
        "Bộ luật Tố tụng hình sự số 101/2015/QH13, Điều 177",
        date(2018, 1, 1),
    ),
    WithholdingGround(
        "child_protection",
        "Nghị định số 56/2017/NĐ-CP, Điều 24",
        date(2017, 7, 1),
    ),
)


def grounds_on(day: date) -> list[WithholdingGround]:
    """The grounds that are law on a day (I9)."""
    return [
        ground
        for ground in GROUNDS
        if ground.valid_from <= day and (ground.valid_to is None or day <= ground.valid_to)
    ]


@dataclass(frozen=True, slots=True)
class Withholding:
    """One withholding, opened: from its first to its last day, both included."""

    starts_on: date
    ends_on: date
    records: Collection[str] = ()  # ids as text
    parts: Collection[str] = ()

    def counts_on(self, day: date) -> bool:
        """Whether it stands on this day."""
        return self.starts_on <= day <= self.ends_on
