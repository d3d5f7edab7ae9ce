"""Data keys at work: opened for one session, gone with it, never shown, stored or sent."""

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto.envelope import generation_of_header, header_of
from casemgr.crypto.errors import CompartmentClosed, KeyMissing, SealBroken
from casemgr.crypto.secret import KeptInside


@dataclass(slots=True, repr=False, eq=False)
class OpenedKey(KeptInside):
    """A data key ready to seal and open. It has no repr, so that no traceback shows it."""

    id: UUID
    owner_id: UUID
    compartment: str
    generation: int
    cipher: AESGCM


class Lease:
    """Lent with what an open key showed; once it is given back, that counts no more."""

    __slots__ = ("is_valid",)

    def __init__(self) -> None:
        self.is_valid = True


class OpenKeys(KeptInside):
    """What one session may read now: the opened compartments and their keys.

    The keys of a compartment lie by the header that begins whatever each of them sealed: a value
    finds its own by its first bytes. Owners lie by number, for a UUID hashes itself in Python, and
    this is asked for every row.
    """

    __slots__ = ("_ciphers", "lease")

    def __init__(self) -> None:
        self._ciphers: dict[tuple[int, str], dict[bytes, AESGCM]] = {}
        self.lease = Lease()

    def __repr__(self) -> str:
        return f"<OpenKeys {len(self._ciphers)}>"

    def admit(self, owner_id: UUID, compartment: str) -> None:
        """Open a compartment even if nothing was ever sealed in it."""
        self._ciphers.setdefault((owner_id.int, compartment), {})

    def add(self, key: OpenedKey) -> None:
        """Put a key where sealed attributes find it."""
        place = (key.owner_id.int, key.compartment)
        self._ciphers.setdefault(place, {})[header_of(key.generation)] = key.cipher

    def add_admitted(self, owner: int, compartment: str, header: bytes, cipher: AESGCM) -> None:
        """Put a key of an owner, given as a number, where it was admitted, and nowhere else."""
        admitted = self._ciphers.get((owner, compartment))
        if admitted is not None:
            admitted[header] = cipher

    def is_open(self, owner_id: UUID, compartment: str) -> bool:
        """Whether this compartment was opened for this session."""
        return (owner_id.int, compartment) in self._ciphers

    def has_key(self, owner_id: UUID, compartment: str) -> bool:
        """Whether something can be sealed there now."""
        return bool(self._ciphers.get((owner_id.int, compartment)))

    def by_header(self, owner_id: UUID, compartment: str) -> dict[bytes, AESGCM]:
        """The keys of a compartment, none before its first value. Raises CompartmentClosed."""
        ciphers = self._ciphers.get((owner_id.int, compartment))
        if ciphers is None:
            raise CompartmentClosed(compartment)
        return ciphers

    def for_opening(self, owner_id: UUID, compartment: str, generation: int) -> AESGCM:
        """The key that a header names. Raises CompartmentClosed, or SealBroken if unknown."""
        try:
            return self.by_header(owner_id, compartment)[header_of(generation)]
        except KeyError:
            raise SealBroken from None

    def for_sealing(self, owner_id: UUID, compartment: str) -> tuple[int, AESGCM]:
        """The newest generation and its key. Raises CompartmentClosed or KeyMissing."""
        ciphers = self.by_header(owner_id, compartment)
        if not ciphers:
            raise KeyMissing
        newest = max(ciphers)
        return generation_of_header(newest), ciphers[newest]

    def copy(self) -> "OpenKeys":
        """The same keys in a ring of their own: to come back to when an act fails."""
        twin = OpenKeys()
        twin._ciphers = {place: dict(keys) for place, keys in self._ciphers.items()}
        return twin

    def drop(self, owner_id: UUID, compartment: str, generation: int) -> None:
        """Forget one key: it is about to be removed."""
        self._ciphers.get((owner_id.int, compartment), {}).pop(header_of(generation), None)
        self.recall()

    def recall(self) -> None:
        """Have everything that was read with these keys opened anew when it is read again."""
        self.lease.is_valid = False
        self.lease = Lease()

    def close(self) -> None:
        """Forget every key: at the end of the request, on refusal, on revocation."""
        self._ciphers.clear()
        self.recall()
