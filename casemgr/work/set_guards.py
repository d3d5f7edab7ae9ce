"""Who guards the key of each set.

The keys of the main database's and the files' sets are wrapped by the facility key for backups,
which lies in the key store: today's key store opens last month's sets. The key of a key store's
set is wrapped by the provider's root alone, so that it ends with that root.
"""

from dataclasses import replace
from functools import partial

from casemgr.crypto import envelope, making
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.crypto.backup_set import SealedSet, Wrap
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.recovery import key_pair, recovery_store

PURPOSE = "backup"  # of the facility key


def opener_of(sealed: SealedSet, keyring: Keyring) -> str:
    """Which key opens a set, as its wrapped key says itself. Raises SealBroken."""
    if sealed.header.kind is SetKind.KEYS:
        return f"root {keyring.provider.root_of(sealed.wrapped)}"
    return f"facility key {PURPOSE} no. {envelope.generation_of(sealed.wrapped)}"


def with_guard(header: SetHeader, keyring: Keyring) -> tuple[SetHeader, Wrap | None]:
    """The header of a key store's set names the root and the recovery key that open it.

    Raises SealBroken for a recovery key that this facility did not make, SetReplaced for an old one.
    """
    if header.kind is not SetKind.KEYS:
        return header, None
    header = replace(header, wrapped_by=keyring.provider.root_name())
    tags = making.tag_keys(keyring.store, keyring.provider, header.facility_id)
    shares = recovery_store.for_sealing(keyring.store, header.facility_id, tags)
    if shares is None:
        return header, None
    return replace(header, recovery=shares.public.hex()), partial(key_pair.seal, shares.public)


def wrap_of(header: SetHeader, keyring: Keyring) -> Wrap:
    """Who wraps the key of a set of this kind."""
    if header.kind is SetKind.KEYS:
        return keyring.provider.wrap
    return lambda secret, context: keyring.wrap(header.facility_id, PURPOSE, secret, context)


def unwrap_of(header: SetHeader, keyring: Keyring) -> Wrap:
    """Decided by the kind of the set alone: a header cannot choose who opens it."""
    if header.kind is SetKind.KEYS:
        return keyring.provider.unwrap
    return lambda wrapped, context: keyring.unwrap(header.facility_id, PURPOSE, wrapped, context)
