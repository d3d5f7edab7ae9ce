"""The page of one erasure: its parts, what is outstanding, who is to be told."""

from uuid import UUID

from flask import render_template

from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.directory import service as directory
from casemgr.privacy.erasure import carrying_out, erasures, rules
from casemgr.privacy.erasure.desk import APPROVE
from casemgr.privacy.erasure.forms import DecisionForm
from casemgr.privacy.erasure.records import Opened
from casemgr.privacy.erasure.rules import ErasureState
from casemgr.web import pdf
from casemgr.web.labels import PDF_OBSTACLES


def erasure_page(erasure_id: UUID, form: DecisionForm | None = None) -> str:
    """The page; ``form`` with what was refused."""
    opened = erasures.show(actor(), erasure_id)
    erasure = opened.erasure
    staff = {erasure.requested_by, erasure.decided_by, erasure.cancelled_by}
    return render_template(
        "erasures/show.html",
        form=form,
        opened=opened,
        erasure=erasure,
        approval=DecisionForm(formdata=None, data={"version": erasure.version}),
        names=accounts.names_of(actor(), staff),
        organisations=_organisations(opened),
        outstanding=carrying_out.outstanding(erasure),
        may_decide=erasure.state is ErasureState.REQUESTED
        and actor().may(APPROVE)
        and erasure.requested_by != actor().account_id,
        may_cancel=ErasureState.CANCELLED in rules.MOVES[erasure.state],
        is_begun=erasure.begun_at is not None,
        pdf_obstacle=pdf.obstacle(),
        pdf_words=PDF_OBSTACLES,
    )


def _organisations(opened: Opened) -> dict[UUID | None, str]:
    return directory.names_of(actor(), [row.known_organisation_id for row in opened.recipients])
