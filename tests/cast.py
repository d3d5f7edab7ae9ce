"""The people of the tests, one sentence each. Everybody signs in with the same password.

- ``nurse`` Hoa screens on Khoa Sản; ``other_nurse`` Lan screens on Khoa Nhi.
- ``worker`` Minh is a social worker; ``other_worker`` Tâm another one, on none of Minh's teams.
- ``lead`` Yến leads the social work team.
- ``doctor`` Sơn joins teams when asked; ``stranger`` Khải is a doctor on no team.
- ``director`` Bình acknowledges notices and reads no case.
- ``officer`` Thủy reviews the log and reads no case.
- ``admin`` Quang keeps accounts and reads no case.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from flask import Flask

from casemgr.access import Actor, Role
from casemgr.access.actor import system_actor
from casemgr.accounts import passwords
from casemgr.accounts import service as accounts
from casemgr.db import new_id, session
from casemgr.directory.models import Facility
from tests.client import Browser
from tests.planting import planted

PASSWORD = "rừng thông lặng gió"
ORIGIN = "http://localhost:8000"

PEOPLE: dict[str, tuple[str, Role, str]] = {
    "nurse": ("Lê Thị Hoa", Role.SCREENER, "Khoa Sản"),
    "other_nurse": ("Bùi Thị Lan", Role.SCREENER, "Khoa Nhi"),
    "worker": ("Phạm Văn Minh", Role.SOCIAL_WORKER, "Tổ Công tác xã hội"),
    "other_worker": ("Đỗ Thị Tâm", Role.SOCIAL_WORKER, "Tổ Công tác xã hội"),
    "lead": ("Trần Hải Yến", Role.SOCIAL_WORK_LEAD, "Tổ Công tác xã hội"),
    "doctor": ("Ngô Thanh Sơn", Role.CLINICIAN, "Khoa Sản"),
    "stranger": ("Đặng Quốc Khải", Role.CLINICIAN, "Khoa Ngoại"),
    "psychologist": ("Hồ Thu An", Role.PSYCHOLOGIST, "Khoa Tâm thần"),
    "director": ("Vũ Đức Bình", Role.DIRECTOR, "Ban Giám đốc"),
    "planner": ("Lý Ngọc Hà", Role.PLANNER, "Phòng KHTH"),
    "office": ("Phan Thị Mai", Role.OFFICE, "Phòng TCHC"),
    "press": ("Dương Minh Tú", Role.COMMUNICATIONS, "Tổ truyền thông"),
    "officer": ("Hoàng Thu Thủy", Role.PRIVACY_OFFICER, "Ban Giám đốc"),
    "admin": ("Đinh Quang", Role.ADMINISTRATOR, "Phòng KHTH"),
    "partner": ("Trung tâm Trợ giúp xã hội", Role.PARTNER, ""),
}


@cache
def _password_hash() -> str:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # tests sign in a lot
    return cheap.hash(passwords._normal(PASSWORD))


@dataclass
class Cast:
    """A founded hospital with its staff; a browser or an actor for each on demand."""

    app: Flask
    facility_id: UUID = field(default_factory=new_id)
    ids: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.app.app_context():
            self.app.extensions["keyring"].found_facility(self.facility_id)
            session.add(
                Facility(
                    id=self.facility_id,
                    facility_id=self.facility_id,
                    name="Bệnh viện Đa khoa Thử Nghiệm",
                    superior="Sở Y tế Quảng Ninh",
                    place="Cẩm Phả",
                    letter_mark="BVTN-CTXH",
                    phone="0500 000 000",
                    code_prefix="TN",
                )
            )
            maker = system_actor("tests", self.facility_id, "command")
            for name, (display_name, role, department) in PEOPLE.items():
                account = accounts.create_account(
                    maker,
                    username=name,
                    display_name=display_name,
                    roles=[role],
                    department=department,
                    password_hash=_password_hash(),
                )
                self.ids[name] = account.id
            session.commit()

    def actor(self, name: str) -> Actor:
        """Somebody as services see them."""
        display_name, role, department = PEOPLE[name]
        return Actor(
            facility_id=self.facility_id,
            account_id=self.ids[name],
            roles=frozenset({role}),
            display_name=display_name,
            department=department,
            channel="command",
        )

    def browser(self, name: str) -> Browser:
        """Somebody's own browser, signed in through the real form."""
        browser = Browser(self.app.test_client(), ORIGIN)
        page = browser.get("/sign-in")
        page.submit(username=name, password=PASSWORD)
        return browser

    @contextmanager
    def planting(self) -> Iterator[None]:
        """One transaction of what nobody did through casemgr: no entry is asked for it."""
        with self.app.app_context(), planted(session()):
            yield
            session.commit()

    @contextmanager
    def acting(self) -> Iterator[None]:
        """One transaction of services, committed at its end as the gate would."""
        with self.app.app_context():
            yield
            session.commit()
