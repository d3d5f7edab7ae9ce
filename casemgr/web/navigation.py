"""The main menu: rooms declare their entry, a page shows those that the actor may follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel.speaklater import LazyString

from casemgr.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. ``order`` sorts it; rooms leave gaps of ten."""

    label: LazyString
    endpoint: str
    permission: Permission
    order: int


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as a page needs it."""

    text: str
    href: str
    current: bool


_entries: dict[str, Entry] = {}


def declare(label: LazyString, endpoint: str, permission: Permission, *, order: int) -> None:
    """Add a room's entry; declaring the same endpoint again replaces it."""
    _entries[endpoint] = Entry(label, endpoint, permission, order)


def links_for(actor: Actor | None) -> list[Link]:
    """What this actor may follow, in order; nothing for somebody who is not signed in."""
    return [] if actor is None else list(_links(actor))


def _links(actor: Actor) -> Iterator[Link]:
    room = (request.endpoint or "").partition(".")[0]
    for entry in sorted(_entries.values(), key=lambda entry: entry.order):
        if actor.may(entry.permission) and entry.endpoint in current_app.view_functions:
            here = entry.endpoint.partition(".")[0] == room
            yield Link(str(entry.label), url_for(entry.endpoint), here)


def items(links: list[Link]) -> list[dict[str, object]]:
    """The links as the service navigation component wants them."""
    return [{"text": link.text, "href": link.href, "active": link.current} for link in links]


def url_if_built(endpoint: str, **values: Any) -> str | None:
    """The address of an endpoint, or None while its room does not exist."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
