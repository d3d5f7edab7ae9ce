"""One colleague's day as a page: which colleague and which day stand in no address (I5)."""

from datetime import date
from uuid import UUID

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import NotFound
from casemgr.access.gate import actor
from casemgr.privacy.log import day as days
from casemgr.privacy.log.chart import strip
from casemgr.privacy.log.desk import ONE_DAY, OWN_SESSION, READ, bp
from casemgr.privacy.log.forms import DayForm
from casemgr.privacy.log.labels import MEASURES


@bp.get("/day", permission=READ)
def day() -> ResponseReturnValue:
    """The day that this session asked for last."""
    kept: dict[str, str] = session.get(ONE_DAY, {})
    if not kept:
        raise NotFound("no day was asked for")
    found = days.day_of(actor(), UUID(kept["colleague"]), date.fromisoformat(kept["day"]))
    before, after = days.neighbours(found.day)
    return render_template(
        "privacy/day.html",
        found=found,
        strip=strip(found.hours),
        measures=MEASURES,
        before=before,
        after=after,
        form=DayForm(formdata=None, data={"colleague": found.who.id, "on": found.day}).prepare(
            actor()
        ),
    )


@bp.get("/day/ask", permission=READ, unaudited="asks for a colleague and a day, shows nothing")
def ask_day() -> ResponseReturnValue:
    """Ask whose day, and which."""
    return render_template("privacy/ask_day.html", form=DayForm(formdata=None).prepare(actor()))


@bp.post("/day/ask", permission=READ, unaudited=OWN_SESSION)
def find_day() -> ResponseReturnValue:
    """Take a colleague and a day, and go there."""
    form = DayForm().prepare(actor())
    if not form.validate():
        return render_template("privacy/ask_day.html", form=form), 422
    session[ONE_DAY] = {"colleague": str(form.colleague.data), "day": form.on.data.isoformat()}
    return redirect(url_for("privacy.day"), 303)


@bp.post("/day/earlier", permission=READ, unaudited=OWN_SESSION)
def earlier_day() -> ResponseReturnValue:
    """The day before the one that is shown."""
    return _turn(0)


@bp.post("/day/later", permission=READ, unaudited=OWN_SESSION)
def later_day() -> ResponseReturnValue:
    """The day after the one that is shown."""
    return _turn(1)


def _turn(which: int) -> ResponseReturnValue:
    kept: dict[str, str] = session.get(ONE_DAY, {})
    if not kept:
        raise NotFound("no day was asked for")
    day_there = days.neighbours(date.fromisoformat(kept["day"]))[which]
    if day_there is not None:
        session[ONE_DAY] = {**kept, "day": day_there.isoformat()}
    return redirect(url_for("privacy.day"), 303)
