"""Keys at work: facility keys once per process, data keys as long as one session."""

import hmac
import threading
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.exc import IntegrityError

from casemgr.crypto import envelope, making
from casemgr.crypto.errors import FacilityKeyRetired, KeyMissing, SealBroken
from casemgr.crypto.facility_keys import PURPOSES, WrappedFacilityKey
from casemgr.crypto.key_store import KeyStore, WrappedKey
from casemgr.crypto.many_ids import ManyIds
from casemgr.crypto.open_keys import Lease, OpenedKey, OpenKeys
from casemgr.crypto.providers import KeyProvider
from casemgr.crypto.providers.watched import Watched
from casemgr.crypto.secret import KeptInside, Secret

__all__ = ["Keyring", "Lease", "OpenKeys", "OpenedKey"]


class _Guard(NamedTuple):
    """What unwraps keys of one compartment and generation, and what begins what they sealed."""

    number: int
    cipher: AESGCM  # the facility key of this number
    header: bytes
    tail: bytes  # of the context of such a key


class Keyring(KeptInside):
    """The process's facility keys, unwrapped once, and what is made with them."""

    def __init__(self, store: KeyStore, provider: KeyProvider) -> None:
        self.store = store
        self.provider = provider if isinstance(provider, Watched) else Watched(provider)
        self._lock = threading.Lock()
        self._secrets: dict[tuple[UUID, str], dict[int, Secret]] = {}
        self._active: dict[tuple[UUID, str], int] = {}
        self._ciphers: dict[tuple[UUID, str, int], AESGCM] = {}
        self._derived: dict[tuple[UUID, str, str, int], Secret] = {}
        self._proven = making.Proven()

    def found_facility(self, facility_id: UUID) -> None:
        """Make what is missing of a facility's keys: one for each purpose. Repeatable."""
        present = {k.purpose for k in self.store.facility_keys() if k.facility_id == facility_id}
        for purpose in PURPOSES:
            if purpose not in present:
                with suppress(IntegrityError):  # somebody else made it at the same moment
                    making.make_facility_key(self.store, self.provider, facility_id, purpose)

    def refresh(self) -> None:
        """Learn of new facility keys and forget destroyed ones. Raises KeyProviderDown.

        What is in memory stays usable while the provider is down.
        """
        with self._lock:
            self._load()

    def provider_trouble(self) -> str | None:
        """Why the provider cannot be used now, in our words, or None. Asks it once a minute."""
        return self.provider.trouble()

    def new_keys(
        self,
        facility_id: UUID,
        owner_id: UUID,
        compartments: Iterable[str],
        ids: Iterable[UUID],
        generation: int = 1,
    ) -> list[OpenedKey]:
        """Random data keys, already committed to the store as pending."""
        wanted = list(zip(compartments, ids, strict=True))
        try:
            return self._new_keys(facility_id, owner_id, wanted, generation)
        except FacilityKeyRetired:  # a rotation went by: the newest facility key wraps them
            self.refresh()
            return self._new_keys(facility_id, owner_id, wanted, generation)

    def open(self, facility_id: UUID, ids: Iterable[UUID]) -> list[OpenedKey]:
        """Unwrap data keys of this facility; one that was tampered with is left out."""
        opened = []
        for key in self.store.fetch(tuple(ids)):
            try:
                if key.facility_id == facility_id:
                    cipher = self.facility_cipher(facility_id, "data", key.facility_key)
                    opened.append(making.open_data_key(cipher, key))
            except making.NOT_A_KEY:
                continue
        return opened

    def open_into(self, keys: OpenKeys, facility_id: UUID, ids: ManyIds) -> None:
        """Unwrap many data keys into what ``keys`` admits; the ids are one value (many_ids).

        A key counts only for the owner and compartment that it was made for. One that was tampered
        with, whatever was written in its place, is left out.
        """
        head, unwrapped = envelope.context_head(facility_id), self._proven.unwrapped
        guards: dict[tuple[tuple[int, int], str], _Guard | None] = {}
        for (owner, wrapped, check), numbers, part in self.store.fetch_for_use(
            facility_id, ids
        ).each():
            kind = (numbers, part)
            if kind not in guards:
                guards[kind] = self._guard(facility_id, *numbers, part)
            if (guard := guards[kind]) is None:
                continue
            number, facility_cipher, header, tail = guard
            try:
                cipher = unwrapped(facility_cipher, number, wrapped, head + owner + tail, check)
            except SealBroken:
                continue
            keys.add_admitted(int.from_bytes(owner, "big"), part, header, cipher)

    def _guard(self, facility_id: UUID, generation: int, number: int, part: str) -> "_Guard | None":
        try:
            cipher = self.facility_cipher(facility_id, "data", number)
        except making.NOT_A_KEY:
            return None
        header, tail = envelope.header_of(generation), envelope.context_tail(part, generation)
        return _Guard(number, cipher, header, tail)

    def wrap(self, facility_id: UUID, purpose: str, key: bytes, context: bytes) -> bytes:
        """Wrap another key under the facility key of a purpose, such as ``backup``."""
        number = self.active_number(facility_id, purpose)
        return envelope.wrap(
            self.facility_cipher(facility_id, purpose, number), number, key, context
        )

    def unwrap(self, facility_id: UUID, purpose: str, wrapped: bytes, context: bytes) -> bytes:
        """What ``wrap`` wrapped, under whatever number of that purpose. Raises SealBroken."""
        number = envelope.generation_of(wrapped)
        return envelope.unwrap(self.facility_cipher(facility_id, purpose, number), wrapped, context)

    def blind_index(self, facility_id: UUID, field: str, normalised: str) -> int:
        """A signed 64-bit keyed hash of a unique identifier, for an indexed BIGINT column."""
        key = self.derive(facility_id, "index", "bi|" + field)
        digest = hmac.digest(key, field.encode() + b"\0" + normalised.encode(), sha256)
        return int.from_bytes(digest[:8], "big", signed=True)

    def derive(self, facility_id: UUID, purpose: str, label: str) -> bytes:
        """A 32-byte key for one use, derived by HKDF from the facility's index or tag secret."""
        number = self.active_number(facility_id, purpose)
        known = self._derived.get((facility_id, purpose, label, number))
        if known is None:
            hkdf = HKDF(SHA256(), envelope.KEY_BYTES, salt=None, info=label.encode())
            root = self._secrets[facility_id, purpose][number]
            known = Secret(hkdf.derive(root.reveal()))
            self._derived[facility_id, purpose, label, number] = known
        return known.reveal()

    def _new_keys(
        self, facility_id: UUID, owner_id: UUID, wanted: list[tuple[str, UUID]], generation: int
    ) -> list[OpenedKey]:
        number = self.active_number(facility_id, "data")
        cipher = self.facility_cipher(facility_id, "data", number)
        pairs = []
        for part, key_id in wanted:
            place = WrappedKey(key_id, facility_id, owner_id, part, generation, number, b"", b"")
            pairs.append(making.make_data_key(cipher, place))
        self.store.add_pending([wrapped for wrapped, _ in pairs])
        return [opened for _, opened in pairs]

    def active_number(self, facility_id: UUID, purpose: str) -> int:
        """The facility key that wraps and derives now, made or loaded on first need."""
        place = (facility_id, purpose)
        if place not in self._active:
            self.refresh()
            if place not in self._active and any(known == facility_id for known, _ in self._active):
                self.found_facility(facility_id)  # of a release that had not this purpose yet
                self.refresh()
        try:
            return self._active[place]
        except KeyError:
            raise KeyMissing from None

    def facility_cipher(self, facility_id: UUID, purpose: str, number: int) -> AESGCM:
        """The facility key of this number; one not known yet is looked for in the store."""
        cipher = self._ciphers.get((facility_id, purpose, number))
        if cipher is None:
            if number not in self._secrets.get((facility_id, purpose), ()):
                self.refresh()
            try:
                secret = self._secrets[facility_id, purpose][number]
            except KeyError:
                raise SealBroken from None
            cipher = self._ciphers[facility_id, purpose, number] = AESGCM(secret.reveal())
        return cipher

    def _secret(self, key: WrappedFacilityKey) -> Secret:
        """From memory while it is the same key: a store that was put back numbers others so."""
        known = self._secrets.get((key.facility_id, key.purpose), {}).get(key.number)
        if known is not None:
            with suppress(SealBroken):
                making.check_facility_key(key, known)
                return known
            self._ciphers.pop((key.facility_id, key.purpose, key.number), None)
        return making.open_facility_key(self.provider, key)

    def _load(self) -> None:
        secrets: dict[tuple[UUID, str], dict[int, Secret]] = {}
        active: dict[tuple[UUID, str], int] = {}
        for key in self.store.facility_keys():  # by number: the last of a place is the newest
            place = (key.facility_id, key.purpose)
            # Only the newest wraps, whatever a row says: an older one that was put back at work
            # may be known to somebody.
            active.pop(place, None)
            with suppress(*making.NOT_A_KEY):  # what is broken is left out, as a data key is
                secrets.setdefault(place, {})[key.number] = self._secret(key)
                if key.state == "active":
                    active[place] = key.number
        self._secrets, self._active = secrets, active
        for cached in [
            place for place in self._ciphers if place[2] not in secrets.get(place[:2], ())
        ]:
            self._ciphers.pop(cached, None)
