"""What the key commands print, line by line."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from casemgr import clock
from casemgr.access.epochs import Waits
from casemgr.access.key_names import the_keyring
from casemgr.access.key_state import KeyState
from casemgr.access.verifying import Verdict
from casemgr.crypto.recovery import recovery_store

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
    if state.above_active:
        yield (
            f"Under a facility key newer than the active one: {state.above_active:,} data keys. "
            "Is this an older copy of the key store?"
        )
    yield f"Last verify: {_when(state.verified, 'with keys that did not open')}"
    yield f"Last drill: {_when(state.drilled, 'which failed')}"
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


def of_shares(facility_id: UUID) -> Iterator[str]:
    """Which recovery shares are in force, and which facility keys they do not open."""
    store = the_keyring().store
    current = recovery_store.current(store, facility_id)
    if current is None:
        yield "Recovery shares: none (flask keys split)"
        return
    yield f"Recovery shares: set {current.set_id}, made {_day(current.made_at)}"
    for key in recovery_store.without_envelope(store, facility_id):
        yield f"Not opened by the recovery shares: {key.purpose}:{key.number} (flask keys split)"


def _when(last: tuple[datetime, bool] | None, trouble: str) -> str:
    if last is None:
        return "never"
    at, went_well = last
    return _day(at) if went_well else f"{_day(at)}, {trouble}"


def _day(at: datetime) -> str:
    return f"{clock.to_local(at):%Y-%m-%d %H:%M}"
