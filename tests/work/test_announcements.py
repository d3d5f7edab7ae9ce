"""Every privacy officer is told that recovery shares were used, and acknowledges for themselves."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Denied, Role
from casemgr.access.actor import Actor, system_actor
from casemgr.audit import Action, AuditEntry
from casemgr.db import new_id, session
from casemgr.work import announcements
from casemgr.work.rules import DRILL_EVERY, Ceremony, CeremonyState, ForbiddenMove, is_drill_due
from tests.cast import Cast

PAGE = "/announcements"


def begun(cast: Cast, kind: Ceremony = Ceremony.DRILL) -> UUID:
    with cast.planting():
        return announcements.announce(system_actor("keys", cast.facility_id, "command"), kind).id


def ended(cast: Cast, announcement_id: UUID, *, succeeded: bool = True) -> None:
    with cast.planting():
        announcements.settle(announcement_id, succeeded=succeeded)


def second_officer(cast: Cast) -> Actor:
    return Actor(cast.facility_id, new_id(), frozenset({Role.PRIVACY_OFFICER}))


def waiting(cast: Cast, officer: Actor) -> int:
    with cast.acting():
        return announcements.count_waiting(officer)


def test_each_officer_acknowledges_for_themselves(cast: Cast) -> None:
    one, other = cast.actor("officer"), second_officer(cast)
    ended(cast, announcement_id := begun(cast))
    with cast.acting():
        announcements.acknowledge(one, announcement_id)
        announcements.acknowledge(one, announcement_id)  # twice is once
    assert (waiting(cast, one), waiting(cast, other)) == (0, 1)
    with cast.acting():
        (mine,), (theirs,) = announcements.listed(one), announcements.listed(other)
        assert mine.acknowledged_at is not None
        assert theirs.acknowledged_at is None
        query = select(AuditEntry.account_id, AuditEntry.subject_id)
        acts = session.execute(query.where(AuditEntry.action == Action.ANNOUNCEMENT_ACKNOWLEDGED))
        assert {tuple(act) for act in acts} == {(one.account_id, announcement_id)}


def test_how_it_ended_is_told_again(cast: Cast) -> None:
    """Who acknowledged the beginning does not know the end yet."""
    officer = cast.actor("officer")
    announcement_id = begun(cast)
    with cast.acting():
        announcements.acknowledge(officer, announcement_id)
    assert waiting(cast, officer) == 0
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        ended(cast, announcement_id, succeeded=False)
        assert waiting(cast, officer) == 1
        with cast.acting():
            (told,) = announcements.listed(officer)
            assert (told.state, told.acknowledged_at) == (CeremonyState.FAILED, None)
            announcements.acknowledge(officer, announcement_id)
        assert waiting(cast, officer) == 0


def test_what_was_told_is_not_turned_round(cast: Cast) -> None:
    ended(cast, announcement_id := begun(cast), succeeded=False)
    with pytest.raises(ForbiddenMove), cast.acting():
        announcements.settle(announcement_id, succeeded=True)


@pytest.mark.parametrize("name", ["admin", "director", "lead"])
def test_nobody_else_takes_note_in_their_place(cast: Cast, name: str) -> None:
    announcement_id = begun(cast)
    for act in (
        lambda: announcements.listed(cast.actor(name)),
        lambda: announcements.acknowledge(cast.actor(name), announcement_id),
    ):
        with pytest.raises(Denied), cast.acting():
            act()


def test_the_page_names_what_happened_and_takes_the_acknowledgement(cast: Cast) -> None:
    ended(cast, begun(cast, Ceremony.RECOVER))
    begun(cast, Ceremony.SPLIT)
    officer = cast.browser("officer")
    page = officer.get(PAGE)
    assert "Khôi phục khóa từ các mảnh" in page
    assert "Thành công" in page
    assert "Đã bắt đầu, chưa kết thúc" in page
    page = page.submit(button="Xác nhận Khôi phục khóa từ các mảnh")
    assert page.path == PAGE
    assert "anh/chị đã xác nhận lúc" in page
    buttons = [button.text for button in page.main.all("button")]
    assert buttons == ["Xác nhận Cấp mảnh khóa dự phòng mới"]


def test_a_drill_is_due_after_a_quarter() -> None:
    last = clock.now()
    assert timedelta(days=90) == DRILL_EVERY
    assert not is_drill_due(last, last + timedelta(days=89, hours=23))
    assert is_drill_due(last, last + timedelta(days=90))
