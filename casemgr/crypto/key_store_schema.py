"""The tables of the key store, and how an older key store is brought up to them in place."""

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    inspect,
    text,
)

from casemgr.crypto.sealed_bytes import SealedBytes

metadata = MetaData()
data_key = Table(
    "data_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("facility_id", Uuid, nullable=False),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("compartment", String(20), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("facility_key", Integer, nullable=False),  # which key wraps it: the epoch moves with it
    Column("wrapped", SealedBytes, nullable=False),
    Column("commitment", SealedBytes, nullable=False),
    Column("state", String(10), nullable=False),  # pending | live | removed
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
)
facility_key = Table(
    "facility_key",
    metadata,
    Column("facility_id", Uuid, primary_key=True),
    Column("purpose", String(10), primary_key=True),  # data | index | tag | backup
    Column("number", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # active | decrypt-only | destroyed
    Column("wrapped", SealedBytes, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("root", String(200), nullable=False, server_default=""),  # "": made before it was noted
    Column("commitment", SealedBytes),  # NULL: made before there were any
)
recovery_key = Table(
    "recovery_key",
    metadata,
    Column("set_id", String(14), primary_key=True),
    Column("facility_id", Uuid, nullable=False),
    Column("public_key", SealedBytes, nullable=False),
    Column("proof", SealedBytes, nullable=False),  # that this facility made it: keyed hash
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("state", String(10), nullable=False),  # current | retired
)
recovery_envelope = Table(
    "recovery_envelope",
    metadata,
    Column("facility_id", Uuid, primary_key=True),
    Column("purpose", String(10), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("set_id", String(14), nullable=False),
    Column("sealed", SealedBytes, nullable=False),
)
_store_version = Table("store_version", metadata, Column("number", Integer, primary_key=True))


def _note_roots_and_removals(connection: Connection) -> None:
    """Version 2: which root wraps a facility key, its commitment, and when a data key was removed."""
    moment = "TIMESTAMP WITH TIME ZONE" if connection.dialect.name == "postgresql" else "DATETIME"
    blob = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    for statement in (
        f"ALTER TABLE data_key ADD COLUMN removed_at {moment}",
        "ALTER TABLE facility_key ADD COLUMN root VARCHAR(200) DEFAULT '' NOT NULL",
        f"ALTER TABLE facility_key ADD COLUMN commitment {blob}",
    ):
        connection.execute(text(statement))


# One step for each change of a table that is there already; a new table needs none.
_STEPS: tuple[Callable[[Connection], None], ...] = (_note_roots_and_removals,)
NEWEST = 1 + len(_STEPS)


def bring_up(engine: Engine) -> None:
    """Make the tables, or change an older store's in place; its keys stay. Repeatable."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        is_new = not inspect(connection).has_table(data_key.name)
        metadata.create_all(connection)
        found = connection.scalar(_store_version.select()) or (NEWEST if is_new else 1)
        for step in _STEPS[found - 1 :]:
            step(connection)
        connection.execute(_store_version.delete())
        connection.execute(_store_version.insert().values(number=NEWEST))
