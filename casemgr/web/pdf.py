"""A print page as PDF. WeasyPrint is loaded only when it is needed; it needs the Pango library."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

STATIC = "/static/"
_BASE = "http://print.invalid/"  # nothing answers there: every address goes through _fetcher


class OutsideAddress(ValueError):
    """A print page asked for something that is not one of our own static files (I6)."""


@cache
def obstacle() -> str | None:
    """Why there is no PDF on this machine, as a reason (labels.PDF_OBSTACLES); None when there is."""
    try:
        import weasyprint  # noqa: F401
    except ImportError:
        return "no_weasyprint"
    except OSError:
        return "no_pango"
    return None


def pdf(html: str, static_folder: Path) -> bytes:
    """Render the print page. Slow: call it outside the transaction. Holds everything in memory."""
    import weasyprint

    page = weasyprint.HTML(string=html, base_url=_BASE, url_fetcher=_fetcher(static_folder))
    body: bytes = page.write_pdf(uncompressed_pdf=False)
    return body


def own_file(url: str, static_folder: Path) -> Path:
    """The static file that an address of the letter means. Raises OutsideAddress."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}/" != _BASE or not parts.path.startswith(STATIC):
        raise OutsideAddress
    root = static_folder.resolve()
    path = (root / unquote(parts.path.removeprefix(STATIC))).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise OutsideAddress
    return path


def _fetcher(static_folder: Path) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):
        """Reads our static files; a page that asks for anything else is not made at all."""

        def fetch(self, url: str, headers: object = None) -> Any:
            """Open one of our files."""
            path = own_file(url, static_folder)
            kind = "text/css" if path.suffix == ".css" else "font/ttf"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFiles(fail_on_errors=True)
