"""The key of the log: private, apart from the database, rotated with a doubly signed head."""

import base64
import hashlib
import json
import pickle
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from casemgr.audit.outside.note import Head, NoteBroken, parse_vkey, read_note
from casemgr.audit.signing import LogKey
from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused
from tests.audit.reading import signers

TEXT = Head("so.benhvien.example/log", 7, bytes(range(32))).text


@pytest.fixture
def key(tmp_path: Path) -> LogKey:
    key = LogKey(f"file:{tmp_path / 'log' / 'log.key'}", "so.benhvien.example")
    key.create()
    return key


def test_the_text_is_what_c2sp_says() -> None:
    root = base64.b64encode(bytes(range(32))).decode()
    assert f"so.benhvien.example/log\n7\n{root}\n" == TEXT


def test_a_signed_head_is_read_by_a_reader_of_its_own(key: LogKey) -> None:
    note = str(key.sign(TEXT, before=None))
    assert signers(note, [str(key.vkey())]) == [str(key.vkey())]
    assert note.startswith(TEXT + "\n— so.benhvien.example/log ")
    assert note == str(key.sign(TEXT, before=None)), "a retry gives the same note"


def test_the_public_key_is_written_as_c2sp_writes_it(key: LogKey) -> None:
    name, key_id, packed = str(key.vkey()).split("+", 2)
    raw = base64.b64decode(packed)
    assert (name, raw[0], len(raw)) == ("so.benhvien.example/log", 1, 33)
    assert hashlib.sha256(b"so.benhvien.example/log\n" + raw).hexdigest()[:8] == key_id
    assert parse_vkey(str(key.vkey())) == key.vkey()


def test_a_cosignature_covers_its_time(key: LogKey) -> None:
    line = key.cosign(TEXT, 1_793_000_000)
    public = base64.b64decode(str(key.witness_vkey()).split("+", 2)[2])
    assert public[0] == 4
    assert int.from_bytes(line.value[:8], "big") == 1_793_000_000
    witness = Ed25519PublicKey.from_public_bytes(public[1:])
    witness.verify(line.value[8:], f"cosignature/v1\ntime 1793000000\n{TEXT}".encode())
    with pytest.raises(InvalidSignature):
        witness.verify(line.value[8:], f"cosignature/v1\ntime 1793000001\n{TEXT}".encode())
    assert public[1:] != key.vkey().public, "cosigning has a key of its own"


def test_after_a_rotation_one_head_is_signed_by_both(key: LogKey) -> None:
    old, before = key.vkey(), key.sign(TEXT, before=None)
    witness = key.witness_vkey()
    new = key.rotate()
    assert new != old
    assert new.name == old.name
    text = TEXT.replace("\n7\n", "\n8\n")
    both = key.sign(text, before=before)
    assert signers(str(both), [str(old), str(new)]) == [str(new), str(old)]
    assert str(both) == str(key.sign(text, before=before)), "a retry gives the same note"
    key.finish_rotation(both)
    alone = key.sign(TEXT.replace("\n7\n", "\n9\n"), before=both)
    assert signers(str(alone), [str(old), str(new)]) == [str(new)]
    assert key.vkeys() == [new, old], "old notes can be read for ever"
    assert key.witness_vkey() == witness, "other hospitals need not be told"


def test_the_old_seed_is_wiped_only_when_the_new_key_is_known(key: LogKey) -> None:
    before = key.sign(TEXT, before=None)
    key.rotate()
    key.finish_rotation(before)
    assert [("key" in line) for line in _lines(key)] == [True, True]
    key.finish_rotation(key.sign(TEXT, before=before))
    assert [("key" in line) for line in _lines(key)] == [False, True]


def test_a_note_with_a_false_signature_of_ours_is_not_built_upon(key: LogKey) -> None:
    note = str(key.sign(TEXT, before=None))
    forged = read_note(note.replace("\n7\n", "\n6\n"))
    with pytest.raises(NoteBroken):
        key.sign(TEXT, before=forged)


def test_the_file_is_private_and_never_replaced(key: LogKey) -> None:
    assert key.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyProviderRefused, match="exists"):
        key.create()
    key.path.chmod(0o640)
    with pytest.raises(KeyProviderRefused, match="alone"):
        LogKey(f"file:{key.path}", "so.benhvien.example")


@pytest.mark.parametrize("database", ["main.sqlite", "below/main.sqlite"])
def test_beside_the_database_it_is_refused(tmp_path: Path, database: str) -> None:
    with pytest.raises(KeyProviderRefused, match="beside the database"):
        LogKey(f"file:{tmp_path / 'log.key'}", "host", [tmp_path / database])


def test_it_shows_nothing_and_stays_in_its_process(key: LogKey) -> None:
    seeds = [str(_lines(key)[0][part]) for part in ("key", "witness")]
    shown = f"{key!r} {key.vkey()!r} {key.__dict__!r}"
    assert not [seed for seed in seeds if seed in shown]
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.parametrize("content", ["", "x", '{"number": 1}', '{"number": 1, "name": "a"}'])
def test_a_damaged_file_signs_nothing(key: LogKey, content: str) -> None:
    key.path.write_text(content)
    with pytest.raises(KeyProviderDown):
        key.sign(TEXT, before=None)


def _lines(key: LogKey) -> list[dict[str, object]]:
    return [json.loads(line) for line in key.path.read_text().splitlines()]
