"""One person at a browser: does what people do, by the words they see."""

import re
from typing import Any


class Person:
    """Presses, fills and reads by visible Vietnamese words; watches for policy violations."""

    def __init__(self, page: Any, origin: str) -> None:
        self.page, self.origin = page, origin
        self.complaints: list[str] = []
        page.set_default_timeout(5000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)

    def go(self, path: str) -> int:
        """Open an address; returns the status."""
        return int(self.page.goto(self.origin + path).status)

    def press(self, words: str) -> None:
        """Press the button, or follow the link, that is called so."""
        page = self.page
        ways = (
            page.get_by_role("button", name=words, exact=True),
            page.get_by_role("link", name=words, exact=True),
            page.get_by_role("button", name=words),  # with a hidden "of what" behind the words
            page.get_by_role("link", name=words),
        )
        found = [way for way in ways if way.count()]
        assert found, f"{self.path}: nothing to press is called {words!r}: {self.text[:1500]}"
        found[0].first.click()
        self.page.wait_for_load_state()

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label, exact=True).first.fill(text)

    def choose(self, words: str) -> None:
        """Tick the radio button or box with this label."""
        self.page.get_by_label(words, exact=True).first.check()

    def pick(self, label: str, option: str) -> None:
        """Choose an option of a list."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def answer(self, question: str, words: str) -> None:
        """Choose an answer of the question with this legend."""
        group = self.page.get_by_role("group", name=question)
        group.first.get_by_label(words, exact=True).check()

    def choose_containing(self, words: str) -> None:
        """Tick the first radio button or box whose label contains the words."""
        self.page.get_by_label(words).first.check()

    def pick_containing(self, label: str, words: str) -> None:
        """Choose the option that contains the words."""
        field = self.page.get_by_label(label, exact=True)
        option = field.locator("option").filter(has_text=words).first
        field.select_option(value=option.get_attribute("value"))

    @property
    def text(self) -> str:
        """Everything the person can read now."""
        return re.sub(r"\s+", " ", self.page.inner_text("body"))

    @property
    def heading(self) -> str:
        """The page's only h1."""
        return str(self.page.inner_text("h1")).strip()

    @property
    def path(self) -> str:
        """Where the person is, without the origin."""
        return str(self.page.url).removeprefix(self.origin)

    def sees(self, *words: str) -> None:
        """Fail unless all of the words are on the page."""
        missing = [each for each in words if each not in self.text]
        assert not missing, f"{self.path} does not show {missing}: {self.text[:1500]}"

    def sees_not(self, *words: str) -> None:
        """Fail if one of the words is on the page, in its address or in its title."""
        everywhere = f"{self.text} {self.page.url} {self.page.title()}"
        shown = [each for each in words if each in everywhere]
        assert not shown, f"{self.path} shows {shown}"

    def fits(self, width: int) -> bool:
        """Whether the page needs no sideways scrolling at this width."""
        self.page.set_viewport_size({"width": width, "height": 900})
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        return int(needed) <= width

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(self.origin):
            self.complaints.append(f"left the hospital: {request.url}")
