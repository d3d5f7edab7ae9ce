"""Signing in tells nothing to those who guess, and a session lives no longer than it should."""

from datetime import timedelta
from hashlib import sha256

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update

from casemgr import clock
from casemgr.accounts import passwords
from casemgr.accounts.models import Account, WebSession
from casemgr.accounts.sessions import COOKIE
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.db import session
from tests.cast import ORIGIN, PASSWORD, Cast
from tests.client import Browser, Page

WRONG = "mưa rơi ngoài hiên"


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The hashes that argon2 was asked to compare, one per verification."""
    asked: list[str | None] = []
    real = passwords._hasher.verify

    class Counting:
        def verify(self, known: str, typed: str) -> bool:
            asked.append(known)
            return real(known, typed)

        def hash(self, typed: str) -> str:
            return PasswordHasher().hash(typed)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    return asked


@pytest.fixture
def stranger(cast: Cast) -> Browser:
    return new_browser(cast)


def new_browser(cast: Cast) -> Browser:
    return Browser(cast.app.test_client(), ORIGIN)


def try_in(browser: Browser, username: str, password: str, status: int = 422) -> Page:
    return browser.get("/sign-in").submit(username=username, password=password, status=status)


def cookie_of(browser: Browser) -> str:
    kept = browser.client.get_cookie(COOKIE, domain="localhost")
    assert kept is not None
    return str(kept.value)


def change(cast: Cast, name: str, **values: object) -> None:
    with cast.planting():
        session.execute(update(Account).where(Account.id == cast.ids[name]).values(**values))


def told(page: Page) -> str:
    summary = page.tree.having("govuk-error-summary")
    assert len(summary) == 1
    return summary[0].text


def test_whatever_was_wrong_is_told_in_the_same_words(cast: Cast, checks: list[str | None]) -> None:
    change(cast, "planner", is_enabled=False)
    change(cast, "office", locked_until=clock.now() + timedelta(minutes=10))
    answers, verified = set(), []
    for username, password in (
        ("worker", WRONG),
        ("nobody-at-all", PASSWORD),
        ("planner", PASSWORD),
        ("office", PASSWORD),
    ):
        checks.clear()
        page = try_in(new_browser(cast), username, password)
        answers.add((told(page), page.heading))
        verified.append(len(checks))
    assert len(answers) == 1
    assert verified == [1, 1, 1, 1]


def test_the_right_password_lets_in_with_one_comparison(
    stranger: Browser, checks: list[str | None]
) -> None:
    page = try_in(stranger, "worker", PASSWORD, status=200)
    assert page.path == "/"
    assert len(checks) == 1


def test_the_typed_password_is_never_shown_again(stranger: Browser) -> None:
    page = try_in(stranger, "worker", WRONG)
    assert WRONG not in page.response.text


def test_five_failures_lock_for_a_quarter_of_an_hour(cast: Cast) -> None:
    for _ in range(5):
        try_in(new_browser(cast), "worker", WRONG)
    try_in(new_browser(cast), "worker", PASSWORD)
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert try_in(new_browser(cast), "worker", PASSWORD, status=200).path == "/"


def test_the_log_keeps_attempts_but_not_what_was_typed(cast: Cast, stranger: Browser) -> None:
    try_in(stranger, "worker", WRONG)
    try_in(stranger, "no such person", WRONG)
    with cast.acting():
        refused = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.action == Action.SIGN_IN_REFUSED)
            .order_by(AuditEntry.at)
        ).all()
        assert [entry.subject_id for entry in refused] == [cast.ids["worker"], None]
        assert {entry.outcome for entry in refused} == {Outcome.REFUSED}
        assert all(b"no such person" not in entry.leaf for entry in refused)


def test_missing_input_is_named(stranger: Browser) -> None:
    page = stranger.get("/sign-in").submit(username="", password="", status=422)
    assert set(page.errors) == {"username", "password"}


def test_a_planted_session_is_worth_nothing_after_sign_in(cast: Cast, stranger: Browser) -> None:
    stranger.get("/sign-in")
    planted = cookie_of(stranger)
    try_in(stranger, "worker", PASSWORD, status=200)
    assert cookie_of(stranger) != planted
    attacker = new_browser(cast)
    attacker.client.set_cookie(COOKIE, planted, domain="localhost", secure=True)
    assert attacker.get("/").path == "/sign-in"


def test_signing_out_ends_the_session_on_the_server(cast: Cast) -> None:
    browser = cast.browser("worker")
    stolen = cookie_of(browser)
    page = sign_out(browser)
    assert page.path == "/sign-in"
    thief = new_browser(cast)
    thief.client.set_cookie(COOKIE, stolen, domain="localhost", secure=True)
    assert thief.get("/").path == "/sign-in"


def sign_out(browser: Browser) -> Page:
    page = browser.get("/")
    form = next(f for f in page.tree.all("form") if f["action"] == "/sign-out")
    return browser.open(form["action"], "POST", page.values(form))


def test_the_cookie_is_locked_to_this_host_and_hidden_from_scripts(stranger: Browser) -> None:
    page = stranger.get("/sign-in")
    (header,) = page.response.headers.getlist("Set-Cookie")
    name, *flags = (part.strip() for part in header.split(";"))
    assert name.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(flags)
    assert not any(flag.startswith(("Domain", "Expires", "Max-Age")) for flag in flags)


@pytest.mark.parametrize(
    ("minutes", "still_in"),
    [(9, True), (11, False)],
)
def test_a_session_ends_after_ten_idle_minutes(cast: Cast, minutes: int, still_in: bool) -> None:
    browser = cast.browser("worker")
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        assert (browser.get("/").path == "/") is still_in


def test_a_session_ends_after_eight_hours_however_busy(cast: Cast) -> None:
    browser = cast.browser("worker")
    start = clock.now()
    for minutes in range(9, 8 * 60, 9):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert browser.get("/").path == "/"
    with clock.frozen(start + timedelta(hours=8, minutes=1)):
        assert browser.get("/").path == "/sign-in"


def test_the_database_holds_only_the_hash_of_the_cookie(cast: Cast) -> None:
    secret = cookie_of(cast.browser("worker"))
    with cast.acting():
        rows = session.scalars(select(WebSession)).all()
        assert any(row.account_id == cast.ids["worker"] for row in rows)
        stored = session.execute(text("SELECT * FROM web_session")).all()
    for row in stored:
        for value in row:
            assert secret.encode() not in (
                value if isinstance(value, bytes) else str(value).encode()
            )
            assert value != sha256(secret.encode()).digest()  # not a bare hash either


def test_a_disabled_account_is_out_at_its_next_request(cast: Cast) -> None:
    browser = cast.browser("worker")
    change(cast, "worker", is_enabled=False)
    assert browser.get("/").path == "/sign-in"
