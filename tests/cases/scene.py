"""What the tests of the case pages say again and again."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Purpose
from casemgr.audit import Action, AuditEntry
from casemgr.cases import recording
from casemgr.cases.models import Case, Identity
from casemgr.cases.rules import CaseState
from casemgr.db import session
from tests.cast import Cast
from tests.client import Browser, Page

NAME, NUMBER, PHONE = "Vàng Thị Máy", "098200012345", "0501234567"
COMPLAINT = "Đau bụng hai ngày nay"
UNKNOWN = "01890000-0000-7000-8000-000000000000"


def state_of(cast: Cast, case_id: UUID) -> CaseState:
    with cast.acting():
        return session.get_one(Case, case_id).state


def entries(cast: Cast, action: Action) -> list[AuditEntry]:
    with cast.acting():
        found = list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))
        session.expunge_all()
        return found


def record_identity(cast: Cast, case_id: UUID, **more: Any) -> None:
    with cast.acting():
        values = {"full_name": NAME, **more}
        recording.record_part(cast.actor("worker"), case_id, Identity, None, values)


def stated(browser: Browser, path: str, purpose: Purpose) -> Page:
    return browser.get(path).submit(purpose=purpose.value, button="Open")


def in_english(cast: Cast, name: str) -> Browser:
    """Sign in and switch: msgids are English, so the words stand whatever a translation says."""
    browser = cast.browser(name)
    browser.get("/").submit(button="English")
    return browser
