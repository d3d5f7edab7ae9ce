"""Damaged sets, and what no set may hold: words, keys, or anything in the clear beside them."""

import gzip
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask

from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.key_store_schema import data_key
from config import Settings
from tests.backup.scene import done, open_case, refused, run, set_of
from tests.cast import Cast
from tests.house.hospital import Hospital, found

Harm = Callable[[bytes, bytes], bytes]


def _body(raw: bytes) -> int:
    """Where the stream begins: behind three parts with their lengths (FORMAT.md)."""
    at = 5
    for _ in range(3):
        at += 2 + int.from_bytes(raw[at : at + 2], "big")
    return at


HARMS: dict[str, Harm] = {
    "empty": lambda _raw, _other: b"",
    "cut in its header": lambda raw, _other: raw[:40],
    "cut at its end": lambda raw, _other: raw[:-1],
    "cut at its last chunk": lambda raw, _other: raw[: _body(raw) + 21],
    "longer": lambda raw, _other: raw + b"\0",
    "a byte of the header": lambda raw, _other: re.sub(
        rb'"revision":"\d+"', b'"revision":"0001"', raw
    ),
    "a byte of the end": lambda raw, _other: raw[:-1] + bytes([raw[-1] ^ 1]),
    "the header of another": lambda raw, other: other[: _body(other)] + raw[_body(raw) :],
    "the chunks of another": lambda raw, other: raw[: _body(raw) + 21] + other[_body(other) + 21 :],
    "another file altogether": lambda _raw, _other: gzip.compress(b"casemgr"),
}


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
@pytest.mark.usefixtures("cast")
def test_a_damaged_set_is_refused_with_one_clear_line(
    app: Flask, folder: Path, tmp_path: Path, harm: Harm
) -> None:
    done(app, "backup", "create", folder)
    done(app, "backup", "create", tmp_path / "again")
    whole, other = (set_of(place, "main") for place in (folder, tmp_path / "again"))
    harmed = tmp_path / "casemgr-main-harmed.cmgb"
    harmed.write_bytes(harm(whole.read_bytes(), other.read_bytes()))
    assert harmed.read_bytes() != whole.read_bytes()
    line = "casemgr-main-harmed.cmgb: damaged, or no set of this hospital: it does not open"
    code, said = run(app, "backup", "verify", harmed)
    assert (code, said) == (1, f"{line}\n")
    assert run(app, "backup", "verify", whole)[0] == 0
    said = refused(app, "backup", "restore", harmed, "--into", "main")
    assert line in said or "not empty" in said


@pytest.mark.usefixtures("cast")
def test_a_set_of_another_hospital_does_not_open(
    app: Flask, folder: Path, settings: Settings
) -> None:
    done(app, "backup", "create", folder)
    root = Path(settings.key_provider.removeprefix("file:"))
    root.unlink()
    from casemgr.crypto.providers.file import create_root

    create_root(root)
    code, said = run(app, "backup", "verify", set_of(folder, "keys"))
    assert code == 1
    assert "it does not open (or its root file:1 was destroyed)" in said


@pytest.fixture
def hospital(cast: Cast) -> Hospital:
    return found(cast)


def test_no_word_stands_in_any_set_nor_anywhere_around(
    app: Flask, hospital: Hospital, folder: Path, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    done(app, "backup", "create", folder)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path not in before]
    assert {path.parent for path in left} == {folder}
    words = hospital.all_words()
    for path in left:
        content = path.read_bytes()
        assert not [word for word in words if word.encode() in content], path.name
        assert hospital.code("case").encode() not in content, "nor what is public in the database"


def test_what_is_inside_holds_no_word_either_and_no_wrapped_key(
    app: Flask, hospital: Hospital, folder: Path
) -> None:
    """Whoever opens the main set finds sealed values: their keys are in another set."""
    done(app, "backup", "create", folder)
    main, keys = (inside(app, set_of(folder, kind)) for kind in ("main", "keys"))
    assert spelt(hospital.code("case").encode(), main), "the code is public: we can read this"
    assert not [word for word in hospital.all_words() if spelt(word.encode(), main)]
    store: KeyStore = app.extensions["keyring"].store
    with store.reading() as connection:
        wrapped = [row.wrapped for row in connection.execute(data_key.select())]
    assert len(wrapped) > 5
    assert all(spelt(each, keys) for each in wrapped), "the search finds what is there"
    assert not [each for each in wrapped if spelt(each, main)]


def inside(app: Flask, path: Path) -> bytes:
    """The plain bytes of a set, and of pg_dump's compressed blocks in it."""
    from casemgr.crypto.backup_set import read_set
    from casemgr.work import backup_sets

    with app.app_context(), path.open("rb") as file:
        plain = b"".join(backup_sets.parts_of(read_set(file), app.extensions["keyring"]))
    return plain + b"".join(_inflated(plain))


def _inflated(plain: bytes) -> list[bytes]:
    blocks, at = [], plain.find(b"\x78\x01")
    while at >= 0:
        with suppress(zlib.error):
            blocks.append(zlib.decompressobj().decompress(plain[at:]))
        at = plain.find(b"\x78\x01", at + 1)
    return blocks


def spelt(value: bytes, content: bytes) -> bool:
    """As it is, or in the hexadecimal digits that both databases write bytes in."""
    digits = value.hex().encode()
    return value in content or digits in content or digits.upper() in content


def test_a_word_in_the_clear_would_be_found(app: Flask, cast: Cast, folder: Path) -> None:
    from casemgr.cases.models import Case
    from casemgr.db import session

    case_id = open_case(cast)
    with cast.planting():
        session.get_one(Case, case_id).code_name = "canaryClear"
    done(app, "backup", "create", folder)
    assert spelt(b"canaryClear", inside(app, set_of(folder, "main")))
