"""The restricted clinical record: for clinicians on the care team who said why they open it."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Compartment, Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.cases import labels, recording, rules, service
from casemgr.cases.desk import (
    DONE,
    REFUSED,
    attempt,
    bp,
    forget_purpose,
    state_purpose,
    stated_earlier,
    stated_purpose,
)
from casemgr.cases.entry_forms import ClinicalForm
from casemgr.cases.forms import PurposeForm
from casemgr.cases.models import Case


@bp.get("/<uuid:case_id>/clinical", permission=Permission.RESTRICTED_READ)
def clinical(case_id: UUID) -> ResponseReturnValue:
    """Ask why, or show the record to somebody who has just said so."""
    return _record_page(case_id, ClinicalForm())


@bp.post("/<uuid:case_id>/clinical", permission=Permission.RESTRICTED_READ)
def open_clinical(case_id: UUID) -> ResponseReturnValue:
    """Say why; then the record is shown."""
    case = _admitted(case_id)
    form = _purpose_form()
    if not form.validate():
        return _ask_purpose(case, form, REFUSED)
    state_purpose("clinical", case_id, form.purpose.data)
    return redirect(url_for("cases.clinical", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/clinical/hide", permission=Permission.RESTRICTED_READ)
def hide_clinical(case_id: UUID) -> ResponseReturnValue:
    """Close the record again."""
    service.show_case(actor(), case_id)
    forget_purpose("clinical", case_id)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/clinical/entries", permission=Permission.RESTRICTED_WRITE)
def write_clinical(case_id: UUID) -> ResponseReturnValue:
    """Add an entry."""
    return _write(case_id, None)


@bp.get("/<uuid:case_id>/clinical/<uuid:entry_id>", permission=Permission.RESTRICTED_WRITE)
def correct_clinical(case_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """One entry beside a form for its correction."""
    return _record_page(case_id, ClinicalForm(), DONE, entry_id)


@bp.post("/<uuid:case_id>/clinical/<uuid:entry_id>", permission=Permission.RESTRICTED_WRITE)
def add_clinical_correction(case_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Keep a correction; the first entry stays as it is."""
    return _write(case_id, entry_id)


def _write(case_id: UUID, corrects: UUID | None) -> ResponseReturnValue:
    form = ClinicalForm()
    purpose = stated_earlier("clinical", case_id)
    if purpose is None:
        return _ask_purpose(_admitted(case_id), _purpose_form(), REFUSED)
    status = attempt(
        form,
        lambda: recording.write_clinical(
            actor(),
            case_id,
            purpose,
            complaint=form.complaint.data or "",
            examination=form.examination.data,
            treatment=form.treatment.data,
            corrects_id=corrects,
        ),
    )
    if status is not DONE:
        state_purpose("clinical", case_id, purpose)  # what was typed must not be lost to the clock
        return _record_page(case_id, form, status, corrects)
    flash(_("The entry is kept."))
    return redirect(url_for("cases.clinical", case_id=case_id), 303)


def _record_page(
    case_id: UUID,
    form: ClinicalForm,
    status: HTTPStatus = DONE,
    corrects: UUID | None = None,
) -> ResponseReturnValue:
    case = _admitted(case_id)
    purpose = stated_purpose("clinical", case_id)
    if purpose is None:
        return _ask_purpose(case, _purpose_form())
    entries = recording.clinical_record(actor(), case, purpose)
    if corrects is not None:
        entries = recording.only(entries, corrects)
    page = render_template(
        "cases/clinical.html",
        case=case,
        form=form,
        entries=entries,
        corrects=corrects,
        purpose=labels.CLINICAL_PURPOSES[purpose],
        times={entry.id: entry.written_at for entry in entries},
        names=accounts.names_of(actor(), {entry.author_id for entry in entries}),
        may_add=case.state not in rules.WITHOUT_RECORD | rules.AT_REST,
    )
    return page, status


def _admitted(case_id: UUID) -> Case:
    case = service.show_case(actor(), case_id)
    service.may_open(actor(), case, Compartment.CLINICAL)
    return case


def _purpose_form() -> PurposeForm:
    form = PurposeForm()
    form.purpose.offer(labels.CLINICAL_PURPOSES)
    return form


def _ask_purpose(case: Case, form: PurposeForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
    page = render_template(
        "cases/purpose.html",
        case=case,
        form=form,
        heading=_("Open the clinical record"),
        told=_("It stays open for 10 minutes. Opening it is recorded with your name and reason."),
        action=url_for("cases.open_clinical", case_id=case.id),
    )
    return page, status
