"""The one who acts: passed first to every service, never read from the request below a view."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from casemgr.access.compartments import Compartment
from casemgr.access.errors import Denied
from casemgr.access.permissions import Permission
from casemgr.access.roles import (
    DEPUTY_PERMISSIONS,
    ROLES,
    Role,
    compartments_of,
    permissions_of,
)


@dataclass(frozen=True)
class Actor:
    """A signed-in person, a system actor, or nobody in particular (no roles)."""

    facility_id: UUID
    account_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    display_name: str = ""
    department: str = ""
    system_name: str = ""
    channel: str = "web"
    session_ref: UUID | None = None
    address: str | None = None
    request_id: UUID | None = None
    is_deputy_officer: bool = False  # named in the settings, for what no privacy officer may review

    @property
    def acting_as(self) -> str:
        """The roles in a stable order, or the system actor's name."""
        return self.system_name or " ".join(sorted(self.roles)) or "nobody"

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a person with an account."""
        return self.account_id is not None

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow, and being named as deputy."""
        known = permissions_of(self.roles)
        return known | DEPUTY_PERMISSIONS if self.is_deputy_officer else known

    @cached_property
    def compartments(self) -> frozenset[Compartment]:
        """What the roles can open at all."""
        return compartments_of(self.roles)

    @cached_property
    def leads(self) -> bool:
        """Whether a role reaches every case of the facility without a place on its team."""
        return any(ROLES[role].everywhere for role in self.roles)

    @cached_property
    def compartments_everywhere(self) -> frozenset[Compartment]:
        """What opens on every case of the facility: of the leading role, not of a second one."""
        return compartments_of(frozenset(role for role in self.roles if ROLES[role].everywhere))

    @property
    def known_id(self) -> UUID:
        """The account id of a signed-in person. Raises Denied for anybody else."""
        if self.account_id is None:
            raise Denied
        return self.account_id

    def may(self, permission: Permission) -> bool:
        """Whether the roles allow it; the relation to a case is asked separately."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise Denied unless the roles allow it."""
        if permission not in self.permissions:
            raise Denied(permission)


def system_actor(name: str, facility_id: UUID, channel: str = "worker") -> Actor:
    """A named system actor: its acts stand in the log under that name."""
    return Actor(facility_id=facility_id, system_name=name, channel=channel)
