"""A stand-in for the room of reviews, connected for one test."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from casemgr.privacy.detection import outlet

if TYPE_CHECKING:
    from casemgr.access import Actor
    from casemgr.privacy.reviews.signals import Signal


@dataclass(frozen=True)
class Tally:
    """As the contract with reviews has it."""

    confirmed: int
    explained: int
    open: int
    mistakes: int = 0


@dataclass
class Desk:
    """Keeps signals as reviews would: one of a rule, colleague, case and day."""

    kept: dict[tuple[str, UUID | None, UUID | None, date], "Signal"] = field(default_factory=dict)
    told: list["Signal"] = field(default_factory=list)
    verdicts: dict[str, Tally] = field(default_factory=dict)
    recent: dict[str, int] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)

    def raise_signals(self, _actor: "Actor", signals: Iterable["Signal"]) -> int:
        before, signals = len(self.kept), list(signals)
        self.calls.append([signal.rule for signal in signals])
        for signal in signals:
            self.told.append(signal)
            place = (signal.rule, signal.account_id, signal.case_id, signal.day)
            self.kept.setdefault(place, signal)
        return len(self.kept) - before

    def of(self, rule: str) -> list["Signal"]:
        """What one rule told."""
        return [signal for signal in self.kept.values() if signal.rule == rule]


@pytest.fixture
def reviews(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(outlet.reviews, "raise_signals", desk.raise_signals)
    monkeypatch.setattr(outlet.reviews, "verdicts_by_rule", lambda _actor: desk.verdicts)
    monkeypatch.setattr(outlet.reviews, "findings_by_rule", lambda _actor, _since: desk.recent)
    return desk
