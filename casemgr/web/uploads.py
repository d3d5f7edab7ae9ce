"""Requests that bring a file: it is sealed while the body is read, and never lies in clear (I5).

Werkzeug would spool a large part to a temporary file. Which routes take a file is said where they
are registered; the gate has let the sender in and committed the file's name before the body is read.
"""

from typing import IO, Any, cast
from uuid import UUID

import flask
from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from casemgr.access import Actor
from casemgr.db import session
from casemgr.files import service as files
from casemgr.files.incoming import Incoming, SealedFile
from casemgr.files.store import FileStoreDown

MEGABYTE = 1024 * 1024
LARGEST_FILE = "CASEMGR_LARGEST_FILE"
_FIELDS = 16  # parts of a form with a file
_FIELD_BYTES = 256 * 1024  # of each part that is no file; the parser holds 64 KB by itself
_MULTIPART = "multipart/form-data"


class Arrival:
    """The one file of a request, where Werkzeug would have a temporary file."""

    def __init__(self, file_id: UUID, most: int) -> None:
        self.file_id = file_id
        self.sealed: SealedFile | None = None
        self._incoming: Incoming | None = None
        self._most = most

    def begin(self) -> "Arrival":
        """The part that holds the file begins. A request brings one file."""
        if self._incoming is not None:
            raise BadRequest
        self._incoming = files.receive(self.file_id)
        return self

    def write(self, part: bytes) -> int:
        """Seal what came; called by the parser."""
        assert self._incoming is not None  # noqa: S101 - only begin() hands this object out
        if self._incoming.size + len(part) > self._most:
            raise RequestEntityTooLarge
        self._incoming.write(part)
        return len(part)

    def seek(self, _offset: int) -> int:
        """The parser winds back when the part is over: then it is whole."""
        if self._incoming is not None and self.sealed is None:
            self.sealed = self._incoming.finish()
        return 0

    def close(self) -> None:
        """What did not arrive whole leaves nothing."""
        if self._incoming is not None and self.sealed is None:
            self._incoming.abort()


class Request(flask.Request):
    """Takes a file only where the route said so, and then hands it to ``arrival``."""

    arrival: Arrival | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.arrival is None:
            raise BadRequest
        return cast(IO[bytes], self.arrival.begin())


def make_ready(who: Actor) -> None:
    """Called by the gate, before it commits, for somebody who may send a file to this route."""
    asked: Any = request
    if request.mimetype != _MULTIPART:
        return
    most = current_app.config[LARGEST_FILE] * MEGABYTE
    asked.max_content_length = most + MEGABYTE
    asked.max_form_memory_size, asked.max_form_parts = _FIELD_BYTES, _FIELDS
    if request.content_length is not None and request.content_length > most + MEGABYTE:
        raise RequestEntityTooLarge
    asked.arrival = Arrival(files.expect(who), most)


def init_app(app: Flask) -> None:
    """Remove at once what a request brought and nobody claimed; the worker sweeps what is left."""

    @app.teardown_request
    def discard(_error: BaseException | None) -> None:
        arrival: Arrival | None = getattr(request, "arrival", None)
        if arrival is None:
            return
        arrival.close()
        try:
            session.rollback()
            if not files.is_claimed(arrival.file_id):
                files.store().delete(arrival.file_id)
        except (SQLAlchemyError, FileStoreDown):
            session.rollback()
