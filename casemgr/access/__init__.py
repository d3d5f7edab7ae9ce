"""Access decisions: who acts, what their roles allow, which compartments, and the gate."""

from casemgr.access.actor import Actor
from casemgr.access.compartments import Compartment, Purpose
from casemgr.access.errors import Conflict, Denied, Invalid, NotFound
from casemgr.access.permissions import Permission
from casemgr.access.roles import Role

__all__ = [
    "Actor",
    "Compartment",
    "Conflict",
    "Denied",
    "Invalid",
    "NotFound",
    "Permission",
    "Purpose",
    "Role",
]
