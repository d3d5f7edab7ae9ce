"""How Alembic reaches the main database: with the owner's URL, handed over by casemgr.install."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from casemgr import rooms
from casemgr.audit import entry_trigger
from casemgr.db import Model

assert rooms.MODELS  # every room's tables are known before anything is compared
target_metadata = Model.metadata


def run() -> None:
    """Migrate, or compare, over one connection."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            entry_trigger.cover(connection, target_metadata.tables)
    engine.dispose()


run()
