"""Nothing key-like leaves the process: no log, repr, traceback, pickle, copy, template, core dump.

The bytes of every key that is made or opened are noted by the test; they are then searched for, in
every way in which Python shows bytes, in what a failure prints with the variables of its frames.
"""

import copy
import importlib
import inspect
import logging
import pickle
import pkgutil
import resource
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import flask
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from casemgr.crypto import envelope, making, providers
from casemgr.crypto.errors import KeyProviderDown, SealBroken
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.open_keys import OpenedKey, OpenKeys
from casemgr.crypto.providers import KeyProvider
from casemgr.crypto.providers.watched import Watched
from casemgr.crypto.secret import KeptInside, Secret
from casemgr.db import session
from tests.cast import Cast
from tests.house.hospital import Hospital

OWNER = uuid4()
DEPTH = 5


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> set[bytes]:
    """Every key that AES-GCM is given from now on, and every secret that is held."""
    seen: set[bytes] = set()
    real_gcm, real_init = AESGCM, Secret.__init__

    def gcm(key: bytes) -> AESGCM:
        seen.add(bytes(key))
        return real_gcm(key)

    def init(self: Secret, revealed: bytes) -> None:
        seen.add(revealed)
        real_init(self, revealed)

    from casemgr.crypto import keyring
    from casemgr.crypto.providers import file

    for module in (making, keyring, file):
        monkeypatch.setattr(module, "AESGCM", gcm)
    monkeypatch.setattr(Secret, "__init__", init)
    return seen


def shown(keys: set[bytes], words: str) -> list[str]:
    """Keys that stand in these words, as a repr, in hexadecimal, or in part."""
    found = []
    for key in keys:
        forms = (repr(key)[2:-1], repr(key[:8])[2:-1], key.hex(), key.hex()[:16])
        if any(form in words for form in forms):
            found.append(key.hex()[:4])
    return found


def printed(act: Callable[[], object]) -> str:
    """What a failure prints at its worst: every frame with its variables, causes included."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is only printed
        return "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    raise AssertionError("it did not fail")


def holders(ring: Keyring, facility_id: Any) -> list[KeptInside]:
    """One of everything that holds a key."""
    (key,) = ring.new_keys(facility_id, OWNER, ["SOCIAL"], [uuid4()])
    keys = OpenKeys()
    keys.add(key)
    return [key, keys, ring, Secret(b"k" * 32), ring.provider]


def test_what_holds_a_key_says_nothing_and_goes_nowhere(cast: Cast, known: set[bytes]) -> None:
    for holder in holders(cast.app.extensions["keyring"], cast.facility_id):
        assert not shown(known, f"{holder!r} {holder!s} {holder}")
        for take in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="stays in its process"):
                take(holder)
        with pytest.raises(TypeError):
            vars(pickle.loads(pickle.dumps([holder])))  # noqa: S301 - our own bytes


def test_every_holder_of_a_key_is_held_in(cast: Cast) -> None:
    """A class of the key code whose instances carry a key or a cipher is a KeptInside."""
    seen = {type(holder) for holder in holders(cast.app.extensions["keyring"], cast.facility_id)}
    assert seen == {OpenedKey, OpenKeys, Keyring, Secret, Watched}
    assert all(issubclass(kind, KeptInside) for kind in seen)


def test_every_provider_is_held_in() -> None:
    """What guards the facility keys holds roots, passphrases, tokens or sessions of its own."""
    guards = [
        importlib.import_module(info.name)
        for info in pkgutil.iter_modules(providers.__path__, providers.__name__ + ".")
    ]
    found = {
        kind
        for module in guards
        for name, kind in vars(module).items()
        if inspect.isclass(kind)
        and kind.__module__ == module.__name__
        and hasattr(kind, "unwrap")
        and kind is not KeyProvider
    }
    assert len(found) > 5
    assert all(issubclass(kind, KeptInside) for kind in found)


def test_a_failure_shows_no_key(
    cast: Cast, known: set[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way in which making, opening, wrapping and sealing can fail in the middle."""
    facility = cast.facility_id
    ring = Keyring(cast.app.extensions["keyring"].store, cast.app.extensions["keyring"].provider)
    (first,) = ring.new_keys(facility, OWNER, ["SOCIAL"], [uuid4()])
    (row,) = ring.store.fetch([first.id])
    number, wrong = row.facility_key, bytes(32)
    cipher = ring.facility_cipher(facility, "data", number)
    (key,) = [k for k in ring.store.facility_keys() if k.purpose == "data"]

    def away(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception())

    def down(*_: object, **__: object) -> None:
        raise KeyProviderDown("away")

    def altered(**facts: Any) -> Any:
        return row._replace(**facts)

    acts: list[Callable[[], object]] = [
        lambda: making.open_data_key(cipher, altered(commitment=wrong)),
        lambda: making.open_data_key(cipher, altered(wrapped=b"\x01" + bytes(64))),
        lambda: making.rewrap_data_key(cipher, cipher, 2, altered(commitment=wrong)),
        lambda: making.check_facility_key(
            altered_key(key), making.open_facility_key(ring.provider, key)
        ),
        lambda: ring.unwrap(facility, "backup", b"\x01" + bytes(64), b""),
        lambda: ring.unwrap(facility, "data", row.wrapped, b"elsewhere"),
        lambda: envelope.unseal(first.cipher, envelope.seal(first.cipher, 1, b"", b"a"), b"b"),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "add_pending", away)
        patch.setattr(KeyStore, "add_facility_key", away)
        words = printed(lambda: ring.new_keys(facility, OWNER, ["LEGAL"], [uuid4()]))
        words += printed(
            lambda: making.make_facility_key(ring.store, ring.provider, uuid4(), "tag")
        )
    with monkeypatch.context() as patch:
        patch.setattr(type(ring.provider), "wrap", down)
        words += printed(
            lambda: making.make_facility_key(ring.store, ring.provider, uuid4(), "tag")
        )
    words += "".join(map(printed, acts))
    assert len(known) > 5
    assert not shown(known, words), [line for line in words.splitlines() if shown(known, line)]


def altered_key(key: Any) -> Any:

    return replace(key, commitment=bytes(32))


def test_a_key_in_a_frame_is_found(known: set[bytes]) -> None:
    def careless() -> None:
        secret = b"careless" * 4
        known.add(secret)
        raise SealBroken

    assert shown(known, printed(careless))


def test_no_key_is_logged(
    hospital: Hospital, known: set[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    """Pages, failures and commands, with everything logged that anybody logs."""
    app, store = hospital.cast.app, hospital.cast.app.extensions["keyring"].store
    app.extensions["keyring"] = Keyring(store, app.extensions["keyring"].provider)
    with caplog.at_level(logging.DEBUG):
        worker = hospital.cast.browser("worker")
        worker.get(f"/cases/{hospital.ids['case']}")
        for command in ("rotate", "close-epoch", "verify", "status"):
            printed_lines = app.test_cli_runner().invoke(args=["keys", command]).output
            assert not shown(known, printed_lines)
        with store.writing() as connection:
            connection.execute(text("UPDATE data_key SET commitment = :c"), {"c": bytes(32)})
        with suppress(Exception):
            worker.get(f"/cases/{hospital.ids['case']}")
    assert known
    assert not shown(known, caplog.text)


def test_no_template_reaches_a_key(hospital: Hospital) -> None:
    """Nothing that a page was given leads to a key by any name that a template could write."""
    app = hospital.cast.app
    reached: list[str] = []

    def look(_app: Flask, template: Any, context: dict[str, Any], **_: Any) -> None:
        given = {**app.jinja_env.globals, **context}
        reached.extend(f"{template.name}: {path}" for path in _paths(given))

    worker = hospital.cast.browser("worker")
    with flask.template_rendered.connected_to(look, app):
        worker.get(f"/cases/{hospital.ids['case']}")
        worker.get("/cases/")
    assert not reached


def test_a_key_given_to_a_template_is_found() -> None:
    class Row:
        def __init__(self) -> None:
            self.inner = {"list": [Secret(bytes(32))]}

    assert list(_paths({"row": Row()})) == ["row.inner.list.0"]


def _paths(given: dict[str, Any]) -> Iterator[str]:
    seen: set[int] = set()

    def walk(path: str, thing: Any, depth: int) -> Iterator[str]:
        if isinstance(thing, KeptInside):
            yield path
        if depth == 0 or id(thing) in seen or isinstance(thing, str | bytes | int | type):
            return
        seen.add(id(thing))
        for name, inner in _inside(thing):
            yield from walk(f"{path}.{name}", inner, depth - 1)

    for name, thing in given.items():
        yield from walk(name, thing, DEPTH)


def _inside(thing: Any) -> list[tuple[str, Any]]:
    if isinstance(thing, dict):
        return [(str(name), inner) for name, inner in thing.items()]
    if isinstance(thing, list | tuple | set | frozenset):
        return [(str(number), inner) for number, inner in enumerate(thing)]
    attributes = getattr(thing, "__dict__", {})
    return [(name, inner) for name, inner in attributes.items() if not name.startswith("_")]


def test_the_keys_of_a_request_end_with_it(cast: Cast) -> None:
    with cast.app.app_context():
        keys: OpenKeys = session.info["open_keys"]
        (key,) = cast.app.extensions["keyring"].new_keys(
            cast.facility_id, OWNER, ["SOCIAL"], [uuid4()]
        )
        keys.add(key)
        assert keys.has_key(OWNER, "SOCIAL")
        session.remove()
    assert not keys.is_open(OWNER, "SOCIAL")


@pytest.mark.usefixtures("app")
def test_a_process_that_dies_leaves_no_image_of_its_memory() -> None:
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
