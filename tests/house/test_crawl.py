"""I12, I5, I6: every page that anybody can reach by links passes the page rules, in vi and en.

The rules stand in tests/page_rules.py; the Browser holds every page to them.
"""

import pytest

from tests.cast import PEOPLE
from tests.client import Browser
from tests.house.crawling import crawl
from tests.house.hospital import Hospital

FEWEST = {"worker": 20, "nurse": 5, "doctor": 5, "officer": 3, "partner": 1}

only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@only_sqlite
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_of_everybody_is_sound(hospital: Hospital, language: str) -> None:
    for name in PEOPLE:
        browser = hospital.cast.browser(name)
        _speak(browser, language)
        pages = list(crawl(browser))
        assert len(pages) >= FEWEST.get(name, 1), f"{name} reaches only {[p.path for p in pages]}"
        html = [page for page in pages if page.is_html]
        other = {page.path for page in html if page.tree.all("html")[0]["lang"] != language}
        ends = ("/letter", "/certificate", "/form", "/print", "/screen")
        papers = {path for path in other if path.endswith(ends)}
        papers |= {path for path in other if "/letters/" in path or "/monthly-reports/" in path}
        assert other == papers, f"not in {language}"  # official papers are Vietnamese always


@only_sqlite
def test_nobody_reaches_more_than_the_sign_in_page(hospital: Hospital) -> None:
    pages = list(crawl(Browser(hospital.cast.app.test_client())))
    assert {page.path for page in pages} <= {"/sign-in", "/"}


@only_sqlite
def test_links_lead_only_where_one_may_go(hospital: Hospital) -> None:
    """A link that is refused confuses its reader and fills the log with refusals."""
    for name in ("worker", "doctor", "nurse", "director", "officer"):
        assert all(page.status == 200 for page in crawl(hospital.cast.browser(name)))


@only_sqlite
def test_a_bad_page_is_found(hospital: Hospital) -> None:
    env = hospital.cast.app.jinja_env
    browser = hospital.cast.browser("nurse")
    source, name, uptodate = env.loader.get_source(env, "base.html")  # type: ignore[union-attr]
    broken = source.replace("</body>", "<h1>two</h1></body>")
    assert broken != source or "</body>" not in source
    env.get_template("base.html")
    real = env.loader.get_source  # type: ignore[union-attr]
    env.loader.get_source = lambda e, t: (  # type: ignore[union-attr,method-assign]
        (broken, name, uptodate) if t == "base.html" else real(e, t)
    )
    env.cache.clear()  # type: ignore[union-attr]
    with pytest.raises(AssertionError, match="one h1"):
        list(crawl(browser))


def _speak(browser: Browser, language: str) -> None:
    page = browser.get("/")
    (token, *_) = [f["value"] for f in page.tree.all("input") if f["name"] == "csrf_token"]
    browser.post("/language", {"csrf_token": token, "language": language, "back": "/"})
