"""What all pages of referrals out share: the blueprint, and one step tried at a time."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing
from casemgr.referrals import labels, service
from casemgr.referrals.rules import ForbiddenMove
from casemgr.web.forms import BaseForm

AnyForm = TypeVar("AnyForm", bound=BaseForm)

bp = Blueprint("referrals", __name__)

READ, WRITE = Permission.REFERRAL_READ, Permission.REFERRAL_WRITE
OF_CASE = "/cases/<uuid:case_id>/referrals"
ONE = OF_CASE + "/<uuid:referral_id>"


def read(form: AnyForm, **data: object) -> AnyForm:
    """Read what was sent, now that the form knows its choices; ``data`` where nothing was."""
    form.process(request.form or None, data=data)
    return form


def step(
    form: Any,
    act: Callable[[], object],
    *,
    again: Callable[[], str],
    case_id: UUID,
    referral_id: UUID,
) -> ResponseReturnValue:
    """Do one step, or show the page again with what was wrong and what was typed."""
    if form.validate():
        try:
            with all_or_nothing():
                act()
            flash(_("Saved"))
            return back_to(case_id, referral_id)
        except (Invalid, ForbiddenMove) as refused:
            form.refuse(getattr(refused, "field", ""), reason_of(refused))
        except Conflict:
            tell_of_twin(form, case_id, referral_id)
            return again(), 409
    return again(), 422


def tell_of_twin(form: Any, case_id: UUID, referral_id: UUID) -> None:
    """Somebody else was faster: what was typed stays, and saving again is a knowing act (I8)."""
    form.form_errors.append(
        _(
            "Somebody else changed this meanwhile. Yours is not saved yet: compare it with "
            "what is recorded now, then save again."
        )
    )
    form.version.data = str(service.show(actor(), case_id, referral_id).referral.version)


def reason_of(refused: Exception) -> str:
    """Why it was refused, in words."""
    return str(labels.OBSTACLES[getattr(refused, "reason", "forbidden_move")])


def back_to(case_id: UUID, referral_id: UUID, obstacle: str | None = None) -> ResponseReturnValue:
    """To the referral's own page, which says what stood in the way."""
    if obstacle:
        flash(str(labels.OBSTACLES[obstacle]), "error")
    return redirect(url_for("referrals.show", case_id=case_id, referral_id=referral_id), 303)
