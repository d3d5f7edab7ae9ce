"""Writing and reading the three sets: who guards the key of each, and what lies inside.

The keys of the main database's and the files' sets are wrapped by the facility key for backups,
which lies in the key store: today's key store opens last month's sets. The key of a key store's
set is wrapped by the provider's root alone, so that it ends with that root.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from casemgr.crypto import envelope
from casemgr.crypto.backup_set import SealedSet, SetHeader, SetKind, SetSealer, Wrap, read_set
from casemgr.crypto.errors import KeyMissing, KeyProviderDown, SealBroken
from casemgr.crypto.keyring import Keyring
from casemgr.work.backup_folder import NewFile
from casemgr.work.dumping import Dump

PURPOSE = "backup"  # of the facility key
BROKEN = "damaged, or no set of this hospital: it does not open"


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was read to its end, or as far as it can be."""

    path: Path
    header: SetHeader | None
    opened_by: str  # which key opens it
    fault: str  # what is wrong, in a line; empty when it is whole


def write_set(new: NewFile, header: SetHeader, keyring: Keyring, dump: Dump) -> int:
    """Seal what ``dump`` hands out into a new file. Returns the size in bytes.

    Raises KeyMissing, KeyProviderDown, and whatever the dump raises.
    """
    if header.kind is SetKind.KEYS:
        header = replace(header, wrapped_by=keyring.provider.root_name())
    sealer = SetSealer(new.write, header, _wrap(header, keyring))
    dump(sealer.write)
    size = sealer.finish()
    new.sync()
    return size


def parts_of(sealed: SealedSet, keyring: Keyring) -> Iterator[bytes]:
    """The plain bytes of a set. Raises SealBroken, KeyMissing, KeyProviderDown."""
    return sealed.parts(_unwrap(sealed.header, keyring))


def check(path: Path, keyring: Keyring) -> Checked:
    """Read every chunk of a set to its end and say what it is. Raises nothing for a bad one."""
    header, opened_by = None, ""
    try:
        with path.open("rb") as file:
            sealed = read_set(file)
            header, opened_by = sealed.header, opener_of(sealed, keyring)
            for _ in parts_of(sealed, keyring):
                pass
    except (SealBroken, KeyMissing, KeyProviderDown, OSError) as error:
        return Checked(path, header, opened_by, fault_of(error, header, opened_by))
    return Checked(path, header, opened_by, "")


def opener_of(sealed: SealedSet, keyring: Keyring) -> str:
    """Which key opens a set, as its wrapped key says itself. Raises SealBroken."""
    if sealed.header.kind is SetKind.KEYS:
        return f"root {keyring.provider.root_of(sealed.wrapped)}"
    return f"facility key {PURPOSE} no. {envelope.generation_of(sealed.wrapped)}"


def fault_of(error: Exception, header: SetHeader | None, opened_by: str) -> str:
    """One clear line: what is wrong with a set that did not open."""
    if isinstance(error, KeyMissing):
        return "no key of its hospital is in this key store: restore the key store's set first"
    if isinstance(error, KeyProviderDown):
        return f"the key provider does not answer: {error}"
    if isinstance(error, OSError):
        return "the file cannot be read"
    if header is not None and header.kind is SetKind.KEYS:
        return f"{BROKEN} (or its {opened_by or 'root'} was destroyed)"
    return BROKEN


def header_of(path: Path) -> SetHeader | None:
    """What a file says of itself, unproven; None when it is no set."""
    try:
        with path.open("rb") as file:
            return read_set(file).header
    except (SealBroken, OSError):
        return None


def _wrap(header: SetHeader, keyring: Keyring) -> Wrap:
    if header.kind is SetKind.KEYS:
        return keyring.provider.wrap
    return lambda secret, context: keyring.wrap(header.facility_id, PURPOSE, secret, context)


def _unwrap(header: SetHeader, keyring: Keyring) -> Wrap:
    """Decided by the kind of the set alone: a header cannot choose who opens it."""
    if header.kind is SetKind.KEYS:
        return keyring.provider.unwrap
    return lambda wrapped, context: keyring.unwrap(header.facility_id, PURPOSE, wrapped, context)
