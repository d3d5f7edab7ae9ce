"""A sealed table of the tests, apart from the product's metadata, and a session that holds keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from casemgr.crypto import sealed
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.names import fold
from casemgr.crypto.sealed import KEYRING, OPEN_KEYS, SealedRecord
from casemgr.db import Versioned
from tests.crypto.conftest import FACILITY


class Base(DeclarativeBase):
    """As casemgr.db.Model, with a metadata of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    facility_id: Mapped[UUID]

    def __init_subclass__(cls, **options: Any) -> None:
        sealed.declare_columns(cls)
        super().__init_subclass__(**options)


event.listen(Base, "expire", sealed.forget, propagate=True)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Toy(Base, Versioned):
    """Every kind of field, in two records of two compartments."""

    __tablename__ = "toy"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID]
    public: Mapped[int] = mapped_column(default=0)

    front = SealedRecord("IDENTITY")
    words = front.text()
    count = front.integer()
    is_true = front.boolean()
    on = front.date()
    at = front.moment()
    about = front.partial_date()
    colour = front.choice(Colour)
    names = front.strings()
    anything = front.json()
    other_id = front.uuid()
    picture = front.binary()
    words_index = front.blind_index("words", fold.digits)

    back = SealedRecord("CLINICAL", pad=256)
    secret = back.text()


class Box(Base, Versioned):
    """Another table with a column of the same name and compartment."""

    __tablename__ = "box"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID]
    front = SealedRecord("IDENTITY")
    words = front.text()


class Leaflet(Base):
    """A record that is written once: it has no row version."""

    __tablename__ = "leaflet"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID]
    front = SealedRecord("IDENTITY")
    words = front.text()


class Desk:
    """A database in memory with one keyring; sessions on it open what they are told."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        Base.metadata.create_all(self.engine)
        self._ids: dict[tuple[UUID, str], UUID] = {}

    @contextmanager
    def session(self, *opened: tuple[UUID, str]) -> Iterator[Session]:
        """A session in which these (owner, compartment) are open."""
        with Session(self.engine) as session:
            session.info[OPEN_KEYS], session.info[KEYRING] = OpenKeys(), self.keyring
            for owner, part in opened:
                self.open(session, owner, part)
            yield session

    def open(self, session: Session, owner: UUID, part: str) -> None:
        """Open one more; its key is made the first time."""
        keys: OpenKeys = session.info[OPEN_KEYS]
        keys.admit(owner, part)
        known = self._ids.get((owner, part))
        if known is None:
            known = self._ids[owner, part] = uuid4()
            found = self.keyring.new_keys(FACILITY, owner, [part], [known])
        else:
            found = self.keyring.open(FACILITY, [known])
        for key in found:
            keys.add(key)


def toy(case_id: UUID, **values: object) -> Toy:
    return Toy(**{"id": uuid4(), "facility_id": FACILITY, "case_id": case_id, **values})
