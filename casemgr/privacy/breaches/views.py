"""The pages of breaches: the register, entering one, what its notification says. Codes only."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import actor
from casemgr.privacy.breaches import (  # noqa: F401 - their routes register on the same blueprint
    extent_views,
    paper_views,
    recording,
    records,
    step_views,
)
from casemgr.privacy.breaches.desk import (
    ONE,
    READ,
    RECORD,
    WRITE,
    attempt,
    bp,
    step_page,
    take_step,
    unless_broken,
)
from casemgr.privacy.breaches.forms import BreachForm, ContentForm, version_of
from casemgr.privacy.breaches.page import breach_page
from casemgr.web import navigation

__all__ = ["bp"]
navigation.declare(_l("Breaches"), "breaches.index", Permission.BREACH_READ, order=61)
CONTENT = (
    "kind",
    "description",
    "place",
    "data_kinds",
    "consequences",
    "measures",
    "contact",
    "lateness",
    "plain_words",
)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """Every breach, those whose clock runs first."""
    return render_template("breaches/index.html", found=records.list_breaches(actor()))


@bp.get("/new", permission=RECORD, unaudited="an empty form")
def new() -> ResponseReturnValue:
    """Ask when it was detected and what happened."""
    return render_template("breaches/new.html", form=BreachForm(formdata=None))


@bp.post("", permission=RECORD)
def create() -> ResponseReturnValue:
    """Enter a breach; its clock runs."""
    form, made = BreachForm(), list[UUID]()
    if (status := attempt(form, lambda: made.append(_open(form)))) is not None:
        return render_template("breaches/new.html", form=form), status
    flash(_("Recorded. The 72 hours run from detection."))
    return redirect(url_for("breaches.show", breach_id=made[0]), 303)


def _open(form: BreachForm) -> UUID:
    breach = recording.open_breach(
        actor(),
        account_id=None,
        case_id=None,
        detected_at=form.detected_at.data,
        source_item_id=None,
        kind=form.kind.data,
        found_by=form.found_by.data,
        description=form.description.data or "",
    )
    return breach.id


@bp.get(ONE, permission=READ)
def show(breach_id: UUID) -> ResponseReturnValue:
    """One breach: its clock, what is missing, what was counted, each step."""
    return breach_page(breach_id)


@bp.get(ONE + "/content", permission=WRITE)
def ask_content(breach_id: UUID) -> ResponseReturnValue:
    """What the notification says."""
    return unless_broken(breach_id, lambda: _ask_content(breach_id))


def _ask_content(breach_id: UUID) -> ResponseReturnValue:
    breach = records.show_to_handler(actor(), breach_id)
    data = {name: getattr(breach, name) for name in CONTENT} | version_of(breach)
    return step_page(breach, "content", ContentForm(formdata=None, data=data))


@bp.post(ONE + "/content", permission=WRITE)
def save_content(breach_id: UUID) -> ResponseReturnValue:
    """Keep what the notification says."""
    form = ContentForm()
    return take_step(
        breach_id,
        "content",
        form,
        lambda: recording.write_content(actor(), breach_id, form.seen_version, form.content()),
    )
