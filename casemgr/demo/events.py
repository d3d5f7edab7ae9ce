"""What can happen in a story: one small dataclass each, which the loader turns into a call.

``day`` counts from today (-1 is yesterday), ``at`` is the hospital's wall clock, ``by`` is the
username of who acts.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from casemgr import clock
from casemgr.demo import vocabulary as v
from casemgr.demo.people import Person
from casemgr.directory.rules import Service
from casemgr.referrals.facts import FactKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Somebody did something at a moment."""

    day: int
    at: time
    by: str

    def moment(self, today: date) -> datetime:
        """The aware UTC moment, counted from ``today``."""
        return clock.at_hospital(today + timedelta(days=self.day), self.at.hour, self.at.minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class SatScreening(Event):
    """A sitting. ``answers`` are (item key, option key); ``age`` is a whole number of years."""

    instrument: str
    version: str
    department: str
    age: int
    is_alone: bool
    limits_explained: bool
    answers: tuple[tuple[str, str], ...]
    ended: str  # a casemgr.screenings.rules.SittingState
    outcome: str  # a casemgr.screenings.rules.Outcome; the rules must come to the same
    has_concern: bool
    observed: str
    is_in_case: bool = False  # asked after somebody outside had announced the person


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSuspicion(Event):
    """A case begins; until consent or a ground it holds sitting, ward and contact nurse only."""

    department: str
    ground: str  # a casemgr.screenings.rules.Ground
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedReferralIn(Event):
    """Somebody outside brought or announced the person (E2–E4); opens the case."""

    source: v.Source
    sender: str
    document_number: str | None
    called_at: time | None
    department: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """The social work team or the board has seen the internal notice (Q3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TookCase(Event):
    """A social worker becomes responsible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveConsent(Event):
    """Consent for one purpose, and for a referral for one recipient (R4, R5)."""

    purpose: v.ConsentFor
    method: v.ConsentMethod
    given_by: v.GivenBy
    recipient: v.Recipient | None = None
    witness: str | None = None
    has_assent: bool | None = None  # of a minor beside the representative (R14)
    expires_after_days: int | None = 180  # None: the record itself (a) has no end


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedConsent(Event):
    """The person said no to one purpose; care goes on."""

    purpose: v.ConsentFor
    recipient: v.Recipient | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrewConsent(Event):
    """The person took a consent back; later sharing stops (R5)."""

    purpose: v.ConsentFor
    recipient: v.Recipient | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLawfulGround(Event):
    """What stands in for consent, with its reason (R6)."""

    ground: v.Lawful
    reason: str
    is_person_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedIdentity(Event):
    """Who the person is."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSituation(Event):
    """Group, what was done, where; and how the person came to us."""

    group: v.Group | None
    harms: tuple[v.Harm, ...]
    place: v.Place
    source: v.Source
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedContact(Event):
    """How to reach the person without harm (R10); defaults are no."""

    channel: str
    number: str | None
    safe_from: time
    safe_until: time
    may_answer: str
    code_phrase: str
    may_leave_message: bool = False
    may_sms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCompanion(Event):
    """Who came along (R11); never a contact, a consent-giver or an interpreter."""

    name: str
    relation: str
    phone: str | None
    answers_for_person: bool
    is_suspected_controller: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedStory(Event):
    """This minor's own case stands beside that adult's (P3)."""

    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedTeamMember(Event):
    """Somebody joins the care team with these compartments (access.Compartment values)."""

    username: str
    compartments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedNote(Event):
    """A note of the team; a person's own words are marked as such (R16)."""

    text: str
    is_own_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFile(Event):
    """A plain text file is kept under a part of the record (an access.Compartment value)."""

    name: str
    text: str
    compartment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedTask(Event):
    """Something to do; ``due`` counts from today like ``day`` and may lie ahead."""

    title: str
    due: int
    assignee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedTask(Event):
    """A task of this story, by its title, is done."""

    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCompartment(Event):
    """Somebody on the team reads, with a purpose (access.Purpose value)."""

    compartments: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WroteClinicalNote(Event):
    """A restricted note; ``compartment`` is CLINICAL, PSYCH or SEXUAL_HEALTH."""

    compartment: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedReferral(Event):
    """A draft: which services are asked of whom, and which facts would go along."""

    recipient: v.Recipient
    services: tuple[Service, ...]
    facts: tuple[FactKey, ...]
    urgent_needs: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRefused(Event):
    """The system refused to send: no live consent for that recipient (R6)."""

    recipient: v.Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReferral(Event):
    """The draft to that recipient went out."""

    recipient: v.Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLetter(Event):
    """The letter to that recipient was printed (domain §5.9)."""

    recipient: v.Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralAnswered(Event):
    """The receiver answered by telephone or paper; ``state`` is where the referral now stands."""

    recipient: v.Recipient
    state: v.ReferralState
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChasedReferral(Event):
    """The receiver was asked again for an answer (R22)."""

    recipient: v.Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrewReferral(Event):
    """We took the referral back."""

    recipient: v.Recipient
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedStatus(Event):
    """The case moved on; an authority's paper where the law asks for one (domain §0.7)."""

    to: v.Stage
    paper_number: str | None = None
    paper_issuer: str | None = None
    paper_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSupport(Event):
    """The person wants no support; the suspicion closes, the door stays open (R4)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    """The work is done."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Event):
    """The work goes on, for a reason (R34)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeekRefused(Event):
    """A clinician who is not on the care team tried to open the case: 404 and an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched(Event):
    """A search; ``by_what`` is name, national_id or phone."""

    by_what: str
    words: str
    finds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """Somebody began to work, or failed to."""

    is_successful: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(Event):
    """Somebody ended their session; who does not, is signed out after ten idle minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRefused(Event):
    """Somebody asked for the list of cases although their work has none: 403 and an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedLog(Event):
    """The privacy officer read the log, and perhaps exported it (R26)."""

    is_exported: bool = False
