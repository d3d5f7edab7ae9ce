"""Lists of cases in reach and how many they hold, by public columns and by facts of the index."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr.access import Actor, Compartment, Denied, Permission
from casemgr.audit import Action, record
from casemgr.cases import search
from casemgr.cases.models import Case
from casemgr.cases.reach import UNTAKEN, openable_ids, reachable
from casemgr.cases.rules import CaseState
from casemgr.db import session

PAGE_SIZE = 50


def list_cases(
    actor: Actor,
    *,
    states: Iterable[CaseState] = (),
    mine: bool = False,
    untaken: bool = False,
    facets: Iterable[str] = (),
    page: int = 1,
) -> list[Case]:
    """A page of cases in reach, the latest change first, as one entry with the ids shown.

    ``facets`` are terms of the in-memory index ("group:P2"): facts are never columns (design §4).
    """
    return list_page(actor, states=states, mine=mine, untaken=untaken, facets=facets, page=page)[0]


def list_page(
    actor: Actor,
    *,
    states: Iterable[CaseState] = (),
    mine: bool = False,
    untaken: bool = False,
    facets: Iterable[str] = (),
    page: int = 1,
) -> tuple[list[Case], int]:
    """As list_cases, and how many there are in all. Raises Denied for facts one may not read."""
    actor.require(Permission.CASE_LIST)
    if facets and Compartment.SOCIAL not in actor.compartments:
        raise Denied(Permission.CASE_LIST)
    query = _wanted(actor, states=states, mine=mine, untaken=untaken)
    newest = query.order_by(Case.changed_at.desc(), Case.id)
    first = (page - 1) * PAGE_SIZE
    if terms := list(facets):
        having = search.with_facets(actor, terms) & openable_ids(actor, Compartment.SOCIAL)
        ids = [case_id for case_id in session.scalars(newest) if case_id in having]
        total, shown = len(ids), ids[first : first + PAGE_SIZE]
    else:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        shown = list(session.scalars(newest.limit(PAGE_SIZE).offset(first)))
    asked = [Compartment.SOCIAL] if facets else []
    record(actor, Action.CASES_LISTED, shown=shown, count=len(shown), compartments=asked)
    return in_order(shown), total


def count_cases(
    actor: Actor,
    *,
    states: Iterable[CaseState] = (),
    mine: bool = False,
    untaken: bool = False,
) -> int:
    """How many cases in reach; the number that the home page shows beside its list."""
    query = _wanted(actor, states=states, mine=mine, untaken=untaken)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _wanted(
    actor: Actor, *, states: Iterable[CaseState], mine: bool, untaken: bool
) -> Select[UUID]:
    query = reachable(actor)
    if chosen := list(states):
        query = query.where(Case.state.in_(chosen))
    if mine:
        query = query.where(Case.assignee_id == actor.account_id)
    if untaken:
        query = query.where(Case.assignee_id.is_(None), Case.state.in_(UNTAKEN))
    return query


def in_order(ids: list[UUID]) -> list[Case]:
    """The cases in the order of their ids; the caller made sure that they are in reach."""
    found = {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(ids)))}
    return [found[case_id] for case_id in ids]
