"""Fields for identity, insurance and telephone numbers: soft warnings, hard errors only for shape."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from casemgr.web import identifiers
from casemgr.web.fields import Text, Words
from casemgr.web.identifiers import Doubt, Fault, Identifier, IdentifierRefused

DOUBTS: Mapping[Doubt, Words] = {
    Doubt.OLD_PAPER: _l("This is an old 9-digit identity card number"),
    Doubt.PROVINCE_UNKNOWN: _l("The first three digits are not a known province code"),
    Doubt.CENTURY_AHEAD: _l("The fourth digit stands for a century that has not begun"),
    Doubt.SEX_DIFFERS: _l("The number does not match the recorded sex"),
    Doubt.YEAR_DIFFERS: _l("The number does not match the recorded year of birth"),
    Doubt.UNUSUAL_SHAPE: _l("The number does not look like the usual ones; check it once more"),
}


class _Checked(Text):
    """Stores the compact form; what is odd is told, never refused."""

    @staticmethod
    def check(text: str) -> Identifier:
        """The rule for this sort of number. Raises IdentifierRefused."""
        raise NotImplementedError

    faults: ClassVar[Mapping[Fault, Words]]
    inputmode: ClassVar[str] = "numeric"

    def __init__(self, label: Words, **options: Any) -> None:
        look = {"inputmode": self.inputmode, "classes": "govuk-input--width-20"}
        super().__init__(label, most=40, look=look, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Bring the number into the form in which it is compared, and collect the doubts."""
        super().process_formdata(valuelist)
        if self.data is None:
            return
        try:
            found = self.check(self.data)
        except IdentifierRefused as error:
            raise ValueError(str(self.faults[error.fault])) from None
        self.data = found.value
        self.warnings = [DOUBTS[doubt] for doubt in found.doubts]


class NationalId(_Checked):
    """Identity number of 12 digits, or 9 on an old card (domain §5.4)."""

    check = staticmethod(identifiers.national_id)
    faults: ClassVar = {
        Fault.LETTERS: _l("Enter digits only"),
        Fault.LENGTH: _l("Enter 12 digits, or the 9 digits of an old card"),
    }


class HealthInsurance(_Checked):
    """BHYT card or BHXH number (domain §5.5)."""

    check = staticmethod(identifiers.health_insurance)
    inputmode = "text"
    faults: ClassVar = {
        Fault.LETTERS: _l("Enter 10 or 12 digits, or the 15 characters of the card"),
        Fault.LENGTH: _l("Enter 10 or 12 digits, or the 15 characters of the card"),
    }


class Phone(_Checked):
    """A telephone number; foreign ones begin with + (domain §5.6)."""

    check = staticmethod(identifiers.phone)
    inputmode = "tel"
    faults: ClassVar = {
        Fault.LETTERS: _l("Enter digits only; a foreign number begins with +"),
        Fault.LENGTH: _l("Enter the whole number with its area code, or a short one such as 111"),
    }
