"""What everybody can know about Vietnamese names: how common each is, and what goes with what.

Shares of family names: Lê Trung Hòa 2005 (Nguyễn 38.4 %); given names by published rankings, thinned
out by Zipf's law; Thị with names of women and Văn with names of men, as they are given.
"""

import random
from collections import Counter
from itertools import accumulate, combinations
from typing import NamedTuple

from casemgr.crypto.names import fold

SURNAMES = {
    "Nguyễn": 38.4, "Trần": 12.1, "Lê": 9.5, "Phạm": 7.0, "Hoàng": 5.1, "Phan": 4.5, "Vũ": 3.9,
    "Đặng": 2.1, "Bùi": 2.0, "Đỗ": 1.4, "Hồ": 1.3, "Ngô": 1.3, "Dương": 1.0, "Đinh": 0.9,
    "Trịnh": 0.8, "Mai": 0.7, "Lý": 0.5, "Giàng": 0.4, "Vàng": 0.4, "Tằng": 0.3, "Chíu": 0.2,
}  # fmt: skip
WOMEN = (  # noqa: SIM905 - reads as words
    "Hương Lan Hoa Hằng Thảo Trang Huyền Linh Ngọc Thủy Phương Nga Yến Loan Hạnh Nhung Oanh Vân "
    "Dung Liên Quỳnh Tuyết Duyên Trâm Uyên Vy Mỹ Ngân Huệ Chi Diệp Kiều Sương"
).split()
MEN = (  # noqa: SIM905 - reads as words
    "Hùng Dũng Tuấn Cường Minh Sơn Long Thắng Hải Nam Tùng Đức Quang Trung Huy Hiếu Phong Thành "
    "Kiên Khoa Lâm Quân Tiến Việt Toàn Bình Khánh Phúc Đạt Vinh Mạnh Tú Trường"
).split()
MIDDLES = {
    "f": {"Thị": 70, "Thu": 10, "Ngọc": 12, "Mai": 8},
    "m": {"Văn": 62, "Đức": 20, "Hữu": 18},
}


class Statistics(NamedTuple):
    """Shares of people whose name has a word, or both of two words."""

    people: int
    words: Counter[str]
    pairs: Counter[tuple[str, str]]

    @property
    def commonest(self) -> list[str]:
        """The words, the commonest first."""
        return [word for word, _ in self.words.most_common()]


def draw(people: int, seed: int) -> list[str]:
    """Names of so many people; another seed is another province."""
    rng = random.Random(seed)
    given = {"f": WOMEN, "m": MEN}
    steps = list(accumulate(1 / (rank + 2) for rank in range(len(WOMEN))))
    assert len(WOMEN) == len(MEN)

    def name() -> str:
        sex = rng.choice("ffm")  # most who are harmed are women
        surname = rng.choices(list(SURNAMES), list(SURNAMES.values()))[0]
        middle = rng.choices(list(MIDDLES[sex]), list(MIDDLES[sex].values()))[0]
        return f"{surname} {middle} {rng.choices(given[sex], cum_weights=steps)[0]}"

    return [name() for _ in range(people)]


def words_of(name: str) -> list[str]:
    """The words of a name as an index has them."""
    return sorted({word.folded for word in fold.words(name)})


def statistics(names: list[str]) -> Statistics:
    """Count words and pairs of words."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for name in names:
        found = words_of(name)
        words.update(found)
        pairs.update(combinations(found, 2))
    return Statistics(len(names), words, pairs)
