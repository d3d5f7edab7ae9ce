"""Asking for an erasure or a hold, and the reason for each decision about them."""

from flask_babel import lazy_gettext as _l

from casemgr.privacy.erasure.labels import BASES, REASON_HINT, RECORD_KINDS, erasable
from casemgr.web.fields import Choice, LongText, Several, Text
from casemgr.web.forms import BaseForm, VersionedForm

_CODE_HINT = _l("Exactly, for example CP-7Q4M2K")


class ErasureForm(BaseForm):
    """Which case, why, and which of its parts."""

    case_code = Text(_l("Case code"), required=True, most=12, hint=_CODE_HINT)
    basis = Choice(_l("On what basis?"), BASES, required=True)
    parts = Several(
        _l("Which parts?"),
        erasable(),
        required=True,
        hint=_l("Parts that the law has kept are restricted instead"),
    )
    record_kind = Choice(
        _l("What kind of medical record is there?"),
        RECORD_KINDS,
        required=True,
        hint=_l("Ask the planning office. It decides how long the clinical part is kept"),
    )
    reason = LongText(_l("Reason"), required=True, most=1000, rows=3, hint=REASON_HINT)


class HoldForm(BaseForm):
    """Which case is held, and why."""

    case_code = Text(_l("Case code"), required=True, most=12, hint=_CODE_HINT)
    reason = LongText(_l("Reason"), required=True, most=1000, rows=3, hint=REASON_HINT)


class ReasonForm(VersionedForm):
    """Why something is refused, cancelled or lifted."""

    reason = LongText(_l("Reason"), required=True, most=1000, rows=3, hint=REASON_HINT)


class DecisionForm(VersionedForm):
    """Only a button."""
