"""Vietnamese by default, English by a switch; dates, times and numbers as people write them here."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app, redirect, request, session
from flask_babel import Babel
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from casemgr import clock
from casemgr.access.gate import PUBLIC, Blueprint
from casemgr.crypto.partial_date import PartialDate

LANGUAGES: Final = {"vi": "Tiếng Việt", "en": "English"}
LONGEST_ADDRESS = 200  # of a page of ours
DEFAULT_LANGUAGE: Final = "vi"
_MEGABYTE: Final = 1024 * 1024
TRANSLATIONS: Final = Path(__file__).resolve().parent.parent / "translations"

bp = Blueprint("language", __name__)


@bp.post("/language", permission=PUBLIC, unaudited="changes only the language of this session")
def choose() -> Response:
    """Keep the language for this session and go back to where the switch was pressed."""
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["locale"] = language
    return redirect(own_page(request.form.get("back", "")), code=303)


def own_page(address: str) -> str:
    """The address if it is a page of ours that can be read again, otherwise the first page."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return "/"
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        return "/"
    ours = current_app.url_map.bind("")
    try:
        ours.match(address.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return "/"
    return address


def language() -> str:
    """The language of this request. Never raises: error pages ask it while the database is away."""
    try:
        chosen = session.get("locale", DEFAULT_LANGUAGE)
    except Exception:  # noqa: BLE001 -- whatever the session store raises, the page must come
        return DEFAULT_LANGUAGE
    return chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE


def day(value: date | datetime | None) -> str:
    """dd/mm/yyyy; a moment is told as the hospital's day (domain §5.8). Empty for None."""
    if value is None:
        return ""
    return (clock.to_local(value) if isinstance(value, datetime) else value).strftime("%d/%m/%Y")


def time_of_day(value: datetime | None) -> str:
    """HH:mm on the hospital's wall clock."""
    return "" if value is None else clock.to_local(value).strftime("%H:%M")


def moment(value: datetime | None) -> str:
    """dd/mm/yyyy HH:mm on the hospital's wall clock."""
    return "" if value is None else f"{day(value)} {time_of_day(value)}"


def partial_date(value: PartialDate | None) -> str:
    """As much of dd/mm/yyyy as is known: 14/03/2009, 03/2009 or 2009 (R32)."""
    if value is None:
        return ""
    parts = [f"{part:02}" for part in (value.day, value.month) if part is not None]
    return "/".join([*parts, f"{value.year:04}"])


def number(value: Decimal | float) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English."""
    text = f"{value:,}"
    return text if language() == "en" else text.translate(str.maketrans(",.", ".,"))


def official_day(day: date) -> str:
    """``ngày 05 tháng 12 năm 2026``: days below 10 and months 1 and 2 get a zero (domain §5.9)."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def file_size(value: int) -> str:
    """As people say it: 812 KB, 4,7 MB. A part of a kilobyte counts as one."""
    if value < _MEGABYTE:
        return f"{number(-(-value // 1024))} KB"
    return f"{number(round(value / _MEGABYTE, 1))} MB"


def money(value: int) -> str:
    """1.234.000 đ (domain §5.8)."""
    return f"{number(value)} đ"


def init_app(app: Flask) -> None:
    """Connect Flask-Babel, the template filters and the language switch."""
    Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=clock.HOSPITAL_ZONE.key,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=language,
    )
    for show in (day, time_of_day, moment, partial_date, number, money, file_size):
        app.add_template_filter(show)
    app.add_template_global(LANGUAGES, "languages")  # type: ignore[arg-type]
    app.add_template_global(language, "current_language")
    app.register_blueprint(bp)


def _escaped(text: LazyString) -> Markup:
    return escape(str(text))


def _escape_lazy_strings() -> None:
    """Flask-Babel's lazy strings call themselves safe HTML, whatever was interpolated into them."""
    lazy: Any = LazyString
    lazy.__html__ = _escaped


_escape_lazy_strings()
