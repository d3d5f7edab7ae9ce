"""Proofs of RFC 6962 and signed notes as others published them, and the traps that they set."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casemgr.audit import verify
from casemgr.audit.verify import EMPTY_ROOT, NoteRefused, ProofRefused
from tests.plugins.vectors import Vectors

LEAF = verify.leaf_hash(b"")


def _hashes(case: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(case[name] or "") for name in names]


def _proof(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(each) for each in case["proof"] or ()]


def is_included(case: dict[str, Any]) -> bool:
    root, leaf = _hashes(case, "root", "leafHash")
    try:
        found = verify.root_from_inclusion(case["leafIdx"], case["treeSize"], leaf, _proof(case))
    except ProofRefused:
        return False
    return found == root


def is_consistent(case: dict[str, Any]) -> bool:
    old, new = _hashes(case, "root1", "root2")
    try:
        verify.verify_consistency(case["size1"], case["size2"], old, new, _proof(case))
    except ProofRefused:
        return False
    return True


def test_inclusion(vectors: Vectors) -> None:
    cases = vectors("inclusion.json", "cases")
    wrong = [case["file"] for case in cases if is_included(case) == case["wantErr"]]
    assert wrong == []


def test_consistency(vectors: Vectors) -> None:
    cases = vectors("consistency.json", "cases")
    wrong = [case["file"] for case in cases if is_consistent(case) == case["wantErr"]]
    assert wrong == []


def test_signed_notes(vectors: Vectors) -> None:
    for case in vectors("signed_note.json", "open"):
        keys = [verify.parse_key(key) for key in case["vkeys"]]
        try:
            note = verify.open_note(base64.b64decode(case["note_b64"]), keys)
            counted = (True, len(note.verified), len(note.unverified))
        except NoteRefused:
            counted = (False, 0, 0)
        assert counted == (case["ok"], case["verified"], case["unverified"]), case["desc"]


@pytest.mark.parametrize(
    ("index", "size", "leaf", "proof"),
    [
        pytest.param(0, 1, b"", [], id="a leaf hash is 32 bytes, the empty root none"),
        pytest.param(0, 1, LEAF[:31], [], id="31 bytes"),
        pytest.param(0, 0, LEAF, [], id="nothing is in an empty tree"),
        pytest.param(1, 1, LEAF, [], id="beside the tree"),
        pytest.param(-1, 1, LEAF, [], id="before the tree"),
        pytest.param(0, 1, LEAF, [LEAF], id="too long"),
        pytest.param(0, 2, LEAF, [], id="too short"),
        pytest.param(0, 2, LEAF, [b""], id="an empty hash"),
        pytest.param(2**64 - 1, 2**64 - 2, LEAF, [LEAF] * 64, id="past 64 bits"),
    ],
)
def test_what_is_no_inclusion_is_refused(
    index: int, size: int, leaf: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(ProofRefused):
        verify.root_from_inclusion(index, size, leaf, proof)


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "proof"),
    [
        pytest.param(0, 1, EMPTY_ROOT, LEAF, [], id="from nothing, whatever follows"),
        pytest.param(0, 0, EMPTY_ROOT, EMPTY_ROOT, [], id="from nothing to nothing"),
        pytest.param(2, 1, LEAF, LEAF, [], id="backwards"),
        pytest.param(1, 1, LEAF, EMPTY_ROOT, [], id="one size, two roots"),
        pytest.param(1, 1, LEAF, LEAF, [LEAF], id="a proof of nothing"),
        pytest.param(1, 2, LEAF, LEAF, [], id="nothing proven"),
        pytest.param(2, 3, b"", b"", [b""], id="roots that are none"),
    ],
)
def test_what_is_no_prefix_is_refused(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(ProofRefused):
        verify.verify_consistency(old, new, old_root, new_root, proof)


def _note(text: str, key: Ed25519PrivateKey, name: str, kind: int = 1, at: int = 0) -> bytes:
    """A signed note by the specification alone."""
    public = bytes([kind]) + key.public_key().public_bytes_raw()
    key_id = verify.sha256(name.encode() + b"\n" + public).digest()[:4]
    message, stamp = text.encode(), b""
    if kind == 4:
        stamp = at.to_bytes(8, "big")
        message = f"cosignature/v1\ntime {at}\n{text}".encode()
    signature = base64.b64encode(key_id + stamp + key.sign(message)).decode()
    return f"{text}\n\u2014 {name} {signature}\n".encode()


def _key(key: Ed25519PrivateKey, name: str, kind: int = 1) -> verify.Key:
    public = bytes([kind]) + key.public_key().public_bytes_raw()
    key_id = verify.sha256(name.encode() + b"\n" + public).hexdigest()[:8]
    return verify.parse_key(f"{name}+{key_id}+{base64.b64encode(public).decode()}")


def test_a_witness_adds_its_time() -> None:
    """C2SP tlog-cosignature: the time is signed before the text."""
    witness = Ed25519PrivateKey.generate()
    note = _note("log\n1\n", witness, "witness.example", kind=4, at=1_795_000_000)
    trusted = _key(witness, "witness.example", kind=4)
    assert verify.open_note(note, [trusted]).cosigned_at == 1_795_000_000
    plain = _note("log\n1\n", witness, "witness.example")
    with pytest.raises(NoteRefused):  # a signature without its time is of another kind of key
        verify.open_note(plain, [trusted])


def test_a_key_of_another_name_has_not_signed() -> None:
    key = Ed25519PrivateKey.generate()
    note = _note("log\n1\n", key, "a.example")
    assert verify.open_note(note, [_key(key, "a.example")]).text == "log\n1\n"
    with pytest.raises(NoteRefused):
        verify.open_note(note, [_key(key, "b.example")])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000+AQ==",
        "na me+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteRefused):
        verify.parse_key(vkey)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("log\n1\n", id="no root"),
        pytest.param(f"log\n01\n{base64.b64encode(LEAF).decode()}\n", id="a leading zero"),
        pytest.param(f"log\n-1\n{base64.b64encode(LEAF).decode()}\n", id="negative"),
        pytest.param(f"log\n٣\n{base64.b64encode(LEAF).decode()}\n", id="digits of another script"),
        pytest.param(f"\n1\n{base64.b64encode(LEAF).decode()}\n", id="no origin"),
        pytest.param("log\n1\nAAAA\n", id="a root that is too short"),
        pytest.param(f"log\n1\n{base64.b64encode(LEAF).decode()}\n\n", id="an empty line"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        verify.parse_checkpoint(text)


def test_a_checkpoint_may_say_more() -> None:
    text = f"example.org/log\n7\n{base64.b64encode(LEAF).decode()}\nmore\n"
    assert verify.parse_checkpoint(text) == verify.Checkpoint("example.org/log", 7, LEAF)
