"""Plain, calm pages for everything that goes wrong; never a detail of what it was (I5).

They are rendered without context processors, session or database, so that they come even when
those are away. The log learns the kind of error and the lines it passed, never its message: a
message may hold what somebody typed.
"""

import logging
import traceback
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import RequestRedirect

from casemgr.access import Conflict, Denied, Invalid, NotFound
from casemgr.crypto.errors import KeyMissing, KeyProviderDown, SealBroken
from casemgr.files.store import FileStoreDown

log = logging.getLogger(__name__)

PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
_STATUS_OF: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (Denied, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (StaleDataError, HTTPStatus.CONFLICT),
    (IntegrityError, HTTPStatus.CONFLICT),  # two people wrote the first value at once
    (Invalid, HTTPStatus.BAD_REQUEST),
    (SealBroken, HTTPStatus.UNPROCESSABLE_ENTITY),
    (KeyProviderDown, HTTPStatus.SERVICE_UNAVAILABLE),
    (KeyMissing, HTTPStatus.SERVICE_UNAVAILABLE),
    (FileStoreDown, HTTPStatus.SERVICE_UNAVAILABLE),
    (OperationalError, HTTPStatus.SERVICE_UNAVAILABLE),
    (InterfaceError, HTTPStatus.SERVICE_UNAVAILABLE),
    (PoolTimeout, HTTPStatus.SERVICE_UNAVAILABLE),
)


def error_page(status: int) -> tuple[str, int]:
    """The page for a status; one without a page of its own gets that of its class."""
    shown = status if status in PAGES else (500 if status >= 500 else 400)
    template = current_app.jinja_env.get_template(f"errors/{shown}.html")
    return template.render(), status


def from_http(error: HTTPException) -> ResponseReturnValue:
    """An error that Flask or an extension raised: its words are replaced, its headers are kept."""
    if isinstance(error, RequestRedirect) or error.code is None:
        return error.get_response()
    if isinstance(error, SecurityError):  # another host name: nothing can be routed or linked
        return render_template("errors/address.html", origin=current_app.config["ORIGIN"]), 400
    body, status = error_page(error.code)
    kept = [
        (name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    ]
    return body, status, kept


def from_code(error: Exception) -> ResponseReturnValue:
    """An error of our own or of the database, or one that nobody thought of."""
    status = next((code for kind, code in _STATUS_OF if isinstance(error, kind)), None)
    if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s at %s", type(error).__qualname__, " < ".join(_lines(error)))
    body, code = error_page(status or HTTPStatus.INTERNAL_SERVER_ERROR)
    headers: dict[str, Any] = (
        {"Retry-After": "30"} if code == HTTPStatus.SERVICE_UNAVAILABLE else {}
    )
    return body, code, headers


def _lines(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)]


def register_error_handlers(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Exception, from_code)
