"""Notes of the team: added and corrected, never changed."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Compartment, Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.cases import recording, rules, service
from casemgr.cases.desk import DONE, REFUSED, attempt, bp
from casemgr.cases.entry_forms import NoteForm


@bp.get("/<uuid:case_id>/notes", permission=Permission.CASE_READ)
def notes(case_id: UUID) -> ResponseReturnValue:
    """Every note, and a form for the next one."""
    return _notes_page(case_id, NoteForm())


@bp.post("/<uuid:case_id>/notes", permission=Permission.NOTE_WRITE)
def add_note(case_id: UUID) -> ResponseReturnValue:
    """Keep a note."""
    return _add(case_id, None)


@bp.get("/<uuid:case_id>/notes/<uuid:note_id>", permission=Permission.NOTE_WRITE)
def correct_note(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """The note beside a form for its correction."""
    return _notes_page(case_id, NoteForm(), DONE, note_id)


@bp.post("/<uuid:case_id>/notes/<uuid:note_id>", permission=Permission.NOTE_WRITE)
def add_correction(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Keep a correction; the first note stays as it is."""
    return _add(case_id, note_id)


def _add(case_id: UUID, corrects: UUID | None) -> ResponseReturnValue:
    form = NoteForm()
    if form.validate() and form.doubtful_words():
        return _notes_page(case_id, form, REFUSED, corrects)
    status = attempt(
        form,
        lambda: recording.add_note(actor(), case_id, form.text.data or "", corrects),
    )
    if status is not DONE:
        return _notes_page(case_id, form, status, corrects)
    flash(_("The note is kept."))
    return redirect(url_for("cases.notes", case_id=case_id), 303)


def _notes_page(
    case_id: UUID,
    form: NoteForm,
    status: HTTPStatus = DONE,
    corrects: UUID | None = None,
) -> ResponseReturnValue:
    case = service.open_case(actor(), case_id, {Compartment.SOCIAL})
    written = recording.notes(case)
    if corrects is not None:
        written = recording.only(written, corrects)
    page = render_template(
        "cases/notes.html",
        case=case,
        form=form,
        notes=written,
        corrects=corrects,
        times={note.id: note.written_at for note in written},
        names=accounts.names_of(actor(), {note.author_id for note in written}),
        may_add=case.state not in rules.WITHOUT_RECORD | rules.AT_REST,
    )
    return page, status
