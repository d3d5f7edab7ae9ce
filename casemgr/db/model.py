"""What every table has: a random id made in Python and the facility that it belongs to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, event
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from casemgr.crypto import sealed
from casemgr.db.ids import new_id
from casemgr.db.types import UtcDateTime

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of every table. Keyword arguments become attributes; the id exists at once."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's own hook

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    facility_id: Mapped[UUID] = mapped_column(index=True, sort_order=-1)

    def __init_subclass__(cls, **options: Any) -> None:
        sealed.declare_columns(cls)
        super().__init_subclass__(**options)

    def __init__(self, **values: Any) -> None:
        kind = type(self)
        fields, state = sealed.fields_of(kind), self.__dict__
        self.id = values.pop("id", None) or new_id()
        for name, value in values.items():
            field = fields.get(name)
            if field is not None:
                field.begin(state, value)
            elif hasattr(kind, name):
                setattr(self, name, value)
            else:
                raise TypeError(f"{kind.__name__} has no {name}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class Versioned:
    """Two people who change one row at once: the second is told, nothing is overwritten (I8)."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a class, as SQLAlchemy calls it
        return {"version_id_col": cls.version}


event.listen(Model, "expire", sealed.forget, propagate=True)
