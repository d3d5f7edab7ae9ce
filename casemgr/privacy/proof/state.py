"""What can be said of the log today: signed up to where, known outside by whom, since when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import checkpoints, publishing
from casemgr.audit.checkpoints import Checkpoint
from casemgr.audit.models import PENDING, AuditEntry
from casemgr.audit.outside.mail import SOME_REFUSED
from casemgr.audit.outside.note import Vkey
from casemgr.audit.outside.way import Way
from casemgr.audit.outside.ways import RED_AFTER, pace_of
from casemgr.audit.publishing import Fate
from casemgr.db import session
from casemgr.db.session import PROCESS


class Concern(StrEnum):
    """What is wrong with the proof, the gravest first. All of them are told in red."""

    AHEAD = "ahead"  # a witness, or the file outside, has seen more than this log holds
    FORKED = "forked"  # what was signed is not what the log holds, or a witness says so
    NOT_WHOLE = "not_whole"  # the last verification found something
    NO_KEY = "no_key"
    NO_WAY = "no_way"
    NOT_SIGNED = "not_signed"  # there is a key, and no head was signed yet
    NOT_SEQUENCED = "not_sequenced"  # entries wait too long for their place in the tree
    OLD = "old"  # nothing has left the machine for a day


SEQUENCED_WITHIN = timedelta(seconds=60)  # the sequencer looks each second


@dataclass(frozen=True, slots=True)
class WayState:
    """One way out: when a head last left by it, and whether that is too long ago."""

    way: Way
    sent_at: datetime | None
    sent_size: int | None
    trouble: str  # the fixed word of the last failure since then; empty when there is none
    is_old: bool


class Watched(Protocol):
    """The log of another hospital, as far as this one has seen it."""

    @property
    def origin(self) -> str:
        """Its name."""

    @property
    def size(self) -> int:
        """How many entries it had."""

    @property
    def seen_at(self) -> datetime:
        """When it was cosigned last."""


@dataclass(frozen=True, slots=True)
class LastCheck:
    """How the last verification ended."""

    at: datetime
    is_whole: bool


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the page shows."""

    newest: Checkpoint | None
    concerns: Sequence[Concern]
    ways: Sequence[WayState]
    vkeys: Sequence[Vkey]
    witness_vkey: Vkey | None
    watched: Sequence[Watched]  # the logs of other hospitals that this one witnesses
    last_check: LastCheck | None
    can_verify: bool


Ask = Callable[[Actor], LastCheck | None]
Verify = Callable[[Actor], object]
Watching = Callable[[Actor], Sequence[Watched]]
_checking: list[tuple[Ask, Verify]] = []
_watching: list[Watching] = []


def connect_checking(last: Ask, verify: Verify) -> None:
    """Who knows how the last verification ended, and who verifies now (create_app connects)."""
    _checking[:] = [(last, verify)]


def connect_watching(watched: Watching) -> None:
    """Who knows which logs this hospital witnesses (create_app connects)."""
    _watching[:] = [watched]


def verify_now(actor: Actor) -> None:
    """Have the log verified; the verifier writes its entry. Nothing while it is not connected."""
    for _last, verify in _checking:
        verify(actor)


def state_of(actor: Actor) -> State:
    """The state as of now."""
    newest, key = checkpoints.newest(session), checkpoints.log_key(session)
    ways = [_way(way) for way in publishing.ways()]
    return State(
        newest=newest,
        concerns=concerns(actor, newest, ways),
        ways=ways,
        vkeys=key.vkeys() if key else (),
        witness_vkey=key.witness_vkey() if key else None,
        watched=[log for ask in _watching for log in ask(actor)],
        last_check=_last_check(actor),
        can_verify=bool(_checking),
    )


def concerns(actor: Actor, newest: Checkpoint | None, ways: Sequence[WayState]) -> list[Concern]:
    """What is wrong, the gravest first; empty when all is well."""
    found, check = _contradictions(newest, ways), _last_check(actor)
    if check is not None and not check.is_whole:
        found.append(Concern.NOT_WHOLE)
    if checkpoints.log_key(session) is None:
        found.append(Concern.NO_KEY)
    elif newest is None:
        found.append(Concern.NOT_SIGNED)
    if not ways:
        found.append(Concern.NO_WAY)
    if _waits_too_long():
        found.append(Concern.NOT_SEQUENCED)
    if ways and newest is not None and all(way.is_old for way in ways):
        found.append(Concern.OLD)
    return found


def current_concerns(actor: Actor) -> list[Concern]:
    """For other pages: the same as the page of the log would say."""
    return concerns(actor, checkpoints.newest(session), [_way(way) for way in publishing.ways()])


def _last_check(actor: Actor) -> LastCheck | None:
    return next((last(actor) for last, _verify in _checking), None)


def _waits_too_long() -> bool:
    """Whether the sequencer stands still: nothing vouches for what it has not taken in."""
    late = (
        select(PENDING.c.entry_id)
        .join(AuditEntry, AuditEntry.id == PENDING.c.entry_id)
        .where(AuditEntry.at < clock.now() - SEQUENCED_WITHIN)
    )
    return session.scalars(late.limit(1)).first() is not None


def _contradictions(newest: Checkpoint | None, ways: Sequence[WayState]) -> list[Concern]:
    known, size = publishing.newest_known_outside(), newest.size if newest else 0
    is_ahead = known is not None and known.size > size
    has_forked = any(way.trouble in {"fork", "proof_refused"} for way in ways)
    reading = checkpoints.tree(session)
    held = reading.head().size if reading else 0
    if reading is not None and (seen := publishing.contradicted(reading)) is not None:
        is_ahead, has_forked = is_ahead or seen.size > held, has_forked or seen.size <= held
    if newest is not None and reading is not None:
        is_ahead = is_ahead or held < newest.size
        has_forked = has_forked or (
            held >= newest.size and reading.root_at(newest.size) != newest.root
        )
    return [Concern.AHEAD] * is_ahead + [Concern.FORKED] * has_forked


def _way(way: Way) -> WayState:
    past = publishing.record_of(way)
    sent = past.last_sent
    failed = next((row for row in past.failures if row.outcome is Fate.FAILED), None)
    is_ahead = any(row.outcome is Fate.AHEAD for row in past.failures[:1])
    trouble = failed.receipt.decode() if failed else ""
    if sent is not None and not past.failures and sent.receipt.endswith(SOME_REFUSED):
        trouble = "some_refused"
    return WayState(
        way,
        sent.at if sent else None,
        sent.checkpoint_size if sent else None,
        "ahead" if is_ahead else trouble,
        _is_old(way, sent.checkpoint_size if sent else 0),
    )


def _is_old(way: Way, sent_size: int) -> bool:
    """Whether a head that this way never took is older than a day, or than its own pace and a day."""
    pace = pace_of(way.kind, clock.today())
    patience = RED_AFTER if pace <= RED_AFTER else pace + timedelta(days=1)
    unsent = select(Checkpoint.id).where(
        Checkpoint.size > sent_size, Checkpoint.at < clock.now() - patience
    )
    return session.scalars(unsent.limit(1)).first() is not None


def endpoints() -> list[str]:
    """What this server reaches on the network for this, for the administrator (I6)."""
    found: list[str] = session.info[PROCESS].get(publishing.ENDPOINTS, [])
    return found
