"""The sealed parts of a case as forms; nothing about a person is ever required (P13, R33)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from casemgr.cases import labels
from casemgr.cases.models import Episode, Identity, SafeContact
from casemgr.web.fields import Choice, LongText, Several, Text, YesNo
from casemgr.web.forms import VersionedForm
from casemgr.web.numbers import Phone


class PartForm(VersionedForm):
    """A sealed part of the case: from its row to the boxes and back."""

    kind: ClassVar[type[Identity] | type[SafeContact] | type[Episode]]
    names: ClassVar[tuple[str, ...]]

    @classmethod
    def of(cls, row: Any) -> "PartForm":
        """The form filled from what is recorded, or empty. Raises SealBroken."""
        if row is None:
            return cls()
        data = {name: getattr(row, name) for name in cls.names}
        return cls(data={**data, "version": row.version})

    def values(self) -> Mapping[str, Any]:
        """What the service writes."""
        return {name: self[name].data for name in self.names}


class ContactForm(PartForm):
    """How to reach the person without danger (R10). Everything not said is a no."""

    kind = SafeContact
    names = (
        "channel",
        "phone",
        "safe_hours",
        "who_may_answer",
        "code_phrase",
        "may_leave_message",
        "may_send_text",
    )
    channel = Choice(_l("How may the person be reached?"), labels.CHANNELS)
    phone = Phone(_l("Telephone number"))
    safe_hours = Text(
        _l("Safe hours"), most=100, hint=_l("For example: weekdays 8:00 to 10:00, never at night")
    )
    who_may_answer = Text(_l("Who may answer?"), most=100)
    code_phrase = Text(
        _l("Code phrase"), most=100, hint=_l("What we say first, so that the person knows it is us")
    )
    may_leave_message = YesNo(_l("May we leave a message?"), hint=_l("Without an answer: no"))
    may_send_text = YesNo(_l("May we send a text message?"), hint=_l("Without an answer: no"))


class EpisodeForm(PartForm):
    """What the person offered to tell (R15–R17)."""

    kind = Episode
    names = ("forms_of_harm", "place", "own_words", "staff_view")
    forms_of_harm = Several(_l("What was done to the person"), labels.HARMS)
    place = Text(_l("Where it happened"), most=200)
    own_words = LongText(
        _l("In the person's own words"),
        rows=6,
        hint=_l("Word for word. Do not ask again for what was told before"),
    )
    staff_view = LongText(_l("What staff think or saw"), rows=4)
