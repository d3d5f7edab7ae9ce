"""The database: typed models, one request session, engines owned by Flask-SQLAlchemy."""

from casemgr.db.ids import new_id
from casemgr.db.model import Model, Versioned
from casemgr.db.session import db, session
from casemgr.db.types import UtcDateTime, enum_type

__all__ = ["Model", "UtcDateTime", "Versioned", "db", "enum_type", "new_id", "session"]
