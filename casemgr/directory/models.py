"""The facility, its departments, and where people can be referred."""

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.db import Model
from casemgr.directory.rules import Kind, Service


class Facility(Model):
    """The hospital itself: what its letters and pages call it. Its id is its facility_id."""

    __tablename__ = "facility"

    name: Mapped[str] = mapped_column(String(200))
    superior: Mapped[str] = mapped_column(String(200))  # cơ quan chủ quản, first line of a letter
    place: Mapped[str] = mapped_column(String(60))  # địa danh before the date of a letter
    letter_mark: Mapped[str] = mapped_column(String(30))  # ký hiệu, e.g. BVĐKCP-CTXH
    phone: Mapped[str] = mapped_column(String(20))
    code_prefix: Mapped[str] = mapped_column(String(4))  # case codes start with it (R7)


class Organisation(Model):
    """Somewhere people can be referred. Nothing here is about a person (I3: public).

    Dated, with its source; a contact without a source is None and shown as "cần bổ sung".
    """

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("facility_id", "slug"),)

    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    services: Mapped[str] = mapped_column(String(400))  # service codes, separated by blanks
    phone: Mapped[str | None] = mapped_column(String(20))
    hours: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[str | None] = mapped_column(String(200))
    coverage: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    @property
    def sort(self) -> Kind:
        """What sort of body it is."""
        return Kind(self.kind)

    @property
    def offered(self) -> list[Service]:
        """The services, in the order of the source."""
        return [Service(code) for code in self.services.split()]
