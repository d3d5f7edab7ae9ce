"""Views of the log that an officer saved. What they are called and ask for is sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned


class SavedView(Model, Versioned):
    """Filters under a name, for the one who saved them: whom an officer watches is nobody else's."""

    __tablename__ = "log_view"
    __key_owner__ = "account_id"

    account_id: Mapped[UUID] = mapped_column(index=True)
    saved_at: Mapped[datetime]

    view = SealedRecord(Compartment.OVERSIGHT, pad=256)
    name = view.text()
    filters = view.json()
