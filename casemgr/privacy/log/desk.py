"""What the pages of the log share: the blueprint, and where in a list a session is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request, session
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access import NotFound, Permission
from casemgr.access.gate import Blueprint
from casemgr.privacy.log import labels
from casemgr.privacy.log.folding import fold
from casemgr.privacy.log.query import Mark
from casemgr.privacy.log.rules import Filters, read_filters
from casemgr.privacy.log.service import COUNT_LIMIT, PAGE_SIZE, LogPage
from casemgr.web import navigation

READ, EXPORT = Permission.LOG_READ, Permission.LOG_EXPORT
FILTERS, PLACES, ONE_CASE, ONE_DAY = "log_filters", "log_places", "log_case", "log_day"
OWN_SESSION = "keeps what was asked in the asker's own session; the list that follows is on record"
MOST_MARKS = 60  # how many pages back one can turn

bp = Blueprint("privacy", __name__, url_prefix="/log")
bp.context_processor(lambda: {"log_words": labels})
navigation.declare(_l("Log"), "privacy.index", READ, order=60)


def asked_filters() -> Filters:
    """What this session narrowed the log to."""
    return read_filters(session.get(FILTERS, {}))


class Place:
    """Where one list of this session ends, and where each of its pages begins (never a number of lines).

    The end is set when the list is opened anew: looking itself adds entries on top.
    """

    def __init__(self, view: str, number: int) -> None:
        self._view, self.number = view, number
        kept: dict[str, Any] = session.get(PLACES, {}).get(view, {})
        if "page" not in request.args or not kept:
            kept = {"until": clock.now().isoformat(), "marks": {}, "total": 0}
        self._kept = kept
        if number > 1 and str(number) not in kept["marks"]:
            raise NotFound(number)

    @property
    def until(self) -> datetime:
        """Nothing later than this is shown."""
        return datetime.fromisoformat(self._kept["until"])

    @property
    def below(self) -> Mark | None:
        """Where this page begins; None for the first."""
        return None if self.number == 1 else _read_mark(self._kept["marks"][str(self.number)])

    def shown(self, page: LogPage) -> Mapping[str, Any]:
        """What the template needs of the page, and keep where the next one begins."""
        marks: dict[str, str] = self._kept["marks"]
        if page.next is not None:
            marks[str(self.number + 1)] = f"{page.next.at.isoformat()} {page.next.id}"
        while len(marks) > MOST_MARKS:
            del marks[min(marks, key=int)]
        if page.total is not None:
            self._kept["total"] = page.total
        session[PLACES] = {**session.get(PLACES, {}), self._view: self._kept}
        total = self._kept["total"]
        start = (self.number - 1) * PAGE_SIZE
        return {
            "folds": fold(page.lines),
            "number": self.number,
            "first": start + 1,
            "last": start + len(page.lines),
            "total": min(total, COUNT_LIMIT),
            "is_more": total > COUNT_LIMIT,
            "has_newer": self.number == 2 or str(self.number - 1) in marks,
            "has_older": page.next is not None,
        }


NOTHING: Mapping[str, Any] = {"folds": []}


def _read_mark(text: str) -> Mark:
    at, _, entry_id = text.partition(" ")
    return Mark(datetime.fromisoformat(at), UUID(entry_id))
