"""I1: no plaintext without a decision and an audit entry in the same transaction."""

import ast
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from casemgr.access import Actor, Compartment, Denied, Permission, Purpose
from casemgr.access.gate import PUBLIC, SIGNED_IN, Blueprint, all_or_nothing
from casemgr.access.opening import open_keys
from casemgr.audit import Action, AuditEntry
from casemgr.cases import recording
from casemgr.cases import service as cases
from casemgr.cases.models import Case, Episode
from casemgr.crypto.errors import CompartmentClosed
from casemgr.db import session
from config import Settings
from tests.house import source_tree
from tests.house.hospital import Hospital
from tests.house.source_tree import Module, called_name, of_text

# Who may unwrap keys, by hand. A new line here is a new door to plaintext: say who decides there
# and who writes the entry.
OPENERS = {
    "casemgr.access.opening.open_keys": "writes the entry itself, then opens",
    "casemgr.access.opening.open_many": "the one place that asks the keyring",
    "casemgr.access.closing._opens": "tries a data key before it is given up; reads nothing",
    "casemgr.access.verifying._faults": "tries one data key and reads nothing; KEYS_VERIFIED",
    "casemgr.crypto.keyring.Keyring.open": "one by one; asked by tests and benchmarks",
    "casemgr.crypto.keyring.Keyring.open_into": "asked by open_many alone",
    "casemgr.crypto.making.open_data_key": "for the keyring, and to try a key",
    "casemgr.crypto.making.Proven.unwrapped": "for the keyring; what was proven is not proven again",
    "casemgr.crypto.making.rewrap_data_key": "from one facility key to another; reads nothing",
    "casemgr.work.rekeying.reseal": "from one generation to the next, as CASE_RESEALED",
    "casemgr.cases.service.open_parts": "decides by role and relation; open_keys writes the entry",
    "casemgr.cases.service.open_suspicion": "one's own new suspicion, as CASE_OPENED",
    "casemgr.cases.consenting.record_first_answer": "the nurse of this sitting, right after it",
    "casemgr.cases.indexing.read_into": "the system actor name-index, one entry each (I1)",
    "casemgr.cases.packed.open_epoch": "the system actor name-index, as NAME_INDEX_OPENED",
    "casemgr.cases.packing._switch": "the worker as name-index, as NAME_INDEX_PACKED",
    "casemgr.cases.numbers._bearers": "name-index compares hits in reach, as NUMBER_COMPARED",
    "casemgr.cases.numbers.reindex": "the worker, as NUMBERS_REINDEXED",
    "casemgr.screenings.service.unseal": "one's own sitting, or EPISODE on the case it led to",
    "casemgr.screenings.lists.list_mine": "one's own sittings; one entry with the ids shown",
    "casemgr.screenings.lists.for_case": "EPISODE on this case; one entry with the ids shown",
    "casemgr.referrals.incoming.receive": "one's own new record, as REFERRAL_RECEIVED",
    "casemgr.referrals.incoming.show": "decided by SOCIAL on its case, as REFERRAL_SHOWN",
    "casemgr.referrals.service.send": "the packet that is being frozen",
    "casemgr.referrals.service._content": "the frozen packet, if every fact in it may be opened",
    "casemgr.referrals.erasing._received": "who received something, for an approved erasure",
    "casemgr.screenings.counting.count_in": "the system actor statistics, one entry each",
    "casemgr.screenings.counting.sums": "the facility's own sums, for the statistics of a report",
    "casemgr.privacy.breaches.records.open_breach_keys": "decided by BREACH_READ; its own OVERSIGHT",
    "casemgr.privacy.breaches.records._listed": "decided by BREACH_READ; one entry with ids",
    "casemgr.privacy.dashboard.boards._open": "decided by REPORT_READ; the report's own OVERSIGHT",
    "casemgr.privacy.erasure.records.open_erasure": "decided by ERASURE_READ; its own OVERSIGHT",
    "casemgr.privacy.erasure.carrying_out.begin": "the worker's actor of an approved erasure",
    "casemgr.privacy.rights.requests._open": "decided by RIGHTS_READ or _WRITE; its own OVERSIGHT",
    "casemgr.privacy.rights.requests.list_requests": "decided by RIGHTS_READ; one entry for all",
    "casemgr.privacy.erasure.holds._open": "decided by HOLD_WRITE; the hold's own OVERSIGHT",
    "casemgr.privacy.reviews.items.list_items": "decided by reach; one entry with the item ids",
    "casemgr.privacy.reviews.items.show": "decided by reach; the questions of an opened review",
    "casemgr.privacy.reviews.items.open_item": "decided by reach; the review's own OVERSIGHT",
    "casemgr.privacy.reviews.deciding.ask": "decided by reach; the key of a new question",
    "casemgr.privacy.reviews.questions._open": "one's own question, under a key of its own",
    "casemgr.privacy.reviews.raising._open": "a system actor writes its own item, in a ring apart",
    "casemgr.privacy.reviews.measuring._judged": "REVIEW_READ, never about oneself; REVIEWS_COUNTED",
    "casemgr.privacy.erasure.holds.list_holds": "decided by ERASURE_READ; one entry with the case ids",
    "casemgr.privacy.detection.matching.people_of": "detection, touched cases; PEOPLE_COMPARED",
    "casemgr.privacy.detection.matching.staff_named": "detection, touched cases; PEOPLE_COMPARED",
    "casemgr.privacy.detection.matching.staff_facts": "detection, as STAFF_COMPARED",
    "casemgr.privacy.detection.settings.show_rule": "decided by DETECTION_READ; DETECTION_SHOWN",
    "casemgr.privacy.detection.settings.set_rule": "one's own new reason, as DETECTION_SET",
    "casemgr.privacy.detection.staff.record_facts": "the command line, as STAFF_FACTS_RECORDED",
    "casemgr.privacy.log.saved_views._open": "decided by LOG_READ; one's own OVERSIGHT",
    "casemgr.privacy.statement.service._open": "decided by STATEMENT_PRINT; its own OVERSIGHT",
    "casemgr.privacy.statement.withholding._open": "decided by STATEMENT_PRINT; its own OVERSIGHT",
    "casemgr.privacy.statement.withholding.list_withheld": "decided by STATEMENT_PRINT; one entry",
    "casemgr.privacy.statement.withholding.standing_today": "for a statement, as STATEMENT_SHOWN",
    "casemgr.referrals.disclosing.receivers": "the system actor statement, apart; ids leave only",
}
# Routes that show something without leaving an entry, by hand, with the reason.
UNAUDITED = {
    "accounts.sign_in": "an empty form",
    "language.choose": "changes the language of one's own session",
    "quick_exit.leave": "must never be refused; accounts records the end of the session",
    "quick_exit.roster": "shows nothing of ours",
    "incoming.new": "an empty form",
    "erasures.new": "an empty form",
    "breaches.new": "an empty form",
    "holds.new": "an empty form",
    "rights.new": "an empty form",
    "statements.new": "an empty form",
    "statements.new_withheld": "an empty form",
    "screenings.new": "an empty form",
    "screenings.new_concern": "an empty form",
    "cases.filter_list": "keeps a filter in one's own session; the list itself leaves the entry",
    "cases.search": "an empty field",
    "privacy.narrow": "keeps a filter in one's own session; the list itself leaves the entry",
    "privacy.widen": "forgets that filter",
    "privacy.ask_history": "an empty form",
    "privacy.ask_day": "an empty form",
    "privacy.find_day": "keeps the chosen day in one's own session; its page leaves the entry",
    "privacy.earlier_day": "keeps the day before in one's own session; its page leaves the entry",
    "privacy.later_day": "keeps the day after in one's own session; its page leaves the entry",
    "privacy.ask_number": "an empty field",
    "privacy.find_history": "keeps the chosen case in one's own session; its page leaves the entry",
}
UNWRAPPERS = {"open_keys", "open_many", "open_into", "open_data_key", "unwrapped"}
_KEYRINGS = re.compile(r"keyring|_keyring\(\)")


def openers(module: Module) -> set[str]:
    """Functions that call one of UNWRAPPERS, or open() of a keyring."""
    found = set()
    for place, call in source_tree.calls(module):
        name = called_name(call)
        is_keyring = (
            name in {"open", "_open"}
            and isinstance(call.func, ast.Attribute)
            and _KEYRINGS.search(ast.unparse(call.func.value))
        )
        if name in UNWRAPPERS or is_keyring:
            found.add(f"{module.name}.{place}")
    return found


def test_only_known_places_unwrap_keys() -> None:
    found = set().union(*(openers(module) for module in source_tree.product()))
    assert not found - set(OPENERS), (
        f"open through cases.service.open_parts, or name who decides and who records in "
        f"tests/house/test_opening.py: {sorted(found - set(OPENERS))}"
    )
    assert not set(OPENERS) - found, f"remove: {sorted(set(OPENERS) - found)}"


@pytest.mark.parametrize(
    "line",
    [
        "open_keys(actor, x, parts)",
        "opening.open_many(a, b, c)",
        "_keyring().open(f, ids)",
        "making.open_data_key(cipher, key)",
        "ring.open_into(keys, facility, ids)",
    ],
)
def test_a_new_place_is_found(line: str) -> None:
    assert openers(of_text(f"def peek(actor):\n    {line}")) == {"casemgr.toy.service.peek"}


def test_the_routes_without_an_entry_are_known(app: Flask) -> None:
    loose = {
        name
        for name, view in app.view_functions.items()
        if name != "static" and getattr(view, "unaudited", None)
    }
    assert not loose - set(UNAUDITED), (
        f"record an entry in the service, or give the reason here: {sorted(loose - set(UNAUDITED))}"
    )
    assert not set(UNAUDITED) - loose, f"remove: {sorted(set(UNAUDITED) - loose)}"


def test_a_sealed_attribute_of_a_closed_compartment_raises(hospital: Hospital) -> None:
    with hospital.cast.app.app_context():
        case = session.get_one(Case, hospital.ids["case"])
        with pytest.raises(CompartmentClosed):
            _ = case.ward
        cases.open_parts(
            hospital.cast.actor("worker"), case, {Compartment.SOCIAL}, Purpose.CASE_WORK
        )
        assert case.ward == hospital.word("department")
        newest = select(AuditEntry.action).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        assert session.scalars(newest).first() is Action.COMPARTMENT_OPENED
        session.rollback()


def test_opening_is_refused_to_those_who_may_not(hospital: Hospital) -> None:
    for name, part in (("doctor", Compartment.SOCIAL), ("worker", Compartment.CLINICAL)):
        with hospital.cast.app.app_context():
            case = session.get_one(Case, hospital.ids["case"])
            with pytest.raises(Denied):
                cases.open_parts(hospital.cast.actor(name), case, {part}, Purpose.TREATMENT)


@pytest.fixture
def log_is_broken(hospital: Hospital, settings: Settings) -> Iterator[Engine]:
    """The database refuses every new entry of the log."""
    engine = create_engine(settings.migration_database_url, poolclass=NullPool)
    for name in ("worker", "nurse"):
        hospital.browsers[name] = hospital.cast.browser(name)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry RENAME TO audit_entry_gone"))
    yield engine
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry_gone RENAME TO audit_entry"))
    engine.dispose()


@pytest.mark.usefixtures("log_is_broken")
def test_without_an_entry_nothing_is_shown(hospital: Hospital) -> None:
    worker = hospital.browsers["worker"]
    shown = [r for r in hospital.routes("GET") if r.endpoint not in {*UNAUDITED, "static"}]
    for route in shown:
        path = hospital.address(route)
        response = worker.client.get(
            path, base_url=worker.origin, follow_redirects=True, buffered=True
        )
        assert response.status_code in {500, 503}, path
        assert "canary" not in response.text
        with hospital.cast.app.app_context():
            code = session.get_one(Case, hospital.ids["case"]).code
        assert code not in response.text


def test_without_an_entry_nothing_changes(hospital: Hospital, log_is_broken: Engine) -> None:
    before = _tables(log_is_broken)
    worker, case_id = hospital.cast.actor("worker"), hospital.ids["case"]
    with hospital.cast.app.app_context(), pytest.raises(DBAPIError, match="audit_entry"):
        recording.add_note(worker, case_id, "unwritten")
    assert _tables(log_is_broken) == before


def _tables(engine: Engine) -> dict[str, int]:
    counted = ("case", "case_note", "audit_entry_gone", "key_name", "job", "case_notice")
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in counted
        }


def toy(app: Flask) -> Blueprint:
    """Routes of a careless colleague."""
    bp = Blueprint("toy", __name__, url_prefix="/toy")

    @bp.get("/silent", permission=PUBLIC)
    def silent() -> str:
        return "canaryToy"

    app.register_blueprint(bp)
    return bp


def test_a_view_that_leaves_no_entry_shows_nothing(app: Flask) -> None:
    toy(app)
    response = app.test_client().get("/toy/silent", base_url="http://localhost:8000")
    assert response.status_code == 500
    assert "canaryToy" not in response.text


@pytest.mark.parametrize("demand", [None, "case:read", True])
def test_a_route_without_a_permission_cannot_be_registered(demand: object) -> None:
    bp = Blueprint("toy", __name__)
    with pytest.raises(TypeError):
        bp.get("/x")(lambda: "x")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        bp.get("/x", permission=demand)(lambda: "x")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        bp.route("/x")(lambda: "x")
    assert PUBLIC is not SIGNED_IN
    assert isinstance(Permission.CASE_READ, str)


def test_what_a_refused_act_opened_is_closed_again(hospital: Hospital) -> None:
    """Its entry went with the savepoint; a key made in it is named nowhere and must not be used."""
    actor, kind = hospital.cast.actor("worker"), {Compartment.EPISODE}
    opened = partial(open_keys, actor, purpose=Purpose.CASE_WORK, compartments=kind)
    with hospital.cast.app.app_context():
        case = session.get_one(Case, hospital.ids["untaken"])
        facts = {"facility_id": actor.facility_id, "case_id": case.id, "place": "somewhere"}
        with suppress(ZeroDivisionError), all_or_nothing():
            cases.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
            assert case.ward
            opened(case.id)
            session.add(Episode(**facts))
            session.flush()  # the first value: a key is made, and named in this savepoint
            _ = 1 / 0
        with pytest.raises(CompartmentClosed):
            _ = case.ward
        opened(case.id)
        session.add(Episode(**facts))
        session.commit()
    with hospital.cast.app.app_context():
        opened(hospital.ids["untaken"])
        kept = session.scalars(select(Episode).where(Episode.case_id == hospital.ids["untaken"]))
        assert kept.one().place == "somewhere"


def test_a_list_leaves_one_entry_with_the_ids_shown(hospital: Hospital) -> None:
    lead: Actor = hospital.cast.actor("lead")
    with hospital.cast.app.app_context():
        shown = cases.list_cases(lead)
        session.commit()
        ids = sorted(str(case.id) for case in shown)
        listed = select(AuditEntry.leaf).where(AuditEntry.action == Action.CASES_LISTED)
        entries = session.scalars(listed).all()
    assert len(ids) == 2
    assert [json.loads(leaf)["ids"] for leaf in entries] == [ids]
