"""Roots under a passphrase: the file alone opens nothing, and a wrong passphrase says so."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, SealBroken
from casemgr.crypto.providers import provider_for
from casemgr.crypto.providers.passphrase import PassphraseProvider
from casemgr.crypto.providers.passphrase_root import COST
from tests.crypto.providers.conftest import CHEAP, CONTEXT, PASSPHRASE, SECRET


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "provider" / "root.key"
    PassphraseProvider(str(path), lambda: PASSPHRASE, cost=CHEAP).create()
    return path


def answering(path: Path, *answers: str) -> tuple[PassphraseProvider, list[str]]:
    """A provider whose person gives these answers in turn, and what was not asked for yet."""
    left = list(answers)
    return PassphraseProvider(str(path), lambda: left.pop(0), cost=CHEAP), left


def test_the_cost_of_a_guess_is_what_was_measured() -> None:
    """Encryption.md §6: t = 3, m = 256 MiB, p = 2; above the second choice of RFC 9106 §4."""
    assert COST == (3, 256 * 1024, 2)


def test_the_layout_is_read_by_an_independent_reader(path: Path) -> None:
    (line,) = path.read_text().splitlines()
    root = json.loads(line)
    cost, wrapped = root["argon2id"], bytes.fromhex(root["wrapped"])
    assert len(bytes.fromhex(cost["salt"])) == 16
    guard = Argon2id(
        salt=bytes.fromhex(cost["salt"]),
        length=32,
        iterations=cost["iterations"],
        lanes=cost["lanes"],
        memory_cost=cost["memory_kib"],
    ).derive(PASSPHRASE.encode())
    assert wrapped[:5] == b"\x01\x00\x00\x00\x01"
    bound = b"\x00\x0dprovider root\x00\x04\x00\x00\x00\x01"
    key = AESGCM(guard).decrypt(wrapped[5:17], wrapped[17:], bound)
    facility = answering(path, PASSPHRASE)[0].wrap(SECRET, CONTEXT)
    assert AESGCM(key).decrypt(facility[5:17], facility[17:], CONTEXT) == SECRET


def test_the_file_says_what_it_cost(path: Path) -> None:
    """A file made with other parameters opens: they stand in it."""
    provider = PassphraseProvider(str(path), lambda: PASSPHRASE)  # today's cost
    assert provider.wrap(SECRET, CONTEXT)
    assert json.loads(path.read_text())["argon2id"]["memory_kib"] == CHEAP.memory_kib


def test_a_wrong_passphrase_is_no_broken_seal(path: Path) -> None:
    wrapped = answering(path, PASSPHRASE)[0].wrap(SECRET, CONTEXT)
    provider, _ = answering(path, "a wrong passphrase", "", PASSPHRASE)
    for _ in range(2):
        with pytest.raises(KeyProviderRefused, match="passphrase does not open"):
            provider.unwrap(wrapped, CONTEXT)
    assert provider.unwrap(wrapped, CONTEXT) == SECRET, "it recovers with the right one"


def test_the_passphrase_is_asked_once_per_root(path: Path) -> None:
    provider, left = answering(path, PASSPHRASE, "never asked for")
    for _ in range(3):
        provider.unwrap(provider.wrap(SECRET, CONTEXT), CONTEXT)
    assert left == ["never asked for"]


def test_names_and_destruction_need_no_passphrase(path: Path) -> None:
    assert answering(path, PASSPHRASE)[0].renew() == "passphrase:2"
    provider, _ = answering(path)
    assert provider.root_name() == "passphrase:2"
    assert provider.destroy("passphrase:1").is_final


def test_composed_and_decomposed_letters_are_one_passphrase(path: Path) -> None:
    typed = "  " + normalize("NFD", PASSPHRASE) + "\n"
    assert typed.strip() != PASSPHRASE
    answering(path, typed)[0].unlock()


def test_a_renewal_keeps_the_passphrase(path: Path) -> None:
    with pytest.raises(KeyProviderRefused, match="does not open"):
        answering(path, "another passphrase altogether")[0].renew()
    assert len(path.read_text().splitlines()) == 1
    salts = {
        root["argon2id"]["salt"] for root in _roots(path, answering(path, PASSPHRASE)[0].renew)
    }
    assert len(salts) == 2


def _roots(path: Path, act: Callable[[], object]) -> list[dict[str, dict[str, str]]]:
    act()
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [("short", "short", "at least 16"), (PASSPHRASE, PASSPHRASE + "x", "differ")],
)
def test_a_new_passphrase_is_long_and_typed_twice(
    tmp_path: Path, first: str, second: str, why: str
) -> None:
    path = tmp_path / "provider" / "root.key"
    with pytest.raises(KeyProviderRefused, match=why):
        answering(path, first, second)[0].create()
    assert not path.exists()


@pytest.mark.parametrize(
    "damage",
    [
        {"wrapped": "zz"},
        {"wrapped": None},
        {"argon2id": {}},
        {"argon2id": {"salt": "00" * 16, "iterations": 0, "memory_kib": 64, "lanes": 1}},
        {"argon2id": {"salt": "00", "iterations": 1, "memory_kib": 64, "lanes": 1}},
    ],
)
def test_a_damaged_file_is_refused(path: Path, damage: dict[str, object]) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    with pytest.raises(KeyProviderRefused, match="damaged"):
        answering(path, PASSPHRASE)[0].unlock()


def test_a_root_moved_to_another_number_does_not_open(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"number": 2}))
    with pytest.raises(KeyProviderRefused):
        answering(path, PASSPHRASE)[0].unlock()


def test_a_root_destroyed_elsewhere_leaves_this_process(path: Path) -> None:
    web, _ = answering(path, PASSPHRASE)
    wrapped = web.wrap(SECRET, CONTEXT)
    command, _ = answering(path, PASSPHRASE)
    command.renew()
    command.destroy("passphrase:1")
    with pytest.raises(SealBroken):
        web.unwrap(wrapped, CONTEXT)


def test_requests_at_once_ask_once(path: Path) -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        time.sleep(0.05)
        return PASSPHRASE

    provider = PassphraseProvider(str(path), ask, cost=CHEAP)
    threads = [threading.Thread(target=provider.wrap, args=(SECRET, CONTEXT)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1


def test_nobody_to_ask_is_down(path: Path) -> None:
    with pytest.raises(KeyProviderDown, match="nobody can be asked"):
        provider_for(f"passphrase:{path}").wrap(SECRET, CONTEXT)
