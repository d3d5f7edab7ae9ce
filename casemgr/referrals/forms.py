"""The forms of the room: whom, what, which facts, what they answered, what came in."""

import wtforms
from flask_babel import lazy_gettext as _l

from casemgr.referrals import labels
from casemgr.referrals.incoming import SENDERS
from casemgr.web.dates import Moment
from casemgr.web.fields import Choice, LongText, Several, Text
from casemgr.web.forms import BaseForm, VersionedForm
from casemgr.web.numbers import Phone


class RecipientForm(BaseForm):
    """To whom. The view offers the organisations."""

    recipient = Choice(_l("To which organisation?"), required=True)


class ContentForm(VersionedForm):
    """What is asked and what goes along. The view offers services and facts."""

    services = Several(_l("Services to ask for"), required=True)
    urgent_needs = LongText(
        _l("Urgent needs"),
        most=1000,
        rows=3,
        hint=_l("Only what the receiver must know to help. No story, no diagnosis."),
    )
    facts = Several(
        _l("Facts that go along"),
        hint=_l("The case code always goes along. Choose as little as the receiver needs."),
    )
    signer = Choice(_l("Who signs the letter?"), labels.SIGNERS, required=True)


class SendForm(VersionedForm):
    """Sends what was looked at; ``seen`` tells whether it still is what would go."""

    seen = wtforms.HiddenField()


class AnswerForm(VersionedForm):
    """What the receiver answered. The view offers what is possible from here."""

    answer = Choice(_l("What did the receiver answer?"), required=True)
    by_whom = Text(_l("Who answered?"), most=100, hint=_l("Name or position at the receiver"))
    note = LongText(_l("Note"), most=1000, rows=3, hint=_l("If they decline: the reason"))


class WithdrawForm(VersionedForm):
    """Why a referral is taken back."""

    reason = LongText(_l("Reason"), most=1000, rows=3)


class ChaseForm(VersionedForm):
    """Only a button: the receiver was asked again."""


class IncomingForm(BaseForm):
    """What another body asks of the hospital (E2, E3)."""

    source = Choice(
        _l("Who refers the person to us?"),
        [(source, labels.SOURCES[source]) for source in SENDERS],
        required=True,
    )
    sender = Text(_l("Name and position of the caller or sender"), required=True, most=150)
    sender_phone = Phone(_l("Telephone to answer to"))
    called_at = Moment(_l("Time of the call or document"), required=True, past=True)
    document_number = Text(_l("Document number"), most=60)
    care_needed = LongText(
        _l("Care that is needed"),
        required=True,
        most=1000,
        rows=3,
        hint=_l("Emergency, examination, treatment, medical or psychological support"),
    )
    reason = LongText(
        _l("Reason"), most=1000, rows=3, hint=_l("What the sender said. No name is needed.")
    )
    ward = Text(
        _l("Where is the person, or where will they come to?"),
        required=True,
        most=100,
        hint=_l("Department, or “not here yet”"),
    )
