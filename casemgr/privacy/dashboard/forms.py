"""Which period a monthly report covers."""

from flask_babel import lazy_gettext as _l

from casemgr.web.dates import Day
from casemgr.web.forms import BaseForm


class ReportForm(BaseForm):
    """The first and the last day."""

    first_day = Day(_l("From day"), required=True, past=True)
    last_day = Day(_l("To day"), required=True, past=True)
