"""Walking a site as somebody would: every link that a page offers, once per kind of page."""

import re
from collections.abc import Iterator

from tests.client import Browser, Page
from tests.markup import Element

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_PAGES = 300


def crawl(browser: Browser, start: str = "/") -> Iterator[Page]:
    """Every page that can be reached by links; two of each kind, whatever ids they carry."""
    waiting, seen, kinds = [start], set[str](), dict[str, int]()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        kind = _UUID.sub("<id>", path)
        if path in seen or kinds.get(kind, 0) >= 2:
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        page = _open(browser, path)
        yield page
        waiting += sorted(set(links(page)) - seen)
    assert len(seen) < MOST_PAGES, "there are more kinds of pages: raise MOST_PAGES"


def links(page: Page) -> list[str]:
    """The addresses inside the site to which a page leads."""
    found = (a["href"].partition("#")[0] for a in page.tree.all("a"))
    return [href for href in found if href.startswith("/") and not href.startswith("/static/")]


def _open(browser: Browser, path: str) -> Page:
    response = browser.client.get(
        path, base_url=browser.origin, follow_redirects=True, buffered=True
    )
    assert response.status_code == 200, f"a page leads to {path}, which answers {response.status}"
    return Page(browser, response)


def posting_forms(page: Page) -> list[Element]:
    """The forms of a page that change something, without those of the header."""
    return [form for form in page.main.all("form") if form["method"].lower() == "post"]
