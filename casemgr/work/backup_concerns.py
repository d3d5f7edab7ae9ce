"""What the administrator must see to about the backups."""

from enum import StrEnum

from casemgr.access import Actor, Permission
from casemgr.crypto.backup_header import SetKind
from casemgr.work import backups


class BackupConcern(StrEnum):
    """What is wrong with the backups."""

    NONE_YET = "none_yet"  # of at least one of the three sets
    OLD = "old"
    COPY_OVERDUE = "copy_overdue"  # a copy of the key store should be gone


def backup_concerns(actor: Actor) -> list[BackupConcern]:
    """The gravest first; empty when all is well."""
    actor.require(Permission.KEYS_WATCH)
    ages = [backups.age(kind) for kind in SetKind]
    found = [BackupConcern.COPY_OVERDUE] if backups.overdue_copies() else []
    if None in ages:
        return [BackupConcern.NONE_YET, *found]
    is_old = any(age and age > backups.OVERDUE_AFTER for age in ages)
    return [BackupConcern.OLD, *found] if is_old else found
