"""One entry of the log as people read it: names of staff and codes of cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgr.access import Actor
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.audit.shown import ids_shown
from casemgr.cases import codes


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as people read it: ids are turned into names of staff and codes of cases."""

    id: UUID
    at: datetime
    account_id: UUID | None
    who: str | None  # None: nobody was signed in, or a system actor
    acting_as: str  # the roles at that time, or the system actor's name
    action: Action
    outcome: Outcome
    case_code: str | None
    has_case: bool  # a case without a code is unknown here, or was erased
    subject_kind: str | None
    subject_name: str | None
    compartments: tuple[str, ...]
    purpose: str | None
    channel: str
    address: str | None
    request_id: UUID | None
    count: int | None
    codes_shown: tuple[str, ...]


def lines_of(actor: Actor, rows: Iterable[AuditEntry]) -> list[Line]:
    """The entries as lines; every name and code is asked for once."""
    entries = list(rows)
    listed = {entry.id: ids_shown(entry.leaf) for entry in entries if entry.count}
    case_ids = {entry.case_id for entry in entries if entry.case_id}
    known = codes.codes_of(actor, case_ids.union(*listed.values()))
    people = {entry.account_id for entry in entries}
    people |= {entry.subject_id for entry in entries if entry.subject_kind == "account"}
    names = accounts.names_of(actor, people)
    return [_line(entry, known, names, listed.get(entry.id, [])) for entry in entries]


def _line(
    entry: AuditEntry,
    known: dict[UUID, str],
    names: dict[UUID | None, str],
    listed: Iterable[UUID],
) -> Line:
    is_about_staff = entry.subject_kind == "account"
    return Line(
        id=entry.id,
        at=entry.at,
        account_id=entry.account_id,
        who=names.get(entry.account_id),
        acting_as=entry.acting_as,
        action=entry.action,
        outcome=entry.outcome,
        case_code=known.get(entry.case_id) if entry.case_id else None,
        has_case=entry.case_id is not None,
        subject_kind=entry.subject_kind,
        subject_name=names.get(entry.subject_id) if is_about_staff else None,
        compartments=tuple(entry.compartments.split()),
        purpose=entry.purpose,
        channel=entry.channel,
        address=entry.address,
        request_id=entry.request_id,
        count=entry.count,
        codes_shown=tuple(sorted({known[item] for item in listed if item in known})),
    )
