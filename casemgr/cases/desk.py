"""What all case pages share: the blueprint, a try at a service call, and purposes once stated."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from flask import session as browser_session
from flask_babel import gettext as _

from casemgr import clock
from casemgr.access import Conflict, Invalid, Permission, Purpose
from casemgr.access.gate import Blueprint, actor, all_or_nothing
from casemgr.cases.forms import PurposeForm
from casemgr.cases.labels import CLINICAL_PURPOSES, REFUSALS, SOCIAL_PURPOSES
from casemgr.web.forms import BaseForm

bp = Blueprint("cases", __name__, url_prefix="/cases")

DONE, REFUSED, CONFLICT = HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT
_STATED = "cases.stated"
_WAITING = "cases.waiting_for_consent"
LASTING = {  # R7; a visit; while the first writing of an identity may be under way
    "identity": timedelta(seconds=60),
    "clinical": timedelta(minutes=10),
    "attachments": timedelta(minutes=10),
    "first_identity": timedelta(minutes=10),
}


def attempt(form: BaseForm, act: Callable[[], object]) -> HTTPStatus:
    """Validate, then act. What was refused stands on the form, and nothing of the act stays."""
    if not form.validate():
        return REFUSED
    try:
        with all_or_nothing():
            act()
    except Invalid as refused:
        form.refuse(refused.field, REFUSALS[refused.reason])
        return REFUSED
    except Conflict:
        form.form_errors.append(
            _(
                "Somebody else changed this meanwhile. Yours is not saved yet: compare it with "
                "what is recorded now, then save again."
            )
        )
        return CONFLICT
    return DONE


def purpose_form() -> PurposeForm:
    """Asks why a closed part is opened; offers what this reader may say."""
    form, who = PurposeForm(), actor()
    offered = dict(SOCIAL_PURPOSES if who.may(Permission.CASE_WRITE) else CLINICAL_PURPOSES)
    if not who.leads:
        offered.pop(Purpose.SUPERVISION, None)
    form.purpose.offer(offered)
    return form


def state_purpose(part: str, case_id: UUID, purpose: Purpose) -> None:
    """Remember in this session, for a short while, why somebody opens a part of a case."""
    until = clock.now() + LASTING[part]
    kept = dict(browser_session.get(_STATED, {}))
    kept[f"{part} {case_id}"] = [purpose.value, until.isoformat()]
    browser_session[_STATED] = kept


def stated_purpose(part: str, case_id: UUID) -> Purpose | None:
    """Why, if it was said a short while ago; otherwise it has to be said again."""
    purpose, until = browser_session.get(_STATED, {}).get(f"{part} {case_id}", (None, None))
    if purpose is None or datetime.fromisoformat(until) < clock.now():
        return None
    return Purpose(purpose)


def stated_earlier(part: str, case_id: UUID) -> Purpose | None:
    """Why, if it was said in this session and not taken back, even if its time is over.

    For a form that comes back: what was typed must not be lost to the clock. Nobody who never
    said why gets anything from it.
    """
    purpose, _until = browser_session.get(_STATED, {}).get(f"{part} {case_id}", (None, None))
    return None if purpose is None else Purpose(purpose)


def forget_purpose(part: str, case_id: UUID) -> None:
    """Close the part again before its time is over."""
    kept = dict(browser_session.get(_STATED, {}))
    kept.pop(f"{part} {case_id}", None)
    browser_session[_STATED] = kept


def come_back_after_consent(case_id: UUID, address: str) -> None:
    """Remember where the work waits for a consent, such as the draft of a referral."""
    browser_session[_WAITING] = [str(case_id), address]


def where_consent_was_awaited(case_id: UUID) -> str | None:
    """That address, once, if it is of this case."""
    waiting_case, address = browser_session.pop(_WAITING, (None, None))
    return address if waiting_case == str(case_id) else None
