"""A test client that behaves as a browser does: it sends the forms that the page really shows.

Every HTML page it meets is held to tests/page_rules.py. CSRF, headers and permissions are on.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import markup, page_rules
from tests.markup import Element


class Page:
    """One answer of the server. ``words in page`` asks for visible text."""

    def __init__(self, browser: "Browser", response: TestResponse) -> None:
        self._browser = browser
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.is_html = response.mimetype == "text/html"
        self.tree = markup.read(response.text if self.is_html else "")
        if self.is_html and (faults := page_rules.faults(self.tree)):
            raise AssertionError(f"{self.path} ({self.status}):\n  " + "\n  ".join(faults))

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def __repr__(self) -> str:
        return f"<Page {self.path} {self.status}: {self.heading}>"

    @property
    def text(self) -> str:
        """Every word between body and /body, white space folded."""
        bodies = self.tree.all("body")
        return bodies[0].text if bodies else self.response.text

    @property
    def heading(self) -> str:
        return next((h.text for h in self.tree.all("h1")), "")

    @property
    def main(self) -> Element:
        """What stands between header and footer."""
        return next(iter(self.tree.all("main")), self.tree)

    @property
    def errors(self) -> dict[str, str]:
        """Field name → what the page says is wrong with it."""
        found: dict[str, str] = {}
        for field in self.tree.all("input", "select", "textarea"):
            around: Element | None = field
            while around is not None and around.tag != "form":
                for message in self._messages(around["aria-describedby"]):
                    found.setdefault(field["name"], message)
                around = around.parent
        return found

    def _messages(self, ids: str) -> Iterable[str]:
        wanted = set(ids.split())
        named = self.tree.all(where=lambda e: e["id"] in wanted)
        return (e.text for e in named if "govuk-error-message" in e.classes)

    def link(self, words: str) -> Element:
        """The one link with these words. Raises AssertionError when there is none, or several ways."""
        links = [a for a in self.tree.all("a") if a.text == words or a["aria-label"] == words]
        assert links, f"no link {words!r}; there are {[a.text for a in self.tree.all('a')]}"
        assert len({a["href"] for a in links}) == 1, f"{words!r} leads to several places"
        return links[0]

    def follow(self, words: str, *, status: int = 200) -> "Page":
        """Click the link with these words."""
        return self._browser.get(self.link(words)["href"], status=status)

    def form(self, button: str | None = None) -> Element:
        """The one form in the main part, or the one on the page with this submit button."""
        forms = self.tree.all("form") if button else self.main.all("form")
        fitting = [f for f in forms if any(_is_called(b, button) for b in self.buttons(f))]
        assert len(fitting) == 1, (
            f"{len(fitting)} forms with the button {button!r} on {self.path}; there are "
            f"{[[b.text for b in self.buttons(f)] for f in forms]}"
        )
        return fitting[0]

    def buttons(self, form: Element) -> list[Element]:
        """The submit buttons of a form, wherever on the page they stand."""
        return self.tree.all("button", where=lambda button: _submits(button, form))

    def values(self, form: Element) -> dict[str, list[Any]]:
        """What the form would send if nobody touched it."""
        sent: dict[str, list[Any]] = {}
        for field in form.all("input", "select", "textarea", where=lambda e: "disabled" not in e):
            sent.setdefault(field["name"], []).extend(_as_shown(field))
        return {name: values for name, values in sent.items() if name}

    def submit(
        self,
        typed: Mapping[str, Any] | None = None,
        *,
        button: str | None = None,
        status: int = 200,
        **more: Any,
    ) -> "Page":
        """Fill the form as a person would, press the button, and follow where it leads.

        ``True``/``False`` ticks a single box; a list ticks several. Raises AssertionError for a
        field that the form does not have and for a choice that it does not offer.
        """
        form = self.form(button)
        data = self.values(form)
        for name, value in {**(typed or {}), **more}.items():
            data[name] = _as_typed(form, name, value, data)
        pressed = [b for b in self.buttons(form) if _is_called(b, button)]
        if pressed and pressed[0]["name"]:
            data[pressed[0]["name"]] = [pressed[0]["value"]]
        method = form["method"].upper() or "GET"
        return self._browser.open(form["action"] or self.path, method, data, status=status)


class Browser:
    """One person's browser: keeps its cookies, sends what a browser sends."""

    def __init__(self, client: FlaskClient, origin: str = "http://localhost:8000") -> None:
        self.client = client
        self.origin = origin

    def get(self, path: str, *, status: int = 200, **query: str) -> Page:
        """Open an address; redirects are followed; any other status than expected fails."""
        return self.open(path, "GET", dict(query), status=status)

    def post(self, path: str, data: Mapping[str, Any] | None = None, *, status: int = 200) -> Page:
        """Send a body that no form offered, without a CSRF token: for attacks only."""
        return self.open(path, "POST", data or {}, status=status)

    def open(self, path: str, method: str, data: Mapping[str, Any], *, status: int = 200) -> Page:
        """One request with the headers that a browser sends from our own page."""
        parts = {"query_string": data or None} if method == "GET" else {"data": data}
        response = self.client.open(
            path,
            method=method,
            base_url=self.origin,
            headers={"Origin": self.origin, "Sec-Fetch-Site": "same-origin"},
            follow_redirects=True,
            buffered=True,  # a streamed answer is over only when it was read
            **parts,
        )
        page = Page(self, response)
        assert page.status == status, f"{page!r}, expected {status}: {page.text[:600]}"
        return page


def _submits(button: Element, form: Element) -> bool:
    if button["type"] not in {"", "submit"}:
        return False
    return button.up("form") is form or (bool(button["form"]) and button["form"] == form["id"])


def _is_called(button: Element, words: str | None) -> bool:
    return words in {None, button.text, button.visible_text}


def _as_shown(field: Element) -> list[Any]:
    if field.tag == "textarea":
        return [field.raw_text().removeprefix("\n")]
    if field.tag == "select":
        options = field.all("option")
        chosen = [o for o in options if "selected" in o]
        if not chosen and "multiple" not in field:
            chosen = options[:1]
        return [_option_value(o) for o in chosen]
    kind = field["type"]
    if kind in {"radio", "checkbox"}:
        return [field["value"] or "on"] if "checked" in field else []
    return [] if kind in {"submit", "button", "file", "reset", "image"} else [field["value"]]


def _as_typed(form: Element, name: str, value: Any, data: Mapping[str, Any]) -> list[Any]:
    fields = [f for f in form.all("input", "select", "textarea") if f["name"] == name]
    assert fields, f"{name!r} is not in the form; it has {sorted(data)}"
    assert all("disabled" not in f for f in fields), f"{name!r} is disabled"
    if value is True or value is False:
        assert [f["type"] for f in fields] == ["checkbox"], f"{name!r} is not one box"
        return [fields[0]["value"] or "on"] if value else []
    chosen = list(value) if isinstance(value, list) else [value]
    offered = _offered(fields)
    if offered is not None:
        chosen = [str(c) for c in chosen]
        assert set(chosen) <= offered, f"{name!r} offers {sorted(offered)}, not {chosen}"
    return chosen


def _offered(fields: list[Element]) -> set[str] | None:
    """The choices of a field, or None where anything can be typed."""
    first = fields[0]
    if first.tag == "select":
        return {_option_value(o) for o in first.all("option")}
    if first["type"] in {"radio", "checkbox"}:
        return {f["value"] or "on" for f in fields}
    return None


def _option_value(option: Element) -> str:
    return option.attributes.get("value", option.text)
