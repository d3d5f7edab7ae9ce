"""Making and opening keys: the few functions in which key bytes are handled at all.

No frame here keeps key bytes in a variable while something can fail: a traceback that shows the
variables of its frames must not show a key.
"""

import hmac
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import envelope
from casemgr.crypto.errors import SealBroken, SealError
from casemgr.crypto.facility_keys import Also, WrappedFacilityKey
from casemgr.crypto.key_store import KeyStore, WrappedKey
from casemgr.crypto.open_keys import OpenedKey
from casemgr.crypto.providers import KeyProvider
from casemgr.crypto.recovery import recovery_store, vouching
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.recovery_sets import Envelope
from casemgr.crypto.secret import Secret

# What a row that was tampered with raises. SQLite lets anybody who can write the file put text where
# bytes or a number belong, and the other way.
NOT_A_KEY = (SealBroken, AttributeError, OverflowError, TypeError, ValueError)


def make_facility_key(
    store: KeyStore,
    provider: KeyProvider,
    facility_id: UUID,
    purpose: str,
    *,
    number: int = 1,
    epoch: int = 1,
) -> None:
    """Make a facility key, have the provider wrap it, keep it as the active one of its purpose.

    Every facility key is made here, and its envelope for the recovery shares with it. Raises
    KeyProviderDown, IntegrityError when it is there, SealBroken where the shares are not ours.
    """
    secret = Secret(urandom(envelope.KEY_BYTES))
    key = WrappedFacilityKey(facility_id, purpose, number, b"")
    also = _envelope(store, provider, key, secret)
    store.add_facility_key(wrap_facility_key(provider, key, secret, epoch), also)


def wrap_facility_key(
    provider: KeyProvider, key: WrappedFacilityKey, secret: Secret, epoch: int
) -> WrappedFacilityKey:
    """The same key wrapped under the provider's present root, with its commitment."""
    context = facility_context(key.facility_id, key.purpose, key.number)
    wrapped = _answer(lambda: provider.wrap(secret.reveal(), context))
    return replace(
        key,
        wrapped=wrapped,
        root=provider.root_of(wrapped),
        epoch=epoch,
        commitment=envelope.commitment(secret.reveal(), context),
    )


def open_facility_key(provider: KeyProvider, key: WrappedFacilityKey) -> Secret:
    """Have the provider unwrap it, and check it. Raises KeyProviderDown, SealBroken."""
    context = facility_context(key.facility_id, key.purpose, key.number)
    secret = Secret(_answer(lambda: provider.unwrap(key.wrapped, context)))
    check_facility_key(key, secret)
    return secret


def check_facility_key(key: WrappedFacilityKey, secret: Secret) -> None:
    """Raise SealBroken unless ``secret`` is the key that was made: verify and recovery ask."""
    context = facility_context(key.facility_id, key.purpose, key.number)
    found = envelope.commitment(secret.reveal(), context)
    if key.commitment is not None and not hmac.compare_digest(found, key.commitment):
        raise SealBroken


def seal_for_recovery(
    public: bytes, key: WrappedFacilityKey, secret: Secret, by: RecoveryKey | Secret
) -> Envelope:
    """The facility key as three recovery shares open it, whatever becomes of the provider.

    ``by`` vouches for it: the private half itself, or a tag key of the facility.
    """
    context = facility_context(key.facility_id, key.purpose, key.number)
    return Envelope(key.purpose, key.number, vouching.seal(public, secret, context, by))


def tag_keys(store: KeyStore, provider: KeyProvider, facility_id: UUID) -> list[Secret]:
    """The facility's tag keys, which tell its own recovery set from a planted one."""
    return [
        open_facility_key(provider, key)
        for key in store.facility_keys()
        if key.facility_id == facility_id and key.purpose == "tag"
    ]


def make_data_key(cipher: AESGCM, place: WrappedKey) -> tuple[WrappedKey, OpenedKey]:
    """A random data key for ``place``, wrapped by ``cipher``, and opened for its first use."""
    context = context_of(place)
    secret = Secret(urandom(envelope.KEY_BYTES))
    wrapped = place._replace(
        wrapped=envelope.wrap(cipher, place.facility_key, secret.reveal(), context),
        commitment=envelope.commitment(secret.reveal(), context),
    )
    opened = OpenedKey(
        place.id, place.owner_id, place.compartment, place.generation, AESGCM(secret.reveal())
    )
    return wrapped, opened


def open_data_key(cipher: AESGCM, key: WrappedKey) -> OpenedKey:
    """Unwrap a data key and check its commitment. Raises SealBroken."""
    context = context_of(key)
    opened = unwrapped(cipher, key.facility_key, key.wrapped, context, key.commitment)
    return OpenedKey(key.id, key.owner_id, key.compartment, key.generation, opened)


def unwrapped(
    cipher: AESGCM, number: int, wrapped: bytes, context: bytes, commitment: bytes
) -> AESGCM:
    """What a data key seals and opens with; ``cipher`` is the facility key of this number.

    Raises SealBroken unless everything fits, the number in the header too.
    """
    if wrapped[:5] != envelope.header_of(number):
        raise SealBroken
    secret = envelope.unwrap(cipher, wrapped, context)
    is_whole, opened = envelope.is_committed(secret, context, commitment), AESGCM(secret)
    del secret
    if not is_whole:
        raise SealBroken
    return opened


class Proven:
    """Unwraps; what one process has once found committed to its context, it need not prove again.

    A commitment costs as much as all the rest, and the keys of a list come with every request. Kept
    are wrapped keys with their context, which are no secrets; bounded, and forgotten all together.
    """

    MOST = 100_000

    def __init__(self) -> None:
        self._commitments: dict[bytes, bytes] = {}

    def unwrapped(
        self, cipher: AESGCM, number: int, wrapped: bytes, context: bytes, commitment: bytes
    ) -> AESGCM:
        """As the function of this name. Raises SealBroken."""
        proven, key = self._commitments, context + wrapped
        if proven.get(key) == commitment:
            return AESGCM(envelope.unwrap(cipher, wrapped, context))
        opened = unwrapped(cipher, number, wrapped, context, commitment)
        if len(proven) >= self.MOST:
            proven.clear()
        proven[key] = commitment
        return opened


def rewrap_data_key(old: AESGCM, new: AESGCM, number: int, key: WrappedKey) -> WrappedKey:
    """The same data key under another facility key. Raises SealBroken."""
    context = context_of(key)
    open_data_key(old, key)  # its commitment too: nothing that is broken is carried on
    return key._replace(
        facility_key=number,
        wrapped=envelope.wrap(new, number, envelope.unwrap(old, key.wrapped, context), context),
    )


def facility_context(facility_id: UUID, purpose: str, number: int) -> bytes:
    """The associated data of a wrapped facility key."""
    parts = (b"facility key", facility_id.bytes, purpose.encode(), number.to_bytes(4, "big"))
    return b"".join(map(envelope.length_prefixed, parts))


def context_of(key: WrappedKey) -> bytes:
    """The associated data of a wrapped data key."""
    return envelope.key_context(key.facility_id, key.owner_id, key.compartment, key.generation)


def _envelope(
    store: KeyStore, provider: KeyProvider, key: WrappedFacilityKey, secret: Secret
) -> Also | None:
    """Keeps the envelope of a new facility key; None before any shares were made."""
    if recovery_store.current(store, key.facility_id) is None:
        return None
    tags = tag_keys(store, provider, key.facility_id)
    found = recovery_store.for_sealing(store, key.facility_id, tags)
    if found is None:
        return None
    sealed = seal_for_recovery(found.public, key, secret, by=tags[-1])
    return partial(recovery_store.keep, found, sealed)


def _answer(ask: Callable[[], bytes]) -> bytes:
    """What the provider answers; when it fails, its frames hold secrets and are left behind."""
    try:
        return ask()
    except SealError as error:
        error.__cause__ = error.__context__ = None
        raise error.with_traceback(None) from None
