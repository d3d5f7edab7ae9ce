"""What every provider can do. It guards the facility keys by wrapping them under its roots."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Destruction:
    """How far a root is destroyed, and what people still have to do themselves."""

    name: str
    is_final: bool  # nothing here or at the provider can open what it wrapped any more
    final_at: datetime | None  # when that will be so, where the provider makes us wait
    advice: str  # what lies outside the provider's reach, in one English sentence


class KeyProvider(Protocol):
    """What guards the facility keys. Asked at start, at rotation and at the close of an epoch.

    A provider holds one present root and any number of earlier ones, which open what they wrapped
    until they are destroyed. Wrapped bytes name their root: nothing is tried out. Every method
    raises KeyProviderDown when the provider does not answer or does not let us in.
    """

    def create(self) -> str:
        """Make the first root and tell its name. Raises KeyProviderRefused where there is one."""

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Wrap a facility key of 32 bytes for storage under the present root."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The facility key. Raises SealBroken: altered, another context, or a destroyed root."""

    def root_name(self) -> str:
        """The public name of the root that ``wrap`` uses now, such as ``file:3``."""

    def root_of(self, wrapped: bytes) -> str:
        """The name of the root that wrapped these bytes; asks nobody. Raises SealBroken."""

    def renew(self) -> str:
        """Make a new root, which ``wrap`` uses from now on, and tell its name."""

    def destroy(self, root_name: str) -> Destruction:
        """Destroy an earlier root. Repeatable. Raises RootInUse for the present one."""
