"""The questions before a statement, whom it names, and what is withheld."""

from flask_babel import lazy_gettext as _l

from casemgr.privacy.statement.labels import RECEIVERS, parts
from casemgr.web.dates import Day
from casemgr.web.fields import Choice, LongText, Several, Text, YesNo
from casemgr.web.forms import BaseForm, VersionedForm

_CODE_HINT = _l("Exactly, for example CP-7Q4M2K")


class StatementForm(BaseForm):
    """Whose file, who receives the statement, and whether a paper is safe."""

    case_code = Text(_l("Case code"), required=True, most=12, hint=_CODE_HINT)
    receiver = Choice(_l("Who receives the statement?"), RECEIVERS, required=True)
    is_conflicted = YesNo(
        _l(
            "Is this parent, guardian or representative suspected, or against the person's interest?"
        ),
        hint=_l("Ask the social worker of the case. Answer unless the person receives it"),
    )
    is_safe_to_hold = YesNo(
        _l("Is it safe for the person to hold this paper?"),
        required=True,
        hint=_l("Somebody at home could find it. If you are not sure, answer no"),
    )


class NamesForm(VersionedForm):
    """Whose names are told, and why. The view offers the people."""

    people = Several(
        _l("Whom does the statement name?"),
        hint=_l("Everybody else stands there by role and department only"),
    )
    reason = LongText(
        _l("Reason"),
        required=True,
        most=1000,
        rows=3,
        hint=_l("Why the person cannot exercise their rights without the name"),
    )


class WithholdingForm(BaseForm):
    """What is withheld, on which ground, until when. The view offers the grounds."""

    case_code = Text(_l("Case code"), required=True, most=12, hint=_CODE_HINT)
    ground = Choice(_l("On what ground?"), required=True)
    reference = Text(
        _l("Number and date of the authority's paper"),
        required=True,
        most=200,
        hint=_l("Write no name and nothing about the person"),
    )
    starts_on = Day(_l("First day"), required=True)
    ends_on = Day(_l("Last day"), required=True, hint=_l("From the next day on statements tell it"))
    sent_on = Day(
        _l("What was sent on this day is withheld"),
        past=True,
        hint=_l("Leave it empty if only parts are withheld"),
    )
    parts = Several(_l("Looks at these parts are withheld"), parts())


class LiftForm(VersionedForm):
    """Only a button."""
