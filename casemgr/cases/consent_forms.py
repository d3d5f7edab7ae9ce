"""What the person agreed to or refused, and the lawful ground where nobody consented."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from casemgr.cases import labels
from casemgr.cases.consent import ConsentPurpose
from casemgr.cases.forms import WIDE
from casemgr.cases.rules import CaseState
from casemgr.web.dates import Day
from casemgr.web.fields import Choice, LongText, Select, Text, YesNo
from casemgr.web.forms import BaseForm


class ConsentForm(BaseForm):
    """One answer to one question of consent. Nothing is ticked beforehand (R4)."""

    purpose = Choice(_l("What was the person asked about?"), required=True)
    was_given = YesNo(_l("Does the person agree?"), required=True)
    recipient_id = Select(
        _l("Which organisation?"),
        look=WIDE,
        hint=_l("Only for d: each organisation is asked about separately"),
    )
    method = Choice(_l("How did the person answer?"), labels.METHODS, required=True)
    witness = Text(
        _l("Witness"), most=100, hint=_l("Name and position; needed where the answer was spoken")
    )
    expires_on = Day(
        _l("Valid until"),
        hint=_l("Leave empty if the person set no end. They can withdraw anytime"),
    )

    def offer_for(self, state: CaseState, organisations: Mapping[Any, str]) -> None:
        """Before there is a record, only the record itself is asked about."""
        asks_first = state in {CaseState.SUSPECTED, CaseState.REPORTED}
        purposes = [ConsentPurpose.RECORD] if asks_first else list(ConsentPurpose)
        self.purpose.offer({item: labels.CONSENTS[item] for item in purposes})
        self.recipient_id.offer(organisations)
        if asks_first and not self.is_submitted():
            self.purpose.data = ConsentPurpose.RECORD


class RefusalForm(BaseForm):
    """The person wants no support."""

    method = Choice(_l("How did the person answer?"), labels.METHODS, required=True)
    witness = Text(
        _l("Witness"), most=100, hint=_l("Name and position; needed where the answer was spoken")
    )


class GroundForm(BaseForm):
    """Why a record is kept although nobody consented (R6)."""

    ground = Choice(_l("Lawful ground"), labels.GROUNDS, required=True)
    reason = LongText(_l("Reason"), required=True, hint=_l("At least 20 characters"))
    person_was_told = YesNo(_l("Was the person told?"), required=True)
