"""What can go wrong with a sealed value. No message ever carries a value or a key."""


class SealError(Exception):
    """Base of everything that the sealing raises."""


class SealBroken(SealError):
    """The bytes are not what this place sealed: altered, moved, cut, or from another key."""

    def __init__(self) -> None:
        super().__init__("a sealed value could not be opened in its place")


class CompartmentClosed(SealError):
    """A sealed attribute was touched before its compartment was opened."""

    def __init__(self, compartment: str) -> None:
        super().__init__(f"compartment {compartment} was not opened for this act")
        self.compartment = compartment


class KeyMissing(SealError):
    """No key of that owner, compartment and generation is in the key store."""

    def __init__(self) -> None:
        super().__init__("the key store holds no such key")


class KeyProviderDown(SealError):
    """The provider that guards the facility keys does not answer. Fail closed: 503."""


class FacilityKeyRetired(SealError):
    """A data key was wrapped under a facility key that a rotation has replaced meanwhile."""

    def __init__(self) -> None:
        super().__init__("the facility key was replaced meanwhile")


class KeyInUse(SealError):
    """Something still lies under this key: destroying it would destroy that as well."""

    def __init__(self) -> None:
        super().__init__("something still needs this key")


class TracesLeft(SealError):
    """A removed key may still stand in the key store's log, because somebody reads; try again."""

    def __init__(self) -> None:
        super().__init__("the key store's log could not be emptied")


class KeyProviderRefused(KeyProviderDown):
    """What guards the facility keys is not set up as it must be; only a person can mend it.

    At start this is a refusal to start, later a 503 like any other failure of the provider.
    """


class RootInUse(SealError):
    """The provider's present root guards the facility keys: it cannot be destroyed."""

    def __init__(self) -> None:
        super().__init__("the present root cannot be destroyed; renew it first")


class SetReplaced(SealError):
    """The key store holds as current a set of recovery shares that was followed by another one."""

    def __init__(self, set_id: str) -> None:
        super().__init__(
            f"the recovery set {set_id} in the key store is not the one that was issued last; "
            "nothing is sealed to it: find out who changed it, then issue new shares"
        )
        self.set_id = set_id


class SharesChanged(SealError):
    """Recovery shares were issued, or a facility key was made, at the same moment; try again."""

    def __init__(self) -> None:
        super().__init__("the facility keys and their envelopes changed meanwhile")
