"""Repeats in a list become one: the same colleague, the same case, within one request or a minute.

Pure. A refusal or a failure always stands alone, and nothing is left out: a fold holds its lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from casemgr.audit import Action, Outcome
from casemgr.privacy.log.lines import Line

NEAR = timedelta(minutes=1)
LOOK_BACK = 20  # lines: what lies further apart is read as two acts anyway


@dataclass(frozen=True, slots=True)
class Fold:
    """One act with its repeats, newest first; mostly there is only the one."""

    head: Line
    lines: Sequence[Line]

    @property
    def times(self) -> int:
        """How often the act itself was done; the sealing that belongs to it is not counted."""
        return sum(line.action is self.head.action for line in self.lines)

    @property
    def compartments(self) -> tuple[str, ...]:
        """Every part that was opened."""
        return tuple(sorted({part for line in self.lines for part in line.compartments}))


def fold(lines: Iterable[Line]) -> list[Fold]:
    """The lines, newest first, with repeats folded; each fold stands where its newest line stood."""
    folds: list[list[Line]] = []
    for line in lines:
        into = next((one for one in reversed(folds[-LOOK_BACK:]) if _belongs(line, one)), None)
        if into is None:
            folds.append([line])
        else:
            into.append(line)
    return [Fold(_head(one), one) for one in folds]


def _head(lines: Sequence[Line]) -> Line:
    """What was done; that values were sealed by it is only its consequence."""
    return next((line for line in lines if line.action is not Action.VALUES_SEALED), lines[0])


def _belongs(line: Line, fold: Sequence[Line]) -> bool:
    if any(one.outcome is not Outcome.DONE for one in (line, fold[0])):
        return False
    if _who(line) != _who(fold[-1]):
        return False
    if _is_of_one_request(line, fold) and _is_sealing(line, fold):
        return True
    head = _head(fold)
    return _what(line) == _what(head) and (
        _is_of_one_request(line, fold) or abs(fold[-1].at - line.at) <= NEAR
    )


def _is_of_one_request(line: Line, fold: Sequence[Line]) -> bool:
    return line.request_id is not None and line.request_id == fold[-1].request_id


def _is_sealing(line: Line, fold: Sequence[Line]) -> bool:
    """One of them is the sealing that the other one caused: it names no case of its own."""
    sealings = [one for one in (line, _head(fold)) if one.action is Action.VALUES_SEALED]
    return bool(sealings) and not any(one.has_case for one in sealings)


def _who(line: Line) -> tuple[UUID | None, str, str, str | None]:
    """A change of address is no repeat: it may be somebody else at the same account."""
    return line.account_id, line.acting_as, line.channel, line.address


def _what(line: Line) -> tuple[object, ...]:
    return (
        line.action,
        line.case_code,
        line.has_case,
        line.subject_kind,
        line.subject_name,
        line.purpose,
    )
