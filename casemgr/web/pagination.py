"""Long lists in pages of a fixed size."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

from flask import request, url_for
from werkzeug.exceptions import NotFound

PAGE_SIZE = 50
_NEAR = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: its items, its number from 1, and how long the whole list is."""

    items: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, ceil(self.total / self.size))

    @property
    def first_shown(self) -> int:
        """The position of the first item on this page, from 1; 0 in an empty list."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last_shown(self) -> int:
        """The position of the last item on this page."""
        return min(self.number * self.size, self.total)

    def numbers(self) -> list[int | None]:
        """The page numbers worth showing; None stands for a gap."""
        shown: list[int | None] = []
        for number in range(1, self.last + 1):
            if number in {1, self.last} or abs(number - self.number) <= _NEAR:
                shown.append(number)
            elif shown[-1] is not None:
                shown.append(None)
        return shown


def page_number() -> int:
    """The page asked for. Raises werkzeug's NotFound for anything but a positive number."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise NotFound
    return int(text)


def page_url(number: int) -> str:
    """This very page's address with another page number (filters in it stay)."""
    kept = request.args.to_dict(flat=False) | (request.view_args or {})
    return url_for(request.endpoint or "", **(kept | {"page": number}))
