"""Data keys at work: opened for one session, gone with it, never shown, stored or sent."""

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto.errors import CompartmentClosed, KeyMissing, SealBroken
from casemgr.crypto.secret import KeptInside


@dataclass(frozen=True, slots=True, repr=False)
class OpenedKey(KeptInside):
    """A data key ready to seal and open. It has no repr, so that no traceback shows it."""

    id: UUID
    owner_id: UUID
    compartment: str
    generation: int
    cipher: AESGCM


class OpenKeys(KeptInside):
    """What one session may read now: the opened compartments and their keys by generation."""

    __slots__ = ("_ciphers",)

    def __init__(self) -> None:
        self._ciphers: dict[tuple[UUID, str], dict[int, AESGCM]] = {}

    def __repr__(self) -> str:
        return f"<OpenKeys {len(self._ciphers)}>"

    def admit(self, owner_id: UUID, compartment: str) -> None:
        """Open a compartment even if nothing was ever sealed in it."""
        self._ciphers.setdefault((owner_id, compartment), {})

    def add(self, key: OpenedKey) -> None:
        """Put a key where sealed attributes find it."""
        self._ciphers.setdefault((key.owner_id, key.compartment), {})[key.generation] = key.cipher

    def is_open(self, owner_id: UUID, compartment: str) -> bool:
        """Whether this compartment was opened for this session."""
        return (owner_id, compartment) in self._ciphers

    def has_key(self, owner_id: UUID, compartment: str) -> bool:
        """Whether something can be sealed there now."""
        return bool(self._ciphers.get((owner_id, compartment)))

    def for_opening(self, owner_id: UUID, compartment: str, generation: int) -> AESGCM:
        """The key that a header names. Raises CompartmentClosed, or SealBroken if unknown."""
        ciphers = self._ciphers.get((owner_id, compartment))
        if ciphers is None:
            raise CompartmentClosed(compartment)
        try:
            return ciphers[generation]
        except KeyError:
            raise SealBroken from None

    def for_sealing(self, owner_id: UUID, compartment: str) -> tuple[int, AESGCM]:
        """The newest generation and its key. Raises CompartmentClosed or KeyMissing."""
        ciphers = self._ciphers.get((owner_id, compartment))
        if ciphers is None:
            raise CompartmentClosed(compartment)
        if not ciphers:
            raise KeyMissing
        generation = max(ciphers)
        return generation, ciphers[generation]

    def copy(self) -> "OpenKeys":
        """The same keys in a ring of their own: to come back to when an act fails."""
        twin = OpenKeys()
        twin._ciphers = {place: dict(keys) for place, keys in self._ciphers.items()}
        return twin

    def drop(self, owner_id: UUID, compartment: str, generation: int) -> None:
        """Forget one key: it is about to be removed."""
        self._ciphers.get((owner_id, compartment), {}).pop(generation, None)

    def close(self) -> None:
        """Forget every key: at the end of the request, on refusal, on revocation."""
        self._ciphers.clear()
