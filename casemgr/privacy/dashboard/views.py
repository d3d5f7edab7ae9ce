"""The officer's dashboard."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.privacy.breaches import labels as breach_labels
from casemgr.privacy.breaches.records import clock_of
from casemgr.privacy.dashboard import boards, charts, labels, rules
from casemgr.privacy.dashboard.hooks import hooks
from casemgr.web import navigation

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
bp.context_processor(lambda: {"words": labels, "rules": rules})
navigation.declare(_l("Dashboard"), "dashboard.index", Permission.LOG_READ, order=59)


@bp.get("", permission=Permission.LOG_READ)
def index() -> ResponseReturnValue:
    """The last thirty days, and what is open now."""
    return render_template(
        "dashboard/index.html",
        board=boards.show_board(actor()),
        bars=charts.bars,
        colours=charts.COLOURS,
        clock_of=clock_of,
        breach_words=breach_labels,
        rule_words=hooks.rule_words,
    )
