"""The shape of an outline: the facts of a story, before days, hours and people are drawn."""

from dataclasses import dataclass

from casemgr.demo.vocabulary import (
    Ethnic,
    Group,
    Harm,
    Place,
    Recipient,
    ReferralState,
    Screened,
    Sex,
    Source,
    Stage,
)


@dataclass(frozen=True, slots=True)
class Companion:
    """Who came along; a suspected controller is never asked for anything (R11)."""

    name: str
    relation: str
    is_suspected_controller: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A story in a few facts and sentences.

    ``consents`` are the letters of R4 given beside (d), which follows from ``referrals``;
    ``denied`` are letters that the person said no to.
    """

    key: str
    stage: Stage
    group: Group | None
    sex: Sex
    age: int | None
    harms: tuple[Harm, ...]
    signs: str
    told: str = ""
    clinical: str = ""
    psych: str = ""
    source: Source = Source.WARD
    department: str = "CAPCUU"
    screened: Screened = Screened.POSITIVE
    ethnic: Ethnic = Ethnic.KINH
    nationality: str = "VN"
    place: Place = Place.VIETNAM
    consents: str = "af"
    denied: str = ""
    companion: Companion | None = None
    accompanies: str | None = None
    referrals: tuple[tuple[Recipient, ReferralState], ...] = ()
    blocked: Recipient | None = None
    is_peeked: bool = False
