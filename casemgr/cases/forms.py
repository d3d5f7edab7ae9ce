"""The forms that find and open a case, and what all forms of cases share."""

from flask_babel import lazy_gettext as _l

from casemgr.cases import labels
from casemgr.cases.facets import Facts
from casemgr.web.dates import PartialDay
from casemgr.web.fields import Choice, Text, Wish
from casemgr.web.forms import BaseForm

WIDE = {"classes": "govuk-!-width-full"}  # long options must not push the page wider than a phone


class FilterForm(BaseForm):
    """Which cases the list shows."""

    state = Wish(_l("State of the case"), labels.STATES)
    group = Wish(_l("Group"), labels.GROUPS)


class SearchForm(BaseForm):
    """One field for everything that can be searched, and what else is known of the person."""

    text = Text(
        _l("Search for"), most=100, look={"classes": "govuk-input--width-30", "type": "search"}
    )
    born_on = PartialDay(
        _l("Date of birth"), past=True, hint=_l("The year alone, or month and year, is enough")
    )
    sex = Wish(_l("Sex"), labels.SEXES)
    place = Text(
        _l("Place"),
        most=100,
        hint=_l("Words of the address, such as the commune or the province"),
        look={"classes": "govuk-input--width-30"},
    )

    @property
    def facts(self) -> Facts:
        """What must fit beside the text."""
        return Facts(self.born_on.data, self.sex.data, self.place.data or "")

    @property
    def asks_for_facts(self) -> bool:
        """Whether the part of the form with the facts should stand open."""
        facts = (self.born_on, self.sex, self.place)
        return bool(self.facts) or any(field.errors for field in facts)


class PurposeForm(BaseForm):
    """Why a closed part is opened; said before it is (R7)."""

    purpose = Choice(_l("Why do you open this part?"), required=True)


class PressForm(BaseForm):
    """A button and nothing else: the token and the submission id."""
