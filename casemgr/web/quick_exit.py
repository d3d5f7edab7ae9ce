"""Quick exit (R19): the screen is cleared, the session ends, and a neutral page stands there.

Works without scripts (the button is a form) and without a network (the neutral page travels
inside every page that has the button; static/js/casemgr.js shows it).
"""

from collections.abc import Callable
from contextlib import suppress

from flask import Flask, make_response, redirect, render_template, session, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from casemgr.access.gate import PUBLIC, Blueprint

bp = Blueprint("quick_exit", __name__)
_on_leave: list[Callable[[], None]] = []


def on_leave(end_session: Callable[[], None]) -> None:
    """Have ``end_session`` called before the session is emptied (accounts connects itself)."""
    if end_session not in _on_leave:
        _on_leave.append(end_session)


@bp.post("/roster", permission=PUBLIC, unaudited="accounts writes the end of the session")
def leave() -> Response:
    """End this session and go to the neutral page; nothing of it stays in the browser."""
    with suppress(SQLAlchemyError):  # leaving is never refused; a session that stays, lapses
        for end_session in _on_leave:
            end_session()
    session.clear()
    response = redirect(url_for("quick_exit.roster"), code=303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.get("/roster", permission=PUBLIC, unaudited="shows nothing of ours")
def roster() -> Response:
    """A duty roster that could hang on any wall."""
    return make_response(render_template("quick_exit.html"))


def init_app(app: Flask) -> None:
    """Register both. Leaving needs no token: it only ends a session, and must never be refused."""
    app.extensions["csrf"].exempt("casemgr.web.quick_exit.leave")
    app.register_blueprint(bp)
