"""A small hospital with one of everything, every sensitive field holding a word found nowhere else.

The worker Minh runs the case; the doctor Sơn is on its team. Everybody else is a stranger to it.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from string import ascii_lowercase
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from werkzeug.routing import Rule

from casemgr import clock
from casemgr.access import Compartment, Purpose
from casemgr.access.actor import system_actor
from casemgr.access.opening import open_keys
from casemgr.cases import attaching, consenting, recording, tasks, team
from casemgr.cases import service as cases
from casemgr.cases.consent import ConsentMethod, ConsentPurpose
from casemgr.cases.models import Case, CasePart, Episode, Identity, Notice, SafeContact
from casemgr.cases.retention import Keeping
from casemgr.cases.rules import Ground, Sex, Source
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import new_id, session
from casemgr.directory import service as directory
from casemgr.files import service as files
from casemgr.privacy.dashboard import boards, sums
from casemgr.privacy.erasure import holds
from casemgr.privacy.erasure.models import Erasure, ErasurePart, ErasureRecipient
from casemgr.privacy.erasure.rules import Basis, ErasureState
from casemgr.privacy.log import saved_views
from casemgr.privacy.log.rules import Filters
from casemgr.referrals import incoming
from casemgr.referrals import service as referrals
from casemgr.screenings import rules as screening_rules
from casemgr.screenings import service as screenings
from casemgr.screenings import suspicions
from casemgr.screenings.instruments.instrument import Age
from casemgr.screenings.models import SittingCount
from casemgr.work import ceremonies
from casemgr.work.rules import Ceremony
from tests.cast import ORIGIN, Cast
from tests.client import Browser
from tests.house import overseeing, reviewing

WARD = "Khoa Sản"
PHONE, NATIONAL_ID, INSURANCE = "0500713591", "000199713592", "HN4010000713593"
SIMPLE: dict[str, object] = {
    "number": 1,
    "kind": "refusals",
    "file_kind": "csv",
    "filename": "icon.svg",
    "rule": "volume",
}
BORN = PartialDate(1987, 3, 14)


def canary(place: str, tag: str) -> str:
    """A word that stands nowhere else. Latin letters, so that every encoding shows it alike."""
    return f"canary{tag}" + "".join(part[:7].capitalize() for part in place.split("_"))


def new_tag() -> str:
    """Letters of one hospital: tests that run beside each other share a server and its log."""
    return "".join(random.choices(ascii_lowercase, k=4))


@dataclass
class Hospital:
    """The cast, and the ids of what was made for them."""

    cast: Cast
    ids: dict[str, UUID] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    tag: str = field(default_factory=new_tag)
    overseen: set[str] = field(default_factory=set)  # what officer and director may read

    def word(self, place: str) -> str:
        """The canary of a place, remembered so that it can be searched for."""
        return self.words.setdefault(place, canary(place, self.tag))

    def code(self, name: str) -> str:
        """The code of a case that was made here."""
        with self.cast.app.app_context():
            return session.get_one(Case, self.ids[name]).code

    def routes(self, method: str) -> list[Rule]:
        """Every route that answers this method."""
        rules = self.cast.app.url_map.iter_rules()
        return sorted((r for r in rules if method in (r.methods or ())), key=lambda r: r.endpoint)

    def address(self, route: Rule, other: Mapping[str, object] | None = None) -> str:
        """A path of this route that leads to what was made here: ``case_id`` is ``ids["case"]``."""
        known: dict[str, object] = {**SIMPLE, **{f"{name}_id": i for name, i in self.ids.items()}}
        known |= other or {}
        missing = route.arguments - set(known)
        assert not missing, f"{route}: make one in tests/house/hospital.py for {missing}"
        with self.cast.app.test_request_context(base_url=ORIGIN):
            return url_for(route.endpoint, **{name: known[name] for name in route.arguments})  # type: ignore[arg-type]

    def all_words(self) -> set[str]:
        """Everything that must be found nowhere, numbers and dates included."""
        return {*self.words.values(), PHONE, NATIONAL_ID, INSURANCE, str(BORN)}


def found(cast: Cast) -> Hospital:
    """Make one of everything, through the services, as the people who would do it."""
    made = Hospital(cast)
    with cast.acting():
        directory.seed(cast.actor("admin"))
    with cast.acting():
        _screen(made)
    with cast.acting():
        _take(made)
    with cast.acting():
        _write(made)
    with cast.acting():
        _refer(made)
    with cast.acting():
        _receive(made)
    with cast.acting():
        made.ids["announcement"] = ceremonies.begin(cast.actor("admin"), Ceremony.DRILL)
    with cast.acting():
        _oversee(made)
        overseeing.ask_rights(made)
    reviewing.add(made)
    with cast.acting():
        overseeing.watch(made)
    with cast.acting():
        overseeing.state(made)
    return made


def _screen(made: Hospital) -> None:
    nurse = made.cast.actor("nurse")
    checks = screening_rules.SafetyChecks(is_alone=True, limits_explained=True)
    sitting = screenings.open_sitting(
        nurse, department=made.word("department"), checks=checks, age=Age.exactly(30)
    )
    for number, value in enumerate(("yes", "no", "declined", "no"), start=1):
        sitting = screenings.record_answer(nurse, sitting.id, sitting.version, number, value)
    sitting = screenings.complete(nurse, sitting.id, sitting.version)
    sitting = suspicions.raise_suspicion(
        nurse, sitting.id, sitting.version, concern=made.word("staff_concern")
    )
    assert sitting.case_id is not None
    made.ids |= {"sitting": sitting.id, "case": sitting.case_id}
    suspicions.record_first_answer(
        nurse,
        sitting.id,
        was_given=True,
        method=ConsentMethod.SPOKEN_WITH_WITNESS,
        witness=made.word("witness"),
    )


def _take(made: Hospital) -> None:
    worker, case_id = made.cast.actor("worker"), made.ids["case"]
    cases.take_case(worker, case_id)
    parts = {Compartment.IDENTITY, Compartment.CLINICAL}
    member = team.add_member(worker, case_id, made.cast.ids["doctor"], parts)
    made.ids["member"] = member.id


def _write(made: Hospital) -> None:
    worker, case_id, word = made.cast.actor("worker"), made.ids["case"], made.word
    identity: dict[str, Any] = {
        name: word(name)
        for name in ("full_name", "ethnicity", "nationality", "languages", "address")
    }
    identity |= {"other_names": [word("other_names")], "national_id": NATIONAL_ID}
    identity |= {"insurance_number": INSURANCE, "born_on": BORN, "sex": Sex.FEMALE}
    recording.record_part(worker, case_id, Identity, None, identity)
    contact: dict[str, Any] = {
        name: word(name) for name in ("channel", "safe_hours", "who_may_answer", "code_phrase")
    }
    recording.record_part(worker, case_id, SafeContact, None, contact | {"phone": PHONE})
    episode = {name: word(name) for name in ("place", "own_words", "staff_view")}
    recording.record_part(worker, case_id, Episode, None, episode)
    recording.begin_support(worker, case_id)
    made.ids["note"] = recording.add_note(worker, case_id, word("note_text")).id
    due = clock.now() + timedelta(days=1)
    made.ids["task"] = tasks.add_task(worker, case_id, title=word("task_title"), due_at=due).id
    entry = recording.write_clinical(
        made.cast.actor("doctor"),
        case_id,
        Purpose.TREATMENT,
        complaint=word("complaint"),
        examination=word("examination"),
        treatment=word("treatment"),
    )
    made.ids["entry"] = entry.id
    made.ids["attachment"] = _attach(made)
    consenting.record_ground(
        worker,
        case_id,
        ground=Ground.DANGER_TO_LIFE,
        reason=word("ground_reason") + " it was told at once",
        person_was_told=True,
    )


def _attach(made: Hospital) -> UUID:
    """A file of the worker's, as a request would leave it in the store."""
    worker = made.cast.actor("worker")
    arriving = files.receive(files.expect(worker))
    arriving.write(b"%PDF-1.7\n" + made.word("file_content").encode())
    kept = attaching.add_attachment(
        worker,
        made.ids["case"],
        arriving.finish(),
        original_name=made.word("file_name") + ".pdf",
        part=Compartment.IDENTITY,
        note=made.word("file_note"),
    )
    return kept.id


def _refer(made: Hospital) -> None:
    worker, case_id = made.cast.actor("worker"), made.ids["case"]
    recipient = next(item for item in referrals.addressees(worker) if item.offered)
    made.ids["organisation"] = recipient.id
    consent = consenting.record_consent(
        worker,
        case_id,
        purpose=ConsentPurpose.REFERRAL,
        was_given=True,
        method=ConsentMethod.SPOKEN_WITH_WITNESS,
        witness=made.word("witness"),
        recipient_id=recipient.id,
    )
    made.ids["consent"] = consent.id
    for name in ("referral", "draft"):
        prepared = referrals.prepare(
            worker,
            case_id,
            recipient_id=recipient.id,
            services=recipient.offered[:1],
            urgent_needs=made.word("urgent_needs"),
        )
        made.ids[name] = prepared.id
    referrals.send(worker, case_id, made.ids["referral"])


def _receive(made: Hospital) -> None:
    """What the hotline told: a second case, which nobody has taken."""
    worker, word = made.cast.actor("other_worker"), made.word
    received = incoming.receive(
        worker,
        source=Source.HOTLINE_18001769,
        sender=word("sender"),
        ward=word("ward"),
        care_needed=word("care_needed"),
        reason=word("incoming_reason"),
        sender_phone=word("sender_phone"),
        document_number=word("document_number"),
    )
    assert received.case_id is not None
    made.ids |= {"incoming": received.id, "untaken": received.case_id}
    query = select(Notice.id).where(Notice.case_id == received.case_id)
    made.ids["notice"] = session.scalars(query.order_by(Notice.to_role)).all()[0]


def _oversee(made: Hospital) -> None:
    """A hold, and an erasure with a restricted part and a receiver, on the case nobody took."""
    officer, code = made.cast.actor("officer"), made.code("untaken")
    reasons = {name: made.word(name) for name in ("hold_reason", "erasure_reason")}
    made.overseen |= set(reasons.values())
    hold = holds.set_hold(officer, code, reasons["hold_reason"] + " as a court has asked")
    erasure = Erasure(
        id=new_id(),
        facility_id=officer.facility_id,
        case_id=hold.case_id,
        state=ErasureState.REQUESTED,
        requested_by=officer.account_id,
        requested_at=clock.now(),
    )
    open_keys(officer, erasure.id, {Compartment.OVERSIGHT}, purpose=Purpose.OVERSIGHT)
    session.add(erasure)
    erasure.basis, erasure.reason = Basis.PERSON_ASKED, reasons["erasure_reason"]
    session.flush()
    of = {"facility_id": officer.facility_id, "erasure_id": erasure.id}
    part = ErasurePart(**of, compartment="SOCIAL", restricted_at=clock.now())
    recipient = ErasureRecipient(**of)
    session.add_all([part, recipient])
    part.keeping, recipient.organisation_id = Keeping.LEGAL_HOLD, made.ids["organisation"]
    session.add(
        CasePart(facility_id=officer.facility_id, case_id=hold.case_id, compartment="PSYCH")
    )
    session.add(SittingCount(facility_id=officer.facility_id, month="2025-01"))
    session.flush()
    view_name = made.word("view_name")
    made.overseen.add(view_name)
    view = saved_views.save(officer, view_name, Filters(case_id=hold.case_id))
    made.ids |= {"hold": hold.id, "erasure": erasure.id, "view": view.id}
    made.ids |= {"part": part.id, "recipient": recipient.id}
    made.ids["breach"] = overseeing.breach(made)
    sums.sum_days(system_actor(sums.ROUND, officer.facility_id))
    made.ids["report"] = boards.make_report(officer, clock.today(), clock.today()).id
