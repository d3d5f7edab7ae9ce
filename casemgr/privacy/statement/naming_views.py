"""The officer decides whose names a statement tells."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access.gate import actor
from casemgr.accounts.service import Colleague
from casemgr.privacy.statement import service
from casemgr.privacy.statement.desk import ONE, PRINT, attempt, bp
from casemgr.privacy.statement.forms import NamesForm
from casemgr.web.readable import is_intact


@bp.get(ONE + "/names", permission=PRINT)
def ask_names(statement_id: UUID) -> ResponseReturnValue:
    """Ask whom it names, and why."""
    statement, code, people = service.colleagues(actor(), statement_id)
    data: dict[str, object] = {"version": statement.version, "people": (), "reason": ""}
    if is_intact(statement, "named"):
        data["people"] = [UUID(person) for person in statement.named or ()]
        data["reason"] = statement.naming_reason
    form = NamesForm(formdata=None, data=data)
    form.people.offer(_offered(people))
    return render_template("statements/names.html", form=form, statement=statement, code=code)


@bp.post(ONE + "/names", permission=PRINT)
def name(statement_id: UUID) -> ResponseReturnValue:
    """Keep the decision, with its reason."""
    form = NamesForm()
    statement, code, people = service.colleagues(actor(), statement_id)
    form.people.offer(_offered(people))
    chosen, reason = form.people.data or (), form.reason.data or ""
    act = service.name_colleagues
    status = attempt(form, lambda: act(actor(), statement_id, form.seen_version, chosen, reason))
    if status is not None:
        page = render_template("statements/names.html", form=form, statement=statement, code=code)
        return page, status
    flash(_("Kept whom the statement names."))
    return redirect(url_for("statements.show", statement_id=statement_id), 303)


def _offered(people: Mapping[UUID, Colleague]) -> dict[UUID, str]:
    named = {key: f"{one.display_name} – {one.department}" for key, one in people.items()}
    return dict(sorted(named.items(), key=lambda item: item[1]))
