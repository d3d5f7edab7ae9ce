"""Who decides an erasure, what it waits for, what is left (issue 3, design §4)."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Denied, Invalid, Role
from casemgr.access.epochs import KeyEpoch, note_shares_issued
from casemgr.access.key_names import KeyName
from casemgr.audit import Action, AuditEntry
from casemgr.cases import consenting, recording
from casemgr.cases import service as cases
from casemgr.cases.models import CasePart, Note, SafeContact
from casemgr.cases.retention import Keeping
from casemgr.crypto.backup_header import SetKind
from casemgr.db import new_id, session
from casemgr.privacy.erasure import carrying_out, erasures
from casemgr.privacy.erasure.carrying_out import Waits
from casemgr.privacy.erasure.models import Erasure, ErasureRecipient
from casemgr.privacy.erasure.rules import ErasureState, ForbiddenMove
from casemgr.work import backups
from tests.house.hospital import Hospital
from tests.privacy.scene import (
    COUNTDOWN,
    REASON,
    YEARS_LATER,
    answers,
    approve,
    ask,
    asked,
    close,
    erase,
    later,
    state_of,
    version,
    work,
)

P = Compartment
MINUTE = timedelta(minutes=1)


def test_each_part_gets_its_answer_at_once(made: Hospital) -> None:
    found = answers(made.cast, asked(made))
    today = clock.today()
    in_ten_years = today.replace(year=today.year + 10)
    assert found == {
        P.IDENTITY: (None, None),
        P.CONTACT: (None, None),
        P.SOCIAL: (None, None),
        P.EPISODE: (None, None),
        P.CLINICAL: (Keeping.CLINICAL_RECORD, in_ten_years),
    }


def test_a_case_at_work_cannot_be_asked_for(made: Hospital) -> None:
    with pytest.raises(Invalid, match="at_work"):
        ask(made.cast, made.code("case"))


def test_only_the_officer_asks_and_only_the_director_decides(made: Hospital) -> None:
    close(made)
    for name in ("director", "lead", "worker", "admin", "nurse"):
        with pytest.raises(Denied):
            ask(made.cast, made.code("case"), by=name)
    erasure_id = ask(made.cast, made.code("case"))
    for name in ("officer", "lead", "worker", "admin"):
        with made.cast.app.app_context(), pytest.raises(Denied):
            erasures.approve(made.cast.actor(name), erasure_id, version(erasure_id))


def test_nobody_approves_or_refuses_what_they_asked_for(made: Hospital) -> None:
    """The same account with both roles is still one person."""
    cast = made.cast
    both = Actor(
        facility_id=cast.facility_id,
        account_id=cast.ids["officer"],
        roles=frozenset({Role.PRIVACY_OFFICER, Role.DIRECTOR}),
    )
    erasure_id = asked(made)
    with cast.app.app_context(), pytest.raises(Denied):
        erasures.approve(both, erasure_id, version(erasure_id))
    with cast.app.app_context(), pytest.raises(Denied):
        erasures.refuse(both, erasure_id, version(erasure_id), REASON)
    assert state_of(cast, erasure_id) is ErasureState.REQUESTED


def test_seven_days_pass_before_anything_goes(made: Hospital) -> None:
    erasure_id = asked(made)
    approve(made.cast, erasure_id)
    with later(COUNTDOWN - MINUTE):
        work(made.cast)
    assert state_of(made.cast, erasure_id) is ErasureState.APPROVED
    with made.cast.acting():
        worker = made.cast.actor("worker")
        part = cases.open_case(worker, made.ids["case"], {P.SOCIAL})
        assert part.ward == made.word("department")
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    assert state_of(made.cast, erasure_id) is ErasureState.LIVE


@pytest.mark.parametrize("name", ["officer", "director"])
def test_either_of_the_two_can_cancel_until_then(made: Hospital, name: str) -> None:
    erasure_id = asked(made)
    approve(made.cast, erasure_id)
    with made.cast.acting():
        erasures.cancel(made.cast.actor(name), erasure_id, version(erasure_id), REASON)
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    assert state_of(made.cast, erasure_id) is ErasureState.CANCELLED
    with made.cast.acting():
        of_it = select(CasePart).where(CasePart.case_id == made.ids["case"])
        assert not session.scalars(of_it).all()
    assert ask(made.cast, made.code("case")) != erasure_id, "and it can be asked for again"


def test_what_was_begun_cannot_be_cancelled(made: Hospital) -> None:
    erasure_id = erase(made)
    with made.cast.app.app_context(), pytest.raises(ForbiddenMove):
        erasures.cancel(made.cast.actor("officer"), erasure_id, version(erasure_id), REASON)


def test_a_refusal_says_why_and_ends_it(made: Hospital) -> None:
    erasure_id, director = asked(made), made.cast.actor("director")
    with made.cast.app.app_context(), pytest.raises(Invalid, match="too_short"):
        erasures.refuse(director, erasure_id, version(erasure_id), "không")
    with made.cast.acting():
        erasures.refuse(director, erasure_id, version(erasure_id), REASON)
    with made.cast.app.app_context(), pytest.raises(ForbiddenMove):
        erasures.approve(director, erasure_id, version(erasure_id))


def test_two_who_decide_at_once_do_not_overwrite_each_other(made: Hospital) -> None:
    erasure_id, director = asked(made), made.cast.actor("director")
    with made.cast.acting():
        seen = version(erasure_id)
        erasures.approve(director, erasure_id, seen)
    with made.cast.app.app_context(), pytest.raises(Conflict):
        erasures.refuse(director, erasure_id, seen, REASON)


def test_one_case_is_asked_for_once_at_a_time(made: Hospital) -> None:
    asked(made)
    with pytest.raises(Invalid, match="asked_already"):
        ask(made.cast, made.code("case"))


def test_a_case_that_is_opened_again_meanwhile_is_left_alone(made: Hospital) -> None:
    erasure_id = asked(made)
    approve(made.cast, erasure_id)
    with made.cast.acting():
        recording.reopen_case(made.cast.actor("worker"), made.ids["case"], "Người bệnh quay lại")
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    assert state_of(made.cast, erasure_id) is ErasureState.CANCELLED
    with made.cast.acting():
        worker = made.cast.actor("worker")
        assert cases.open_case(worker, made.ids["case"], {P.SOCIAL}).ward


# ------------------------------------------------------------------ afterwards
def test_receivers_are_listed_for_notice(made: Hospital) -> None:
    erasure_id, officer = erase(made), made.cast.actor("officer")
    with made.cast.acting():
        (one,) = erasures.show(officer, erasure_id).recipients
        assert one.organisation_id == made.ids["organisation"]
        assert one.told_at is None
        erasures.note_told(officer, erasure_id, one.id)
    with made.cast.acting():
        (one,) = session.scalars(
            select(ErasureRecipient).where(ErasureRecipient.erasure_id == erasure_id)
        )
        assert one.told_by == made.cast.ids["officer"]
        recipient_id = one.id
    with made.cast.app.app_context(), pytest.raises(Denied):
        erasures.note_told(made.cast.actor("director"), erasure_id, recipient_id)


def test_an_erased_case_can_be_opened_again_and_written_under_new_keys(made: Hospital) -> None:
    erase(made)
    worker, case_id = made.cast.actor("worker"), made.ids["case"]
    with later(YEARS_LATER + timedelta(days=30)):
        with made.cast.acting(), pytest.raises(Denied):
            cases.open_case(worker, case_id, {P.SOCIAL})
        with made.cast.acting():
            recording.reopen_case(worker, case_id, "Người bệnh quay lại xin hỗ trợ")
        with made.cast.acting():
            case = cases.open_case(worker, case_id, {P.SOCIAL, P.CONTACT})
            assert case.ward is None
            (note,) = session.scalars(select(Note).where(Note.case_id == case_id))
            assert note.text == "Người bệnh quay lại xin hỗ trợ"
            assert not session.scalars(
                select(SafeContact).where(SafeContact.case_id == case_id)
            ).all()
            names = select(KeyName).where(KeyName.owner_id == case_id)
            assert [(row.compartment, row.generation) for row in session.scalars(names)] == [
                ("SOCIAL", 2)
            ]
            assert not consenting.consents(case)


def test_it_is_final_only_when_no_copy_anywhere_opens_it(
    app: Flask, made: Hospital, key_file: Path
) -> None:
    cast, actor = made.cast, made.cast.actor("admin")
    with cast.acting():
        note_shares_issued(actor, clock.now(), "first")
    with later(YEARS_LATER + COUNTDOWN - timedelta(days=1)) as made_at, cast.planting():
        expires_at, row_id = made_at + timedelta(days=35), new_id()
        row = backups.Backup(id=row_id, facility_id=cast.facility_id, backup_id=new_id())
        row.kind, row.made_at, row.expires_at = SetKind.KEYS, made_at, expires_at
        session.add(row)
    erasure_id = erase(made)

    def waits() -> dict[Waits, object]:
        with cast.app.app_context():
            found = carrying_out.outstanding(session.get_one(Erasure, erasure_id))
            return {item.what: item.until for item in found}

    def round_() -> ErasureState:
        work(cast)
        return state_of(cast, erasure_id)

    with later(YEARS_LATER + COUNTDOWN + timedelta(days=1)):
        assert waits() == {
            Waits.RE_WRAP: None, Waits.ROOT: None, Waits.SHARES: None, Waits.BACKUP: expires_at
        }  # fmt: skip
        assert round_() is ErasureState.LIVE
        roots = len(key_file.read_text().splitlines())
        result = app.test_cli_runner().invoke(args=["keys", "close-epoch"])
        assert result.exit_code == 0, result.output
        assert len(key_file.read_text().splitlines()) == roots, "one came, the old one went"
        assert set(waits()) == {Waits.SHARES, Waits.BACKUP}
        with cast.acting():
            note_shares_issued(actor, clock.now(), "second")
        assert set(waits()) == {Waits.BACKUP}
        assert round_() is ErasureState.LIVE
    with later(YEARS_LATER + COUNTDOWN + timedelta(days=40)):
        assert round_() is ErasureState.LIVE, "expired, but nobody removed it"
        with cast.acting():
            session.get_one(backups.Backup, row_id).removed_at = clock.now()
        assert waits() == {}
        assert round_() is ErasureState.FINAL
    with cast.app.app_context():
        assert session.scalars(select(KeyEpoch.number).where(KeyEpoch.closed_at.is_not(None))).all()


def test_the_log_keeps_its_proof(made: Hospital) -> None:
    erasure_id = erase(made)
    with made.cast.app.app_context():
        query = select(AuditEntry.action, AuditEntry.acting_as).where(
            AuditEntry.subject_id == erasure_id
        )
        told = [tuple(row) for row in session.execute(query.order_by(AuditEntry.at))]
        about = session.scalars(
            select(AuditEntry.action).where(AuditEntry.case_id == made.ids["case"])
        ).all()
    assert (Action.ERASURE_REQUESTED, "privacy_officer") in told  # a frozen clock gives no order
    assert (Action.ERASURE_APPROVED, "director") in told
    assert (Action.ERASURE_BEGUN, "erasure") in told
    assert told.count((Action.PART_ERASED, "erasure")) == 5
    assert Action.CASE_OPENED in about, "what was done in the case stays provable"
