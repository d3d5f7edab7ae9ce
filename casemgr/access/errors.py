"""How an act is refused. Messages are for developers; pages have words of their own."""

from typing import Any


class Refusal(Exception):
    """Base of the refusals that leave an audit entry."""


class NotFound(Refusal):
    """It does not exist, or not for this actor: the two look the same (404)."""


class Denied(Refusal):
    """Known to the actor, but not allowed (403)."""


class Conflict(Exception):
    """Somebody else changed the row meanwhile; nothing was overwritten (409)."""


class Invalid(Exception):
    """A rule refused the input. ``field`` names the input, ``reason`` a message of the room."""

    def __init__(self, field: str, reason: str, **facts: Any) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason, self.facts = field, reason, facts
