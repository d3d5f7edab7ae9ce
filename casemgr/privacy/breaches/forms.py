"""Entering a breach, what its notification says, and each step of handling it."""

import re
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casemgr.privacy.breaches import labels
from casemgr.privacy.breaches.extent import Scope
from casemgr.privacy.breaches.labels import FIELDS, REASON_HINT
from casemgr.privacy.breaches.recording import Content
from casemgr.web.dates import Moment
from casemgr.web.fields import Choice, LongText, Several, Text, YesNo
from casemgr.web.forms import BaseForm, VersionedForm

_PLAIN_HINT = _l("Without names. The person reads this: say what it means for them")


class BreachForm(BaseForm):
    """When it was detected, what kind, how it came to be known, what happened."""

    detected_at = Moment(
        _l("When was it detected?"),
        past=True,
        required=True,
        hint=_l("The 72 hours run from this moment, also when you record it later"),
    )
    kind = Choice(FIELDS["kind"], labels.KINDS, required=True)
    found_by = Choice(_l("How did it come to be known?"), labels.FOUND_BY, required=True)
    description = LongText(
        FIELDS["description"], required=True, hint=_l("Write no name of a person in care")
    )


class ContentForm(VersionedForm):
    """What the authority's form asks; only kind and act are required before it is printed."""

    kind = Choice(FIELDS["kind"], labels.KINDS, required=True)
    description = LongText(
        FIELDS["description"], required=True, hint=_l("Write no name of a person in care")
    )
    place = Text(FIELDS["place"])
    data_kinds = LongText(
        FIELDS["data_kinds"], rows=2, hint=_l("Beside what is counted from the log")
    )
    consequences = LongText(FIELDS["consequences"], rows=3)
    measures = LongText(FIELDS["measures"], rows=3)
    contact = Text(FIELDS["contact"])
    lateness = LongText(
        FIELDS["lateness"], rows=2, hint=_l("Only when the 72 hours are over. It is printed")
    )
    plain_words = LongText(FIELDS["plain_words"], rows=3, hint=_PLAIN_HINT)

    def content(self) -> Content:
        """What was typed."""
        return Content(
            kind=self.kind.data,
            description=self.description.data or "",
            **{
                name: self[name].data
                for name in (
                    "place",
                    "data_kinds",
                    "consequences",
                    "measures",
                    "contact",
                    "lateness",
                    "plain_words",
                )
            },
        )


class ExtentForm(VersionedForm):
    """Whose acts, on which cases, and when."""

    accounts = Several(_l("Whose acts?"))
    case_codes = LongText(
        _l("Only on these cases"), rows=2, hint=_l("Case codes with blanks between; empty for all")
    )
    begins_at = Moment(_l("From"), past=True, required=True)
    ends_at = Moment(_l("Until"), past=True, required=True)

    def scope(self) -> Scope:
        """What was chosen."""
        codes = re.split(r"[\s,;]+", self.case_codes.data or "")
        return Scope(
            account_ids=list(self.accounts.data or ()),
            case_codes=[code for code in codes if code],
            begins_at=self.begins_at.data,
            ends_at=self.ends_at.data,
        )


class AssessForm(VersionedForm):
    """Whether the authority must be told, and why."""

    is_notifiable = YesNo(_l("Must the authority be told?"), required=True)
    reason = LongText(_l("Reason"), required=True, most=2000, rows=4, hint=REASON_HINT)


class ReasonForm(VersionedForm):
    """A reason, or what was done."""

    reason = LongText(_l("In words"), required=True, most=2000, rows=4, hint=REASON_HINT)


class NotifyForm(VersionedForm):
    """When the authority was told, whom, by whom, under which number."""

    at = Moment(_l("When was it sent?"), past=True, required=True)
    authority = Text(_l("To which authority?"), required=True)
    reference = Text(_l("Number or receipt"), required=True)
    sender = Text(_l("Who sent it?"), required=True)
    lateness = LongText(
        FIELDS["lateness"], rows=2, hint=_l("Only when the 72 hours are over. It is printed")
    )


class SafeForm(VersionedForm):
    """Which people can be reached without danger."""

    cases = Several(_l("Cases with a safe way to reach the person"))

    def chosen(self) -> list[UUID]:
        """The ids of the cases that were ticked."""
        return list(self.cases.data or ())


class PersonsForm(VersionedForm):
    """Whether they were told."""

    telling = Choice(_l("Were the people concerned told?"), labels.TELLINGS, required=True)
    reason = LongText(_l("How, or why not"), required=True, most=2000, rows=4, hint=REASON_HINT)


class DecisionForm(VersionedForm):
    """Only a button."""


def version_of(row: Any) -> dict[str, Any]:
    """What a form of this row begins with."""
    return {"version": row.version}
