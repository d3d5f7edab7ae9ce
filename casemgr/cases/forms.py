"""The forms of a case. Nothing about a person is ever required (P13, R33)."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import wtforms
from flask_babel import lazy_gettext as _l

from casemgr.access import Compartment
from casemgr.cases import labels, peoples
from casemgr.cases.consent import ConsentPurpose
from casemgr.cases.facets import Facts
from casemgr.cases.models import Case, Episode, Identity, SafeContact
from casemgr.cases.rules import CaseState, Sex
from casemgr.cases.wording import blaming_words
from casemgr.web import identifiers
from casemgr.web.dates import Day, Moment, PartialDay
from casemgr.web.fields import Choice, File, LongText, Select, Several, Text, Wish, YesNo
from casemgr.web.forms import BaseForm, VersionedForm
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.numbers import DOUBTS, HealthInsurance, NationalId, Phone

_NOT_THE_TEAMS = {Compartment.OVERSIGHT, Compartment.INFORMANT, Compartment.NAME_INDEX}
_WIDE = {"classes": "govuk-!-width-full"}  # long options must not push the page wider than a phone


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
    ethnicity = Select(_l("Ethnic group"), look=_WIDE)
    nationality = Select(_l("Nationality"), look=_WIDE)
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


class StatusForm(VersionedForm):
    """The group, and the authority's paper where the law asks for one."""

    group = Choice(_l("Group"), required=True)
    paper_number = Text(_l("Number of the paper"), most=60)
    paper_issuer = Text(_l("Issued by"), most=200)
    paper_on = PartialDay(_l("Issued on"), past=True)

    @classmethod
    def of(cls, case: Case) -> "StatusForm":
        """Filled from the case, whose social part is open. Raises SealBroken."""
        names = ("group", "paper_number", "paper_issuer", "paper_on")
        data = {name: getattr(case, name) for name in names}
        return cls(data={**data, "version": case.version})


class ConsentForm(BaseForm):
    """One answer to one question of consent. Nothing is ticked beforehand (R4)."""

    purpose = Choice(_l("What was the person asked about?"), required=True)
    was_given = YesNo(_l("Does the person agree?"), required=True)
    recipient_id = Select(
        _l("Which organisation?"),
        look=_WIDE,
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


class MemberForm(BaseForm):
    """A colleague joins the care team, with just the parts that their work needs."""

    account_id = Select(_l("Colleague"), required=True, look=_WIDE)
    parts = Several(
        _l("Parts of the case that this colleague may open"),
        {part: COMPARTMENTS[part] for part in Compartment if part not in _NOT_THE_TEAMS},
        required=True,
        hint=_l("A clinician can be given identity, clinical record and sexual health"),
    )
    expires_at = Day(_l("On the team until"), hint=_l("Leave empty for no end"))


class HandOverForm(BaseForm):
    """Another social worker runs the case from now on."""

    to_id = Select(_l("Who runs the case from now on?"), required=True, look=_WIDE)


class NoteForm(BaseForm):
    """A note, or its correction. Blaming words are pointed out once before it is kept (R16)."""

    text = LongText(_l("Note"), required=True, rows=6)
    wording_seen = wtforms.HiddenField()

    def doubtful_words(self) -> bool:
        """Whether to show the note once more because of its wording; never twice for one text."""
        found = blaming_words(self.text.data or "")
        seen = {item.word for item in found} <= set((self.wording_seen.data or "").split("|"))
        self.wording_seen.data = "|".join(item.word for item in found)
        self.text.warnings = [
            _l(
                "“%(word)s” sounds like a judgement or an interrogation. Better: %(instead)s. "
                "Save again to keep it as it is.",
                word=item.word,
                instead=item.instead,
            )
            for item in found
        ]
        return bool(found) and not seen


class TaskForm(BaseForm):
    """Something to do."""

    title = Text(_l("What is to be done"), required=True, most=200)
    due_at = Moment(_l("Due"), required=True)
    assignee_id = Select(_l("By whom"), hint=_l("Without a choice: by yourself"), look=_WIDE)


class ClinicalForm(BaseForm):
    """An entry of the restricted clinical record, or its correction."""

    complaint = LongText(_l("Complaint"), required=True, rows=4)
    examination = LongText(_l("Examination"), rows=4)
    treatment = LongText(_l("Treatment"), rows=4)


class AttachmentForm(BaseForm):
    """A file, and under which part of the record it is kept: that decides who may open it."""

    file = File(_l("File"), required=True)
    part = Choice(_l("Which part of the record does it belong to?"), required=True)
    note = LongText(_l("Note"), hint=_l("What it is, if its name does not say so"), rows=3)

    def offer(self, parts: Iterable[Compartment]) -> None:
        """Offer the parts that this actor may open."""
        self.part.offer([(part, labels.FILED_IN[part]) for part in parts])


class ReasonForm(BaseForm):
    """Why a case is closed or opened again."""

    reason = LongText(_l("Reason"), required=True, rows=4)


class PressForm(BaseForm):
    """A button and nothing else: the token and the submission id."""
