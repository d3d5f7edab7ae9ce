"""The words of the home page, and where each number leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.access import Actor, Permission, Role
from casemgr.home.service import Waiting
from casemgr.work.backup_concerns import BackupConcern
from casemgr.work.concerns import Concern


@dataclass(frozen=True, slots=True)
class Place:
    """What a number counts and the page that lists it."""

    label: LazyString
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)


PLACES: Final[Mapping[str, Place]] = {
    "notices": Place(_l("notices to acknowledge"), "home.notices"),
    "escalated": Place(
        _l("notices that nobody acknowledged in time"), "home.notices", {"_anchor": "escalated"}
    ),
    "untaken": Place(_l("cases that nobody has taken"), "cases.untaken"),
    "mine": Place(_l("cases that I run"), "cases.mine"),
    "chase": Place(_l("referrals to chase"), "referrals.index", {"show": "due"}),
    "incoming": Place(
        _l("referrals to us that nobody acknowledged"), "incoming.index", {"show": "waiting"}
    ),
    "on_team": Place(_l("cases on whose care team I am"), "cases.index"),
    "tasks": Place(_l("tasks of mine still to do"), "home.tasks"),
    "unfinished": Place(_l("screenings of mine not finished"), "screenings.index"),
    "announcements": Place(_l("uses of recovery shares to acknowledge"), "announcements.index"),
    "erasures": Place(_l("erasures that are not final yet"), "erasures.index"),
    "breaches": Place(_l("breaches whose 72 hours run"), "breaches.index"),
    "breaches-late": Place(_l("breaches that wait for you"), "breaches.index"),
    "to-decide": Place(_l("erasures to decide"), "erasures.index"),
    "rights": Place(_l("rights requests to answer or carry out"), "rights.index"),
    "rights-steps": Place(_l("parts to prepare for rights requests"), "rights.steps"),
    "reviews": Place(_l("reviews that are open"), "reviews.index"),
    "access": Place(_l("access reviews that are open"), "access.index"),
    "to-end": Place(_l("roles and places that are to be ended"), "access.to_end"),
    "questions": Place(_l("questions to me that wait for an answer"), "questions.index"),
    "refusals": Place(_l("refusals in the last 24 hours"), "privacy.recent", {"kind": "refusals"}),
    "searches": Place(_l("searches in the last 24 hours"), "privacy.recent", {"kind": "searches"}),
    "sign-ins": Place(_l("sign-ins in the last 24 hours"), "privacy.recent", {"kind": "sign-ins"}),
    "taken-out": Place(
        _l("prints and exports in the last 24 hours"), "privacy.recent", {"kind": "taken-out"}
    ),
}
CONCERNS: Final[Mapping[Concern, LazyString]] = {
    Concern.NO_SHARES: _l(
        "There are no recovery shares. If the key that opens the records is lost today, nobody can bring them back. Make shares with five keepers: flask keys split."
    ),
    Concern.OTHER_SET: _l(
        "The key store holds other recovery shares than were last issued. Make new shares (flask keys split) and tell the privacy officer."
    ),
    Concern.NOT_ALL_SEALED: _l(
        "The recovery shares do not open every key. Make new shares: flask keys split."
    ),
    Concern.EPOCH_CLOSED: _l(
        "A key epoch was closed after the recovery shares were made. Until new shares are made (flask keys split) and the old papers destroyed, no erasure is final."
    ),
    Concern.NO_DRILL: _l(
        "Nobody has tried yet whether the recovery shares work. Hold a drill with three keepers: flask keys drill."
    ),
    Concern.DRILL_DUE: _l(
        "The last drill with the recovery shares was more than 90 days ago. Hold one with three keepers: flask keys drill."
    ),
    Concern.KEYS_BROKEN: _l(
        "When the keys were last tried, not every one opened. What lies under it cannot be read. Run: flask keys verify."
    ),
    Concern.PROVIDER_AWAY: _l(
        "What guards the keys cannot be used at the moment. Work goes on as long as casemgr is not restarted: do not restart it, and see the log."
    ),
    Concern.KEY_STORE_AWAY: _l(
        "The key store does not answer, so the recovery shares could not be checked."
    ),
}
BACKUP_CONCERNS: Final[Mapping[BackupConcern, LazyString]] = {
    BackupConcern.NONE_YET: _l(
        "Not everything has been backed up yet: the main database, the files and the key store. Run: flask backup create."
    ),
    BackupConcern.OLD: _l(
        "The last backup of the main database, the files or the key store is more than 7 days old. Run: flask backup create."
    ),
    BackupConcern.COPY_OVERDUE: _l(
        "A backup of the key store has expired and was not removed. Until then no erasure is final. Run flask backup create: it says what is to be done."
    ),
}
STARTS: Final = (
    ("screenings.new", Permission.SCREENING_WRITE, _l("Start a screening")),
    ("cases.search", Permission.CASE_SEARCH, _l("Find a case")),
    ("privacy.index", Permission.LOG_READ, _l("Open the log")),
    ("privacy.ask_history", Permission.LOG_READ, _l("History of one case")),
)
LATER: Final[Mapping[Role, LazyString]] = {
    Role.PLANNER: _l(
        "Releases of records to authorities, quality checks and procedures will be prepared here."
    ),
    Role.OFFICE: _l(
        "Reports to the Department of Health, document numbers and the training register will be kept here."
    ),
    Role.COMMUNICATIONS: _l("Awareness campaigns will be logged here. Cases are never shown."),
    Role.ADMINISTRATOR: _l(
        "Accounts, the directory and the settings will be kept here. Cases are never shown."
    ),
    Role.PARTNER: _l("Referrals sent to your organisation will be answered here."),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that opens the list it counts."""

    number: int
    label: str
    url: str


def tiles(waiting: list[Waiting]) -> list[Tile]:
    """The numbers whose lists exist: a link never leads nowhere."""
    places = [(item, PLACES[item.name]) for item in waiting]
    return [
        Tile(item.number, str(place.label), url_for(place.endpoint, **place.values))
        for item, place in places
        if place.endpoint in current_app.view_functions
    ]


def starts(actor: Actor) -> list[tuple[str, str]]:
    """What somebody begins from here: words and address, the most frequent first."""
    return [
        (str(words), url_for(endpoint))
        for endpoint, demand, words in STARTS
        if actor.may(demand) and endpoint in current_app.view_functions
    ]


def later(actor: Actor) -> list[str]:
    """What will be done here by those who have no work in it yet, said honestly."""
    return [str(LATER[role]) for role in sorted(actor.roles) if role in LATER]
