import pickle
import threading
from itertools import permutations
from unicodedata import normalize
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto.names import collation, fold
from casemgr.crypto.names.name_index import Hit, NameIndex

HUONG, HUONG_FALLING, HUE, HEN, LY, CHUNG = (UUID(int=n) for n in range(1, 7))

WORDS = (  # noqa: SIM905 - reads as words
    "Nguyễn Trần Lê Đặng Lý Lí Thị Thy Văn Hòa Hoà Hoá Hương Hường Huệ Quý Quyên Quỳnh An Ân A "
    "Y Moan Ênuôl H'Hen Niê Hhen Anna"
).split()
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
people = st.dictionaries(st.integers(1, 12).map(lambda n: UUID(int=n)), names, max_size=12)


@pytest.fixture
def index() -> NameIndex:
    index = NameIndex()
    index.put(HUONG, ["Nguyễn Thị Hương"], {"born:1991", "sex:f"})
    index.put(HUONG_FALLING, ["Nguyễn Thị Hường"], {"born:1985", "sex:f"})
    index.put(HUE, ["Trần Huệ", "Bé Na"], {"born:1991", "sex:f"})
    index.put(HEN, ["H'Hen Niê"])
    index.put(LY, ["Lý Quyên"])
    index.put(CHUNG, ["Chung"], {"sex:m"})
    return index


def found(hits: list[Hit]) -> set[UUID]:
    return {hit.doc_id for hit in hits}


def plain(text: str) -> str:
    """Write without marks, as people type; independent of the code under test."""
    decomposed = normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")


def index_of(names_by_id: dict[UUID, str]) -> NameIndex:
    index = NameIndex()
    for doc_id, name in names_by_id.items():
        index.put(doc_id, [name])
    return index


def naive_rank(name: str, query: str) -> int | None:
    """Rank one person by reading their words one by one."""
    theirs = {*fold.words(name), *fold.words(name, joined=True)}
    ranks = []
    for joined in (False, True):
        *earlier, last = fold.words(query, joined=joined)
        if not all(any(word.folded == own.folded for own in theirs) for word in earlier):
            continue
        if any(last.folded == own.folded for own in theirs):
            is_exact = all(any(w.exact == own.exact for own in theirs) for w in (*earlier, last))
            ranks.append(0 if is_exact else 1)
        elif any(own.folded.startswith((last.folded, last.typed)) for own in theirs):
            ranks.append(2)
    return min(ranks, default=3 if has_one_slip(theirs, query) else None)


def has_one_slip(theirs: set[fold.Word], query: str) -> bool:
    """Whether somebody has all words if one of at least three letters holds one typing error."""
    folded = {own.folded for own in theirs}

    def stands(word: fold.Word, *, is_last: bool) -> bool:
        starts = (word.folded, word.typed)
        return word.folded in folded or (is_last and any(own.startswith(starts) for own in folded))

    for joined in (False, True):
        asked = fold.words(query, joined=joined)
        for place, slipped in enumerate(asked):
            others = [w for at, w in enumerate(asked) if at != place]
            if (
                len(slipped.folded) >= 3
                and all(stands(w, is_last=w is asked[-1]) for w in others)
                and any(typing_errors(slipped.folded, own) == 1 for own in folded)
            ):
                return True
    return False


def typing_errors(typed: str, meant: str) -> int:
    """Damerau's distance with adjacent swaps, by the textbook table (Damerau 1964)."""
    table = {(-1, -1): len(typed) + len(meant)}
    for i in range(len(typed) + 1):
        table[i, 0] = i
    for j in range(len(meant) + 1):
        table[0, j] = j
    for i in range(1, len(typed) + 1):
        for j in range(1, len(meant) + 1):
            differs = typed[i - 1] != meant[j - 1]
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + differs
            )
            if i > 1 and j > 1 and typed[i - 2 : i] == meant[j - 2 : j][::-1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(typed), len(meant)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Hương Nguyễn", [(HUONG, 0), (HUONG_FALLING, 1)]),
        ("nguyen hường", [(HUONG_FALLING, 1), (HUONG, 1)]),
        ("thi HUONG nguyen", [(HUONG, 1), (HUONG_FALLING, 1)]),
        ("nguyễn hươ", [(HUONG, 2), (HUONG_FALLING, 2)]),
        ("huệ", [(HUE, 0)]),
        ("be na", [(HUE, 1)]),
        ("h'hen", [(HEN, 0)]),
        ("hen nie", [(HEN, 1)]),
        ("hhen", [(HEN, 0)]),
        ("HHEN NIÊ", [(HEN, 0)]),
        ("lí quyên", [(LY, 0)]),
        ("ly quy", [(LY, 2)]),
        ("chung", [(CHUNG, 0)]),
        ("uong", [(HUONG, 3), (HUONG_FALLING, 3)]),
        ("nguyne huong", [(HUONG, 3), (HUONG_FALLING, 3)]),
        ("nguyen thii hu", [(HUONG, 3), (HUONG_FALLING, 3)]),
        ("nguyne huogn", []),
        ("ong", []),
        ("hu", [(HUE, 2), (HUONG, 2), (HUONG_FALLING, 2)]),
        ("huo nguyen", []),
        ("", []),
        (" - ' ", []),
    ],
)
def test_people_are_found_best_first(
    index: NameIndex, query: str, expected: list[tuple[UUID, int]]
) -> None:
    assert index.search(query) == expected


def test_a_name_written_without_its_apostrophe_is_found_with_it(index: NameIndex) -> None:
    index.put(CHUNG, ["HHen Êban"])
    assert found(index.search("h'hen")) == {HEN, CHUNG}


def test_the_better_reading_of_an_apostrophe_comes_first() -> None:
    index = index_of({HEN: "HHen", CHUNG: "H Henry"})
    assert index.search("h'hen") == [(HEN, 0), (CHUNG, 2)]


def test_a_birth_year_narrows_a_search(index: NameIndex) -> None:
    assert found(index.search("nguyen", facets=["born:1991"])) == {HUONG}
    assert index.search("nguyen", facets=["born:2001"]) == []
    assert index.search("nguyen", facets=["born:1991", "sex:m"]) == []


def test_facets_list_people(index: NameIndex) -> None:
    assert index.with_facets(["born:1991", "sex:f"]) == {HUONG, HUE}
    assert index.with_facets(["sex:x"]) == set()
    assert index.with_facets([]) == {HUONG, HUONG_FALLING, HUE, HEN, LY, CHUNG}


def test_a_name_is_not_a_facet_nor_a_facet_a_name(index: NameIndex) -> None:
    assert index.search("1991") == []
    assert index.search("born") == []
    assert index.with_facets(["huong"]) == set()


@pytest.mark.parametrize("strangers", [0, 500])
def test_people_out_of_reach_are_neither_shown_nor_counted(
    index: NameIndex, strangers: int
) -> None:
    reach = {HUONG, *(UUID(int=1000 + n) for n in range(strangers))}
    for n in range(200):
        index.put(UUID(int=100 + n), ["Nguyễn Hương"])
    assert index.search("nguyễn hương", within=reach, limit=1) == [(HUONG, 0)]
    assert index.search("nguyễn hương", within=set()) == []


def test_the_limit_keeps_the_best(index: NameIndex) -> None:
    for n in range(200):
        index.put(UUID(int=100 + n), ["Nguyễn Hường"])
    hits = index.search("nguyễn hương", limit=50)
    assert len(hits) == 50
    assert hits[0] == (HUONG, 0)
    assert [hit.rank for hit in hits[1:]] == [1] * 49
    assert len(index.search("nguyễn hương", limit=None)) == 202


def test_equals_stand_in_the_order_of_the_alphabet(index: NameIndex) -> None:
    """Given name, then family name, then the middle (domain §5.1); letters before tones."""
    names = ["Vũ Văn An", "Lê Văn Ân", "Lê Văn Ánh", "Lê Ất An", "Lê Văn An", "Đỗ Văn Bá"]
    index.clear()
    for n, name in enumerate(names):
        index.put(UUID(int=n + 1), [name], ["all"])
    order = [names[hit.doc_id.int - 1] for hit in index.search("", facets=["all"])]
    assert order == ["Lê Ất An", "Lê Văn An", "Vũ Văn An", "Lê Văn Ánh", "Lê Văn Ân", "Đỗ Văn Bá"]


def test_facts_alone_find_people_too(index: NameIndex) -> None:
    assert found(index.search("", facets=["born:1991"])) == {HUONG, HUE}
    assert found(index.search(" ", facets=["born:1991", "sex:f"], within={HUE})) == {HUE}
    assert index.search("-", facets=["born:1991"]) == []


def test_slips_can_be_left_out(index: NameIndex) -> None:
    assert index.search("nguyne huong", slips=False) == []


def test_putting_again_replaces(index: NameIndex) -> None:
    index.put(HUONG, ["Phạm Lan"], {"born:1992"})
    index.put(HUONG, ["Phạm Lan"], {"born:1992"})
    assert len(index) == 6
    assert found(index.search("nguyen")) == {HUONG_FALLING}
    assert found(index.search("lan pham")) == {HUONG}
    assert index.with_facets(["born:1991"]) == {HUE}


def test_a_vacant_number_carries_nothing_of_whom_it_belonged_to(index: NameIndex) -> None:
    index.remove(HUONG)
    index.put(UUID(int=99), ["Bùi Mai"])
    assert index.search("huong", within={UUID(int=99)}) == []
    assert UUID(int=99) not in index.with_facets(["sex:f"])


def test_the_words_of_the_last_bearer_leave_memory(index: NameIndex) -> None:
    index.put(CHUNG, ["Voòng Sủi"])
    index.remove(CHUNG)
    assert not {"voong", "sui"} & {*index._folded, *index._exact, *index._vocabulary}
    assert fold._words_of.cache_info().currsize == 0
    assert collation.word_key.cache_info().currsize == 0


def test_removing_a_stranger_changes_nothing(index: NameIndex) -> None:
    index.remove(UUID(int=99))
    assert len(index) == 6


def test_clearing_forgets_everybody(index: NameIndex) -> None:
    index.clear()
    assert len(index) == 0
    assert index.search("nguyen") == []
    assert index.with_facets(["sex:f"]) == set()


def test_nothing_shown_or_pickled_tells_a_name(index: NameIndex) -> None:
    shown = repr(index) + str(index) + repr(index._entries)
    assert "6" in repr(index)
    assert "ương" not in shown
    assert "uong" not in shown
    with pytest.raises(TypeError, match="lock") as refusal:
        pickle.dumps(index)
    assert "ương" not in str(refusal.value)


@given(people, st.data())
def test_any_order_of_words_with_or_without_marks_finds_the_person(
    names_by_id: dict[UUID, str], data: st.DataObject
) -> None:
    index = index_of(names_by_id)
    for doc_id, name in names_by_id.items():
        order = data.draw(st.sampled_from(list(permutations(name.split()))))
        for query in (" ".join(order), plain(" ".join(order)), normalize("NFD", name)):
            assert doc_id in found(index.search(query)), query
        assert {hit.doc_id: hit.rank for hit in index.search(name)}[doc_id] == 0


@given(people, st.data())
def test_any_beginning_of_a_word_finds_the_person(
    names_by_id: dict[UUID, str], data: st.DataObject
) -> None:
    index = index_of(names_by_id)
    for doc_id, name in names_by_id.items():
        word = data.draw(st.sampled_from(plain(name).split()))
        beginning = word[: data.draw(st.integers(1, len(word)))]
        assert doc_id in found(index.search(beginning)), beginning


@given(people, names, st.integers(0, 6))
def test_the_index_agrees_with_reading_every_name(
    names_by_id: dict[UUID, str], query: str, cut: int
) -> None:
    query = query[: max(1, len(query) - cut)]
    ranks = {doc_id: naive_rank(name, query) for doc_id, name in names_by_id.items()}
    hits = index_of(names_by_id).search(query)
    assert dict(hits) == {doc_id: rank for doc_id, rank in ranks.items() if rank is not None}
    assert len(hits) == len(found(hits))
    assert [hit.rank for hit in hits] == sorted(hit.rank for hit in hits)


@given(people, st.sets(st.integers(1, 12)), names)
def test_the_removed_are_never_found_and_the_others_always(
    names_by_id: dict[UUID, str], gone: set[int], query: str
) -> None:
    index = index_of(names_by_id)
    for n in gone:
        index.remove(UUID(int=n))
    left = {doc_id: name for doc_id, name in names_by_id.items() if doc_id.int not in gone}
    assert len(index) == len(left)
    assert dict(index.search(query)) == dict(index_of(left).search(query))


@given(people, st.sets(st.integers(1, 20).map(lambda n: UUID(int=n))), names)
def test_reach_only_takes_away(names_by_id: dict[UUID, str], reach: set[UUID], query: str) -> None:
    index = index_of(names_by_id)
    everybody = dict(index.search(query))
    inside = {doc_id: rank for doc_id, rank in everybody.items() if doc_id in reach}
    assert dict(index.search(query, within=reach)) == inside


def test_readers_see_a_person_whole_while_a_writer_replaces_them() -> None:
    index = NameIndex()
    index.put(HUONG, ["Nguyễn Hương"])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            index.put(HUONG, ["Trần Lan", "Nguyễn Hương"])
            index.put(HUONG, ["Nguyễn Hương"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert all(index.search("huong nguyen") == [(HUONG, 1)] for _ in range(2000))
    finally:
        stop.set()
        writer.join()
