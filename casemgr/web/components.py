"""The GOV.UK components for templates: ``{{ govuk.button({"text": _("Save")}) }}``.

Their macros probe for missing parameters, which StrictUndefined rightly refuses in our own
templates. So they live in an environment of their own, and only their result comes to ours.
"""

from functools import cache
from typing import Any, cast

from jinja2 import Environment, PackageLoader, PrefixLoader
from jinja2.runtime import Macro
from markupsafe import Markup

_environment = Environment(
    loader=PrefixLoader(
        {name: PackageLoader(name) for name in ("govuk_frontend_jinja", "govuk_frontend_wtf")}
    ),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@cache
def _macro(name: str) -> Macro:
    folder = name.replace("_", "-")
    macro = "govuk" + "".join(part.capitalize() for part in name.split("_"))
    module = _environment.get_template(
        f"govuk_frontend_jinja/components/{folder}/macro.html"
    ).module
    return cast(Macro, getattr(module, macro))


def render(template: str, params: dict[str, Any]) -> Markup:
    """One of govuk-frontend-wtf's own small templates, filled."""
    return Markup(_environment.get_template(template).render(params=params))  # noqa: S704 -- rendered with autoescape


class Components:
    """Every component by its name in snake case: ``govuk.back_link``, ``govuk.summary_list``."""

    def __getattr__(self, name: str) -> Macro:
        if name.startswith("_"):
            raise AttributeError(name)
        return _macro(name)
