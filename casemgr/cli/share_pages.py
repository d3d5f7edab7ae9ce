"""Five pages to print, one share on each: files of their own, in a folder of their own, mode 0600.

The page is never served: it lies on the disk until it was printed, so its style stands inside it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _
from jinja2 import Environment, StrictUndefined

from casemgr.cli.screen import COLUMNS
from casemgr.crypto.recovery.shares import SHARES, Share

_PAGE = Path(__file__).with_name("share_page.html")


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands on every page of a set beside the share."""

    hospital: str
    set_id: str
    made_on: str  # as the hospital writes a day
    language: str  # vi | en


def write(folder: Path, shares: Sequence[Share], facts: Facts) -> list[Path]:
    """One file for each share, readable by this user alone. Raises FileExistsError."""
    folder.mkdir(mode=0o700, parents=True)
    paths = []
    for share in shares:
        path = folder / f"{share.number}-{SHARES}.html"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page(share, facts))
        paths.append(path)
    return paths


def page(share: Share, facts: Facts) -> str:
    """The page of one share, in the language of the moment."""
    rows = -(-len(share.words) // COLUMNS)
    numbered = list(enumerate(share.words, start=1))
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_PAGE.read_text("utf-8")).render(
        facts=facts,
        name=_("Share %(number)s of %(all)s", number=share.number, all=SHARES),
        columns=[numbered[start : start + rows] for start in range(0, len(numbered), rows)],
        words=_words(),
    )


def _words() -> dict[str, str | list[str]]:
    return {
        "title": _("Recovery share"),
        "set": _("Set"),
        "made_on": _("Made on"),
        "keeper": _("Keeper (by hand)"),
        "what_for": _("What it is for"),
        "purpose": _(
            "The hospital's confidential records are encrypted. When the key that opens them is lost, three of these five shares bring it back. One or two shares tell nothing."
        ),
        "how": _("How to keep it"),
        "rules": [
            _("In a locked place of your own, apart from the other shares and from the server."),
            _("Do not copy, photograph or type it anywhere but at a drill or a recovery."),
            _("Nobody may hold two shares. Hand it over in person and in writing."),
            _(
                "Lost, seen by somebody, or you leave: tell the administrator today. New shares will be made."
            ),
            _(
                "After a newer set was made, bring this paper back: it is destroyed before witnesses."
            ),
        ],
    }
