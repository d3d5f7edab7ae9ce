"""Server-side sessions: the cookie holds a random secret, the database its hash.

Everything else (anti-forgery token, messages, language) lies sealed in the row. The row is
written by the gate, in the one commit of the request.
"""

import json
import secrets
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Request, Response, current_app, g, request
from flask import session as browser_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, inspect, select
from werkzeug.datastructures import CallbackDict

from casemgr import clock
from casemgr.access import Actor
from casemgr.accounts import rules
from casemgr.accounts.models import WebSession
from casemgr.audit import Action, record
from casemgr.crypto import envelope
from casemgr.crypto.errors import SealError
from casemgr.crypto.keyring import Keyring
from casemgr.db import new_id, session

COOKIE = "__Host-casemgr"
_CARRIED_OVER = ("locale",)  # nothing else of whoever used the browser before
_PLACE = envelope.place("web_session", "content_sealed")


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What Flask calls the session. Loaded before the request is handled, not before routing."""

    def __init__(self) -> None:
        super().__init__(None, lambda _: setattr(self, "modified", True))
        self.modified = False
        self.row: WebSession | None = None
        self.new_secret: str | None = None
        self.has_ended = False


class ServerSessions(SessionInterface):
    """Hands Flask an empty session and sets the cookie; the rest is load() and persist()."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """An empty session: the database is asked only where error pages can catch it."""
        return ServerSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie of a session that began in this request."""
        if not isinstance(session, ServerSession):
            return
        if session.has_ended:
            response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
        elif session.new_secret is not None and _is_kept(session.row):
            response.set_cookie(
                COOKIE, session.new_secret, secure=True, httponly=True, samesite="Strict", path="/"
            )


def load(facility_id: UUID) -> None:
    """Fill this request's session from the cookie, if it names one that still lives."""
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        return
    row = session.scalar(select(WebSession).where(WebSession.secret_hash == _hash(secret)))
    if row is None or row.facility_id != facility_id:
        return
    if rules.has_lapsed(row.opened_at, row.seen_at, clock.now()):
        _end(row)
        return
    try:
        content = envelope.unseal(_cipher(facility_id), row.content_sealed, _PLACE + row.id.bytes)
    except SealError:
        return
    mine = _mine()
    mine.update(json.loads(content))
    mine.row, mine.modified = row, False


def renew(account_id: UUID, facility_id: UUID) -> None:
    """Begin a new session at sign-in: an id that somebody planted before is worth nothing."""
    mine = _mine()
    if mine.row is not None:
        session.delete(mine.row)
        mine.row = None
    kept = {name: mine[name] for name in _CARRIED_OVER if name in mine}
    mine.clear()
    mine.update(kept)
    g.pop("csrf_token", None)
    _begin(facility_id, account_id)


def end() -> None:
    """End this session at sign-out."""
    mine = _mine()
    if mine.row is not None:
        session.delete(mine.row)
        mine.row = None
    mine.clear()
    mine.has_ended = True


def persist(facility_id: UUID) -> None:
    """Write what changed, and that the browser was seen; called by the gate before its commit."""
    mine = _mine()
    if mine.has_ended:
        return
    if mine.row is None and mine.modified:
        _begin(facility_id, None)
    row = mine.row
    if row is None:
        return
    row.seen_at = clock.now()
    if mine.modified:
        content = json.dumps(dict(mine)).encode()
        row.content_sealed = envelope.seal(_cipher(facility_id), 1, content, _PLACE + row.id.bytes)


def sweep(actor: Actor) -> int:
    """Remove sessions that lapsed. Returns how many."""
    now = clock.now()
    lapsed = delete(WebSession).where(
        (WebSession.seen_at < now - rules.IDLE_LIMIT)
        | (WebSession.opened_at < now - rules.ABSOLUTE_LIMIT)
    )
    count = session.execute(lapsed).rowcount  # type: ignore[attr-defined]
    if count:
        record(actor, Action.SESSIONS_SWEPT, count=count)
    return int(count)


def _begin(facility_id: UUID, account_id: UUID | None) -> None:
    mine, secret, now = _mine(), secrets.token_urlsafe(32), clock.now()
    row_id = new_id()
    content = envelope.seal(_cipher(facility_id), 1, b"{}", _PLACE + row_id.bytes)
    mine.row = WebSession(
        id=row_id,
        facility_id=facility_id,
        secret_hash=_hash(secret),
        account_id=account_id,
        content_sealed=content,
        opened_at=now,
        seen_at=now,
    )
    session.add(mine.row)
    mine.new_secret, mine.modified, mine.has_ended = secret, True, False


def _end(row: WebSession) -> None:
    session.delete(row)
    g.lapsed_session = (row.account_id, row.id) if row.account_id else None


def _mine() -> ServerSession:
    mine = browser_session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    assert isinstance(mine, ServerSession)  # noqa: S101 - our own interface made it
    return mine


def _is_kept(row: WebSession | None) -> bool:
    """Whether the row was committed: a cookie of a rolled back session would open nothing."""
    return row is not None and bool(inspect(row).persistent)


def _hash(secret: str) -> bytes:
    return sha256(b"casemgr session" + secret.encode()).digest()


def _cipher(facility_id: UUID) -> AESGCM:
    keyring: Keyring = current_app.extensions["keyring"]
    return AESGCM(keyring.derive(facility_id, "tag", "session content"))


def current_row() -> WebSession | None:
    """The row of this request's session, if it has one."""
    return _mine().row
