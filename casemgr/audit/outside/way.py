"""One way out of this machine: what it is given, what it answers, how it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from casemgr.audit.outside.addresses import Kind

Prove = Callable[[int, int], list[bytes]]


@dataclass(frozen=True, slots=True)
class Errand:
    """What leaves: the signed note, and for a witness the proof from the size that it knows."""

    note: str
    size: int
    root: bytes
    old_size: int = 0
    proof: tuple[bytes, ...] = ()


class NotSent(Exception):
    """It did not arrive. ``reason`` is one of a few fixed words, kept and shown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WitnessKnows(Exception):
    """The witness has last seen another size than we thought; a larger one than ours is an alarm."""

    def __init__(self, size: int) -> None:
        super().__init__(str(size))
        self.size = size


class Way(Protocol):
    """Takes the newest head elsewhere. Holds no connection and no database."""

    @property
    def kind(self) -> Kind:
        """File, witness, e-mail or time stamp."""

    @property
    def name(self) -> str:
        """Names it in the database."""

    @property
    def target(self) -> str:
        """Where it leads, for the administrator's page."""

    def send(self, errand: Errand) -> bytes:
        """The receipt: what proves later that it left. Raises NotSent, WitnessKnows."""
