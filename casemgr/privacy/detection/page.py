"""What the pages of the rules share: a try at a service call, and how they are put together."""

from collections.abc import Callable

from flask import render_template

from casemgr.access import Conflict, Invalid
from casemgr.access.gate import actor, all_or_nothing
from casemgr.accounts import service as accounts
from casemgr.privacy.detection import settings, trials
from casemgr.privacy.detection.bars import bars_of
from casemgr.privacy.detection.catalogue import RULES
from casemgr.privacy.detection.labels import REFUSALS
from casemgr.privacy.detection.numbers import read_numbers
from casemgr.web.forms import BaseForm

REFUSED, CONFLICT = 422, 409


def attempt(form: BaseForm, act: Callable[[], object]) -> int | None:
    """Validate, then act. What was refused stands on the form; None when it was done."""
    if not form.validate():
        return REFUSED
    try:
        with all_or_nothing():
            act()
    except Invalid as refused:
        form.refuse(refused.field, REFUSALS[refused.reason])
        return REFUSED
    except Conflict:
        form.refuse("", REFUSALS["conflict"])
        return CONFLICT
    return None


def rule_page(rule: str) -> str:
    """One rule in words, its numbers, its dry run, and how it was set."""
    state, rows = settings.show_rule(actor(), rule)
    trial = trials.newest(actor(), rule)
    weeks = trials.weeks_of(trial) if trial else []
    staff = {row.set_by for row in rows} | ({trial.asked_by} if trial else set())
    return render_template(
        "detection/show.html",
        rule=RULES[rule],
        state=state,
        rows=rows,
        trial=trial,
        tried=read_numbers(trial.numbers) if trial else {},
        weeks=weeks,
        bars=bars_of([week.signals for week in weeks]),
        names=accounts.names_of(actor(), staff),
    )


def edit_page(rule: str, form: BaseForm) -> str:
    """The form that sets a rule."""
    return render_template("detection/edit.html", rule=RULES[rule], form=form)


def trial_page(rule: str, form: BaseForm) -> str:
    """The form that asks for a dry run."""
    return render_template("detection/trial.html", rule=RULES[rule], form=form)
