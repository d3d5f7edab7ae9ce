"""Which files in the store count. A file is named here before its first byte is written."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from casemgr.db import Model


class StoredFile(Model):
    """One file in the store; its id is its name there.

    Expected (committed before anything is written), claimed by the row that holds its key, doomed
    by an erasure or because nobody claimed it, removed. Only the store knows its bytes.
    """

    __tablename__ = "stored_file"

    expected_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    doomed_at: Mapped[datetime | None] = mapped_column(index=True)
    removed_at: Mapped[datetime | None]
    cause_id: Mapped[UUID | None] = mapped_column(index=True)  # the erasure that dooms it
