"""What the key commands print, line by line."""

from collections.abc import Iterator
from datetime import datetime

from casemgr import clock
from casemgr.access.epochs import Waits
from casemgr.access.key_state import KeyState
from casemgr.access.verifying import Verdict

_OUTSTANDING = {
    Waits.RE_WRAP: "removed keys: this epoch is not closed (flask keys close-epoch)",
    Waits.ROOT: "removed keys: the provider's old root is not destroyed for good",
    Waits.SHARES: "removed keys: recovery shares of that epoch are still out (flask keys split)",
}


def of_state(state: KeyState) -> Iterator[str]:
    """The answer of `flask keys status`."""
    trouble = "" if state.provider_answers else "does not answer: "
    yield f"Provider: {trouble}{state.provider}"
    yield f"Epoch: {state.epoch}" + (" (closing was begun: run close-epoch)" * state.is_closing)
    yield "Facility keys:"
    for key in state.facility_keys:
        name = f"{key.purpose}:{key.number}"
        yield f"  {name:10} {key.state:13} epoch {key.epoch}  root {key.root or '(not noted)'}"
    yield "Data keys:"
    for number, kind, count in state.data_keys:
        yield f"  under data:{number:<5} {kind:8} {count:,}"
    if state.to_rewrap:
        yield f"Rotation: {state.to_rewrap:,} data keys to go (flask keys rotate)"
    yield f"Last verify: {_when(state.verified)}"
    if state.to_remove:
        yield f"Outstanding: {state.to_remove:,} removals that the worker has still to carry out"
    for item in state.outstanding:
        until = f", until {_day(item.until)}" if item.until else ""
        yield f"Outstanding: {_OUTSTANDING[item.what]}{until}"


def of_verdict(verdict: Verdict) -> Iterator[str]:
    """The answer of `flask keys verify`."""
    yield f"Facility keys tried: {verdict.tried}"
    for name in verdict.broken:
        yield f"Does not open: {name}"
    if verdict.came_back:
        yield f"Removed again, brought back by an older key store: {verdict.came_back:,} data keys"


def _when(last: tuple[datetime, bool] | None) -> str:
    if last is None:
        return "never"
    at, went_well = last
    return f"{_day(at)}" + ("" if went_well else ", with keys that did not open")


def _day(at: datetime) -> str:
    return f"{clock.to_local(at):%Y-%m-%d %H:%M}"
