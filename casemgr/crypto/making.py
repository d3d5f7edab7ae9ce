"""Making and opening keys: the few functions in which key bytes are handled at all.

No frame here keeps key bytes in a variable while something can fail: a traceback that shows the
variables of its frames must not show a key.
"""

import hmac
from dataclasses import replace
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import envelope
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.facility_keys import WrappedFacilityKey
from casemgr.crypto.key_store import KeyStore, WrappedKey
from casemgr.crypto.open_keys import OpenedKey
from casemgr.crypto.providers import KeyProvider
from casemgr.crypto.secret import Secret


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

    Every facility key is made here. Raises KeyProviderDown, IntegrityError when it is there.
    """
    secret = Secret(urandom(envelope.KEY_BYTES))
    key = WrappedFacilityKey(facility_id, purpose, number, b"")
    store.add_facility_key(wrap_facility_key(provider, key, secret, epoch))


def wrap_facility_key(
    provider: KeyProvider, key: WrappedFacilityKey, secret: Secret, epoch: int
) -> WrappedFacilityKey:
    """The same key wrapped under the provider's present root, with its commitment."""
    context = facility_context(key.facility_id, key.purpose, key.number)
    wrapped = provider.wrap(secret.reveal(), context)
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
    secret = Secret(provider.unwrap(key.wrapped, context))
    check_facility_key(key, secret)
    return secret


def check_facility_key(key: WrappedFacilityKey, secret: Secret) -> None:
    """Raise SealBroken unless ``secret`` is the key that was made: verify and recovery ask."""
    context = facility_context(key.facility_id, key.purpose, key.number)
    found = envelope.commitment(secret.reveal(), context)
    if key.commitment is not None and not hmac.compare_digest(found, key.commitment):
        raise SealBroken


def make_data_key(cipher: AESGCM, place: WrappedKey) -> tuple[WrappedKey, OpenedKey]:
    """A random data key for ``place``, wrapped by ``cipher``, and opened for its first use."""
    context = context_of(place)
    secret = Secret(urandom(envelope.KEY_BYTES))
    wrapped = replace(
        place,
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
    return OpenedKey(
        key.id,
        key.owner_id,
        key.compartment,
        key.generation,
        _committed(envelope.unwrap(cipher, key.wrapped, context), context, key.commitment),
    )


def rewrap_data_key(old: AESGCM, new: AESGCM, number: int, key: WrappedKey) -> WrappedKey:
    """The same data key under another facility key. Raises SealBroken."""
    context = context_of(key)
    open_data_key(old, key)  # its commitment too: nothing that is broken is carried on
    return replace(
        key,
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


def _committed(secret: bytes, context: bytes, commitment: bytes) -> AESGCM:
    fits = hmac.compare_digest(envelope.commitment(secret, context), commitment)
    cipher = AESGCM(secret)
    del secret
    if not fits:
        raise SealBroken
    return cipher
