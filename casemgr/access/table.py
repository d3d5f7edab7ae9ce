"""The table of roles as a page for people: docs/permissions.md is made from here."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from casemgr.access.compartments import Compartment
from casemgr.access.permissions import Permission
from casemgr.access.roles import ROLES, Grant

_INTRODUCTION = """# Roles, permissions and compartments

Made by `flask permissions` from `casemgr/access/roles.py`; do not edit. Roles say what can be done
and opened at all; the relation to the case (its care team, until when) decides the rest.
"""


def as_markdown() -> str:
    """Two tables: role × permission and role × compartment."""
    permissions = _table("Permission", Permission, lambda role, item: item in role.permissions)
    compartments = _table("Compartment", Compartment, lambda role, item: item in role.compartments)
    everywhere = ", ".join(f"`{role}`" for role, grant in ROLES.items() if grant.everywhere)
    reach = f"Every case of the facility, without a place on its team: {everywhere}.\n"
    return f"{_INTRODUCTION}\n{permissions}\n{compartments}\n{reach}"


def _table(head: str, kinds: Iterable[StrEnum], holds: Callable[[Grant, StrEnum], bool]) -> str:
    names = [role.replace("_", " ") for role in ROLES]
    lines = [f"| {head} | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for item in kinds:
        marks = ("●" if holds(grant, item) else "" for grant in ROLES.values())
        lines.append(f"| `{item}` | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"
