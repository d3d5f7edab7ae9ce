"""Invented people, drawn from a seed: the same today as tomorrow (domain §5)."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from casemgr.crypto.partial_date import PartialDate
from casemgr.demo.names import full_name
from casemgr.demo.places import Address, home
from casemgr.demo.vocabulary import Ethnic, Sex

# 098 and 099 lie above the highest province code ever given, 096 (domain §5.4); BHYT cards and
# insurance numbers begin with the same idea in two digits. 050 is no prefix of any network (§5.6).
UNASSIGNED_PROVINCE_CODES = ("098", "099")
UNASSIGNED_BHYT_PROVINCES = ("98", "99")
UNASSIGNED_PHONE_PREFIX = "050"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who does not exist. None: not known, or never had (P13)."""

    full_name: str
    aliases: tuple[str, ...]
    sex: Sex
    born: PartialDate | None
    ethnic: Ethnic
    nationality: str
    national_id: str | None
    bhyt: str | None
    phone: str | None
    address: Address | None


def phone(rng: Random) -> str:
    """A telephone number on the unassigned prefix 050."""
    return f"{UNASSIGNED_PHONE_PREFIX}{rng.randrange(10**7):07d}"


def birth(rng: Random, age: int, today: date) -> date:
    """A birthday on which somebody is ``age`` on every one of the 90 days before today."""
    # The last birthday lies between 91 and 364 days back, so that no story changes an age.
    last = today - timedelta(days=rng.randint(91, 364))
    day = min(last.day, 28)  # a 29 February would not exist in most birth years
    return date(last.year - age, last.month, day)


def national_id(rng: Random, born: date, sex: Sex) -> str:
    """Twelve digits in the layout of NĐ 137/2015 Art. 13, with an unassigned province code."""
    even_for_men = 2 * (born.year // 100 - 19)
    digit = even_for_men + (0 if sex is Sex.MALE else 1)
    code = rng.choice(UNASSIGNED_PROVINCE_CODES)
    return f"{code}{digit}{born.year % 100:02d}{rng.randrange(10**6):06d}"


def bhyt(rng: Random, age: int) -> str:
    """An insurance card of the right shape whose province and number are assigned to nobody."""
    kind = "TE1" if age < 6 else rng.choice(("GD4", "DT2", "HN2", "DK2"))
    province = rng.choice(UNASSIGNED_BHYT_PROVINCES)
    return f"{kind}{province}{province}{rng.randrange(10**8):08d}"


def _partial(rng: Random, born: date) -> PartialDate:
    known = rng.random()
    if known < 0.7:
        return PartialDate(born.year, born.month, born.day)
    return PartialDate(born.year, born.month) if known < 0.8 else PartialDate(born.year)


def person(
    rng: Random,
    today: date,
    *,
    sex: Sex,
    age: int | None,
    ethnic: Ethnic = Ethnic.KINH,
    nationality: str = "VN",
    parent: Person | None = None,
) -> Person:
    """Somebody of this sex, age and people; a child takes a parent's surname and address.

    Papers, cards and telephones are often missing, as they are on the wards (P13).
    """
    surname = parent.full_name.split()[0] if parent and nationality == "VN" else None
    name = full_name(rng, ethnic, sex, nationality=nationality, surname=surname)
    while parent is not None and name == parent.full_name:
        name = full_name(rng, ethnic, sex, nationality=nationality, surname=surname)
    born = None if age is None else birth(rng, age, today)
    local = nationality == "VN" and born is not None
    has_papers = local and (age or 0) >= 14 and rng.random() < 0.65
    return Person(
        full_name=name,
        aliases=(name.split()[-1],) if rng.random() < 0.2 else (),
        sex=sex,
        born=_partial(rng, born) if born else None,
        ethnic=ethnic,
        nationality=nationality,
        national_id=national_id(rng, born, sex) if born and has_papers else None,
        bhyt=bhyt(rng, age) if local and age is not None and rng.random() < 0.5 else None,
        phone=phone(rng) if (age or 0) >= 14 and rng.random() < 0.8 else None,
        address=(parent.address if parent else home(rng, ethnic)) if nationality == "VN" else None,
    )
