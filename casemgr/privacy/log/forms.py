"""What the privacy officer asks the log for."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from casemgr.access import Actor
from casemgr.audit import Action
from casemgr.privacy.log import labels, service
from casemgr.privacy.log.rules import ACTION_NAMED, Filters
from casemgr.web.dates import Day
from casemgr.web.fields import Text, Wish
from casemgr.web.forms import BaseForm
from casemgr.web.labels import PURPOSES

MESSAGES = {
    "unknown_code": _l("No case has this code; check it letter by letter"),
}


class _Asks(BaseForm):
    """Asks and changes nothing: the same form may be sent as often as somebody likes."""

    submission_id = None


class FilterForm(_Asks):
    """Who, which case, what, how it ended, when, what for."""

    colleague = Wish(_l("Colleague"))
    case_code = Text(_l("Case code"), most=12, look={"spellcheck": False})
    action = Wish(_l("Act"))
    outcome = Wish(_l("Outcome"), labels.OUTCOMES)
    channel = Wish(_l("Channel"), labels.CHANNELS)
    purpose = Wish(_l("Purpose"), PURPOSES)
    first_day = Day(_l("From day"))
    last_day = Day(_l("To day"))

    def prepare(self, actor: Actor) -> "FilterForm":
        """Offer the colleagues and the acts, in the order of the page's language."""
        self.colleague.offer(service.staff(actor))
        acts = sorted((labels.capitalised(action), action.value) for action in Action)
        self.action.offer((value, words) for words, value in acts)
        return self

    def validate_last_day(self, field: Any) -> None:
        """A period that ends before it begins shows nothing, and nobody would know why."""
        if field.data and self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(str(_l("Enter a day that is not before the first one")))

    def filters(self, actor: Actor) -> Filters:
        """What was asked for. Raises Invalid for the code of no case."""
        code = self.case_code.data
        return Filters(
            colleague_id=self.colleague.data,
            case_id=service.case_named(actor, code).id if code else None,
            actions=frozenset({ACTION_NAMED[self.action.data]})
            if self.action.data
            else frozenset(),
            outcome=self.outcome.data,
            channel=self.channel.data,
            purpose=self.purpose.data,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
        )


def shown(actor: Actor, filters: Filters) -> dict[str, Any]:
    """What stands in the form when the list is narrowed already."""
    return {
        "colleague": filters.colleague_id,
        "case_code": service.code_of(actor, filters.case_id) if filters.case_id else None,
        "action": next((action.value for action in filters.actions), None),
        "outcome": filters.outcome,
        "channel": filters.channel,
        "purpose": filters.purpose,
        "first_day": filters.first_day,
        "last_day": filters.last_day,
    }


class HistoryForm(_Asks):
    """One case by its exact code."""

    case_code = Text(
        _l("Case code"), required=True, most=12, hint=_l("Exactly, for example CP-7Q4M2K")
    )
