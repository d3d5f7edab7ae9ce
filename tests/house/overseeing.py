"""What the officer has under way in the small hospital: a rights request, a rule, a breach, a statement."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from casemgr import clock
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.privacy.breaches import deciding, extent
from casemgr.privacy.breaches import recording as recording_of_breaches
from casemgr.privacy.breaches.extent import Scope
from casemgr.privacy.breaches.recording import Content
from casemgr.privacy.breaches.rules import BreachKind
from casemgr.privacy.detection import settings, staff
from casemgr.privacy.detection.rules.limits import defaults
from casemgr.privacy.rights import requests, steps
from casemgr.privacy.rights.rules import Asker, Right
from casemgr.privacy.statement import service as statements
from casemgr.privacy.statement import withholding
from casemgr.privacy.statement.rules import Receiver

if TYPE_CHECKING:
    from tests.house.hospital import Hospital


def ask_rights(made: "Hospital") -> None:
    """A request about the case that runs, with a part to prepare."""
    officer = made.cast.actor("officer")
    names = ("rights_wording", "rights_checked", "rights_reply_to")
    typed = {name: made.word(name) for name in names}
    made.overseen |= set(typed.values())
    request = requests.receive(
        officer,
        right=Right.COPY,
        asker=Asker.PERSON,
        received_on=clock.today(),
        wording=typed["rights_wording"],
        checked=typed["rights_checked"],
        reply_to=typed["rights_reply_to"],
        others_hold_it=False,
        case_code=session.get_one(Case, made.ids["case"]).code,
    )
    steps.ask_for(officer, request.id, request.version, [Compartment.SOCIAL])
    (step,) = requests.steps_of(request)
    why = made.word("rights_extension")
    made.overseen.add(why)
    requests.extend(officer, request.id, request.version, why + " as the person was told")
    made.ids |= {"request": request.id, "step": step.id}


def watch(made: "Hospital") -> None:
    """A rule that the officer has set, its dry run, and what is known of the doctor who is no one's."""
    officer, reason = made.cast.actor("officer"), made.word("setting_reason")
    made.overseen.add(reason)
    numbers = {**defaults("volume"), "least": 20}
    settings.set_rule(
        officer, "volume", 0, is_on=True, numbers=numbers, reason=f"{reason} after a dry run"
    )
    settings.try_rule(officer, "volume", numbers)
    known = {name: made.word(f"staff_{name}") for name in staff.TEXTS}
    days = {"born_on": "1987-03-14", "ends_on": "2031-01-31"}
    command = system_actor("staff-facts", made.cast.facility_id, "command")
    staff.record_facts(command, made.cast.ids["stranger"], {**known, **days})


def breach(made: "Hospital") -> UUID:
    """A breach that touched the case, whose person can be reached safely."""
    officer, case_id = made.cast.actor("officer"), made.ids["case"]
    names = [
        "description",
        "place",
        "consequences",
        "measures",
        "contact",
        "plain_words",
        "data_kinds",
    ]
    content = {name: made.word(f"breach_{name}") for name in names}
    made.overseen |= {*content.values(), made.word("breach_lateness")}
    breach = recording_of_breaches.open_breach(
        officer,
        account_id=made.cast.ids["doctor"],
        case_id=case_id,
        detected_at=clock.now(),
        source_item_id=None,
    )
    recording_of_breaches.write_content(
        officer,
        breach.id,
        breach.version,
        Content(
            kind=BreachKind.UNLAWFUL_ACCESS,
            lateness=made.word("breach_lateness") + " as decided",
            **content,
        ),
    )
    scope = Scope([made.cast.ids["doctor"]], [], clock.now() - timedelta(days=1), clock.now())
    extent.count_extent(officer, breach.id, breach.version, scope)
    deciding.choose_safe(officer, breach.id, breach.version, [case_id])
    return breach.id


def state(made: "Hospital") -> None:
    """A statement that names one colleague, and a withholding, on the case that Minh runs."""
    officer, code = made.cast.actor("officer"), made.code("case")
    words = {name: made.word(name) for name in ("naming_reason", "withheld_reference")}
    made.overseen |= set(words.values())
    answers = statements.Answers(Receiver.PERSON, None, is_safe_to_hold=True)
    statement = statements.make(officer, code, answers)
    assert statement is not None
    reason = words["naming_reason"] + " to complain about the look"
    doctor = {made.cast.ids["doctor"]}
    statements.name_colleagues(officer, statement.id, statement.version, doctor, reason)
    wanted = withholding.Wanted(
        ground="investigation",
        reference=words["withheld_reference"],
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=30),
        parts=(Compartment.LEGAL,),
    )
    made.ids["withheld"] = withholding.withhold(officer, code, wanted).id
    made.ids["statement"] = statement.id
