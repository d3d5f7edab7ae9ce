"""The officer's pages of the rules: the list, one rule, setting it, trying it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.privacy.detection import settings
from casemgr.privacy.detection.catalogue import RULES
from casemgr.privacy.detection.forms import numbers_in, setting_form, trial_form
from casemgr.privacy.detection.outlet import precision, reviews
from casemgr.privacy.detection.page import attempt, edit_page, rule_page, trial_page
from casemgr.web import navigation

READ, WRITE = Permission.DETECTION_READ, Permission.DETECTION_WRITE
ONE = "/<string:rule>"
bp = Blueprint("detection", __name__, url_prefix="/detection")
bp.context_processor(lambda: {"rules": RULES, "precision": precision})
navigation.declare(_l("Rules that watch"), "detection.index", READ, order=64)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """Every rule, how it stands, and what it told of lately."""
    found = settings.list_rules(actor())
    return render_template("detection/index.html", found=found, is_connected=reviews.is_connected)


@bp.get(ONE, permission=READ)
def show(rule: str) -> ResponseReturnValue:
    """One rule in words, its numbers, its dry run, and how it was set."""
    return rule_page(rule)


@bp.get(ONE + "/setting", permission=WRITE)
def edit(rule: str) -> ResponseReturnValue:
    """Ask for numbers, on or off, and the reason."""
    state, _rows = settings.show_rule(actor(), rule)
    values = {**state.numbers, "is_on": state.is_on, "version": state.version}
    return edit_page(rule, setting_form(rule)(formdata=None, data=values))


@bp.post(ONE + "/setting", permission=WRITE)
def save(rule: str) -> ResponseReturnValue:
    """Set a rule, with a reason."""
    form = setting_form(rule)()
    status = attempt(
        form,
        lambda: settings.set_rule(
            actor(),
            rule,
            form.seen_version,
            is_on=bool(form.is_on.data),
            numbers=numbers_in(form, rule),
            reason=form.reason.data or "",
        ),
    )
    if status is not None:
        return edit_page(rule, form), status
    flash(_("Saved. It counts from the next round on."))
    return redirect(url_for("detection.show", rule=rule), 303)


@bp.get(ONE + "/trial", permission=WRITE)
def ask_trial(rule: str) -> ResponseReturnValue:
    """Ask with which numbers to try it."""
    state, _rows = settings.show_rule(actor(), rule)
    return trial_page(rule, trial_form(rule)(formdata=None, data=dict(state.numbers)))


@bp.post(ONE + "/trial", permission=WRITE)
def begin_trial(rule: str) -> ResponseReturnValue:
    """Have the worker try a rule on the last 90 days."""
    form = trial_form(rule)()
    status = attempt(form, lambda: settings.try_rule(actor(), rule, numbers_in(form, rule)))
    if status is not None:
        return trial_page(rule, form), status
    flash(_("The dry run has been asked for. It shows here week by week."))
    return redirect(url_for("detection.show", rule=rule), 303)
