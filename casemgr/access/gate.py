"""The gate: no route without a permission, one commit per request, refusals on record.

The only module of this room that knows Flask.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, NoReturn, TypeAlias
from uuid import UUID

import flask
from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from casemgr.access import opening, submissions
from casemgr.access.actor import Actor
from casemgr.access.errors import Denied, NotFound, Refusal
from casemgr.access.permissions import Permission
from casemgr.audit import Action, Outcome, record
from casemgr.audit.trail import entries_written, record_broken_again
from casemgr.crypto.errors import SealBroken
from casemgr.db import session

View: TypeAlias = Callable[..., ResponseReturnValue]
Finisher: TypeAlias = Callable[[], None]

NOWHERE = UUID(int=0)
ERRORS_FROM = 400
LEAVES = "quick_exit.leave"  # goes to the neutral page whatever else is broken
NEEDS_NOBODY = frozenset({"static", "quick_exit.roster"})  # answered while the database is away


class Open(Enum):
    """Said aloud by the few routes that ask for no permission."""

    PUBLIC = "anybody"
    SIGNED_IN = "anybody who is signed in"


PUBLIC, SIGNED_IN = Open.PUBLIC, Open.SIGNED_IN
Demand: TypeAlias = Permission | Open


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a route said of itself when it was registered."""

    demand: Demand
    unaudited: str = ""
    takes_file: bool = False


class UndeclaredRoute(TypeError):
    """A route was registered without saying which permission it demands."""


class UnauditedView(RuntimeError):
    """A view answered without an audit entry: nothing is shown (I1)."""


class Blueprint(flask.Blueprint):
    """A blueprint whose routes cannot be registered without a permission (I2)."""

    def get(  # type: ignore[override]
        self, rule: str, *, permission: Demand, unaudited: str = "", **options: Any
    ) -> Callable[[View], View]:
        """Register a page. ``unaudited`` gives the reason why showing it leaves no entry."""
        return self._register("GET", rule, _Terms(permission, unaudited), options)

    def post(  # type: ignore[override]
        self,
        rule: str,
        *,
        permission: Demand,
        unaudited: str = "",
        takes_file: bool = False,
        **options: Any,
    ) -> Callable[[View], View]:
        """Register an act. Only one that ``takes_file`` may be sent a file, and a large body."""
        return self._register("POST", rule, _Terms(permission, unaudited, takes_file), options)

    def _register(
        self, method: str, rule: str, terms: "_Terms", options: dict[str, Any]
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            guarded = _guard(view, terms)
            self.add_url_rule(rule, view_func=guarded, methods=[method], **options)
            return view

        return register

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **kw: Any
    ) -> None:
        """Refuse whatever did not come through ``get`` or ``post``."""
        if not isinstance(getattr(view_func, "demand", None), (Permission, Open)):
            raise UndeclaredRoute(
                f"{self.name} {rule}: register it with bp.get/bp.post(..., permission=...)"
            )
        super().add_url_rule(rule, endpoint, view_func, *args, **kw)


def actor() -> Actor:
    """Who makes this request; a nobody when nobody is signed in."""
    who: Actor = g.get("actor") or Actor(facility_id=NOWHERE)
    return who


def init_app(
    app: Flask,
    *,
    load_actor: Callable[[], Actor],
    finish: Finisher,
    make_ready: Callable[[Actor], None],
) -> None:
    """Connect what the rooms above provide: who acts, and what to keep before the commit.

    ``make_ready`` prepares for the file of a route that takes one.
    """
    app.extensions["gate.finish"] = finish

    @app.before_request
    def admit() -> ResponseReturnValue | None:
        if request.endpoint in NEEDS_NOBODY:
            return None
        try:
            g.actor = load_actor()
        except SQLAlchemyError:
            session.rollback()
            if request.endpoint != LEAVES:
                raise
            return None
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "takes_file", False):
            return _take_file(view.demand, make_ready)  # type: ignore[union-attr]
        return None


@contextmanager
def between_transactions() -> Iterator[None]:
    """Commit what was done so far and do slow work (argon2, a PDF) without holding the database.

    The entry of what is about to leave is thereby kept before its first byte.
    """
    session.commit()
    yield


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Around a service call that may refuse its input: then none of its changes stays.

    What the page around it showed stays on record. Compartments opened inside are closed again:
    their entry is gone, and a key made for them is named nowhere.
    """
    with opening.undone_on_failure(), session.begin_nested():
        yield


def stream(parts: Iterator[bytes], note_failure: Callable[[Exception], None]) -> Iterator[bytes]:
    """A body that leaves in parts, after ``between_transactions``; it needs no database.

    What breaks on the way is noted in a transaction of its own; then the connection ends, so that
    nobody takes half a file for a whole one.
    """
    app: Flask = flask.current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001

    def body() -> Iterator[bytes]:
        try:
            yield from parts
        except Exception as error:
            with app.app_context():
                note_failure(error)
                session.commit()
            raise

    return body()


def _take_file(demand: Demand, make_ready: Callable[[Actor], None]) -> ResponseReturnValue | None:
    """Who may not send a file is refused before the body is read: nobody else fills the store.

    It is read here, while no transaction is open: a slow sender must not hold up the hospital.
    """
    try:
        if (elsewhere := _admit(demand)) is not None:
            return _leave(elsewhere)
    except Refusal as refusal:
        _refuse(refusal, request.view_args or {})
    make_ready(actor())
    session.commit()
    _ = request.form
    return None


def _guard(view: View, terms: _Terms) -> View:
    @wraps(view)
    def guarded(**parameters: Any) -> ResponseReturnValue:
        try:
            if (elsewhere := _admit(terms.demand) or _answered_before()) is not None:
                return _leave(elsewhere)
            response = flask.make_response(view(**parameters))
            if not terms.unaudited:
                _require_entry(response)
            return _commit(response)
        except Refusal as refusal:
            _refuse(refusal, parameters)
        except SealBroken:
            session.rollback()
            record_broken_again()
            flask.current_app.extensions["gate.finish"]()
            session.commit()
            raise
        except Exception:
            session.rollback()
            raise

    guarded.demand, guarded.unaudited = terms.demand, terms.unaudited  # type: ignore[attr-defined]
    guarded.takes_file = terms.takes_file  # type: ignore[attr-defined]
    return guarded


def _refuse(refusal: Refusal, parameters: dict[str, Any]) -> NoReturn:
    session.rollback()
    _record_refusal(parameters)
    _raise_page(refusal)


def _admit(demand: Demand) -> ResponseReturnValue | None:
    who = actor()
    if demand is PUBLIC:
        return None
    if not who.is_signed_in:
        return redirect(flask.url_for("accounts.sign_in"), 303)
    if isinstance(demand, Permission):
        who.require(demand)
    return None


def _require_entry(response: Response) -> None:
    if response.status_code < ERRORS_FROM and not entries_written():
        raise UnauditedView(request.endpoint)


def _submission_id() -> UUID | None:
    try:
        sent = (value for name, value in request.form.items() if name.endswith("submission_id"))
        return UUID(next(sent, "")) if request.method == "POST" else None
    except ValueError:
        return None


def _answered_before() -> ResponseReturnValue | None:
    known = _submission_id()
    if known is None or request.endpoint is None:
        return None
    location = submissions.answer_to(actor(), request.endpoint, known)
    return redirect(location, 303) if location else None


def _commit(response: Response) -> ResponseReturnValue:
    """Keep the answer to this form, then commit once. A racing twin gets the first one's answer."""
    known = _submission_id()
    if known is not None and response.status_code in (302, 303):
        who, endpoint = actor(), request.endpoint or ""
        submissions.keep_answer(who, endpoint, known, response.location or "/")
    flask.current_app.extensions["gate.finish"]()
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        answered = _answered_before()
        if answered is None:
            raise
        return answered
    return response


def _leave(elsewhere: ResponseReturnValue) -> ResponseReturnValue:
    """Send the browser elsewhere without an act; that its session lapsed is kept."""
    flask.current_app.extensions["gate.finish"]()
    session.commit()
    return elsewhere


def _record_refusal(parameters: dict[str, Any]) -> None:
    """The refused act itself is gone; that it was tried stands in a transaction of its own."""
    case_id = parameters.get("case_id")
    record(
        actor(),
        Action.ACT_REFUSED,
        outcome=Outcome.REFUSED,
        case_id=case_id if isinstance(case_id, UUID) else None,
        subject_kind=(request.endpoint or "")[:40],
        subject_id=next((p for p in parameters.values() if isinstance(p, UUID)), None),
    )
    flask.current_app.extensions["gate.finish"]()
    session.commit()


def _raise_page(refusal: Refusal) -> NoReturn:
    if isinstance(refusal, Denied):
        flask.abort(403)
    assert isinstance(refusal, NotFound)  # noqa: S101 - there are only these two
    flask.abort(404)
