"""Ids, moments, enumerations and versions: the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from casemgr import clock
from casemgr.cases.models import Case
from casemgr.cases.rules import CaseState
from casemgr.db import new_id, session
from casemgr.directory.models import Organisation
from tests.cast import Cast

AT = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)


def a_case(cast: Cast, **values: object) -> Case:
    facts = {"facility_id": cast.facility_id, "code": "TN-1", "code_name": "Bến", "opened_at": AT}
    facts |= {"state": CaseState.SUSPECTED, "changed_at": AT}
    return Case(**{**facts, **values})


def test_ids_are_uuid7_and_follow_the_clock() -> None:
    """RFC 9562 §5.7: 48 bits of milliseconds, version 7, variant 10."""
    with clock.frozen(AT):
        one, other = new_id(), new_id()
    assert one != other
    for made in (one, other):
        assert made.version == 7
        assert made.variant == "specified in RFC 4122"
        assert made.int >> 80 == int(AT.timestamp() * 1000)
    with clock.frozen(AT + timedelta(milliseconds=1)):
        assert new_id() > max(one, other)


def test_the_id_exists_before_anything_is_flushed(cast: Cast) -> None:
    assert isinstance(a_case(cast).id, UUID)


def test_moments_come_back_aware_and_exact(cast: Cast) -> None:
    here = AT.astimezone(timezone(timedelta(hours=7)))
    with cast.planting():
        case = a_case(cast, opened_at=here)
        session.add(case)
        session.flush()
        session.expire(case)
        assert case.opened_at == AT
        assert case.opened_at.tzinfo is UTC
        assert session.scalars(select(Case.id).where(Case.opened_at == AT)).one() == case.id


def test_a_naive_moment_is_refused(cast: Cast) -> None:
    with cast.app.app_context():
        session.add(a_case(cast, opened_at=AT.replace(tzinfo=None)))
        with pytest.raises(StatementError, match="time zone"):
            session.flush()
        session.rollback()


def test_an_enumeration_is_kept_by_its_value(cast: Cast) -> None:
    with cast.app.app_context():
        session.add(a_case(cast, state="nonsense"))
        with pytest.raises(StatementError):
            session.flush()
        session.rollback()


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(TypeError, match="nickname"):
        Organisation(nickname="x")


def test_repr_shows_an_id_and_nothing_else(cast: Cast) -> None:
    case = a_case(cast)
    assert repr(case) == f"<Case {case.id}>"


def test_every_change_counts_the_version(cast: Cast) -> None:
    with cast.planting():
        case = a_case(cast)
        session.add(case)
        session.flush()
        assert case.version == 1
        case.state = CaseState.REPORTED
        session.flush()
        assert case.version == 2
