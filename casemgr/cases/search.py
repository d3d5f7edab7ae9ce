"""Finding a case: names and facts through the index, unique numbers by blind index (design §4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor, Invalid, Permission
from casemgr.audit import Action, record
from casemgr.cases.changes import note_change
from casemgr.cases.facets import Facts
from casemgr.cases.indexing import (
    IDLE_SECONDS,
    answer,
    catch_up_all,
    caught_up,
    with_facets,
)
from casemgr.cases.models import Case
from casemgr.cases.numbers import by_number
from casemgr.cases.rules import CODE
from casemgr.crypto.names import fold
from casemgr.crypto.names.matching import SLIP
from casemgr.db import session

__all__ = ["IDLE_SECONDS", "catch_up_all", "caught_up", "note_change", "with_facets"]

RESULTS = 50
FEWEST_FACTS = 2
"""Facts that are enough without a name: one alone would list half the hospital."""

_DIGITS_OF_A_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Reach:
    """From which cases a search may answer: by code, by what is in IDENTITY, by what in CONTACT.

    None: from every case of the facility.
    """

    cases: frozenset[UUID] | None
    identities: frozenset[UUID] | None
    contacts: frozenset[UUID] | None


@dataclass(frozen=True, slots=True)
class Found:
    """The cases that were found, best first; ``similar`` only if somebody mistyped a word."""

    cases: list[UUID]
    similar: list[UUID]


def search(actor: Actor, text: str, reach: Reach, facts: Facts | None = None) -> Found:
    """Cases in ``reach`` whose person is called like ``text``, or has it as a unique number.

    Words in any order, with or without diacritics; or an identity, passport, insurance or telephone
    number, or a case code. All ``facts`` must fit as well; two of them are enough without a text.
    Nothing of this is stored or logged but the kind of question; hits elsewhere are not counted.
    Raises Invalid("text", "too_little").
    """
    actor.require(Permission.CASE_SEARCH)
    known = facts or Facts()
    if not text.strip() and len(known) < FEWEST_FACTS:
        raise Invalid("text", "too_little")
    unique = _by_code(actor, text, reach) + by_number(actor, text, reach.identities, reach.contacts)
    named, similar = _by_name(actor, text, reach, known, unique)
    shown = list(dict.fromkeys(named))[:RESULTS]
    less = [case_id for case_id in dict.fromkeys(similar) if case_id not in shown]
    less = less[: RESULTS - len(shown)]
    record(
        actor,
        Action.CASES_SEARCHED,
        subject_kind="search:" + "+".join(_kinds(text, known)),
        shown=[*shown, *less],
        count=len(shown) + len(less),
    )
    return Found(shown, less)


def _by_name(
    actor: Actor, text: str, reach: Reach, facts: Facts, unique: list[UUID]
) -> tuple[list[UUID], list[UUID]]:
    """What is found by names and facts, after those of ``unique`` that carry the facts too."""
    if reach.identities is not None and not reach.identities:
        return ([] if facts else unique), []  # nothing of anybody's identity may be used
    terms = facts.terms()
    within = reach.identities
    if facts and unique:
        having = frozenset(unique) & (within if within is not None else frozenset(unique))
        carrying = answer(
            actor.facility_id, lambda names: names.matching("", within=having, facets=terms)
        )
        unique = [case_id for case_id in unique if case_id in carrying]
    hits = answer(
        actor.facility_id,
        lambda names: names.search(text, within=within, facets=terms, limit=RESULTS),
    )
    good = [hit.doc_id for hit in hits if hit.rank < SLIP]
    return unique + good, [hit.doc_id for hit in hits if hit.rank >= SLIP]


def _by_code(actor: Actor, text: str, reach: Reach) -> list[UUID]:
    code = text.strip().upper()
    query = select(Case.id).where(Case.facility_id == actor.facility_id, Case.code == code)
    return [
        case_id
        for case_id in session.scalars(query)
        if reach.cases is None or case_id in reach.cases
    ]


def _kinds(text: str, facts: Facts) -> Iterator[str]:
    """What was asked by; which name, number or fact it was stands nowhere."""
    if CODE.fullmatch(text.strip().upper()):
        yield "code"
    elif len(fold.digits(text)) >= _DIGITS_OF_A_NUMBER:
        yield "number"
    elif text.strip():
        yield "name"
    if facts:
        yield "facts"
