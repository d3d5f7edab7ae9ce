"""Searching for cases in reach by text and by facts."""

from casemgr.access import Actor, Compartment, Permission
from casemgr.cases import search
from casemgr.cases.facets import Facts
from casemgr.cases.lists import in_order
from casemgr.cases.models import Case
from casemgr.cases.reach import openable_ids, reachable
from casemgr.db import session


def search_cases(actor: Actor, text: str, facts: Facts | None = None) -> list[Case]:
    """Cases in reach that this text and these facts find, the best first. Raises Invalid."""
    found, similar = find_cases(actor, text, facts)
    return found + similar


def find_cases(
    actor: Actor, text: str, facts: Facts | None = None
) -> tuple[list[Case], list[Case]]:
    """Cases in reach that this text and these facts find, the best first (search.search).

    Apart from them those that fit only if a word was mistyped. Raises Invalid.
    """
    actor.require(Permission.CASE_SEARCH)
    everywhere = actor.compartments_everywhere
    identity, contact = Compartment.IDENTITY, Compartment.CONTACT
    reach = search.Reach(
        cases=None if actor.leads else frozenset(session.scalars(reachable(actor))),
        identities=None if identity in everywhere else openable_ids(actor, identity),
        contacts=None if contact in everywhere else openable_ids(actor, contact),
    )
    found = search.search(actor, text, reach, facts)
    return in_order(found.cases), in_order(found.similar)
