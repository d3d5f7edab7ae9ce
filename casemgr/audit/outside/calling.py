"""One HTTP request to an address of the settings: no proxy, no redirect, short answers only."""

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from casemgr.audit.outside.way import NotSent

SECONDS = 15.0
MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def post(url: str, body: bytes, content_type: str, ca: str = "") -> Answer:
    """Send ``body``. Raises NotSent when nobody answers, or too long."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=trusted(ca))
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    )
    try:
        connection.request("POST", parts.path or "/", body, {"Content-Type": content_type})
        response = connection.getresponse()
        answered = response.read(MOST_BYTES + 1)
    except ssl.SSLError:
        raise NotSent("not_trusted") from None
    except (OSError, http.client.HTTPException):
        raise NotSent("no_answer") from None
    finally:
        connection.close()
    if len(answered) > MOST_BYTES:
        raise NotSent("bad_answer")
    return Answer(response.status, answered)


def trusted(ca: str) -> ssl.SSLContext:
    """The authorities of the system, or the one of the settings. Raises NotSent without its file."""
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError:
        raise NotSent("not_trusted") from None
