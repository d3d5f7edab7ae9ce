"""What this hospital has seen of other hospitals' logs."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.db import Model


class WitnessedLog(Model):
    """The newest head of one log that we cosigned: the only state of a witness."""

    __tablename__ = "witnessed_log"
    __table_args__ = (UniqueConstraint("origin"),)

    origin: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime]
