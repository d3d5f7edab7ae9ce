"""Who did what to which case, when, from where and why. Entries are only ever added."""

from casemgr.audit import indexes
from casemgr.audit.actions import Action, Outcome
from casemgr.audit.models import AuditEntry
from casemgr.audit.trail import Originator, record

__all__ = ["Action", "AuditEntry", "Originator", "Outcome", "indexes", "record"]
