"""The page of one breach: its clock, what is missing, what was counted, each step."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from flask import render_template

from casemgr import clock
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.crypto.errors import SealBroken
from casemgr.privacy.breaches import extent, recording, records, rules
from casemgr.privacy.breaches.desk import CONFIRM
from casemgr.privacy.breaches.forms import DecisionForm, version_of
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.rules import BreachState as State
from casemgr.web import pdf
from casemgr.web.labels import PDF_OBSTACLES

NEXT: Final[Mapping[State, str]] = {
    State.RECORDED: "assess",
    State.NOT_NOTIFIABLE: "persons",
    State.TO_NOTIFY: "notify",
    State.NOTIFIED: "persons",
    State.PERSONS_SETTLED: "measures",
    State.MEASURES_TAKEN: "close",
}


def breach_page(breach_id: UUID, form: DecisionForm | None = None) -> str:
    """The page; ``form`` with what was refused."""
    breach = records.show(actor(), breach_id)
    may_handle = records.may_handle(actor(), breach)
    staff = {
        breach.recorded_by,
        breach.assessed_by,
        breach.confirmed_by,
        breach.notified_by,
        breach.closed_by,
        *concerned(breach),
    }
    return render_template(
        "breaches/show.html",
        form=form,
        breach=breach,
        clock=records.clock_of(breach),
        term=rules.term_of(clock.to_local(breach.detected_at).date()),
        counted=counted_of(breach),
        concerned=concerned(breach),
        safe=safe_of(breach),
        missing=missing_of(breach),
        names=accounts.names_of(actor(), staff),
        next_step=NEXT.get(breach.state) if may_handle else None,
        may_handle=may_handle,
        may_write=may_handle and breach.state is not State.CLOSED,
        may_confirm=actor().may(CONFIRM)
        and breach.state is State.TO_CONFIRM
        and breach.assessed_by != actor().account_id,
        agreement=DecisionForm(formdata=None, data=version_of(breach)),
        pdf_obstacle=pdf.obstacle(),
        pdf_words=PDF_OBSTACLES,
    )


def counted_of(breach: Breach) -> extent.Counted | None:
    """The snapshot; None also where its seal is broken: the page says so elsewhere."""
    try:
        return extent.kept(breach)
    except SealBroken:
        return None


def concerned(breach: Breach) -> list[UUID]:
    """The colleagues whose acts it is about."""
    try:
        return [UUID(each) for each in breach.account_ids or ()]
    except SealBroken:
        return []


def safe_of(breach: Breach) -> frozenset[str]:
    """The cases whose person can be reached without danger."""
    try:
        return frozenset(breach.safe_case_ids or ())
    except SealBroken:
        return frozenset()


def missing_of(breach: Breach) -> list[str]:
    """What the form still lacks; everything where it cannot be read."""
    try:
        return list(recording.missing(breach, clock.now()))
    except SealBroken:
        return ["description"]
