"""Counting from the log, and who can be reached without danger."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.privacy.breaches import deciding, extent, records
from casemgr.privacy.breaches.desk import ONE, WRITE, bp, step_page, take_step, unless_broken
from casemgr.privacy.breaches.forms import ExtentForm, SafeForm, version_of
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.page import concerned, counted_of, safe_of


@bp.get(ONE + "/extent", permission=WRITE)
def ask_extent(breach_id: UUID) -> ResponseReturnValue:
    """Whose acts, on which cases, and when; as they were chosen last."""
    return unless_broken(breach_id, lambda: _ask_extent(breach_id))


def _ask_extent(breach_id: UUID) -> ResponseReturnValue:
    breach = records.show_to_handler(actor(), breach_id)
    form = ExtentForm(
        formdata=None,
        data=version_of(breach)
        | {
            "accounts": concerned(breach),
            "case_codes": " ".join(extent.codes_chosen(actor(), breach)),
            "begins_at": breach.begins_at,
            "ends_at": breach.ends_at,
        },
    )
    return step_page(breach, "extent", _with_staff(form))


@bp.post(ONE + "/extent", permission=WRITE)
def count_extent(breach_id: UUID) -> ResponseReturnValue:
    """Count from the log and keep it."""
    form = _with_staff(ExtentForm())
    return take_step(
        breach_id,
        "extent",
        form,
        lambda: extent.count_extent(actor(), breach_id, form.seen_version, form.scope()),
    )


@bp.get(ONE + "/safe", permission=WRITE)
def ask_safe(breach_id: UUID) -> ResponseReturnValue:
    """Which people can be reached without danger."""
    return unless_broken(breach_id, lambda: _ask_safe(breach_id))


def _ask_safe(breach_id: UUID) -> ResponseReturnValue:
    breach = records.show_to_handler(actor(), breach_id)
    extent.kept(breach)  # whatever is broken is told before anything is asked
    chosen = [UUID(each) for each in safe_of(breach)]
    form = SafeForm(formdata=None, data=version_of(breach) | {"cases": chosen})
    return step_page(breach, "safe", _with_cases(form, breach))


@bp.post(ONE + "/safe", permission=WRITE)
def choose_safe(breach_id: UUID) -> ResponseReturnValue:
    """Keep which people can be reached."""
    form = _with_cases(SafeForm(), records.show_to_handler(actor(), breach_id))
    return take_step(
        breach_id,
        "safe",
        form,
        lambda: deciding.choose_safe(actor(), breach_id, form.seen_version, form.chosen()),
    )


def _with_staff(form: ExtentForm) -> ExtentForm:
    form.accounts.offer(accounts.everybody(actor()))
    return form


def _with_cases(form: SafeForm, breach: Breach) -> SafeForm:
    counted = counted_of(breach)
    form.cases.offer([(row[0], row[1]) for row in counted.cases] if counted else [])
    return form
