"""A sealed cell that somebody damaged: a badge in its place, an entry, and the rest of the page.

Through the real pages: everybody's pages are walked once while all is sound, noting which cells
each of them opens and shows. Then every sealed column is damaged, in every way, and whatever page
opened it is asked for again. Generic: a new model or page is covered when the hospital makes one.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, LargeBinary, bindparam, func, select, text

from casemgr.audit import Action, AuditEntry
from casemgr.cases import consenting, recording
from casemgr.cases.models import Note, SafeContact
from casemgr.crypto import envelope
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import session
from casemgr.screenings import lists
from casemgr.web.readable import readable
from config import Settings
from tests.cast import PEOPLE
from tests.client import Browser, Page
from tests.house.crawling import _UUID, crawl, posting_forms
from tests.house.damaging import cells, damaged, damages
from tests.house.hospital import Hospital
from tests.house.sealed_models import records
from tests.planting import past_the_log

BADGE = "Không đọc được phần này"
# Headings that belong to what is sealed, and go with it.
OF_THE_LETTER, OF_THE_ANSWERS = "PHIẾU CHUYỂN", "Các câu trả lời"
TITLED_BY_THE_RESULT = "/screenings/…"  # of a sitting: what it came to, and what to do now
SHORTEST_WORD = 6
# Sealed columns that no page of the hospital opens, by hand, with the reason.
NO_PAGE = {
    "packed_epoch.contents_sealed": "above 100,000 people; a broken epoch is built anew",
    "screening_count.sitting_count_sealed": "counts of erased sittings, for reports to come",
    "staff_facts.facts_sealed": "opened by detection alone, in memory; shown to nobody",
}


# Papers that are not made while it is unknown what they must leave out, or who may hold them.
NO_PAPER = {
    "withheld_disclosure.withholding_sealed": ("/names", "/print", "/screen"),
    "statement.answers_sealed": ("/print",),
}


@dataclass(frozen=True)
class Visit:
    """One page as somebody saw it while all was sound."""

    person: str
    browser: Browser
    path: str
    text: str
    headings: tuple[str, ...]


class Walk:
    """Everybody's pages, and for each sealed column those that open it."""

    def __init__(self, hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
        self.visits: dict[str, list[Visit]] = defaultdict(list)
        self.words: dict[str, set[str]] = defaultdict(set)
        opened: dict[str, set[str]] = defaultdict(set)
        real = SealedRecord.read

        def noting(record: SealedRecord, *args: Any) -> dict[str, Any]:
            values = real(record, *args)
            opened[record.cell_name] |= set(_words(values))
            return values

        with monkeypatch.context() as patch:
            patch.setattr(SealedRecord, "read", noting)
            for module in (consenting, recording, lists):  # each one when it is read
                patch.setattr(module, "open_all", lambda _record, _rows: None)
            for name in PEOPLE:
                browser = hospital.cast.browser(name)
                for page in crawl(browser):
                    _say_why(page)  # it is remembered: the next walk sees what was closed
                opened.clear()
                for page in crawl(browser):
                    if page.is_html:
                        visit = Visit(name, browser, page.path, page.text, _headings(page))
                        for cell, words in opened.items():
                            self.visits[cell].append(visit)
                            self.words[cell] |= words
                    opened.clear()


@pytest.fixture
def walk(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> Walk:
    return Walk(hospital, monkeypatch)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = past_the_log(settings.database_url)
    yield engine
    engine.dispose()


@pytest.mark.soak
def test_a_damaged_cell_leaves_a_badge_an_entry_and_the_page(
    hospital: Hospital, walk: Walk, engine: Engine, share: int
) -> None:
    """In soak every column in every way, here each column in two of them, in turns."""
    ways = list(damages(engine).items())
    each = len(ways) if share >= 1000 else 2
    faults: list[str] = []
    unseen = {record.cell_name for _, record in records() if not walk.visits[record.cell_name]}
    assert unseen == set(NO_PAGE), f"make one in tests/house/hospital.py: {unseen ^ set(NO_PAGE)}"
    for turn, (kind, record) in enumerate(records()):
        if record.cell_name in NO_PAGE:
            continue
        other = _some_cell(engine, (turn + 1) % len(records()))
        for name, damage in [ways[(turn * each + n) % len(ways)] for n in range(each)]:
            with damaged(engine, kind, record, damage, other):
                faults += (
                    f"{record.cell_name}, {name}: {fault}"
                    for visit in walk.visits[record.cell_name]
                    if not visit.path.endswith(NO_PAPER.get(record.cell_name, ()))
                    for fault in _faults(hospital, visit, walk.words[record.cell_name])
                )
    assert not faults, "\n".join(sorted(set(faults)))


def test_a_page_that_hides_what_is_broken_is_found(
    hospital: Hospital, walk: Walk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the badge, and where reading fails as something else than a broken seal."""
    kind, record = next(pair for pair in records() if pair[0] is Note)
    visit = next(v for v in walk.visits[record.cell_name] if v.path.endswith("/notes"))
    with damaged(engine, kind, record, lambda *_: b"", b""):
        assert not list(_faults(hospital, visit, walk.words[record.cell_name]))
        with monkeypatch.context() as patch:
            patch.setattr(sys.modules[readable.__module__], "_badge", str)
            assert "without a badge" in str(
                list(_faults(hospital, visit, walk.words[record.cell_name]))
            )
        monkeypatch.setattr(envelope, "unseal_by_header", lambda *_: b"not JSON")
        assert "answers 500" in str(list(_faults(hospital, visit, set())))


def test_an_act_that_needs_what_is_broken_changes_nothing_and_is_told(
    hospital: Hospital, engine: Engine
) -> None:
    form = hospital.cast.browser("worker").get(f"/cases/{hospital.ids['case']}/contact/edit")
    kind, record = next(pair for pair in records() if pair[0] is SafeContact)
    with damaged(engine, kind, record, lambda cell, _: cell[:-1], b""):
        before, broken = _told(hospital), cells(engine, kind, record)
        page = form.submit(safe_hours="19:00", status=422)
        assert BADGE in page
        assert _told(hospital) == before + 1
        assert cells(engine, kind, record) == broken


def test_a_damaged_session_is_no_session(hospital: Hospital, engine: Engine) -> None:
    """The browser's own content is sealed, too: damaged, somebody has to sign in again."""
    for damage in damages(engine).values():
        browser = hospital.cast.browser("worker")
        with engine.begin() as connection:
            cell = (
                connection.execute(
                    text("SELECT content_sealed FROM web_session ORDER BY opened_at DESC")
                )
                .scalars()
                .first()
            )
            changed = damage(bytes(cell or b""), b"")
            write = text("UPDATE web_session SET content_sealed = :cell")
            if isinstance(changed, bytes):
                write = write.bindparams(bindparam("cell", type_=LargeBinary))
            connection.execute(write, {"cell": changed})
        assert browser.get("/").path == "/sign-in"


def _faults(hospital: Hospital, visit: Visit, words: set[str]) -> Iterator[str]:
    """What is wrong with a page whose cell is broken."""
    where, before = f"{visit.person} at {_UUID.sub('…', visit.path)}", _told(hospital)
    response = visit.browser.client.get(
        visit.path, base_url=visit.browser.origin, follow_redirects=True, buffered=True
    )
    if response.status_code != 200:
        yield f"{where} answers {response.status}"
        return
    page = _say_why(Page(visit.browser, response))
    if _told(hospital) == before:
        yield f"{where} left no entry"
    if page.path != visit.path:
        if not page.tree.all(where=lambda e: "casemgr-flash--error" in e.classes):
            yield f"{where} leads to {page.path} without a word"
        return
    gone = {word for word in words if word in visit.text and word not in page.text}
    if gone and BADGE not in page:
        yield f"{where} lost {sorted(gone)} without a badge"
    missing = set(visit.headings) - set(_headings(page))
    missing = {heading for heading in missing if not any(word in heading for word in gone)}
    missing -= {OF_THE_LETTER, OF_THE_ANSWERS}
    if missing and _UUID.sub("…", visit.path) != TITLED_BY_THE_RESULT:
        yield f"{where} lost {sorted(missing)}"


def _say_why(page: Page) -> Page:
    """Where a page asks for the purpose before it shows anything, give the first one offered."""
    forms = posting_forms(page)
    fields = [f for form in forms for f in form.all("input", "select") if f["type"] != "hidden"]
    if len(forms) == 1 and {field["name"] for field in fields} == {"purpose"}:
        return page.submit(purpose=fields[0]["value"])
    return page


def _told(hospital: Hospital) -> int:
    with hospital.cast.app.app_context():
        query = select(func.count()).where(AuditEntry.action == Action.SEAL_BROKEN)
        return session.scalar(query) or 0


def _some_cell(engine: Engine, number: int) -> bytes:
    """Of this column, or of the next one that has any."""
    every = records()[number:] + records()[:number]
    found = (cell for kind, record in every for cell in cells(engine, kind, record).values())
    return next(found)


def _headings(page: Page) -> tuple[str, ...]:
    return tuple(element.text for element in page.tree.all("h1", "h2", "h3"))


def _words(values: object) -> Iterator[str]:
    """The words in opened values that can be recognised on a page."""
    if isinstance(values, str) and len(values) >= SHORTEST_WORD:
        yield values
    elif isinstance(values, dict):
        for each in values.values():
            yield from _words(each)
    elif isinstance(values, list):
        for each in values:
            yield from _words(each)
