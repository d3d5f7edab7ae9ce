"""I5: nothing about a person where it does not belong.

Every sensitive field holds a word found nowhere else (tests/house/hospital.py); it is then searched
for in the database, the key store, the log, headers, titles, addresses, cookies, refusals, errors,
the audit log and what leaves of it.
"""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from casemgr.audit import AuditEntry
from casemgr.audit.out.syslog import framed, message
from casemgr.db import session
from casemgr.privacy.log.exporting import Format
from config import Settings
from tests.cast import ORIGIN, PEOPLE
from tests.client import Browser, Page
from tests.house.crawling import crawl, posting_forms
from tests.house.hospital import Hospital
from tests.house.test_permission_matrix import token_of

TYPED = "canaryTyped"  # what the forms are filled with
STRANGERS = (
    "other_nurse",
    "stranger",
    "director",
    "planner",
    "office",
    "press",
    "officer",
    "admin",
)


def leaks(words: set[str], places: dict[str, bytes]) -> list[str]:
    """Words found in places where nothing may be."""
    return [
        f"{word} stands in {place}"
        for place, content in places.items()
        for word in sorted(words)
        if word.encode() in content or word.lower().encode() in content
    ]


def stored(settings: Settings) -> dict[str, bytes]:
    """Every byte of both databases (files with their WAL, or tables as text) and of the store."""
    places: dict[str, bytes] = {}
    for url in (settings.database_url, settings.key_store_url):
        engine = create_engine(url, poolclass=NullPool)
        if engine.dialect.name == "sqlite":
            file = Path(str(engine.url.database))
            found = sorted(file.parent.glob(f"{file.name}*"))
            assert found
            places |= {path.name: path.read_bytes() for path in found}
        else:
            with engine.connect() as connection:
                for table in inspect(engine).get_table_names():
                    rows = connection.execute(text(f'SELECT t::text FROM "{table}" t'))  # noqa: S608
                    places[table] = "\n".join(rows.scalars()).encode()
        engine.dispose()
    folder = Path(settings.file_store.removeprefix("file:"))
    return places | {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def outside(page: Page) -> bytes:
    """What of an answer others can see: address, headers, cookies, title, file names."""
    response = page.response
    titles = " ".join(t.raw_text() for t in page.tree.all("title"))
    chain = [*response.history, response]
    told = [f"{r.request.url} {r.status} {r.headers}" for r in chain]
    return "\n".join([*told, titles]).encode()


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def test_the_databases_hold_no_word(hospital: Hospital, settings: Settings) -> None:
    assert not leaks(hospital.all_words(), stored(settings))


def test_the_search_finds_what_is_there(hospital: Hospital, settings: Settings) -> None:
    """It bites: the case code is public, and so is a member of staff's name."""
    code, name = hospital.code("case"), PEOPLE["worker"][0].split()[0]
    assert leaks({code}, stored(settings))
    assert name
    with hospital.cast.planting():
        session.execute(
            text("UPDATE organisation SET coverage = :word"), {"word": hospital.word("full_name")}
        )
    assert leaks(hospital.all_words(), stored(settings))


def test_reading_leaves_nothing_behind(
    hospital: Hospital, settings: Settings, everything_logged: pytest.LogCaptureFixture
) -> None:
    words = hospital.all_words()
    shown = False
    for name in ("worker", "doctor", "nurse", "lead", "officer"):
        for page in crawl(hospital.cast.browser(name)):
            shown |= page.is_html and any(word in page.text for word in words)
            assert not leaks(words, {f"{page.path} from outside": outside(page)})
    assert shown, "nobody saw anything: the search would find nothing either way"
    assert not leaks(words, stored(settings))
    assert not leaks(words, {"the log": everything_logged.text.encode()})


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_strangers_read_no_word_anywhere(hospital: Hospital) -> None:
    """Not in pages, not in refusals, not in what does not exist."""
    for name in STRANGERS:
        oversees = name in {"officer", "director"}
        words = hospital.all_words() - (hospital.overseen if oversees else set())
        browser = hospital.cast.browser(name)
        for route in hospital.routes("GET"):
            if route.endpoint == "static":
                continue
            path = hospital.address(route)
            body = browser.client.get(
                path, base_url=ORIGIN, follow_redirects=True, buffered=True
            ).data
            assert not leaks(words, {f"{path} for {name}": body})


def test_what_is_typed_into_forms_stays_in_the_page(
    hospital: Hospital, settings: Settings, everything_logged: pytest.LogCaptureFixture
) -> None:
    """Every form that the people reach, filled with the canary wherever words can be typed."""
    sent = 0
    for name in ("nurse", "worker", "doctor", "officer"):
        browser = hospital.cast.browser(name)
        for page in list(crawl(browser)):
            for answer in _fill_every_form(browser, page):
                sent += 1
                where = f"{answer.path} for {name}"
                assert answer.status < 500, where
                assert not leaks({TYPED}, {where: outside(answer)})
    assert sent > 20
    assert not leaks({TYPED}, stored(settings))
    assert not leaks({TYPED}, {"the log": everything_logged.text.encode()})


def _fill_every_form(browser: Browser, page: Page) -> Iterator[Page]:
    for form in posting_forms(page):
        data: dict[str, Any] = page.values(form)
        for field in form.all("input", "textarea"):
            if field.tag == "textarea" or field["type"] in {"", "text", "search", "tel"}:
                data[field["name"]] = TYPED
        action = form["action"] or page.path
        if action in {"/sign-out", "/roster"}:
            continue
        response = browser.client.post(
            action, data=data, base_url=browser.origin, follow_redirects=True, buffered=True
        )
        yield Page(browser, response)


def test_the_audit_log_and_what_leaves_of_it_hold_no_word(hospital: Hospital) -> None:
    words = hospital.all_words()
    with hospital.cast.app.app_context():
        entries = session.query(AuditEntry).all()
        told = "\n".join(
            " ".join(str(getattr(entry, c.name)) for c in AuditEntry.__table__.columns)
            for entry in entries
        )
        sent = b"".join(framed(message(entry, "casemgr.example.vn")) for entry in entries)
    assert len(entries) > 20
    assert not leaks(words, {"the audit log": told.encode(), "syslog": sent})
    client = hospital.cast.browser("officer").client
    for kind in Format:
        response = client.post(
            f"/log/export/{kind}",
            data={"csrf_token": token_of(client)},
            base_url=ORIGIN,
            buffered=True,
        )
        assert response.status_code == 200
        assert response.data
        places = {"the export": response.data, "its headers": str(response.headers).encode()}
        assert not leaks(words, places), kind


def test_error_pages_hold_no_word(
    hospital: Hospital,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    """An error whose message holds a word, as the database's often do."""
    from casemgr.cases import service as cases

    worker, word = hospital.cast.browser("worker"), hospital.word("full_name")

    def fail(*_args: object, **_named: object) -> NoReturn:
        raise ValueError(f"invalid value: {word}")

    monkeypatch.setattr(cases, "show_case", fail)
    path = f"/cases/{hospital.ids['case']}"
    response = worker.client.get(path, base_url=ORIGIN, buffered=True)
    assert response.status_code == 500
    assert not leaks(
        {word}, {"the page": response.data, "the headers": str(response.headers).encode()}
    )
    assert not leaks({word}, {"the log": everything_logged.text.encode()})


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_requests_make_no_temporary_files(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = hospital.cast.browser("worker")
    list(crawl(browser))  # what is loaded the first time, such as the PDF library, looks around

    def refuse(*_args: object, **_named: object) -> NoReturn:
        raise AssertionError("a temporary file: facts would lie on the disk in clear")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    pages = list(crawl(browser))
    for page in pages[:15]:
        list(_fill_every_form(browser, page))
    with pytest.raises(AssertionError, match="temporary file"):
        tempfile.mkstemp()


def test_a_body_too_large_is_refused_without_a_file(app: Flask) -> None:
    client = app.test_client()
    response = client.post(
        "/sign-in", data={"username": "x" * 2_000_000}, base_url=ORIGIN, buffered=True
    )
    assert response.status_code == 413
