"""The numbers of the home page, by what the actor may do; each counts one list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from casemgr.access import Actor, Permission
from casemgr.audit import Action, record
from casemgr.cases import duty, notices, tasks
from casemgr.cases import service as cases
from casemgr.cases.models import Case, Task
from casemgr.privacy.breaches import records as breaches
from casemgr.privacy.erasure import erasures
from casemgr.privacy.log import service as privacy
from casemgr.privacy.proof import service as proof
from casemgr.privacy.proof.state import Concern as LogConcern
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.rights import requests as rights
from casemgr.privacy.rights import steps as rights_steps
from casemgr.referrals import incoming
from casemgr.referrals import lists as referrals
from casemgr.screenings import lists as sittings
from casemgr.work import announcements, worker
from casemgr.work.backup_concerns import BackupConcern, backup_concerns
from casemgr.work.concerns import Concern, concerns

Count: TypeAlias = Callable[[Actor], int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One number and the name of the list that it counts."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for somebody, and what they cannot rely on."""

    waiting: list[Waiting]
    is_worker_silent: bool
    concerns: list[Concern]  # about the recovery shares, for the administrator
    backup_concerns: list[BackupConcern]  # for the administrator too
    log_concerns: list[LogConcern]  # for whoever may see the state of the log


def desk(actor: Actor) -> Desk:
    """The actor's desk; that it was looked at is on record."""
    actor.require(Permission.HOME_READ)
    record(actor, Action.HOME_SHOWN)
    found = [Waiting(name, count(actor)) for name, demand, count in COUNTS if actor.may(demand)]
    shown = [item for item in found if item.number or item.name not in ONLY_WHEN_ANY]
    of_the_log = proof.concerns(actor)
    if not actor.may(Permission.KEYS_WATCH):
        return Desk(shown, worker.is_silent(), [], [], of_the_log)
    return Desk(shown, worker.is_silent(), concerns(actor), backup_concerns(actor), of_the_log)


def is_worker_silent() -> bool:
    """Whether the duty pages must say that reminders may come late."""
    return worker.is_silent()


def my_tasks(actor: Actor) -> Sequence[tuple[Task, Case]]:
    """The actor's open tasks, the most urgent first; public columns only, on record."""
    actor.require(Permission.TASK_WRITE)
    found = tasks.my_open_tasks(actor)
    record(actor, Action.CASES_LISTED, shown={case.id for _, case in found}, count=len(found))
    return found


def _on_my_teams(actor: Actor) -> int:
    return 0 if actor.may(Permission.CASE_TAKE) else cases.count_cases(actor)


COUNTS: tuple[tuple[str, Permission, Count], ...] = (
    ("notices", Permission.NOTICE_READ, notices.count_waiting),
    ("escalated", Permission.NOTICE_READ, duty.count_escalated),
    ("untaken", Permission.CASE_TAKE, lambda actor: cases.count_cases(actor, untaken=True)),
    ("mine", Permission.CASE_TAKE, lambda actor: cases.count_cases(actor, mine=True)),
    ("chase", Permission.REFERRAL_READ, referrals.count_to_chase),
    ("incoming", Permission.REFERRAL_RECEIVE, incoming.count_unacknowledged),
    ("on_team", Permission.RESTRICTED_READ, _on_my_teams),
    ("tasks", Permission.TASK_WRITE, tasks.count_my_open_tasks),
    ("unfinished", Permission.SCREENING_WRITE, sittings.count_unfinished),
    (
        "announcements",
        Permission.ANNOUNCEMENT_ACKNOWLEDGE,
        announcements.count_waiting,
    ),
    ("refusals", Permission.LOG_READ, lambda actor: privacy.count_recent(actor, "refusals")),
    ("searches", Permission.LOG_READ, lambda actor: privacy.count_recent(actor, "searches")),
    ("sign-ins", Permission.LOG_READ, lambda actor: privacy.count_recent(actor, "sign-ins")),
    ("erasures", Permission.ERASURE_REQUEST, erasures.count_not_final),
    ("breaches", Permission.BREACH_RECORD, breaches.count_running),
    ("breaches-late", Permission.BREACH_CONFIRM, breaches.count_for_director),
    ("to-decide", Permission.ERASURE_APPROVE, erasures.count_to_decide),
    ("rights", Permission.RIGHTS_WRITE, rights.count_undone),
    ("rights-steps", Permission.RIGHTS_PREPARE, rights_steps.count_mine),
    ("taken-out", Permission.LOG_READ, lambda actor: privacy.count_recent(actor, "taken-out")),
    ("reviews", Permission.REVIEW_READ, reviews.count_reviews),
    ("access", Permission.ACCESS_CONFIRM, reviews.count_open),
    ("to-end", Permission.ACCESS_READ, reviews.count_to_end),
    ("questions", Permission.QUESTION_ANSWER, reviews.count_mine),
)
ONLY_WHEN_ANY = frozenset(
    {
        "escalated",
        "incoming",
        "erasures",
        "to-decide",
        "rights",
        "rights-steps",
        "reviews",
        "access",
        "to-end",
        "questions",
        "breaches",
        "breaches-late",
    }
)  # their absence is the rule
