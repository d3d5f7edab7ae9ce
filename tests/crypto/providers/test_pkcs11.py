"""SoftHSM for real: keys that cannot be taken out, PINs that are not tried to death."""

import subprocess
from collections.abc import Callable
from typing import Any

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, SealBroken
from casemgr.crypto.providers.pkcs11 import Pkcs11Provider
from casemgr.crypto.providers.pkcs11_token import Token
from tests.crypto.providers.conftest import CONTEXT, MODULE, PIN, SECRET, make_token

Made = Callable[..., Pkcs11Provider]


@pytest.fixture
def wrapped(pkcs11_provider: Made) -> bytes:
    pkcs11_provider().create()
    return pkcs11_provider().wrap(SECRET, CONTEXT)


def in_token(token: str, act: Callable[[pkcs11.Session], Any]) -> Any:
    found = Token(MODULE, token, str).found()
    with found.open(user_pin=PIN, rw=True) as session:
        return act(session)


@pytest.mark.usefixtures("wrapped")
def test_the_key_cannot_be_taken_out(token: str) -> None:
    def look(session: pkcs11.Session) -> None:
        (key,) = list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY}))
        facts: Any = key
        assert facts[Attribute.LABEL] == "casemgr-1"
        assert facts[Attribute.VALUE_LEN] == 32
        for name in (Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE):
            assert facts[name] is True, name
        for name in (Attribute.EXTRACTABLE, Attribute.WRAP, Attribute.UNWRAP, Attribute.DERIVE):
            assert facts[name] is False, name
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = facts[Attribute.VALUE]

    in_token(token, look)


@pytest.mark.parametrize(
    "attributes", [{Attribute.EXTRACTABLE: True}, {Attribute.SENSITIVE: False}], ids=str
)
def test_a_key_that_could_be_taken_out_is_refused(
    token: str, pkcs11_provider: Made, attributes: dict[Attribute, bool]
) -> None:
    in_token(
        token,
        lambda session: session.generate_key(
            KeyType.AES, 256, label="casemgr-1", store=True, template=attributes
        ),
    )
    with pytest.raises(KeyProviderRefused, match="taken out"):
        pkcs11_provider().wrap(SECRET, CONTEXT)


def test_two_keys_of_one_number_are_refused(
    token: str, pkcs11_provider: Made, wrapped: bytes
) -> None:
    in_token(
        token,
        lambda session: session.generate_key(
            KeyType.AES,
            256,
            label="casemgr-1",
            store=True,
            template={Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True},
        ),
    )
    with pytest.raises(KeyProviderRefused, match="two keys"):
        pkcs11_provider().unwrap(wrapped, CONTEXT)


@pytest.mark.usefixtures("wrapped")
def test_keys_of_others_in_the_token_are_left_alone(token: str, pkcs11_provider: Made) -> None:
    others = ("casemgr", "casemgr-x", "casemgr-1b", "xcasemgr-9", "casemgr-01", "casemgr.1")

    def make_others(session: pkcs11.Session) -> None:
        for label in others:
            session.generate_key(KeyType.AES, 256, label=label, store=True)

    in_token(token, make_others)
    provider = pkcs11_provider()
    assert provider.root_name() == "pkcs11:1"
    provider.renew()
    provider.destroy("pkcs11:1")
    labels = in_token(
        token, lambda s: {o[Attribute.LABEL] for o in s.get_objects({Attribute.PRIVATE: True})}
    )
    assert labels == {*others, "casemgr-2"}


def test_another_label_has_roots_of_its_own(pkcs11_provider: Made, wrapped: bytes) -> None:
    with pytest.raises(KeyProviderDown, match="no such key"):
        pkcs11_provider(label="elsewhere").root_name()
    pkcs11_provider(label="elsewhere").create()
    with pytest.raises(SealBroken):
        pkcs11_provider(label="elsewhere").unwrap(wrapped, CONTEXT)


def test_a_wrong_pin_is_tried_once(token: str, wrapped: bytes) -> None:
    """A token locks itself after a few; eight requests a second must not do that for us."""
    pins, asked = ["0000"], [0]

    def ask() -> str:
        asked[0] += 1
        return pins[-1]

    provider = Pkcs11Provider(MODULE, {"token": token, "label": "casemgr"}, ask)
    with pytest.raises(KeyProviderRefused, match="PIN is wrong"):
        provider.root_name()
    for _ in range(12):
        with pytest.raises(KeyProviderRefused, match="not tried again"):
            provider.unwrap(wrapped, CONTEXT)
    assert asked == [13], "the file is read each time, the token is not troubled"
    pins.append(PIN + "\n")
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


@pytest.mark.parametrize("label", ["elsewhere", "t"])
def test_a_token_that_is_not_there(pkcs11_provider: Made, label: str) -> None:
    with pytest.raises(KeyProviderDown, match="does not answer"):
        pkcs11_provider(token=label).root_name()


def test_a_module_that_is_not_there(token: str) -> None:
    provider = Pkcs11Provider("/nowhere/module.so", {"token": token, "label": "x"}, lambda: PIN)
    for act in (provider.root_name, lambda: provider.wrap(SECRET, CONTEXT)):
        with pytest.raises(KeyProviderDown, match="does not answer"):
            act()


def test_a_token_that_is_put_in_later_is_found(token: str, pkcs11_provider: Made) -> None:
    late = "late-" + token[:20]
    provider = pkcs11_provider(token=late)
    with pytest.raises(KeyProviderDown):
        provider.create()
    make_token(late)
    assert provider.create() == "pkcs11:1"


def test_a_token_pulled_out_is_down(token: str, pkcs11_provider: Made, wrapped: bytes) -> None:
    provider = pkcs11_provider()
    assert provider.unwrap(wrapped, CONTEXT) == SECRET
    subprocess.run(["softhsm2-util", "--delete-token", "--token", token], check=True)
    with pytest.raises(KeyProviderDown):
        provider.unwrap(wrapped, CONTEXT)
    make_token(token)
    with pytest.raises(KeyProviderDown, match="no such key"):
        provider.unwrap(wrapped, CONTEXT)


def test_a_module_in_trouble_is_down_not_broken(
    pkcs11_provider: Made, wrapped: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules say "general error" of a tag that does not fit and of their own failure alike."""
    from casemgr.crypto.providers import pkcs11 as module

    def failing(*_: object) -> bytes:
        raise pkcs11.GeneralError

    monkeypatch.setattr(module, "_encrypt", failing)
    altered = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    with pytest.raises(KeyProviderDown, match="does not answer"):
        pkcs11_provider().unwrap(altered, CONTEXT)
