"""Keys as they lie in the key store: wrapped, useless without the key above them."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

PURPOSES = ("data", "index", "tag", "backup")


class WrappedKey(NamedTuple):
    """One data key as it lies in the store: still wrapped, useless without the facility key."""

    id: UUID
    facility_id: UUID
    owner_id: UUID
    compartment: str
    generation: int
    facility_key: int
    wrapped: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class WrappedFacilityKey:
    """One facility key as the provider wrapped it."""

    facility_id: UUID
    purpose: str
    number: int
    wrapped: bytes
    root: str = ""  # the provider's root that wrapped it
    epoch: int = 1
    state: str = "active"  # active | decrypt-only
    commitment: bytes | None = None


@dataclass(frozen=True, slots=True)
class FacilityKeyFacts:
    """What can be told of a facility key, destroyed or not, without its wrapped bytes."""

    facility_id: UUID
    purpose: str
    number: int
    epoch: int
    state: str
    root: str
