"""Accounts of staff and their sessions. No victim's data lies here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Role
from casemgr.crypto.sealed_bytes import SealedBytes
from casemgr.db import Model


class Account(Model):
    """A member of staff, or a partner, who signs in."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("facility_id", "username"),)

    username: Mapped[str] = mapped_column(String(60))
    display_name: Mapped[str] = mapped_column(String(100))
    role_names: Mapped[str] = mapped_column(String(200))  # separated by blanks
    department: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles as members of the enumeration."""
        return frozenset(Role(name) for name in self.role_names.split())

    # What flask-login asks of an account; models do not know Flask, so it is written out here.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Whether the account may be used at all."""
        return self.is_enabled

    def get_id(self) -> str:
        """The id that the session keeps."""
        return str(self.id)


class WebSession(Model):
    """One browser's session. The database keeps only the hash of the cookie's secret."""

    __tablename__ = "web_session"

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    content_sealed: Mapped[bytes] = mapped_column(SealedBytes)  # anti-forgery token, messages
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
