"""I5 for files: sealed while they are parsed, never in clear on a disk, never whole in memory.

And nobody who may not send one can fill the store.
"""

import builtins
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from casemgr.cases.attachments import Attachment
from casemgr.db import session
from casemgr.files.models import StoredFile
from config import Settings
from tests.cast import ORIGIN
from tests.house.hospital import Hospital
from tests.house.test_permission_matrix import token_of

MEGABYTE = 1024 * 1024
CANARY = b"canaryUploaded"
BODY = b"%PDF-1.7\n" + (CANARY + bytes(50)) * (6 * MEGABYTE // 64)
WRITING = set("wax+")

only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def path_of(hospital: Hospital) -> str:
    return f"/cases/{hospital.ids['case']}/attachments/new"


def post(
    client: FlaskClient,
    path: str,
    token: str,
    body: bytes = BODY,
    *,
    file_first: bool = False,
    second: FileStorage | None = None,
) -> TestResponse:
    """As a browser sends it; the order of the parts is the form's."""
    fields: dict[str, Any] = {"csrf_token": token, "part": "LEGAL"}
    file = {"file": FileStorage(io.BytesIO(body), "giấy tờ.pdf")}
    if second is not None:
        file["another"] = second
    boundary, encoded = encode_multipart({**file, **fields} if file_first else {**fields, **file})
    return client.post(
        path,
        data=encoded,
        content_type=f"multipart/form-data; boundary={boundary}",
        base_url=ORIGIN,
        buffered=True,
    )


def kept(app: Flask) -> int:
    """Files in the store, begun ones too; each must be claimed by an attachment."""
    folder = Path(app.extensions["file_store"]._folder)
    found = [path for path in folder.rglob("*") if path.is_file()]
    with app.app_context():
        claimed = {str(name) for (name,) in session.query(Attachment.stored_file_id)}
    assert {path.name for path in found} <= claimed, "a file that nothing names"
    return len(found)


@pytest.fixture
def before(hospital: Hospital) -> int:
    return kept(hospital.cast.app)


@only_sqlite
@pytest.mark.parametrize("file_first", [False, True])
def test_an_upload_is_never_in_clear_on_the_disk(
    hospital: Hospital,
    before: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    file_first: bool,
) -> None:
    client = hospital.cast.browser("worker").client
    token, path = token_of(client), path_of(hospital)
    store = str(hospital.cast.app.extensions["file_store"]._folder)
    written: list[str] = []
    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, _refuse)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", _refuse)
    monkeypatch.setattr(os, "open", _only_in(store, os.open, written))
    for module in (builtins, io):
        monkeypatch.setattr(module, "open", _only_in(store, open, written))
    response = post(client, path, token, file_first=file_first)
    monkeypatch.undo()
    assert response.status_code == 303
    assert kept(hospital.cast.app) == before + 1
    assert written, "the store itself writes: the guard sees it"
    holding = [p for p in Path("/").joinpath(tmp_path.parent).rglob("*") if p.is_file()]
    assert holding
    assert not [str(p) for p in holding if CANARY in p.read_bytes()]


def _refuse(*_arguments: object, **_named: object) -> NoReturn:
    raise AssertionError("a temporary file: the upload would lie on the disk in clear")


def _only_in(store: str, real: Callable[..., Any], written: list[str]) -> Callable[..., Any]:
    """Opens for writing only what lies in the store."""

    def guarded(path: Any, mode: Any = "r", *more: Any, **named: Any) -> Any:
        writes = (
            bool(mode & (os.O_WRONLY | os.O_RDWR))
            if isinstance(mode, int)
            else (bool(WRITING & set(mode)))
        )
        if writes and not isinstance(path, int):
            assert str(path).startswith(store), f"{path} is opened for writing"
            written.append(str(path))
        return real(path, mode, *more, **named)

    return guarded


@only_sqlite
def test_the_guard_bites(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the framework's own way of taking files the test above fails."""
    import flask

    from casemgr.web import uploads

    client = hospital.cast.browser("worker").client
    token, path = token_of(client), path_of(hospital)
    monkeypatch.setattr(uploads.Request, "_get_file_stream", flask.Request._get_file_stream)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", _refuse)
    assert post(client, path, token).status_code == 500


class Watched(io.BytesIO):
    """A body that says whether it was read."""

    was_read = False

    def read(self, *arguments: Any) -> bytes:
        self.was_read = True
        return super().read(*arguments)

    def readinto(self, buffer: Any) -> int:
        self.was_read = True
        return super().readinto(buffer)


@only_sqlite
@pytest.mark.parametrize("name", [None, "nurse", "director", "admin", "partner"])
def test_who_may_not_send_files_is_refused_before_the_body_is_read(
    hospital: Hospital, before: int, name: str | None
) -> None:
    app = hospital.cast.app
    client = hospital.cast.browser(name).client if name else app.test_client()
    boundary, encoded = encode_multipart(
        {"csrf_token": token_of(client), "file": FileStorage(io.BytesIO(BODY), "x.pdf")}
    )
    body = Watched(encoded)
    response = client.post(
        path_of(hospital),
        input_stream=body,
        content_length=len(encoded),
        content_type=f"multipart/form-data; boundary={boundary}",
        base_url=ORIGIN,
        buffered=True,
    )
    assert response.status_code == (403 if name else 303)
    assert not body.was_read
    assert kept(app) == before
    with app.app_context():
        assert session.query(StoredFile).count() == before, "not even a name was given out"


@only_sqlite
@pytest.mark.parametrize("file_first", [False, True])
def test_a_refused_token_leaves_nothing(hospital: Hospital, before: int, file_first: bool) -> None:
    client = hospital.cast.browser("worker").client
    for token in ("", "forged"):
        response = post(client, path_of(hospital), token, file_first=file_first)
        assert response.status_code == 400
        assert kept(hospital.cast.app) == before


def test_a_case_that_is_not_there_leaves_nothing(hospital: Hospital, before: int) -> None:
    client = hospital.cast.browser("other_worker").client
    assert post(client, path_of(hospital), token_of(client)).status_code == 404
    assert kept(hospital.cast.app) == before


def test_a_failure_at_any_point_leaves_nothing(
    hospital: Hospital, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong after the file has arrived: rolled back, and the file is gone."""
    from casemgr.cases import attaching

    def fail(*_arguments: object, **_named: object) -> NoReturn:
        raise ZeroDivisionError

    client = hospital.cast.browser("worker").client
    monkeypatch.setattr(attaching, "record", fail)
    assert post(client, path_of(hospital), token_of(client)).status_code == 500
    monkeypatch.undo()
    monkeypatch.setattr(session, "commit", _fails_once(session.commit, 2))
    assert post(client, path_of(hospital), token_of(client)).status_code == 500
    assert kept(hospital.cast.app) == before


def _fails_once(real: Callable[[], None], at: int) -> Callable[[], None]:
    """The database goes away at the commit of the act; the file's name was committed before."""
    calls = iter(range(1, 100))

    def commit() -> None:
        if next(calls) == at + 1:  # one of the token's page, one of the name, then the act
            raise ZeroDivisionError
        real()

    return commit


@only_sqlite
def test_a_body_that_stops_halfway_leaves_nothing(hospital: Hospital, before: int) -> None:
    client = hospital.cast.browser("worker").client
    boundary, encoded = encode_multipart(
        {"csrf_token": token_of(client), "file": FileStorage(io.BytesIO(BODY), "x.pdf")}
    )
    response = client.post(
        path_of(hospital),
        input_stream=io.BytesIO(encoded[: len(encoded) // 2]),
        content_length=len(encoded),
        content_type=f"multipart/form-data; boundary={boundary}",
        base_url=ORIGIN,
        buffered=True,
    )
    assert response.status_code == 400
    assert kept(hospital.cast.app) == before


@only_sqlite
def test_too_large_is_refused(hospital: Hospital, before: int) -> None:
    app = hospital.cast.app
    app.config["CASEMGR_LARGEST_FILE"] = 5
    client = hospital.cast.browser("worker").client
    assert post(client, path_of(hospital), token_of(client)).status_code == 413
    just = BODY[: 5 * MEGABYTE + 1]  # within the room for the other fields, and yet too large
    assert post(client, path_of(hospital), token_of(client), just).status_code == 413
    assert kept(app) == before
    assert post(client, path_of(hospital), token_of(client), just[:-1]).status_code == 303
    assert kept(app) == before + 1


@only_sqlite
def test_two_files_in_one_form_are_refused(hospital: Hospital, before: int) -> None:
    client = hospital.cast.browser("worker").client
    second = FileStorage(io.BytesIO(BODY), "khác.pdf")
    token = token_of(client)
    assert post(client, path_of(hospital), token, second=second).status_code == 400
    assert kept(hospital.cast.app) == before


@only_sqlite
def test_a_route_that_takes_no_file_refuses_one(hospital: Hospital, before: int) -> None:
    """Every act but those that say so, and none of them takes more than a megabyte."""
    app, client = hospital.cast.app, hospital.cast.browser("worker").client
    token, taking = token_of(client), []
    for route in hospital.routes("POST"):
        view: Any = app.view_functions[route.endpoint]
        if view.takes_file:
            taking.append(route.endpoint)
            continue
        if route.endpoint == "quick_exit.leave":
            continue  # ends the session, reads no body
        path = hospital.address(route)
        assert post(client, path, token, b"%PDF-1.7").status_code == 400, path
        assert post(client, path, token).status_code == 413, path
    assert taking == ["cases.add_attachment"]
    assert kept(app) == before


@only_sqlite
def test_the_canary_of_a_file_is_in_no_store(hospital: Hospital, settings: Settings) -> None:
    """The file of the hospital that every house test looks at: its word is not in the store."""
    folder = Path(settings.file_store.partition(":")[2])
    sealed = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert sealed
    assert not [s for s in sealed if hospital.word("file_content").encode() in s]
