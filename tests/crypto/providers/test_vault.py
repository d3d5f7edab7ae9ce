"""Vault's transit engine, asked over HTTP as its documents say, and all the ways it can refuse."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, SealBroken
from casemgr.crypto.providers.vault import VaultProvider
from tests.crypto.providers.conftest import CONTEXT, SECRET
from tests.crypto.vault_stub import TOKEN, VaultStub

pytestmark = pytest.mark.server
Made = Callable[..., VaultProvider]


@pytest.fixture
def wrapped(vault_provider: Made) -> bytes:
    vault_provider().create()
    return vault_provider().wrap(SECRET, CONTEXT)


def down(provider: VaultProvider, wrapped: bytes, why: str) -> None:
    """Nothing opens, nothing is wrapped, and it is never a broken seal."""
    for act in (
        lambda: provider.unwrap(wrapped, CONTEXT),
        lambda: provider.wrap(SECRET, CONTEXT),
        provider.root_name,
        provider.renew,
    ):
        with pytest.raises(KeyProviderDown, match=why):
            act()


def test_the_token_travels_in_the_header_alone(
    vault_provider: Made, vault: VaultStub, wrapped: bytes
) -> None:
    vault_provider().unwrap(wrapped, CONTEXT)
    for _, path, headers in vault.seen:
        assert headers["X-Vault-Token"] == TOKEN
        assert headers["X-Vault-Request"] == "true"
        assert TOKEN not in path
    assert {path for _, path, _ in vault.seen} == {
        "/v1/transit/keys/casemgr",
        "/v1/transit/encrypt/casemgr",
        "/v1/transit/decrypt/casemgr",
    }


def test_the_key_is_made_so_that_it_stays_there(vault: VaultStub, vault_provider: Made) -> None:
    vault_provider().create()
    assert vault.keys["casemgr"].settings == {"exportable": False, "allow_plaintext_backup": False}


def test_a_sealed_vault_is_down_and_comes_back(
    vault_provider: Made, vault: VaultStub, wrapped: bytes
) -> None:
    provider = vault_provider()
    vault.is_sealed = True
    down(provider, wrapped, "sealed")
    vault.is_sealed = False
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_a_wrong_token_is_denied_and_a_renewed_one_is_read(
    vault: VaultStub, wrapped: bytes
) -> None:
    tokens = ["expired"]
    provider = VaultProvider(f"{vault.url}/transit/casemgr", {}, lambda: tokens[-1])
    down(provider, wrapped, "denies")
    tokens.append(TOKEN + "\n")
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_a_policy_that_denies_one_act(
    vault: VaultStub, vault_provider: Made, wrapped: bytes
) -> None:
    vault.denied = {"POST decrypt"}
    with pytest.raises(KeyProviderDown, match="denies"):
        vault_provider().unwrap(wrapped, CONTEXT)
    vault.denied = {"POST keys/trim"}
    vault_provider().renew()
    with pytest.raises(KeyProviderDown, match="denies"):
        vault_provider().destroy("vault:v1")
    vault.denied = set()
    assert vault_provider().destroy("vault:v1").is_final, "a half way destruction goes on"


def test_another_key_is_missing_not_broken(vault_provider: Made, wrapped: bytes) -> None:
    with pytest.raises(KeyProviderDown, match="no such key"):
        vault_provider(key="mistyped").unwrap(wrapped, CONTEXT)
    with pytest.raises(KeyProviderDown, match="no such key"):
        vault_provider(key="mistyped").root_name()


def test_a_slow_vault_is_not_waited_for(
    vault: VaultStub, vault_provider: Made, wrapped: bytes
) -> None:
    vault.delay = 0.6
    with pytest.raises(KeyProviderDown, match="does not answer"):
        vault_provider(timeout=(0.2, 0.2)).unwrap(wrapped, CONTEXT)


def test_nobody_at_that_address(wrapped: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    provider = VaultProvider(f"http://127.0.0.1:{port}/transit/casemgr", {}, lambda: TOKEN)
    down(provider, wrapped, "does not answer")


def test_a_redirect_is_not_followed_with_our_token(
    vault: VaultStub, vault_provider: Made, wrapped: bytes
) -> None:
    asked = len(vault.seen)
    vault.redirect_to = vault.url.replace("127.0.0.1", "localhost")
    down(vault_provider(), wrapped, "not what its documents say")
    assert len(vault.seen) == asked + 4


@pytest.mark.parametrize("answer", [b"", b"hello", b"{}", b'{"data": {}}', b'{"data": null}'])
def test_an_odd_answer_is_down(
    vault: VaultStub, vault_provider: Made, wrapped: bytes, answer: bytes
) -> None:
    vault.answer = answer
    down(vault_provider(), wrapped, "not what its documents say")


def test_the_environment_sends_nobody_astray(
    vault_provider: Made, wrapped: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies, addresses and tokens of the environment are not the settings (I6)."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "VAULT_ADDR"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
    monkeypatch.setenv("VAULT_TOKEN", "from the environment")
    assert vault_provider().unwrap(wrapped, CONTEXT) == SECRET


def test_a_certificate_of_its_own_authority_is_demanded(wrapped: bytes, tmp_path: Path) -> None:
    """The file named by ?ca= is what the connection is checked against: a missing one is down."""
    options = {"ca": str(tmp_path / "missing.pem")}
    provider = VaultProvider("https://127.0.0.1:9/transit/casemgr", options, lambda: TOKEN)
    with pytest.raises(KeyProviderDown, match="does not answer"):
        provider.unwrap(wrapped, CONTEXT)


@pytest.mark.usefixtures("wrapped")
def test_destruction_trims_and_keeps_what_is_newer(vault: VaultStub, vault_provider: Made) -> None:
    provider = vault_provider()
    provider.renew()
    second = provider.wrap(SECRET, CONTEXT)
    provider.renew()
    provider.destroy("vault:v1")
    key = vault.keys["casemgr"]
    assert sorted(key.versions) == [2, 3]
    assert (key.min_available, key.min_decryption, key.min_encryption) == (2, 2, 2)
    assert provider.unwrap(second, CONTEXT) == SECRET
    asked = len(vault.seen)
    provider.destroy("vault:v1")
    assert [method for method, _, _ in vault.seen[asked:]] == ["GET"], "nothing left to do"


@pytest.mark.usefixtures("wrapped")
def test_a_key_is_not_made_twice(vault_provider: Made) -> None:
    with pytest.raises(KeyProviderRefused, match="exists"):
        vault_provider().create()
    with pytest.raises(SealBroken):
        vault_provider().root_of(b"\x11vault:v0:AAAA")
