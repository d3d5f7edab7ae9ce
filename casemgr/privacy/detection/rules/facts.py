"""What the rules must know beside the accesses. Made for one run and forgotten after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import fmean, median, pstdev
from uuid import UUID

from casemgr.privacy.detection.rules.people import Person
from casemgr.privacy.detection.rules.window import Access, Pair

NOTHING_KNOWN = Person()


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when something holds; an open end holds on."""

    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it holds at this moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff. What is not known is empty, and the rule that needs it stays silent."""

    account_id: UUID
    roles: frozenset[str] = frozenset()
    department: str = ""
    person: Person = NOTHING_KNOWN
    leads: bool = False  # a role that reaches every case
    is_enabled: bool = True
    disabled_at: datetime | None = None
    ends_on: date | None = None  # last day of work
    leave: tuple[Span, ...] = ()
    shifts: tuple[Span, ...] | None = None  # None: no roster is known


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is public about a case, and whether it is flagged."""

    closed_at: datetime | None = None
    untaken_until: datetime | None = None  # None with ``was_taken``: still nobody's
    was_taken: bool = True
    is_flagged: bool = False

    def is_untaken(self, at: datetime) -> bool:
        """Whether at this moment it waited for somebody of the social work team."""
        return not self.was_taken or (self.untaken_until is not None and at < self.untaken_until)


@dataclass(frozen=True, slots=True)
class Care:
    """Who had to do with which case, and when: team, open task, own intake, referral."""

    spans: Mapping[Pair, Sequence[Span]] = field(default_factory=dict)
    tasks: Mapping[Pair, Sequence[Span]] = field(default_factory=dict)

    def holds(self, account_id: UUID, case_id: UUID, at: datetime) -> bool:
        """Whether this account had care of this case at this moment."""
        spans = self.spans.get((account_id, case_id), ())
        return any(span.holds(at) for span in spans) or self.has_task(account_id, case_id, at)

    def has_task(self, account_id: UUID, case_id: UUID, at: datetime) -> bool:
        """Whether a task of this case was theirs and open."""
        return any(span.holds(at) for span in self.tasks.get((account_id, case_id), ()))

    def begins_within(self, account_id: UUID, case_id: UUID, span: Span) -> bool:
        """Whether a place began while ``span`` held."""
        return any(span.holds(one.since) for one in self.spans.get((account_id, case_id), ()))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one account: cases on each of its working days, most taken out in a day."""

    cases: Sequence[int] = ()  # of the last 30 days, days without any left out
    exports: int = 0  # most cases taken out on one of the last 90 days
    destinations: frozenset[str] = frozenset()

    @property
    def mean(self) -> float:
        """Mean of the days; 0 without any."""
        return fmean(self.cases) if self.cases else 0.0

    @property
    def deviation(self) -> float:
        """Standard deviation of the days as they are; 0 without any."""
        return pstdev(self.cases) if self.cases else 0.0


@dataclass(frozen=True, slots=True)
class GlassUse:
    """What became of one use of break-glass. The words themselves stay where they are."""

    reason_length: int
    same_reason: int = 1  # how often this account gave the same words in 30 days


@dataclass(frozen=True)
class Facts:
    """Everything beside the accesses."""

    care: Care = Care()
    staff: Mapping[UUID, Member] = field(default_factory=dict)
    cases: Mapping[UUID, CaseFacts] = field(default_factory=dict)
    people: Mapping[UUID, Person] = field(default_factory=dict)  # by case; opened for this run
    named_staff: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)  # by case
    baselines: Mapping[UUID, Baseline] = field(default_factory=dict)
    parts_used: Mapping[str, Mapping[str, frozenset[UUID]]] = field(default_factory=dict)
    glass: Mapping[UUID, GlassUse] = field(default_factory=dict)  # by entry
    flagged: frozenset[UUID] = frozenset()  # entries that another rule told of
    seed: bytes = b""  # of the random sample

    def has_care(self, access: Access) -> bool:
        """Whether whoever did this had to do with the case. A leading role alone is no care."""
        if access.account_id is None or access.case_id is None:
            return False
        if self.care.holds(access.account_id, access.case_id, access.at):
            return True
        case = self.cases.get(access.case_id)
        is_waiting = case is not None and case.is_untaken(access.at)
        return is_waiting and bool(access.roles & {"social_worker", "social_work_lead"})

    def without_care(self, accesses: Iterable[Access]) -> list[Access]:
        """Those accesses that no care explains."""
        return [access for access in accesses if not self.has_care(access)]

    def leads(self, access: Access) -> bool:
        """Whether the role reaches every case."""
        member = self.staff.get(access.account_id) if access.account_id else None
        return member is not None and member.leads

    def peers(self, account_id: UUID) -> list[UUID]:
        """Other accounts that share a role."""
        mine = self.staff.get(account_id)
        roles = mine.roles if mine else frozenset()
        return [
            one for one, member in self.staff.items() if one != account_id and member.roles & roles
        ]

    def peer_median(self, account_id: UUID) -> float:
        """The median of the usual number of cases a day among those peers who touch any."""
        usual = [
            self.baselines[one].mean for one in self.peers(account_id) if one in self.baselines
        ]
        return median(usual) if usual else 0.0
