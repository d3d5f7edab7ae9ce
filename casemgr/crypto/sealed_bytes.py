"""Sealed bytes in a database: what lies in the column comes up as it lies there.

SQLite lets anybody who can write the file put text or a number into a BLOB column. SQLAlchemy's own
type would turn a number into that many zero bytes, and a large one into an empty memory; here it
comes up unchanged, and the envelope refuses it as it refuses every other foreign value.
PostgreSQL sends bytes as hexadecimal text unless it is asked for its binary format.
"""

from typing import Any

from sqlalchemy import Dialect, LargeBinary, make_url

from casemgr.crypto.many_ids import array_type


class SealedBytes(LargeBinary):
    """BLOB or BYTEA, without a conversion on the way out."""

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """No conversion: not a byte is touched before the envelope judged it."""


def connect_arguments(url: str) -> dict[str, Any]:
    """What an engine needs besides: on PostgreSQL, results and many ids in the binary format."""
    if make_url(url).get_backend_name() != "postgresql":
        return {}
    array_type()
    from psycopg import Cursor
    from psycopg.pq import Format

    class BinaryCursor(Cursor[Any]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.format = Format.BINARY

    return {"cursor_factory": BinaryCursor}
