"""Setting a rule, and trying numbers: one field for each number, within its bounds."""

from functools import cache
from typing import Any, cast

from flask_babel import lazy_gettext as _l

from casemgr.access import NotFound
from casemgr.privacy.detection.catalogue import RULES
from casemgr.privacy.detection.rules.window import Limits
from casemgr.web.fields import LongText, Number, YesNo
from casemgr.web.forms import BaseForm, VersionedForm


class SettingForm(VersionedForm):
    """On or off, and why; the numbers of the rule are added by ``setting_form``."""

    is_on = YesNo(_l("Is the rule on?"), required=True)
    reason = LongText(
        _l("Why do you change it?"),
        required=True,
        most=1000,
        rows=3,
        hint=_l("At least 20 characters. Write no name and nothing about the person"),
    )


@cache
def setting_form(rule: str) -> type[SettingForm]:
    """The form of one rule. Raises NotFound for an unknown one."""
    return cast(type[SettingForm], type("SettingForm", (SettingForm,), _fields(rule)))


@cache
def trial_form(rule: str) -> type[BaseForm]:
    """The numbers of one rule, to be tried. Raises NotFound for an unknown one."""
    return cast(type[BaseForm], type("TrialForm", (BaseForm,), _fields(rule)))


def numbers_in(form: BaseForm, rule: str) -> Limits:
    """The numbers that were typed."""
    return {limit.name: form[limit.name].data for limit in RULES[rule].limits}


def _fields(rule: str) -> dict[str, Any]:
    if rule not in RULES:
        raise NotFound(rule)
    return {
        limit.name: Number(
            RULES[rule].label(limit),
            required=True,
            least=limit.least,
            most=limit.most,
            hint=_l(
                "From %(least)s to %(most)s. At first %(default)s",
                least=limit.least,
                most=limit.most,
                default=limit.default,
            ),
        )
        for limit in RULES[rule].limits
    }
