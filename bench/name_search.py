"""Two-word name search: the index in memory against its twin, LIKE on a folded plaintext column.

The twin is what most systems do, with the names readable in the database. Both fold the query,
both stop at the first fifty people; the index also ranks them, the twin does not.

Run: python -m bench.name_search
"""

import random
import sqlite3
from collections.abc import Callable, Iterator
from itertools import accumulate
from statistics import median, quantiles
from time import perf_counter
from unicodedata import normalize
from uuid import UUID

from casemgr.crypto.names import fold
from casemgr.crypto.names.matching import SLIP
from casemgr.crypto.names.name_index import NameIndex

PEOPLE = 10_000
SEARCHES = 200
PAGE = 50
BAR = 1.0

# Share of each surname in per cent: Lê Trung Hoa 2005; the tail stands for the rarer ones.
SURNAMES = {
    "Nguyễn": 38.4,
    "Trần": 12.1,
    "Lê": 9.5,
    "Phạm": 7.0,
    "Hoàng": 2.6,
    "Huỳnh": 2.5,
    "Phan": 4.5,
    "Vũ": 2.0,
    "Võ": 1.9,
    "Đặng": 2.1,
    "Bùi": 2.0,
    "Đỗ": 1.4,
    "Hồ": 1.3,
    "Ngô": 1.3,
    "Dương": 1.0,
    "Lý": 0.5,
} | dict.fromkeys(["Đinh", "Trịnh", "Mai", "Giàng", "Vàng", "Tằng", "Chíu", "Lò", "Nông"], 1.1)
MIDDLES = {"Thị": 35, "Văn": 25} | dict.fromkeys(
    ["Hữu", "Đức", "Ngọc", "Minh", "Thu", "Thanh", "Quốc", "Xuân", "Hoài", "A"], 4
)
GIVEN = (  # noqa: SIM905 - reads as words
    "Anh Bình Châu Chi Cường Dung Dũng Duyên Đạt Đức Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hoà Hòa "
    "Hồng Huệ Hùng Hương Hường Huy Huyền Khánh Khoa Lan Lâm Liên Linh Loan Long Ly Mai Mạnh Minh "
    "Mỹ My Nam Nga Ngân Ngọc Nguyên Nhung Oanh Phong Phúc Phương Phượng Quân Quang Quý Quyên Quỳnh "
    "Sơn Tâm Tân Thảo Thắng Thành Thu Thuỷ Thúy Thuý Thư Tiến Toàn Trang Trâm Trinh Trung Tú Tuấn "
    "Tùng Tuyết Uyên Vân Việt Vinh Vy Xuân Yến"
).split()


def run(rounds: int = 9) -> str:
    """Measure both in interleaved rounds and return the table; the bar is a ratio of at most 1.0."""
    people = _people(random.Random(20261122))
    queries = list(_queries(random.Random(7), people))
    search_index, search_twin = _index(people), _twin(people)
    _check(queries, people, search_index, search_twin)
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds):
        both = [(search_index, ours), (search_twin, theirs)]
        for search, times in both if turn % 2 else reversed(both):
            times.append(_time(search, queries))
    return _table(ours, theirs)


def _people(rng: random.Random) -> dict[UUID, str]:
    surnames, middles = list(SURNAMES), list(MIDDLES)
    surname_steps = list(accumulate(SURNAMES.values()))
    middle_steps = list(accumulate(MIDDLES.values()))

    def name() -> str:
        surname = rng.choices(surnames, cum_weights=surname_steps)[0]
        middle = rng.choices(middles, cum_weights=middle_steps)[0]
        return f"{surname} {middle} {rng.choice(GIVEN)}"

    return {UUID(int=rng.getrandbits(128)): name() for _ in range(PEOPLE)}


def _queries(rng: random.Random, people: dict[UUID, str]) -> Iterator[str]:
    """Ask for two words of somebody's name, in any order, every other time without marks."""
    for turn, name in enumerate(rng.choices(list(people.values()), k=SEARCHES)):
        query = " ".join(rng.sample(name.split(), 2))
        yield _folded(query) if turn % 2 else normalize("NFC", query)


def _folded(text: str) -> str:
    return " ".join(word.folded for word in fold.words(text))


def _index(people: dict[UUID, str]) -> Callable[[str], set[UUID]]:
    index = NameIndex()
    for doc_id, name in people.items():
        index.put(doc_id, [name])
    return lambda query: {
        hit.doc_id
        for hit in index.search(query, limit=PAGE)
        if hit.rank < SLIP  # whoever only a typing error away is called so was found besides
    }


def _twin(people: dict[UUID, str]) -> Callable[[str], set[UUID]]:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE person (id BLOB PRIMARY KEY, folded TEXT NOT NULL)")
    rows = ((doc_id.bytes, _folded(name)) for doc_id, name in people.items())
    database.executemany("INSERT INTO person VALUES (?, ?)", rows)
    ask = f"SELECT id FROM person WHERE folded LIKE ? AND folded LIKE ? LIMIT {PAGE}"  # noqa: S608 - a constant

    def search(query: str) -> set[UUID]:
        patterns = [f"%{word.folded}%" for word in fold.words(query)]
        return {UUID(bytes=row[0]) for row in database.execute(ask, patterns)}

    return search


def _check(
    queries: list[str],
    people: dict[UUID, str],
    search_index: Callable[[str], set[UUID]],
    search_twin: Callable[[str], set[UUID]],
) -> None:
    """Make sure that both do the work: everybody returned carries the letters asked for."""
    for query in queries:
        for hits in (search_index(query), search_twin(query)):
            assert hits
            for doc_id in hits:
                name = _folded(people[doc_id])
                assert all(part in name for part in _folded(query).split())


def _time(search: Callable[[str], set[UUID]], queries: list[str]) -> float:
    """Milliseconds for one search, on average over the queries."""
    start = perf_counter()
    for query in queries:
        search(query)
    return (perf_counter() - start) * 1000 / len(queries)


def _table(ours: list[float], theirs: list[float]) -> str:
    ratios = [mine / twin for mine, twin in zip(ours, theirs, strict=True)]
    ratio = median(ratios)
    return "\n".join(
        [
            f"name search: {PEOPLE} people, two words, first {PAGE}, {len(ours)} rounds",
            _line("index in memory (ms)", ours),
            _line("LIKE on folded plaintext (ms)", theirs),
            _line("ratio", ratios),
            f"bar: ratio <= {BAR}: {'met' if ratio <= BAR else 'MISSED'}",
        ]
    )


def _line(label: str, values: list[float]) -> str:
    low, middle, high = quantiles(values, n=4)
    return f"  {label:<30} {middle:8.4f}  [{low:.4f} - {high:.4f}]"


if __name__ == "__main__":
    print(run())
