"""Panels on the case page that rooms above bring: they register here, casemgr/rooms.py connects.

A panel opens what it shows by itself, and returns None where it has nothing to show to this actor.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from casemgr.access import Actor
from casemgr.cases.models import Case

Context: TypeAlias = Mapping[str, Any]
Build: TypeAlias = Callable[[Actor, Case], Context | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the case page: its template reads ``panel`` (what ``build`` gave) and ``case``."""

    name: str
    build: Build
    template: str
    order: int


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel as the page includes it."""

    name: str
    template: str
    content: Context


_panels: dict[str, Panel] = {}


def register(name: str, build: Build, template: str, *, order: int = 50) -> None:
    """Add a panel; the same name again replaces it."""
    _panels[name] = Panel(name, build, template, order)


def shown(actor: Actor, case: Case) -> list[ShownPanel]:
    """What the rooms above have to show on this case page, in order."""
    found = []
    for panel in sorted(_panels.values(), key=lambda panel: (panel.order, panel.name)):
        content = panel.build(actor, case)
        if content is not None:
            found.append(ShownPanel(panel.name, panel.template, content))
    return found
