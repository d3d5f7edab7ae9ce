"""Who joins the care team, and who runs the case."""

from flask_babel import lazy_gettext as _l

from casemgr.access import Compartment
from casemgr.cases.forms import WIDE
from casemgr.web.dates import Day
from casemgr.web.fields import Select, Several
from casemgr.web.forms import BaseForm
from casemgr.web.labels import COMPARTMENTS

_NOT_THE_TEAMS = {Compartment.OVERSIGHT, Compartment.INFORMANT, Compartment.NAME_INDEX}


class MemberForm(BaseForm):
    """A colleague joins the care team, with just the parts that their work needs."""

    account_id = Select(_l("Colleague"), required=True, look=WIDE)
    parts = Several(
        _l("Parts of the case that this colleague may open"),
        {part: COMPARTMENTS[part] for part in Compartment if part not in _NOT_THE_TEAMS},
        required=True,
        hint=_l("A clinician can be given identity, clinical record and sexual health"),
    )
    expires_at = Day(_l("On the team until"), hint=_l("Leave empty for no end"))


class HandOverForm(BaseForm):
    """Another social worker runs the case from now on."""

    to_id = Select(_l("Who runs the case from now on?"), required=True, look=WIDE)
