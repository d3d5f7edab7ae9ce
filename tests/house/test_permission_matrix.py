"""I2: every route × every person, over HTTP, against the table written by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, create_engine, select
from sqlalchemy.pool import NullPool
from werkzeug.routing import Rule

from casemgr.access.gate import Open
from casemgr.access.permissions import Permission
from casemgr.audit.models import TABLES_OF_THE_LOG
from casemgr.cases.models import Case
from casemgr.db import Model, session
from config import Settings
from tests import markup
from tests.cast import ORIGIN, PEOPLE
from tests.house.hospital import Hospital
from tests.house.permission_matrix import DOORS, EVERYBODY, Door
from tests.page_rules import NEUTRAL_TITLE

IN, REFUSED, HIDDEN, SENT_AWAY = "in", "refused (403)", "hidden (404)", "sent to sign in"
WITHOUT_PERMISSION = {"static"}  # files of ours, the same for everybody
WITHOUT_TOKEN = {
    "quick_exit.leave",  # only ends a session; must never be refused (R19)
    "witness.add_checkpoint",  # programs call it: the signature inside is the credential
}
# Written by reading: the log, sessions, keys for a compartment opened the first time.
NOT_BUSINESS = {"audit_entry", "web_session", "key_name", "submission"} | TABLES_OF_THE_LOG
CHANGING = ("POST", "PUT", "PATCH", "DELETE")

only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def rows_of(app: Flask) -> dict[str, Rule]:
    """``POST cases.take`` → its rule, for every route of the application."""
    return {
        f"{method} {rule.endpoint}": rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in WITHOUT_PERMISSION
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def without_row(rows: dict[str, Rule], doors: dict[str, Door]) -> list[str]:
    """Routes that nobody decided about."""
    return [
        f"{row} ({rules}): add a row to DOORS in tests/house/permission_matrix.py"
        for row, rules in rows.items()
        if row not in doors
    ]


def expected(door: Door, person: str | None) -> str:
    """What the table says of one person; None is somebody who is not signed in."""
    if door.is_public or person in door.lets_in:
        return IN
    if person is None:
        return SENT_AWAY
    return HIDDEN if person in door.hides_from else REFUSED


def answered(client: FlaskClient, method: str, path: str, token: str) -> str:
    """What really happened."""
    form = {"csrf_token": token} if method in CHANGING else None
    cookies = dict(client._cookies or {})
    response = client.open(path, method=method, data=form, base_url=ORIGIN, buffered=True)
    client._cookies = cookies  # whoever signed out is in again
    if response.status_code == 403:
        return REFUSED
    if response.status_code == 404:
        return HIDDEN
    has_ended = "Clear-Site-Data" in response.headers  # a sign-out leads there too
    if response.status_code in {302, 303} and response.location == "/sign-in" and not has_ended:
        return SENT_AWAY
    return IN if response.status_code < 500 else f"broken ({response.status_code})"


def token_of(client: FlaskClient) -> str:
    """The anti-forgery token of this session, as a page of it shows it."""
    page = client.get("/", base_url=ORIGIN, follow_redirects=True, buffered=True).text
    (token, *_) = [f["value"] for f in markup.read(page).all("input") if f["name"] == "csrf_token"]
    return token


@pytest.fixture
def clients(hospital: Hospital) -> dict[str | None, tuple[FlaskClient, str]]:
    """Everybody signed in, and somebody who is not, each with their token."""
    found: dict[str | None, FlaskClient] = {None: hospital.cast.app.test_client()}
    found |= {name: hospital.cast.browser(name).client for name in PEOPLE}
    chosen = {"csrf_token": token_of(found["officer"]), "case_code": hospital.code("case")}
    found["officer"].post("/log/history/ask", data=chosen, base_url=ORIGIN, buffered=True)
    day = {"colleague": hospital.cast.ids["worker"], "on-day": 5, "on-month": 3, "on-year": 2026}
    day["csrf_token"] = chosen["csrf_token"]
    found["officer"].post("/log/day/ask", data=day, base_url=ORIGIN, buffered=True)
    return {name: (client, token_of(client)) for name, client in found.items()}


def flush_and_forget() -> None:
    """Instead of a commit."""
    session.flush()
    session.rollback()


@pytest.fixture
def nothing_is_kept(
    clients: object,  # signed in before
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every commit becomes a rollback, so that each request finds the same hospital."""
    assert clients
    monkeypatch.setattr(session, "commit", flush_and_forget)


def test_every_route_has_a_row(app: Flask) -> None:
    missing = without_row(rows_of(app), DOORS)
    assert not missing, "\n".join(missing)
    dead = sorted(set(DOORS) - set(rows_of(app)))
    assert not dead, f"remove from DOORS: {dead}"


def test_the_table_speaks_of_the_whole_cast() -> None:
    assert set(PEOPLE) == EVERYBODY
    assert {role for _, role, _ in PEOPLE.values()} == set(type(PEOPLE["nurse"][1]))
    for row, door in DOORS.items():
        assert not door.lets_in & door.hides_from, row


def test_every_route_declares_its_permission(app: Flask) -> None:
    for row, rule in rows_of(app).items():
        demand = getattr(app.view_functions[rule.endpoint], "demand", None)
        assert isinstance(demand, Permission | Open), f"{row}: register it with casemgr's Blueprint"
        assert (demand is Open.PUBLIC) == DOORS[row].is_public, f"{row}: public or not?"


@only_sqlite
@pytest.mark.usefixtures("nothing_is_kept")
def test_everybody_finds_the_doors_as_the_table_says(
    hospital: Hospital, clients: dict[str | None, tuple[FlaskClient, str]]
) -> None:
    wrong = []
    for row, rule in rows_of(hospital.cast.app).items():
        method, path = row.split()[0], hospital.address(rule)
        for person, (client, token) in clients.items():
            if row == "GET accounts.sign_in" and person:
                continue  # leads on to the first page
            is_, should = answered(client, method, path, token), expected(DOORS[row], person)
            if is_ != should:
                wrong.append(f"{row} for {person or 'nobody'}: {is_}, expected: {should}")
    assert not wrong, "\n".join(wrong)


def test_each_route_answers_over_http(
    hospital: Hospital,
    clients: dict[str | None, tuple[FlaskClient, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once per route on both databases: somebody who may, and nothing breaks."""
    monkeypatch.setattr(session, "commit", flush_and_forget)
    for row, rule in rows_of(hospital.cast.app).items():
        client, token = clients[max(DOORS[row].lets_in)]
        if row != "GET accounts.sign_in":
            assert answered(client, row.split()[0], hospital.address(rule), token) == IN, row


@only_sqlite
def test_unknown_ids_do_not_exist_for_anybody(
    hospital: Hospital, clients: dict[str | None, tuple[FlaskClient, str]]
) -> None:
    other = {f"{name}_id": hospital.cast.facility_id for name in hospital.ids}
    for row, rule in rows_of(hospital.cast.app).items():
        if any(name.endswith("_id") for name in rule.arguments):
            path = hospital.address(rule, other)
            for person in sorted(DOORS[row].lets_in):
                client, token = clients[person]
                assert answered(client, row.split()[0], path, token) == HIDDEN, (row, person)


@only_sqlite
def test_nothing_changes_without_a_token(
    hospital: Hospital, clients: dict[str | None, tuple[FlaskClient, str]], settings: Settings
) -> None:
    before = business(settings)
    for row, rule in rows_of(hospital.cast.app).items():
        if not row.startswith(CHANGING) or rule.endpoint in WITHOUT_TOKEN:
            continue
        for person in sorted(DOORS[row].lets_in)[:2]:
            path = hospital.address(rule)
            for token in ("", "forged", clients[None][1]):
                form = {"csrf_token": token} if token else {}
                response = clients[person][0].post(path, data=form, base_url=ORIGIN, buffered=True)
                assert response.status_code == 400, f"{row}: CSRF is off"
                assert NEUTRAL_TITLE in response.text
    assert business(settings) == before


@only_sqlite
def test_no_get_changes_anything(
    hospital: Hospital, clients: dict[str | None, tuple[FlaskClient, str]], settings: Settings
) -> None:
    before = business(settings)
    for row, rule in rows_of(hospital.cast.app).items():
        if row.startswith("GET"):
            for person in sorted(DOORS[row].lets_in & {"worker", "doctor", "nurse", "officer"}):
                clients[person][0].get(hospital.address(rule), base_url=ORIGIN, buffered=True)
            after = business(settings)
            changed = [name for name in before if before[name] != after[name]]
            assert not changed, f"{row} changes {changed}: make it a POST"


def business(settings: Settings) -> dict[str, list[Any]]:
    """The rows of every table that a reader must leave as it is."""
    engine = create_engine(settings.migration_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        found = {
            table.name: list(
                map(tuple, connection.execute(select(table).order_by(*table.primary_key)))
            )
            for table in _business_tables()
        }
    engine.dispose()
    return found


def _business_tables() -> Iterator[Table]:
    return (t for t in Model.metadata.sorted_tables if t.name not in NOT_BUSINESS)


def test_a_route_without_a_row_is_found() -> None:
    toy = {"GET toy.peek": Rule("/toy", endpoint="toy.peek")}
    (fault,) = without_row(toy, DOORS)
    assert "permission_matrix.py" in fault


@only_sqlite
@pytest.mark.usefixtures("nothing_is_kept")
def test_a_door_left_open_is_found(
    hospital: Hospital,
    clients: dict[str | None, tuple[FlaskClient, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody forgets to ask for the relation: the table disagrees at once."""
    from casemgr.cases import service as cases

    client, token = clients["other_worker"]
    path = f"/cases/{hospital.ids['case']}"
    assert answered(client, "GET", path, token) == HIDDEN
    everything = select(Case.id)
    monkeypatch.setattr(cases, "reachable", lambda _actor: everything)
    assert answered(client, "GET", path, token) != expected(DOORS["GET cases.show"], "other_worker")
