"""The group with the authority's paper, and the reason why a case is closed or opened again."""

from flask_babel import lazy_gettext as _l

from casemgr.cases.models import Case
from casemgr.web.dates import PartialDay
from casemgr.web.fields import Choice, LongText, Text
from casemgr.web.forms import BaseForm, VersionedForm


class StatusForm(VersionedForm):
    """The group, and the authority's paper where the law asks for one."""

    group = Choice(_l("Group"), required=True)
    paper_number = Text(_l("Number of the paper"), most=60)
    paper_issuer = Text(_l("Issued by"), most=200)
    paper_on = PartialDay(_l("Issued on"), past=True)

    @classmethod
    def of(cls, case: Case) -> "StatusForm":
        """Filled from the case, whose social part is open. Raises SealBroken."""
        names = ("group", "paper_number", "paper_issuer", "paper_on")
        data = {name: getattr(case, name) for name in names}
        return cls(data={**data, "version": case.version})


class ReasonForm(BaseForm):
    """Why a case is closed or opened again."""

    reason = LongText(_l("Reason"), required=True, rows=4)
