"""What somebody with a narrow place on a team can learn: nothing beyond their compartments."""

from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from casemgr.access import Compartment, Denied, Purpose
from casemgr.access.key_names import KeyName
from casemgr.cases import recording, service, team
from casemgr.cases.models import CareTeamMember, ClinicalEntry, Identity
from casemgr.crypto.errors import CompartmentClosed
from casemgr.db import session
from tests.cast import Cast

NAME, NUMBER = "Lò Thị Pâng", "098200012345"


@pytest.fixture
def narrow(cast: Cast, in_support: UUID) -> UUID:
    """Tâm may open LEGAL on Minh's case, and nothing else."""
    with cast.acting():
        values = {"full_name": NAME, "national_id": NUMBER}
        recording.record_part(cast.actor("worker"), in_support, Identity, None, values)
        team.add_member(
            cast.actor("worker"), in_support, cast.ids["other_worker"], {Compartment.LEGAL}
        )
    return in_support


def test_search_answers_only_from_what_one_may_open(cast: Cast, narrow: UUID) -> None:
    """A hit by name or number would tell who the person is."""
    with cast.acting():
        for text in (NAME, NUMBER):
            found = service.search_cases(cast.actor("worker"), text)
            assert [case.id for case in found] == [narrow]
            assert service.search_cases(cast.actor("other_worker"), text) == []


def test_a_filter_by_facts_answers_only_from_what_one_may_open(cast: Cast, narrow: UUID) -> None:
    with cast.acting():
        own, total = service.list_page(cast.actor("worker"), facets=["group:P4"])
        assert ([case.id for case in own], total) == ([narrow], 1)
        assert service.list_page(cast.actor("other_worker"), facets=["group:P4"]) == ([], 0)


def test_a_narrow_place_gives_no_places(cast: Cast, narrow: UUID) -> None:
    with cast.acting(), pytest.raises(Denied):
        team.add_member(
            cast.actor("other_worker"), narrow, cast.ids["stranger"], {Compartment.CLINICAL}
        )


def test_nobody_has_two_places(cast: Cast, narrow: UUID) -> None:
    """The database itself refuses: what one person may open stands in one row."""
    with cast.app.app_context():
        place = session.scalars(
            select(CareTeamMember).where(CareTeamMember.account_id == cast.ids["doctor"])
        ).one()
        session.add(
            CareTeamMember(
                facility_id=cast.facility_id,
                case_id=narrow,
                account_id=place.account_id,
                compartments="IDENTITY",
                added_at=place.added_at,
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_relabelling_a_key_in_the_database_opens_nothing(cast: Cast, narrow: UUID) -> None:
    """A database administrator makes the clinical key look like one of SOCIAL."""
    with cast.acting():
        recording.write_clinical(cast.actor("doctor"), narrow, Purpose.TREATMENT, complaint="Đau")
    with cast.planting():
        clinical = (KeyName.owner_id == narrow, KeyName.compartment == "CLINICAL")
        session.execute(update(KeyName).where(*clinical).values(compartment="SOCIAL", generation=2))
    with cast.acting():
        service.open_case(cast.actor("worker"), narrow, {Compartment.SOCIAL})
        entry = session.scalars(select(ClinicalEntry)).one()
        with pytest.raises(CompartmentClosed):
            _ = entry.complaint


def test_a_narrow_place_is_offered_no_button_to_change_the_team(cast: Cast, narrow: UUID) -> None:
    """What would be refused is not offered; leaving the team oneself is."""
    page = cast.browser("other_worker").get(f"/cases/{narrow}/team")
    named = [button.text for form in page.tree.all("form") for button in page.buttons(form)]
    assert len([words for words in named if "Đỗ Thị Tâm" in words]) == 1
    assert not [words for words in named if "Ngô Thanh Sơn" in words]
