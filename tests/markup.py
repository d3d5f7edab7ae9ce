"""A page as a tree, read strictly: an element left open or closed twice is a failure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)

INLINE = frozenset("a abbr b button em i label span strong sub sup textarea time".split())  # noqa: SIM905


class MarkupBroken(AssertionError):
    """The page's HTML does not nest."""


@dataclass(eq=False)
class Element:
    """One element with its attributes and children; text stands in between as strings."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)
    parent: "Element | None" = None

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    @property
    def classes(self) -> set[str]:
        return set(self["class"].split())

    @property
    def text(self) -> str:
        """The words inside, white space folded."""
        return " ".join(self.raw_text().split())

    @property
    def visible_text(self) -> str:
        """The words without those meant for a screen reader alone."""
        return " ".join(self.raw_text(without="govuk-visually-hidden").split())

    def raw_text(self, without: str = "") -> str:
        """The words as they stand, leaving out inert parts and elements of one class."""
        if self.tag in {"template", "script"} or without in self.classes:
            return ""
        parts = (c if isinstance(c, str) else c.raw_text(without) for c in self.children)
        return "".join(parts) if self.tag in INLINE else f" {''.join(parts)} "

    def walk(self) -> "Iterator[Element]":
        """This element and every one inside it, in reading order; a <template> is inert."""
        yield self
        if self.tag == "template":
            return
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str, where: "Callable[[Element], bool] | None" = None) -> "list[Element]":
        """Elements inside with one of these tags (any tag when none is named)."""
        found = (e for e in self.walk() if e is not self and (not tags or e.tag in tags))
        return [e for e in found if where is None or where(e)]

    def having(self, css_class: str) -> "list[Element]":
        """Elements inside that carry this class."""
        return self.all(where=lambda e: css_class in e.classes)

    def up(self, *tags: str) -> "Element | None":
        """The nearest element around this one with one of these tags."""
        around = self.parent
        while around is not None and around.tag not in tags:
            around = around.parent
        return around


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#page")
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs}, parent=self._open)
        if len(element.attributes) != len(attrs):
            raise MarkupBroken(f"<{tag}> names an attribute twice: {attrs}")
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._open.tag != tag or self._open.parent is None:
            raise MarkupBroken(f"</{tag}> at line {self.getpos()[0]} closes <{self._open.tag}>")
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)

    def close(self) -> None:
        super().close()
        if self._open is not self.root:
            raise MarkupBroken(f"<{self._open.tag}> is never closed")


def read(html: str) -> Element:
    """The page as a tree. Raises MarkupBroken where elements do not nest."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
