"""A rollback must never fail itself, whatever rows it drops."""

from uuid import UUID

from sqlalchemy import select

from casemgr.cases.models import Case, Task
from casemgr.cases.rules import Source
from casemgr.cases.service import open_suspicion
from casemgr.db import session
from tests.cast import Cast


def test_rows_that_only_the_session_holds_roll_back(cast: Cast) -> None:
    """SQLAlchemy tells the expire listener of rows whose last reference just went."""
    nurse = cast.actor("nurse")
    with cast.acting():
        for _ in range(3):
            open_suspicion(nurse, source=Source.WARD, ward="Khoa Sản", contact_nurse_id=UUID(int=1))
    with cast.app.app_context():
        for case in session.scalars(select(Case)):
            case.assignee_id = UUID(int=2)
        del case
        session.rollback()
        assert session.scalars(select(Case.assignee_id)).all() == [None, None, None]
        assert session.scalars(select(Task)).all() == []
