"""Notes and proofs of others: read as they say, refused where they are wrong."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.audit.outside.note import (
    Head,
    NoteBroken,
    Vkey,
    parse_vkey,
    read_checkpoint,
    read_note,
    signatures_of,
)
from casemgr.audit.verify import ProofRefused, verify_consistency
from tests.audit.made_up_log import grown, proof_of, root_of

# c2sp.org/tlog-cosignature prints this note.
PRINTED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


def _vectors(name: str) -> list[Any]:
    folder = os.environ.get("CASEMGR_VECTORS")
    if not folder:
        pytest.skip("CASEMGR_VECTORS names no folder with published vectors")
    told = json.loads((Path(folder) / "audit" / name).read_text("utf-8"))
    return list(told["open" if "open" in told else "cases"])


def test_the_printed_example_is_read() -> None:
    note = read_note(PRINTED)
    head = read_checkpoint(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert [line.name for line in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert int.from_bytes(note.signatures[1].value[:8], "big") == 1679315147
    assert str(note) == PRINTED
    assert head.text == note.text


def test_published_notes_open_as_published() -> None:
    for case in _vectors("signed_note.json"):
        raw = base64.b64decode(case["note_b64"])
        keys = [parse_vkey(text) for text in case["vkeys"]]
        if case["ok"]:
            note = read_note(raw.decode())
            known = [line for key in keys for line in signatures_of(note, key)]
            assert len(set(known)) == case["verified"], case["desc"]
        else:
            with pytest.raises((NoteBroken, UnicodeDecodeError)):
                _open(raw, keys)


def _open(raw: bytes, keys: list[Vkey]) -> None:
    note = read_note(raw.decode())
    is_twice = len(set(keys)) < len(keys)  # refused when the settings are read
    if is_twice or not [line for key in keys for line in signatures_of(note, key)]:
        raise NoteBroken


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "text",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n— na me AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— name AAAAAAA=",
        "te\txt\n\n— name AAAAAAA=\n",
        "text\n\n" + "— name AAAAAAA=\n" * 65,
        "x" * 70_000 + "\n\n— name AAAAAAA=\n",
    ],
    ids=range(13),
)
def test_what_is_no_note_is_refused(raw: str) -> None:
    with pytest.raises(NoteBroken):
        read_note(raw)


@pytest.mark.parametrize(
    ("size", "root"),
    [
        ("07", "A" * 43 + "="),
        ("-1", "A" * 43 + "="),
        ("7", "AAAA"),
        ("7", "?"),
        ("", "A" * 43 + "="),
    ],
)
def test_what_is_no_checkpoint_is_refused(size: str, root: str) -> None:
    with pytest.raises(NoteBroken):
        read_checkpoint(f"host/log\n{size}\n{root}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AAAA",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        parse_vkey(text)


def test_published_proofs_are_judged_as_published() -> None:
    for case in _vectors("consistency.json"):
        proof = [base64.b64decode(node) for node in case["proof"] or ()]
        sound = is_consistent(
            case["size1"],
            case["size2"],
            base64.b64decode(case["root1"] or ""),
            base64.b64decode(case["root2"] or ""),
            proof,
        )
        assert sound is (not case["wantErr"]), case.get("desc")


@given(st.integers(1, 70).flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new))))
def test_a_tree_that_grew_is_consistent_and_any_other_is_not(sizes: tuple[int, int]) -> None:
    old, new = sizes
    tree = grown(new)
    proof, root = proof_of(old, tree.leaves), root_of(tree.leaves)
    before = tree.root_at(old)
    assert is_consistent(old, new, before, root, proof)
    if old < new:
        assert not is_consistent(old, new, before, root, [*proof, root])
        assert not is_consistent(old, new, before, root, proof[:-1])
        assert not is_consistent(old, new, root, root, proof)
        other = grown(new, "other")
        assert not is_consistent(old, new, before, other.head().root, proof_of(old, other.leaves))


def test_a_head_says_origin_size_and_root_and_nothing_else() -> None:
    head = Head("host/log", 3, bytes(32))
    assert head.text.count("\n") == 3
    assert read_checkpoint(head.text) == head


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
    """As the witness asks it."""
    try:
        verify_consistency(old, new, old_root, new_root, proof)
    except ProofRefused:
        return False
    return True
