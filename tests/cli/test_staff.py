"""``flask staff facts``: all of the list or nothing, and never a value in what it says."""

from pathlib import Path

from click.testing import Result
from sqlalchemy import select

from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.opening import open_many
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.privacy.detection import knowing, matching
from casemgr.privacy.detection.models import StaffFacts
from tests.cast import Cast

NUMBER, PHONE = "022190001234", "0912345678"


def run(cast: Cast, path: Path, *lines: str) -> Result:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return cast.app.test_cli_runner().invoke(args=["staff", "facts", str(path)])


def test_a_list_is_recorded_sealed_and_on_record(cast: Cast, tmp_path: Path) -> None:
    told = run(
        cast,
        tmp_path / "staff.csv",
        "username,national_id,phone,ends_on",
        f"doctor,{NUMBER},+84 912 345 678,2026-12-31",
        f"Nurse,,{PHONE},",
    )
    assert told.exit_code == 0, told.output
    assert "2 colleagues" in told.output
    with cast.acting():
        actor = system_actor("detection", cast.facility_id)
        staff = knowing.staff_of(actor, is_compared=True)
        doctor, nurse = (staff[cast.ids[name]] for name in ("doctor", "nurse"))
        assert doctor.person.national_id == NUMBER
        assert doctor.person.phones == nurse.person.phones == {PHONE}
        assert str(doctor.ends_on) == "2026-12-31"
        assert doctor.person.names == (("ngo", "thanh", "son"),), "the account's name, else"
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.STAFF_FACTS_RECORDED)
        ).all()
        assert len(entries) == 2
        assert not [one for one in entries if NUMBER in one.leaf.decode()]


def test_the_next_list_changes_only_what_it_names(cast: Cast, tmp_path: Path) -> None:
    run(cast, tmp_path / "a.csv", "username,national_id,phone", f"doctor,{NUMBER},{PHONE}")
    run(cast, tmp_path / "b.csv", "username,phone", "doctor,")
    with cast.acting():
        actor = system_actor("detection", cast.facility_id)
        facts = matching.staff_facts(actor)[cast.ids["doctor"]]
        row = session.scalars(select(StaffFacts)).one()
        open_many(actor, [row.account_id], [Compartment.IDENTITY])
        assert (row.national_id, row.phone) == (NUMBER, None)
    assert facts["national_id"] == NUMBER


def test_one_bad_line_and_nothing_is_recorded(cast: Cast, tmp_path: Path) -> None:
    for lines in (
        ("username,phone", f"doctor,{PHONE}", f"nobody,{PHONE}"),
        ("username,mobile", f"doctor,{PHONE}"),
        ("username,phone,ends_on", f"doctor,{PHONE},31.12.2026"),
    ):
        told = run(cast, tmp_path / "staff.csv", *lines)
        assert told.exit_code == 1
        assert "Nothing was recorded" in told.output
        assert PHONE not in told.output
        assert "nobody" not in told.output
    with cast.acting():
        assert not session.scalars(select(StaffFacts)).all()
