"""Who the person is, as far as they say: nothing is ever required (P13, R33); doubts are told."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from casemgr.cases import labels, peoples
from casemgr.cases.forms import WIDE
from casemgr.cases.models import Identity
from casemgr.cases.part_forms import PartForm
from casemgr.cases.rules import Sex
from casemgr.web import identifiers
from casemgr.web.dates import PartialDay
from casemgr.web.fields import Choice, LongText, Select, Text
from casemgr.web.numbers import DOUBTS, HealthInsurance, NationalId


class IdentityForm(PartForm):
    """Who the person is, as far as they say. Papers may be false: doubts are told, not refused."""

    kind = Identity
    names = (
        "full_name",
        "other_names",
        "born_on",
        "sex",
        "ethnicity",
        "nationality",
        "languages",
        "national_id",
        "insurance_number",
        "address",
    )
    full_name = Text(_l("Full name"), most=100, hint=_l("As the person says it"))
    other_names = LongText(
        _l("Other names"), most=400, rows=2, hint=_l("One name on each line, if there are any")
    )
    born_on = PartialDay(
        _l("Date of birth"),
        past=True,
        hint=_l("The year alone is enough. If the age is not known, the person counts as a minor"),
    )
    sex = Choice(_l("Sex"), labels.SEXES)
    ethnicity = Select(_l("Ethnic group"), look=WIDE)
    nationality = Select(_l("Nationality"), look=WIDE)
    languages = Text(_l("Languages the person speaks well"), most=100)
    national_id = NationalId(
        _l("Identity number"), hint=_l("Leave empty where there are no papers")
    )
    insurance_number = HealthInsurance(_l("Health insurance number"))
    address = LongText(_l("Address"), most=300, rows=2)

    def offer_choices(self, row: Any = None) -> None:
        """Fill the long lists; what is recorded stays on offer whatever it is."""
        special = {
            peoples.FOREIGN: _l("Foreigner"),
            peoples.UNKNOWN: _l("Not known or not said"),
        }
        nations = labels.nations()
        for field, offered in (
            (self.ethnicity, dict.fromkeys(peoples.ETHNIC_GROUPS, "") | special),
            (self.nationality, nations),
        ):
            recorded = getattr(row, field.name, None)
            pairs = {value: label or value for value, label in offered.items()}
            field.offer(pairs if recorded in (None, *pairs) else {**pairs, recorded: recorded})

    @classmethod
    def of(cls, row: Any) -> "IdentityForm":
        """Lists stand one per line."""
        form = super().of(row)
        assert isinstance(form, cls)  # noqa: S101 - for the type checker
        form.offer_choices(row)
        if row is not None and not form.is_submitted():
            form.other_names.data = "\n".join(row.other_names or ())
        return form

    def values(self) -> Mapping[str, Any]:
        """Other names become a list."""
        lines = (self.other_names.data or "").splitlines()
        listed = [line.strip() for line in lines if line.strip()]
        return {**super().values(), "other_names": listed or None}

    def validate(self, extra_validators: Any = None) -> bool:
        """Compare the identity number with sex and year as well: a doubt, never an error."""
        is_valid = bool(super().validate(extra_validators))
        number, sex, born = self.national_id.data, self.sex.data, self.born_on.data
        if is_valid and number:
            male = {Sex.MALE: True, Sex.FEMALE: False}.get(sex) if sex else None
            found = identifiers.national_id(
                number, male=male, birth_year=born.year if born else None
            )
            self.national_id.warnings = [DOUBTS[doubt] for doubt in found.doubts]
        return is_valid
