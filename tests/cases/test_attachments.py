"""Attachments through the real form and back: what is kept, for whom, and what never leaves."""

import io
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr.access import Compartment, NotFound, Purpose
from casemgr.audit import Action, Outcome
from casemgr.cases import attaching, attachments, download_views, recording
from casemgr.cases import service as cases
from casemgr.cases.attachments import Attachment
from casemgr.cases.models import Case
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.files import service as files
from casemgr.files.models import StoredFile
from casemgr.files.store import FileStoreDown
from tests.cases.scene import entries, in_english, stated
from tests.cast import ORIGIN, Cast
from tests.client import Browser, Page

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 700  # three chunks
NAME = "CCCD Vàng Thị Máy.pdf"
LEGAL, CLINICAL = Compartment.LEGAL.value, Compartment.CLINICAL.value


def send(browser: Browser, case_id: UUID, body: bytes = PDF, name: str = NAME, **more: Any) -> Page:
    page = browser.get(f"/cases/{case_id}/attachments/new")
    typed = {"file": (io.BytesIO(body), name), "part": LEGAL, **more}
    return page.submit(typed, button="Keep this file", status=typed.pop("status", 200))


def stored(app: Flask) -> list[UUID]:
    return sorted(app.extensions["file_store"].names())


def rows(cast: Cast) -> list[Attachment]:
    with cast.acting():
        found = list(session.scalars(select(Attachment).order_by(Attachment.number)))
        session.expunge_all()
        return found


def listed(browser: Browser, case_id: UUID) -> Page:
    return stated(browser, f"/cases/{case_id}/attachments", Purpose.CASE_WORK)


def fetch(browser: Browser, case_id: UUID, item: UUID, **headers: str) -> Any:
    path = f"/cases/{case_id}/attachments/{item}"
    return browser.client.get(path, base_url=ORIGIN, headers=headers, buffered=True)


@pytest.fixture
def kept(cast: Cast, in_support: UUID, minh: Browser) -> Attachment:
    """A file of Minh's, in LEGAL."""
    send(minh, in_support, note="Giấy triệu tập")
    (item,) = rows(cast)
    return item


def test_a_file_comes_back_as_it_was(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    page = listed(minh, in_support)
    assert NAME in page
    assert "Giấy triệu tập" in page
    assert "PDF document, 176 KB" in page  # 179,209 bytes / 1024, rounded up
    response = fetch(minh, in_support, kept.id)
    assert response.data == PDF
    assert response.mimetype == "application/pdf"
    with cast.acting():
        case = session.get_one(Case, in_support)
        item = session.get_one(Attachment, kept.id)
        cases.open_parts(cast.actor("worker"), case, {Compartment.LEGAL}, Purpose.CASE_WORK)
        assert item.digest == sha256(PDF).digest()
        assert (item.size, item.original_name) == (len(PDF), NAME)


def test_nothing_of_its_name_leaves_in_a_header(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    listed(minh, in_support)
    response = fetch(minh, in_support, kept.id)
    with cast.acting():
        code = session.get_one(Case, in_support).code
    assert response.headers["Content-Disposition"] == f'attachment; filename="{code}-1.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "CCCD" not in str(response.headers)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=65530-65545", 65_530, 65_546),
        ("bytes=179000-", 179_000, 179_209),
        ("bytes=-9", 179_200, 179_209),
        ("bytes=0-999999999", 0, 179_209),
        ("bytes=-999999999", 0, 179_209),
    ],
)
def test_a_range(
    in_support: UUID, minh: Browser, kept: Attachment, asked: str, start: int, end: int
) -> None:
    assert len(PDF) == 179_209
    listed(minh, in_support)
    response = fetch(minh, in_support, kept.id, Range=asked)
    assert response.status_code == 206
    assert response.data == PDF[start:end]
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/179209"
    assert response.headers["Content-Length"] == str(end - start)


def test_odd_ranges(in_support: UUID, minh: Browser, kept: Attachment) -> None:
    listed(minh, in_support)
    beyond = fetch(minh, in_support, kept.id, Range="bytes=179209-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == "bytes */179209"
    assert fetch(minh, in_support, kept.id, Range="bytes=-0").status_code == 416
    resumed = fetch(minh, in_support, kept.id, Range="bytes=5-9", **{"If-Range": '"another"'})
    assert (resumed.status_code, resumed.data) == (200, PDF)
    for several in ("bytes=0-1,5-6", "lines=1-2", "bytes=oops"):
        assert fetch(minh, in_support, kept.id, Range=several).data == PDF, several


def test_reading_asks_why_and_is_on_record(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    asked = fetch(minh, in_support, kept.id)
    assert asked.mimetype == "text/html"
    assert b"Why do you open" in asked.data
    assert not entries(cast, Action.ATTACHMENT_OPENED)
    listed(minh, in_support)
    fetch(minh, in_support, kept.id)
    (entry,) = entries(cast, Action.ATTACHMENT_OPENED)
    assert (entry.subject_id, entry.compartments) == (kept.id, "LEGAL")
    assert entry.purpose == Purpose.CASE_WORK
    assert entry.account_id == cast.ids["worker"]


def test_the_entry_is_committed_before_the_first_byte(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(minh, in_support)
    seen: list[int] = []
    real = download_views.reader  # type: ignore[attr-defined]

    def reader(*arguments: Any) -> Any:
        session.rollback()  # whatever is not committed is gone
        seen.append(len(entries(cast, Action.ATTACHMENT_OPENED)))
        return real(*arguments)

    monkeypatch.setattr(download_views, "reader", reader)
    assert fetch(minh, in_support, kept.id).data == PDF
    assert seen == [1]


def test_each_reader_finds_only_what_their_parts_hold(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    doctor = in_english(cast, "doctor")
    send(doctor, in_support, name="xet nghiem.pdf", part=CLINICAL)
    theirs = rows(cast)[-1]
    assert (theirs.number, theirs.compartment) == (2, CLINICAL)
    page = listed(minh, in_support)
    assert NAME in page
    assert "xet nghiem" not in page
    assert fetch(minh, in_support, theirs.id).status_code == 404
    page = stated(doctor, f"/cases/{in_support}/attachments", Purpose.TREATMENT)
    assert "xet nghiem" in page
    assert NAME not in page
    assert fetch(doctor, in_support, kept.id).status_code == 404


def test_a_part_that_one_may_not_open_is_not_offered(cast: Cast, in_support: UUID) -> None:
    doctor = in_english(cast, "doctor")
    page = doctor.get(f"/cases/{in_support}/attachments/new")
    offered = {f["value"] for f in page.tree.all("input") if f["name"] == "part"}
    assert offered == {CLINICAL}


def test_what_is_wrong_names_its_field_and_keeps_what_was_typed(
    app: Flask, in_support: UUID, minh: Browser
) -> None:
    page = minh.get(f"/cases/{in_support}/attachments/new")
    page = page.submit(part=LEGAL, note="giữ lại", button="Keep this file", status=422)
    assert page.errors == {"file": "Error: Choose a file"}
    assert "giữ lại" in page
    typed = {"file": (io.BytesIO(PDF), NAME), "note": "giữ lại"}
    page = minh.get(f"/cases/{in_support}/attachments/new").submit(
        typed, button="Keep this file", status=422
    )
    assert page.errors["part"] == "Error: Choose one of the answers"
    assert page.errors["file"].startswith("Error: Choose the file again")
    assert "giữ lại" in page
    assert stored(app) == []


def test_a_chooser_left_alone_is_no_file(app: Flask, in_support: UUID, minh: Browser) -> None:
    """As a browser sends it: an empty part without a name."""
    page = minh.get(f"/cases/{in_support}/attachments/new")
    typed = {"file": (io.BytesIO(b""), ""), "part": LEGAL}
    page = page.submit(typed, button="Keep this file", status=422)
    assert page.errors == {"file": "Error: Choose a file"}
    assert stored(app) == []


@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        (b"", "x.pdf", "This file is empty"),
        (b"MZ\x90\x00" + bytes(100), "x.pdf", "A file of this kind is not kept"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.txt", "A file of this kind is not kept"),
        (b"alert(1)", "x.js", "A file of this kind is not kept"),
    ],
)
def test_a_file_that_is_not_kept(
    app: Flask, in_support: UUID, minh: Browser, body: bytes, name: str, words: str
) -> None:
    page = send(minh, in_support, body, name, status=422)
    assert words in page.errors["file"]
    assert stored(app) == []


def test_a_form_sent_twice_keeps_one_file(
    app: Flask, cast: Cast, in_support: UUID, minh: Browser
) -> None:
    page = minh.get(f"/cases/{in_support}/attachments/new")
    for _ in range(2):
        page.submit({"file": (io.BytesIO(PDF), NAME), "part": LEGAL}, button="Keep this file")
    (item,) = rows(cast)
    assert stored(app) == [item.stored_file_id]


def test_nothing_is_kept_before_there_is_a_record(app: Flask, taken: UUID, minh: Browser) -> None:
    page = send(minh, taken, status=422)
    assert "Record consent or a lawful ground first" in page
    assert stored(app) == []


def file_of(item: Attachment, settings: Any) -> Path:
    name = str(item.stored_file_id)
    return Path(settings.file_store.partition(":")[2]) / name[-2:] / name


def changed(sealed: bytes, how: str) -> bytes:
    head, size = sealed[:21], 65_564
    chunks = [sealed[start : start + size] for start in range(21, len(sealed), size)]
    if how == "cut":
        return head + b"".join(chunks[:-1])
    if how == "reordered":
        return head + chunks[1] + chunks[0] + chunks[2]
    return bytes(sealed[:100]) + bytes([sealed[100] ^ 1]) + sealed[101:]


@pytest.mark.parametrize("how", ["cut", "reordered", "flipped", "gone"])
def test_a_broken_file_says_so_before_any_byte(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment, settings: Any, how: str
) -> None:
    path = file_of(kept, settings)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(changed(path.read_bytes(), how))
    page = listed(minh, in_support).follow("Download: file 1")
    assert "This file cannot be read" in page
    (entry,) = entries(cast, Action.SEAL_BROKEN)
    assert (entry.subject_id, entry.outcome) == (kept.id, Outcome.FAILED)
    assert entry.compartments == "LEGAL"


def test_swapped_files_do_not_open(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment, settings: Any
) -> None:
    """The bytes of two attachments changed places, then the rows' references did."""
    send(minh, in_support, name="khac.pdf")
    other = rows(cast)[1]
    paths = [file_of(item, settings) for item in (kept, other)]
    first, second = (path.read_bytes() for path in paths)
    paths[0].write_bytes(second)
    paths[1].write_bytes(first)
    listed(minh, in_support)
    for item in (kept, other):
        assert fetch(minh, in_support, item.id).status_code == 303
    with cast.planting():
        for item, name in ((kept, UUID(int=7)), (other, kept.stored_file_id)):
            row = session.get_one(Attachment, item.id)
            if name.int == 7:
                session.add(
                    StoredFile(id=name, facility_id=row.facility_id, expected_at=row.added_at)
                )
                session.flush()
            row.stored_file_id = name
            session.flush()
    paths[0].write_bytes(first)
    assert fetch(minh, in_support, other.id).status_code == 303


def test_a_row_moved_to_another_part_does_not_open(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    """Somebody with the database shows a legal paper to those who read social notes."""
    with cast.planting():
        session.get_one(Attachment, kept.id).compartment = Compartment.SOCIAL
    page = listed(minh, in_support)
    assert "This part cannot be read here" in page
    assert NAME not in page
    assert fetch(minh, in_support, kept.id).status_code == 303
    assert entries(cast, Action.SEAL_BROKEN)


def test_a_break_in_the_middle_ends_the_connection_on_record(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment, settings: Any
) -> None:
    path = file_of(kept, settings)
    sealed = bytearray(path.read_bytes())
    sealed[21 + 65_564 + 40] ^= 1  # in the second chunk; the first and the last are whole
    path.write_bytes(sealed)
    listed(minh, in_support)
    response = minh.client.get(
        f"/cases/{in_support}/attachments/{kept.id}", base_url=ORIGIN, buffered=False
    )
    assert response.headers["Content-Length"] == str(len(PDF))
    leaving = iter(response.response)
    assert next(leaving) == PDF[:65_536]
    with pytest.raises(SealBroken):
        next(leaving)
    (entry,) = entries(cast, Action.SEAL_BROKEN)
    assert entry.subject_id == kept.id


def test_a_store_that_is_away_is_a_calm_503(
    app: Flask, in_support: UUID, minh: Browser, kept: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(minh, in_support)
    away = app.extensions["file_store"]

    def gone(*_arguments: object) -> Any:
        raise FileStoreDown

    page = minh.get(f"/cases/{in_support}/attachments/new")
    for name in ("writer", "size", "delete"):
        monkeypatch.setattr(away, name, gone)
    assert fetch(minh, in_support, kept.id).status_code == 503
    typed = {"file": (io.BytesIO(PDF), NAME), "part": LEGAL}
    page = page.submit(typed, button="Keep this file", status=503)
    assert "nothing was changed" in page


def test_erasing_a_part_takes_its_files_and_no_others(
    app: Flask, cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    send(minh, in_support, name="khac.pdf", part=Compartment.SOCIAL.value)
    other, cause, officer = rows(cast)[1], UUID(int=9), cast.actor("officer")
    with cast.acting():
        assert attaching.erase_files(officer, in_support, {Compartment.LEGAL}, cause) == 1
        assert len(stored(app)) == 2, "not before the intent is committed"
    with cast.acting():
        assert files.outstanding(cause) == 1
        assert files.remove_doomed(officer) == 1
        session.rollback()  # killed before the confirmation
    with cast.acting():
        assert files.outstanding(cause) == 1
        assert files.remove_doomed(officer) == 1, "repeatable"
    with cast.acting():
        assert files.outstanding(cause) == 0
        assert attaching.erase_files(officer, in_support, {Compartment.LEGAL}, cause) == 0
    assert stored(app) == [other.stored_file_id]
    assert [item.id for item in rows(cast)] == [other.id]
    with cast.acting():
        case = session.get_one(Case, in_support)
        with pytest.raises(NotFound):
            attachments.find_attachment(cast.actor("worker"), case, kept.id)


def test_the_case_page_counts_what_one_may_open(
    cast: Cast, in_support: UUID, minh: Browser, kept: Attachment
) -> None:
    assert kept.number == 1
    assert "Files that you may open: 1." in minh.get(f"/cases/{in_support}")
    assert "No file that you may open." in in_english(cast, "doctor").get(f"/cases/{in_support}")
    with cast.acting():
        recording.close_case(cast.actor("worker"), in_support, "xong việc")
    assert "Add a file" not in minh.get(f"/cases/{in_support}")
    send_to = f"/cases/{in_support}/attachments/new"
    page = minh.get(send_to).submit(
        {"file": (io.BytesIO(PDF), NAME), "part": LEGAL}, button="Keep this file", status=422
    )
    assert "This case is at rest" in page
