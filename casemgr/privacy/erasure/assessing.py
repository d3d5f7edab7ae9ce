"""What would become of each part of a case that somebody asks to erase, and why."""

from collections.abc import Collection, Mapping, Sequence

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.access.key_names import named
from casemgr.cases import erasing
from casemgr.cases.models import Case
from casemgr.cases.retention import Facts, Keeping, Kept, RecordKind, kept, longest
from casemgr.db import session
from casemgr.privacy.erasure import holds
from casemgr.privacy.erasure.models import Erasure, ErasurePart

# Sittings and the beginning of a case have keys of their own, or from the first moment on.
ALWAYS = frozenset({Compartment.SOCIAL, Compartment.EPISODE})


def holding_something(case: Case, asked: Collection[Compartment]) -> frozenset[Compartment]:
    """Those of these compartments in which something can be; nothing is opened to know it."""
    return frozenset(
        part
        for part in asked
        if part in ALWAYS or named(case.facility_id, [case.id], [Compartment(part)])
    )


def assess(
    actor: Actor, case: Case, parts: Collection[Compartment], record_kind: RecordKind | None
) -> Mapping[Compartment, Kept | None]:
    """For each part what keeps it longest, by law, hold or another room; None: it is erased."""
    facts = Facts(
        state=case.state,
        rests_since=clock.to_local(case.closed_at).date() if case.closed_at else None,
        keep_until=case.keep_until,
        record_kind=record_kind or RecordKind.GENERAL,
        has_legal_papers=bool(named(case.facility_id, [case.id], [Compartment.LEGAL])),
    )
    held = [Kept(Keeping.LEGAL_HOLD, None)] if holds.of_case(case) else []
    elsewhere = [found for keep in erasing.keepers for found in keep(actor, case)]
    today = clock.today()
    answers = {}
    for part in sorted(parts):
        by_law = kept(part, facts, today)
        others = [reason for of, reason in elsewhere if part in of]
        answers[part] = longest([*held, *others, *([by_law] if by_law else [])])
    return answers


def answer_anew(actor: Actor, erasure: Erasure, rows: Sequence[ErasurePart]) -> bool:
    """Keep today's answers on the opened rows of an erasure; whether one of them changed.

    Raises SealBroken.
    """
    case = session.get_one(Case, erasure.case_id)
    found = assess(actor, case, [row.part for row in rows], erasure.record_kind)
    has_changed = False
    for row in rows:
        answer = found[row.part]
        now = (answer.keeping, answer.until) if answer else (None, None)
        if now != (row.keeping, row.kept_until):
            row.keeping, row.kept_until = now
            has_changed = True
    session.flush()
    return has_changed
