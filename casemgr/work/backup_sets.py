"""Writing and reading the three sets, and saying in a line what is wrong with one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.crypto.backup_set import SealedSet, SetSealer, read_set
from casemgr.crypto.errors import KeyMissing, KeyProviderDown, SealBroken
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.work.backup_folder import NewFile
from casemgr.work.dumping import Dump
from casemgr.work.set_guards import opener_of, unwrap_of, with_guard, wrap_of

_FAULTS = (SealBroken, KeyMissing, KeyProviderDown, SQLAlchemyError, OSError)
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
    header, to_recovery = with_guard(header, keyring)
    sealer = SetSealer(new.write, header, wrap_of(header, keyring), to_recovery)
    dump(sealer.write)
    size = sealer.finish()
    new.sync()
    return size


def parts_of(
    sealed: SealedSet, keyring: Keyring, by_shares: RecoveryKey | None = None
) -> Iterator[bytes]:
    """The plain bytes of a set, by the recovery shares where the provider's root is lost.

    Raises SealBroken, KeyMissing, KeyProviderDown.
    """
    if by_shares is not None:
        return sealed.parts_by_recovery(by_shares.open)
    return sealed.parts(unwrap_of(sealed.header, keyring))


def check(path: Path, keyring: Keyring, by_shares: RecoveryKey | None = None) -> Checked:
    """Read every chunk of a set to its end and say what it is. Raises nothing for a bad one."""
    header, opened_by = None, ""
    try:
        with path.open("rb") as file:
            sealed = read_set(file)
            header = sealed.header
            opened_by = "recovery shares" if by_shares else opener_of(sealed, keyring)
            for _ in parts_of(sealed, keyring, by_shares):
                pass
    except _FAULTS as error:
        return Checked(path, header, opened_by, fault_of(error, header, opened_by))
    return Checked(path, header, opened_by, "")


def fault_of(error: Exception, header: SetHeader | None, opened_by: str) -> str:
    """One clear line: what is wrong with a set that did not open."""
    if isinstance(error, (KeyMissing, SQLAlchemyError)):
        return "the key store has no key for it, or is away: restore the key store's set first"
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
