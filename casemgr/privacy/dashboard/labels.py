"""The words of the dashboard and of the monthly report."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.audit import Outcome
from casemgr.privacy.dashboard.rules import Group

OUTCOMES: Final[Mapping[Outcome, LazyString]] = {
    Outcome.DONE: _l("Done"),
    Outcome.REFUSED: _l("Refused"),
    Outcome.FAILED: _l("Failed"),
}
GROUPS: Final[Mapping[Group, LazyString]] = {
    Group.OPENED: _l("Parts of records opened"),
    Group.SHOWN: _l("Records looked at"),
    Group.SEARCHED: _l("Searches for records"),
    Group.TAKEN_OUT: _l("Prints, downloads and exports"),
    Group.SIGNED_IN: _l("Sign-ins"),
    Group.SIGN_IN_REFUSED: _l("Failed sign-ins"),
    Group.BREAK_GLASS: _l("Emergency openings (break-glass)"),
    Group.REFUSED: _l("Acts that were refused"),
    Group.FAILED: _l("Acts that failed"),
}
NUMBERS: Final[Mapping[str, LazyString]] = {
    **{f"group.{group}": words for group, words in GROUPS.items()},
    "alerts.confirmed": _l("Alerts confirmed as misuse"),
    "alerts.mistakes": _l("Alerts about a mistake in good faith, which is no misuse"),
    "alerts.explained": _l("Alerts with a good reason"),
    "alerts.open": _l("Alerts that wait for a verdict"),
    "breaches.detected": _l("Breaches detected in the period"),
    "breaches.notified": _l("of them notified to the authority"),
    "breaches.late": _l("of them past 72 hours"),
    "breaches.not_notifiable": _l("of them not notified, with the director's agreement"),
    "breaches.open": _l("of them not closed yet"),
    "reviews.waiting": _l("Reviews that wait now"),
    "reviews.overdue": _l("Reviews past their term now"),
    "rights.waiting": _l("Rights requests that wait now"),
    "rights.overdue": _l("Rights requests past their term now"),
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "before_first": _l("Enter a day that is not before the first one"),
    "future": _l("Enter a day that is not in the future"),
    "too_long": _l("A report covers at most 92 days"),
    "counting": _l("The log of this period is still being counted. Try again in some minutes"),
}
