"""Requests whose parts stay in memory: Werkzeug would spool a large one to a temp file (I5)."""

from io import BytesIO
from typing import IO

import flask


class Request(flask.Request):
    """No page takes files yet; whoever sends one is bounded by MAX_CONTENT_LENGTH."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()
