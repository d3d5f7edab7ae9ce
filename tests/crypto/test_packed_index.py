"""The packed index finds what the index in memory finds, and its blocks tell nothing."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto.errors import SealBroken
from casemgr.crypto.names import name_index, packed_index
from casemgr.crypto.names.name_index import NameIndex
from casemgr.crypto.names.packed_index import PackedIndex
from casemgr.crypto.names.packing import Contents, Packing

WORDS = (  # noqa: SIM905 - reads as words
    "Nguyễn Trần Lê Đặng Lý Lí Thị Thy Văn Hòa Hoà Hoá Hương Hường Huệ Quý Quyên Quỳnh An Ân A "
    "Y Moan Ênuôl H'Hen Niê Hhen Anna"
).split()
FACETS = ["sex:f", "sex:m", "born:1991", "born:2004", "place:cam"]
names = st.lists(st.sampled_from(WORDS), min_size=0, max_size=5).map(" ".join)
person = st.tuples(st.lists(names, max_size=2), st.sets(st.sampled_from(FACETS)))
ids = st.integers(1, 40).map(lambda n: UUID(int=n))
people = st.dictionaries(ids, person, max_size=30)
reaches = st.none() | st.sets(ids)


def pack(
    everybody: Mapping[UUID, tuple[list[str], set[str]]],
) -> tuple[Contents, dict[bytes, bytes]]:
    packing = Packing()
    for doc_id, (called, facets) in everybody.items():
        packing.put(doc_id, called, sorted(facets))
    contents, blocks = packing.sealed()
    return contents, dict(blocks)


def open_index(contents: Contents, blocks: Mapping[bytes, bytes]) -> PackedIndex:
    def fetch(labels: Collection[bytes]) -> dict[bytes, bytes]:
        return {label: blocks[label] for label in labels if label in blocks}

    return PackedIndex(Contents.from_json(contents.to_json()), fetch)


@given(people, people, st.sets(ids), st.lists(names, min_size=1, max_size=4), reaches, st.data())
def test_packed_and_fresh_together_find_what_the_index_in_memory_finds(
    packed: dict[UUID, tuple[list[str], set[str]]],
    changed: dict[UUID, tuple[list[str], set[str]]],
    gone: set[UUID],
    queries: list[str],
    reach: set[UUID] | None,
    data: st.DataObject,
) -> None:
    ours, plain = open_index(*pack(packed)), NameIndex()
    for doc_id, (called, facets) in {**packed, **changed}.items():
        plain.put(doc_id, called, sorted(facets))
    for doc_id, (called, facets) in changed.items():
        ours.put(doc_id, called, sorted(facets))
    for doc_id in gone:
        ours.remove(doc_id)
        plain.remove(doc_id)
    assert len(ours) == len(plain)
    for query in queries:
        facets = data.draw(st.sets(st.sampled_from(FACETS), max_size=2))
        text = query[: data.draw(st.integers(0, len(query)))]
        limit = data.draw(st.sampled_from([None, 1, 3, 50]))
        asked = {"within": reach, "facets": facets, "limit": limit}
        assert ours.search(text, **asked) == plain.search(text, **asked)  # type: ignore[arg-type]
        assert ours.with_facets(facets) == plain.with_facets(facets)
        everybody = [
            hit.doc_id for hit in plain.search(text, within=reach, facets=facets, limit=None)
        ]
        for index in (ours, plain):
            assert sorted(index.matching(text, within=reach, facets=facets)) == sorted(everybody)


@pytest.mark.parametrize("narrow", [0, 2000])
def test_a_wide_reach_is_asked_hit_by_hit_with_the_same_answers(
    narrow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_index, "NARROW", narrow)
    monkeypatch.setattr(packed_index, "NARROW", narrow)
    everybody: dict[UUID, tuple[list[str], set[str]]] = {
        UUID(int=n): ([f"Nguyễn {WORDS[n % 7]}"], {"sex:f"}) for n in range(60)
    }
    index, reach = open_index(*pack(everybody)), {UUID(int=n) for n in range(0, 90, 3)}
    for n in range(60, 90):
        index.put(UUID(int=n), ["Nguyễn An"], ["sex:f"])
    found = index.search("nguyen", within=reach, limit=None)
    assert {hit.doc_id for hit in found} == reach
    assert len(found) == 30
    assert [hit.doc_id for hit in index.search("nguyen", within=reach, limit=4)] == [
        hit.doc_id for hit in found[:4]
    ]
    assert set(index.matching("", within=reach, facets=["sex:f"])) == reach


def test_twenty_thousand_people_take_several_blocks_and_are_all_found() -> None:
    """Dense lists, lists of numbers and ids over several blocks, as more people need them."""
    everybody = {
        UUID(int=n): ([f"Nguyễn {'Thị' if n % 2 else 'Văn'} {WORDS[n % 7]} {n:04}"], {"sex:f"})
        for n in range(20_000)
    }
    contents, blocks = pack(everybody)
    index = open_index(contents, blocks)
    assert len(index.search("nguyen", limit=None)) == 20_000
    assert [hit.doc_id.int for hit in index.search("0777", slips=False)] == [777]
    assert len(index.search("thi nguyễn đặng", limit=None, slips=False)) == len(
        [n for n in range(20_000) if n % 2 and n % 7 == 3]
    )


def test_blocks_are_all_of_one_length_and_their_labels_say_nothing() -> None:
    """I3: 12 bytes of nonce, 480 numbers of four bytes, 16 bytes of tag; nothing twice."""
    everybody: dict[UUID, tuple[list[str], set[str]]] = {
        UUID(int=n): (["Nguyễn Thị Hương"] if n % 3 else ["Voòng Sủi"], {"sex:f"})
        for n in range(3000)
    }
    _, blocks = pack(everybody)
    assert {len(block) for block in blocks.values()} == {12 + 480 * 4 + 16} == {1948}
    assert {len(label) for label in blocks} == {16}
    assert max(Counter(blocks.values()).values()) == 1
    assert len({block[:12] for block in blocks.values()}) == len(blocks)
    heap = b"".join(blocks) + b"".join(blocks.values())
    assert not [word for word in ("Hương", "huong", "Voòng", "sex:f") if word.encode() in heap]


def test_the_same_people_packed_twice_share_no_label_and_no_block() -> None:
    """A new epoch does not show which of its blocks took the place of which old one."""
    everybody: dict[UUID, tuple[list[str], set[str]]] = {UUID(int=1): (["Lý Quyên"], {"sex:f"})}
    (_, first), (_, second) = pack(everybody), pack(everybody)
    assert not set(first) & set(second)
    assert not set(first.values()) & set(second.values())


def test_blocks_lie_in_the_order_of_their_labels() -> None:
    """The order of rows must not tell which blocks are of one list."""
    packing = Packing()
    for n in range(2000):
        packing.put(UUID(int=n), ["Nguyễn Hương"])
    _, blocks = packing.sealed()
    assert blocks == sorted(blocks)


@pytest.mark.parametrize("harm", ["missing", "altered", "swapped", "shorter"])
def test_a_block_that_is_not_as_it_was_sealed_is_never_guessed_at(harm: str) -> None:
    everybody: dict[UUID, tuple[list[str], set[str]]] = {
        UUID(int=n): (["Nguyễn Hương"], set()) for n in range(200)
    }
    contents, blocks = pack(everybody)
    turned = dict(
        zip(blocks, [*list(blocks.values())[1:], next(iter(blocks.values()))], strict=True)
    )
    damaged = {
        "missing": {},
        "altered": {label: block[:-1] + bytes([block[-1] ^ 1]) for label, block in blocks.items()},
        "swapped": turned,
        "shorter": {label: block[:-4] for label, block in blocks.items()},
    }[harm]
    with pytest.raises(SealBroken):
        open_index(contents, damaged).search("nguyen")


def test_opened_lists_are_fetched_once_and_only_so_many_are_kept() -> None:
    fetched = count()
    contents, blocks = pack({UUID(int=n): ([f"An {n:03}x"], set()) for n in range(300)})

    def fetch(labels: Collection[bytes]) -> dict[bytes, bytes]:
        next(fetched)
        return {label: blocks[label] for label in labels}

    index = PackedIndex(contents, fetch)
    index.search("an", slips=False)
    before = next(fetched)
    index.search("an", slips=False)
    assert next(fetched) == before + 1
    index.search("0", limit=None)
    index.search("1", limit=None)
    assert len(index._packed._kept) <= 256


def test_nothing_shown_tells_a_name() -> None:
    contents, blocks = pack({UUID(int=1): (["Voòng Sủi"], set())})
    index = open_index(contents, blocks)
    index.search("voong")
    shown = f"{contents!r} {index!r} {index._packed!r} {index._packed._cipher!r}"
    assert "oong" not in shown
    assert contents.secret.hex() not in shown
