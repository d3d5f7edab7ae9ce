"""How each set goes into its empty place. Nothing is half restored.

PostgreSQL takes a set in one transaction, SQLite in a file that is put in place when it is whole,
and the file store only ever gains whole files.
"""

from collections.abc import Callable
from typing import Final

from casemgr.cli.installation import Say, the_file_store, the_keyring, the_settings, url_of
from casemgr.crypto.backup_header import SetKind
from casemgr.crypto.backup_set import SealedSet
from casemgr.crypto.recovery import recovering
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.db import db
from casemgr.install import migrate
from casemgr.work import backup_sets, dumping, file_archive

Fill = Callable[[SealedSet, RecoveryKey | None, Say], None]


def _fill_main(sealed: SealedSet, _shares: RecoveryKey | None, say: Say) -> None:
    dumping.load(url_of(SetKind.MAIN), backup_sets.parts_of(sealed, the_keyring()))
    db.engine.dispose()
    migrate(the_settings(), say)


def _fill_keys(sealed: SealedSet, shares: RecoveryKey | None, say: Say) -> None:
    keyring = the_keyring()
    dumping.load(url_of(SetKind.KEYS), backup_sets.parts_of(sealed, keyring, shares))
    keyring.store.engine.dispose()
    keyring.store.create_schema()
    if shares is not None:
        facility_id = sealed.header.facility_id
        count = recovering.recover(keyring.store, keyring.provider, facility_id, shares)
        say(f"{count} facility keys lie under {keyring.provider.root_name()} now.")
        say("Three keepers have shown their shares: make new ones (flask keys split).")
    keyring.refresh()
    say("The key store opens.")


def _fill_files(sealed: SealedSet, _shares: RecoveryKey | None, say: Say) -> None:
    restored = file_archive.load(the_file_store(), backup_sets.parts_of(sealed, the_keyring()))
    say(f"{restored} files came back; those that were there stayed as they are.")


FILL: Final[dict[SetKind, Fill]] = {
    SetKind.MAIN: _fill_main,
    SetKind.FILES: _fill_files,
    SetKind.KEYS: _fill_keys,
}
