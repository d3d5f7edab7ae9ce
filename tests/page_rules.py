"""What every page owes its reader and the house (I5, I6, I12): one function per rule."""

from collections import Counter
from collections.abc import Callable, Iterator

from tests.markup import Element

NEUTRAL_TITLE = "Sổ công tác"
_FIELDS = ("input", "select", "textarea")
_UNLABELLED_KINDS = {"hidden", "submit", "button", "reset", "image"}
_LOADING = ("src", "href", "action", "formaction", "poster", "data", "srcset")


def faults(page: Element) -> list[str]:
    """Everything wrong with this page, in words; empty when nothing is."""
    return [fault for rule in RULES for fault in rule(page)]


def title_is_neutral(page: Element) -> Iterator[str]:
    """I5: a title shows in history, in the task bar and on a shared screen."""
    titles = [t.text for t in page.all("title", where=lambda e: e.up("svg") is None)]
    if titles != [NEUTRAL_TITLE]:
        yield f"title must be {NEUTRAL_TITLE!r} alone, is {titles}"


def language_is_named(page: Element) -> Iterator[str]:
    """WCAG 3.1.1: a screen reader needs to know which voice to use."""
    if [h["lang"] in {"vi", "en"} for h in page.all("html")] != [True]:
        yield "html needs lang vi or en"


def one_heading(page: Element) -> Iterator[str]:
    """I12."""
    headings = [h.text for h in page.all("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"one h1 with words, found {headings}"


def ids_are_unique(page: Element) -> Iterator[str]:
    """I12: a label or an error link must lead to one place."""
    counts = Counter(e["id"] for e in page.all() if "id" in e)
    yield from (
        f"id {name!r} is empty or used {n} times" for name, n in counts.items() if n > 1 or not name
    )


def fields_are_labelled(page: Element) -> Iterator[str]:
    """WCAG 1.3.1, 4.1.2."""
    labels = {e["for"] for e in page.all("label") if e.text}
    ids = {e["id"]: e for e in page.all() if "id" in e}
    for field in fields(page):
        named = (
            field["id"] in labels
            or bool(field["aria-label"].strip())
            or any(i in ids and ids[i].text for i in field["aria-labelledby"].split())
            or ((label := field.up("label")) is not None and bool(label.text))
        )
        if not named:
            yield f"{field.tag} {field['name'] or field['id']!r} has no label"


def choices_have_a_question(page: Element) -> Iterator[str]:
    """WCAG 1.3.1: radio buttons stand in a fieldset whose legend asks."""
    for field in page.all("input", where=lambda e: e["type"] == "radio"):
        fieldset = field.up("fieldset")
        if fieldset is None or not any(legend.text for legend in fieldset.all("legend")):
            yield f"radio {field['name']!r} has no fieldset with a legend"


def errors_are_linked(page: Element) -> Iterator[str]:
    """WCAG 3.3.1: an error is read out with its field, and the summary leads to it."""
    ids = {e["id"] for e in page.all() if "id" in e}
    described = {i for e in page.all() for i in e["aria-describedby"].split()}
    yield from (f"aria-describedby names {i!r}, which is not there" for i in described - ids)
    messages = page.having("govuk-error-message")
    for message in messages:
        if message["id"] not in described:
            yield f"the error {message.text!r} is linked to no field"
    summaries = page.having("govuk-error-summary")
    if messages and not summaries:
        yield "a page with errors needs an error summary"
    for link in (a for s in summaries for a in s.all("a")):
        if not link["href"].startswith("#") or link["href"][1:] not in ids:
            yield f"the error summary leads to {link['href']!r}, which is not there"


def nothing_inline(page: Element) -> Iterator[str]:
    """The CSP has neither nonce nor unsafe-inline: inline script or style would not run anyway."""
    for element in page.all():
        if element.tag == "style" or (element.tag == "script" and not element["src"]):
            yield f"inline <{element.tag}>"
        yield from (
            f"<{element.tag}> has {name}"
            for name in element.attributes
            if name == "style" or name.startswith("on")
        )
        if any(element[name].strip().lower().startswith("javascript:") for name in _LOADING):
            yield f"<{element.tag}> runs a javascript: address"


def nothing_from_outside(page: Element) -> Iterator[str]:
    """I6: no browser request leaves the hospital."""
    for element in page.all():
        for name in _LOADING:
            value = element[name].strip().lower()
            if value.startswith(("//", "\\\\")) or "://" in value.split("?", maxsplit=1)[0]:
                yield f"<{element.tag} {name}={element[name]!r}> leads outside"


def posts_carry_a_token(page: Element) -> Iterator[str]:
    """A form that changes something carries its CSRF token; one that only asks carries none.

    Quick exit needs none: it only ends a session, and must never be refused (R19).
    """
    for form in page.all("form", where=lambda e: "data-quick-exit" not in e):
        token = any(f["name"] == "csrf_token" and f["value"] for f in form.all("input"))
        if token != (form["method"].lower() == "post"):
            yield f"form {form['action']!r}: method {form['method']!r}, token {token}"


def fields(page: Element) -> list[Element]:
    """The fields that a person fills in."""
    return page.all(*_FIELDS, where=lambda e: e["type"].lower() not in _UNLABELLED_KINDS)


RULES: tuple[Callable[[Element], Iterator[str]], ...] = (
    title_is_neutral,
    language_is_named,
    one_heading,
    ids_are_unique,
    fields_are_labelled,
    choices_have_a_question,
    errors_are_linked,
    nothing_inline,
    nothing_from_outside,
    posts_carry_a_token,
)
