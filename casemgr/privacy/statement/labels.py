"""The words of the pages around statements, in the language of the page."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr import clock
from casemgr.access import Compartment
from casemgr.privacy.statement.rules import FILE, GROUNDS, Receiver, grounds_on
from casemgr.web.labels import COMPARTMENTS

RECEIVERS: Final[Mapping[Receiver, LazyString]] = {
    Receiver.PERSON: _l("The person"),
    Receiver.GUARDIAN: _l("The parent or guardian"),
    Receiver.REPRESENTATIVE: _l("A representative that the person has chosen"),
}
GROUND_NAMES: Final[Mapping[str, LazyString]] = {
    "investigation": _l("The investigating body has asked for secrecy of its investigation"),
    "child_protection": _l("Secrecy for the safety of a child or of whoever reported"),
}
SOURCES: Final[Mapping[str, str]] = {ground.name: ground.source for ground in GROUNDS}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "unknown_code": _l("No case has this code; check it letter by letter"),
    "not_answered": _l("Choose yes or no: a parent, guardian or representative will receive it"),
    "not_in_force": _l("This ground was not in force on the first day"),
    "ends_early": _l("The last day must not lie before the first day, nor before today"),
    "nothing_named": _l("Choose at least one part, or say on which day something was sent"),
    "nothing_sent": _l("Nothing was sent out of this case on that day"),
    "too_short": _l("Describe the reason in at least 20 characters"),
    "unknown": _l("Choose among the colleagues of this statement"),
    "conflict": _l(
        "Somebody else changed this meanwhile. Look at what is recorded now, then decide again."
    ),
}


def parts() -> dict[Compartment, LazyString]:
    """The parts that can be withheld."""
    return {part: COMPARTMENTS[part] for part in FILE}


def grounds() -> dict[str, str]:
    """The grounds that are law today, each with its source."""
    return {
        ground.name: f"{GROUND_NAMES[ground.name]} ({ground.source})"
        for ground in grounds_on(clock.today())
    }
