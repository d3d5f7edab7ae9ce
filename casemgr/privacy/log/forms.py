"""What the privacy officer asks the log for."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from casemgr.access import Actor, Compartment
from casemgr.audit import Action
from casemgr.privacy.log import labels, service
from casemgr.privacy.log.rules import ACTION_NAMED, Filters
from casemgr.web.dates import Day, TimeOfDay
from casemgr.web.fields import Select as OneOf
from casemgr.web.fields import Text, Wish
from casemgr.web.forms import BaseForm
from casemgr.web.labels import COMPARTMENTS, PURPOSES

MESSAGES = {
    "unknown_code": _l("No case has this code; check it letter by letter"),
    "too_short": _l("Enter the whole number: at least 6 digits"),
    "too_many": _l("You have 20 saved views; remove one before you save another"),
    "no_filter": _l("Nothing is narrowed at the moment: choose filters in the log first"),
}
PARTS = {part: COMPARTMENTS[part] for part in Compartment if part is not Compartment.NAME_INDEX}


class _Asks(BaseForm):
    """Asks and changes nothing: the same form may be sent as often as somebody likes."""

    submission_id = None


class FilterForm(_Asks):
    """Who, which case, what, how it ended, when, what for."""

    colleague = Wish(_l("Colleague"))
    department = Wish(_l("Department"))
    case_code = Text(_l("Case code"), most=12, look={"spellcheck": False})
    action = Wish(_l("Act"))
    outcome = Wish(_l("Outcome"), labels.OUTCOMES)
    channel = Wish(_l("Channel"), labels.CHANNELS)
    purpose = Wish(_l("Purpose"), PURPOSES)
    part = Wish(_l("Part of the record"), PARTS)
    first_day = Day(_l("From day"))
    first_time = TimeOfDay(_l("From time"), hint=_l("For example 07:30"))
    last_day = Day(_l("To day"))
    last_time = TimeOfDay(_l("To time"), hint=_l("For example 16:30"))

    def prepare(self, actor: Actor) -> "FilterForm":
        """Offer the colleagues and the acts, in the order of the page's language."""
        self.colleague.offer(service.staff(actor))
        self.department.offer((name, name) for name in service.departments(actor))
        acts = sorted((labels.capitalised(action), action.value) for action in Action)
        self.action.offer((value, words) for words, value in acts)
        return self

    def validate_first_time(self, field: Any) -> None:
        """A time needs its day."""
        if field.data and not self.first_day.data:
            raise ValidationError(str(_l("Enter the day that this time belongs to")))

    def validate_last_time(self, field: Any) -> None:
        """A time needs its day, and comes after the first one."""
        if field.data and not self.last_day.data:
            raise ValidationError(str(_l("Enter the day that this time belongs to")))
        is_one_day = self.first_day.data == self.last_day.data
        if is_one_day and self.first_time.data and field.data and field.data < self.first_time.data:
            raise ValidationError(str(_l("Enter a time that is not before the first one")))

    def validate_last_day(self, field: Any) -> None:
        """A period that ends before it begins shows nothing, and nobody would know why."""
        if field.data and self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(str(_l("Enter a day that is not before the first one")))

    def filters(self, actor: Actor) -> Filters:
        """What was asked for. Raises Invalid for the code of no case."""
        code, action = self.case_code.data, self.action.data
        return Filters(
            colleague_id=self.colleague.data,
            department=self.department.data,
            case_id=service.case_named(actor, code).id if code else None,
            actions=frozenset({ACTION_NAMED[action]}) if action else frozenset(),
            outcome=self.outcome.data,
            channel=self.channel.data,
            purpose=self.purpose.data,
            part=self.part.data,
            first_day=self.first_day.data,
            first_time=self.first_time.data,
            last_day=self.last_day.data,
            last_time=self.last_time.data,
        )


def shown(actor: Actor, filters: Filters) -> dict[str, Any]:
    """What stands in the form when the list is narrowed already."""
    return {
        "colleague": filters.colleague_id,
        "department": filters.department,
        "case_code": service.code_of(actor, filters.case_id) if filters.case_id else None,
        "action": next((action.value for action in filters.actions), None),
        "outcome": filters.outcome,
        "channel": filters.channel,
        "purpose": filters.purpose,
        "part": filters.part,
        "first_day": filters.first_day,
        "first_time": filters.first_time,
        "last_day": filters.last_day,
        "last_time": filters.last_time,
    }


class HistoryForm(_Asks):
    """One case by its exact code."""

    case_code = Text(
        _l("Case code"), required=True, most=12, hint=_l("Exactly, for example CP-7Q4M2K")
    )


class DayForm(_Asks):
    """One colleague's day."""

    colleague = OneOf(_l("Colleague"), required=True)
    on = Day(_l("Day"), required=True, past=True)

    def prepare(self, actor: Actor) -> "DayForm":
        """Offer everybody who has or had an account."""
        self.colleague.offer(service.staff(actor))
        return self


class NumberForm(_Asks):
    """A number that belongs to one person, exactly as it stands in the request."""

    number = Text(
        _l("Number"),
        required=True,
        most=40,
        hint=_l("Identity card, passport, health insurance or telephone number, the whole of it"),
    )


class ViewForm(BaseForm):
    """What a saved view is called."""

    name = Text(
        _l("Name of the view"),
        required=True,
        most=60,
        hint=_l("Kept sealed; only you read it"),
    )
