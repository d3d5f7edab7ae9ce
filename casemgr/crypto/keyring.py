"""Keys at work: facility keys once per process, data keys as long as one session."""

import hmac
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casemgr.crypto import envelope
from casemgr.crypto.errors import CompartmentClosed, KeyMissing, SealBroken
from casemgr.crypto.key_store import KeyStore, WrappedFacilityKey, WrappedKey
from casemgr.crypto.providers import KeyProvider

_PURPOSES = ("data", "index", "tag")


@dataclass(frozen=True, slots=True, repr=False)
class OpenedKey:
    """A data key ready to seal and open. It has no repr, so that no traceback shows it."""

    id: UUID
    owner_id: UUID
    compartment: str
    generation: int
    cipher: AESGCM


class Lease:
    """Lent with what an open key showed; once given back, that counts no more."""

    __slots__ = ("is_valid",)

    def __init__(self) -> None:
        self.is_valid = True


class OpenKeys:
    """What one session may read now: the opened compartments and their keys by generation."""

    def __init__(self) -> None:
        self._ciphers: dict[tuple[UUID, str], dict[int, AESGCM]] = {}
        self.lease = Lease()

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

    def recall(self) -> None:
        """Have everything that was read with these keys asked for again."""
        self.lease.is_valid = False
        self.lease = Lease()

    def close(self) -> None:
        """Forget every key: at the end of the request, on refusal, on revocation."""
        self._ciphers.clear()
        self.recall()


class Keyring:
    """The process's facility keys, unwrapped once, and what is made with them."""

    def __init__(self, store: KeyStore, provider: KeyProvider) -> None:
        self.store = store
        self._provider = provider
        self._lock = threading.Lock()
        self._secrets: dict[tuple[UUID, str], dict[int, bytes]] = {}
        self._ciphers: dict[tuple[UUID, int], AESGCM] = {}
        self._derived: dict[tuple[UUID, str, str], bytes] = {}

    def __repr__(self) -> str:
        return "Keyring()"

    def found_facility(self, facility_id: UUID) -> None:
        """Make the first keys of a facility: one for data, one for indexes, one for tags."""
        for purpose in _PURPOSES:
            wrapped = self._provider.wrap(
                urandom(envelope.KEY_BYTES), _facility_context(facility_id, purpose, 1)
            )
            self.store.add_facility_key(WrappedFacilityKey(facility_id, purpose, 1, wrapped))

    def new_keys(
        self, facility_id: UUID, owner_id: UUID, compartments: Iterable[str], ids: Iterable[UUID]
    ) -> list[OpenedKey]:
        """Random first-generation data keys, already committed to the store as pending."""
        number, cipher = self._data_cipher(facility_id)
        wrapped, opened = [], []
        for compartment, key_id in zip(compartments, ids, strict=True):
            secret = urandom(envelope.KEY_BYTES)
            context = envelope.key_context(facility_id, owner_id, compartment, 1)
            sealed = envelope.wrap(cipher, number, secret, context)
            check = envelope.commitment(secret, context)
            wrapped.append(
                WrappedKey(key_id, facility_id, owner_id, compartment, 1, number, sealed, check)
            )
            opened.append(OpenedKey(key_id, owner_id, compartment, 1, AESGCM(secret)))
        self.store.add_pending(wrapped)
        return opened

    def open(self, facility_id: UUID, ids: Iterable[UUID]) -> list[OpenedKey]:
        """Unwrap data keys of this facility; one that was tampered with is left out."""
        opened = []
        for key in self.store.fetch(tuple(ids)):
            with suppress(SealBroken):
                opened.append(self._open(facility_id, key))
        return opened

    def blind_index(self, facility_id: UUID, field: str, normalised: str) -> int:
        """A signed 64-bit keyed hash of a unique identifier, for an indexed BIGINT column."""
        key = self.derive(facility_id, "index", "bi|" + field)
        digest = hmac.digest(key, field.encode() + b"\0" + normalised.encode(), sha256)
        return int.from_bytes(digest[:8], "big", signed=True)

    def derive(self, facility_id: UUID, purpose: str, label: str) -> bytes:
        """A 32-byte key for one use, derived by HKDF from the facility's index or tag secret."""
        known = self._derived.get((facility_id, purpose, label))
        if known is None:
            secrets = self._facility_secrets(facility_id, purpose)
            hkdf = HKDF(SHA256(), envelope.KEY_BYTES, salt=None, info=label.encode())
            known = self._derived[(facility_id, purpose, label)] = hkdf.derive(
                secrets[max(secrets)]
            )
        return known

    def _open(self, facility_id: UUID, key: WrappedKey) -> OpenedKey:
        number = key.facility_key
        secrets = self._facility_secrets(facility_id, "data")
        if number not in secrets or key.facility_id != facility_id:
            raise SealBroken
        context = envelope.key_context(facility_id, key.owner_id, key.compartment, key.generation)
        secret = envelope.unwrap(self._cipher(facility_id, number), key.wrapped, context)
        if not hmac.compare_digest(envelope.commitment(secret, context), key.commitment):
            raise SealBroken
        return OpenedKey(key.id, key.owner_id, key.compartment, key.generation, AESGCM(secret))

    def _data_cipher(self, facility_id: UUID) -> tuple[int, AESGCM]:
        number = max(self._facility_secrets(facility_id, "data"))
        return number, self._cipher(facility_id, number)

    def _cipher(self, facility_id: UUID, number: int) -> AESGCM:
        cipher = self._ciphers.get((facility_id, number))
        if cipher is None:
            secret = self._facility_secrets(facility_id, "data")[number]
            cipher = self._ciphers[(facility_id, number)] = AESGCM(secret)
        return cipher

    def _facility_secrets(self, facility_id: UUID, purpose: str) -> dict[int, bytes]:
        """Unwrap all facility keys on first need, so that a provider may come up after us."""
        known = self._secrets.get((facility_id, purpose))
        if known is None:
            with self._lock:
                for key in self.store.facility_keys():
                    context = _facility_context(key.facility_id, key.purpose, key.number)
                    secret = self._provider.unwrap(key.wrapped, context)
                    self._secrets.setdefault((key.facility_id, key.purpose), {})[key.number] = (
                        secret
                    )
            known = self._secrets.get((facility_id, purpose))
        if not known:
            raise KeyMissing
        return known


def _facility_context(facility_id: UUID, purpose: str, number: int) -> bytes:
    parts = (b"facility key", facility_id.bytes, purpose.encode(), number.to_bytes(4, "big"))
    return b"".join(map(envelope.length_prefixed, parts))
