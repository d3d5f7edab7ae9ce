"""What every room's page stands on: headers, languages, errors, forms, components, quick exit."""

from uuid import uuid4

from flask import Flask
from jinja2 import StrictUndefined

from casemgr.access.gate import actor
from casemgr.web import errors, headers, locale, navigation, pagination, quick_exit
from casemgr.web.components import Components
from casemgr.web.readable import is_intact, readable

SERVICE_NAME = "Sổ công tác"  # the title of every window, whatever it shows (R8)


def init_app(app: Flask) -> None:
    """Wire all of it. ``CASEMGR_DEMONSTRATION`` in the configuration marks every page.

    The application takes templates from ``templates/`` and static files from
    ``casemgr/web/static``; the gate and CSRFProtect are connected before.
    """
    demo = bool(app.config.get("CASEMGR_DEMONSTRATION"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    headers.init_app(app)
    locale.init_app(app)
    quick_exit.init_app(app)
    errors.register_error_handlers(app)
    app.jinja_env.globals.update(
        govuk=Components(),
        service_name=SERVICE_NAME,
        is_demo=demo,
        nav_items=navigation.items,
        new_submission_id=lambda: str(uuid4()),
        page_url=pagination.page_url,
        url_if_built=navigation.url_if_built,
        readable=readable,
        is_intact=is_intact,
    )
    app.context_processor(lambda: _page_context(demo=demo))


def _page_context(*, demo: bool) -> dict[str, object]:
    who = actor()
    signed_in = who if who.is_signed_in else None
    return {"actor": signed_in, "nav": navigation.links_for(signed_in), "demo": demo}
