"""The instruments of the house, one small file each, checked when this package is imported.

A new instrument, also one that the ministry may issue, is a file of data and a line in
``CURRENT``. A version that is no longer offered moves to ``EARLIER`` and stays readable.
"""

from collections.abc import Iterable

from casemgr.screenings.instruments.instrument import Instrument, Text
from casemgr.screenings.instruments.raft import RAFT

CURRENT: tuple[Instrument, ...] = (RAFT,)
EARLIER: tuple[Instrument, ...] = ()

# Only an authority's paper says so; a screening never does (I10, domain §0.7).
_VERDICTS = ("là nạn nhân", "is a victim", "are a victim")


class InstrumentUnknown(LookupError):
    """No instrument with that slug, or none of that version, is in the house."""


class InstrumentFaulty(ValueError):
    """The data of an instrument contradicts itself; the house does not start with it."""


def get(slug: str, version: str | None = None) -> Instrument:
    """The current instrument of a slug, or exactly the version that a sitting was asked with.

    Raises InstrumentUnknown.
    """
    offered = CURRENT if version is None else CURRENT + EARLIER
    for instrument in offered:
        if instrument.slug == slug and version in (None, instrument.version):
            return instrument
    raise InstrumentUnknown(slug if version is None else f"{slug} {version}")


def all_current() -> tuple[Instrument, ...]:
    """The instruments that can be opened for a new sitting, in the order of the page."""
    return CURRENT


def check(current: Iterable[Instrument], earlier: Iterable[Instrument] = ()) -> None:
    """Refuse instruments that cannot be trusted. Raises InstrumentFaulty, naming the first."""
    current, earlier = tuple(current), tuple(earlier)
    _require_unique("slug", [each.slug for each in current])
    _require_unique("version", [f"{each.slug} {each.version}" for each in current + earlier])
    for instrument in current + earlier:
        _check_one(instrument)


def _check_one(instrument: Instrument) -> None:
    name = instrument.slug
    if not instrument.source.citation.strip() or not instrument.licence.citation.strip():
        raise InstrumentFaulty(f"{name}: source and licence must be named")
    if not instrument.items or not any(o.points is not None for o in instrument.scale):
        raise InstrumentFaulty(f"{name}: needs items and an answer that counts")
    _require_unique(f"{name} item", [item.key for item in instrument.items])
    _require_unique(f"{name} answer", [option.key for option in instrument.scale])
    _require_unique(f"{name} band", [band.key for band in instrument.bands])
    _require_cover(instrument)
    for text in _texts(instrument):
        if not text.vi.strip() or not text.en.strip():
            raise InstrumentFaulty(f"{name}: every text needs Vietnamese and English")
        if any(verdict in f"{text.vi} {text.en}".lower() for verdict in _VERDICTS):
            raise InstrumentFaulty(f"{name}: a screening never says who was trafficked")


def _require_unique(what: str, keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        raise InstrumentFaulty(f"{what} given twice")


def _require_cover(instrument: Instrument) -> None:
    """The bands follow each other without gap or overlap over every sum that can be reached."""
    lowest, highest = instrument.points
    expected = lowest
    for band in instrument.bands:
        if band.lowest != expected or band.highest < band.lowest:
            raise InstrumentFaulty(f"{instrument.slug}: bands leave a gap at {expected}")
        expected = band.highest + 1
    if expected != highest + 1:
        raise InstrumentFaulty(f"{instrument.slug}: bands end before {highest}")


def _texts(instrument: Instrument) -> list[Text]:
    texts = [instrument.title]
    texts += [item.words for item in instrument.items]
    texts += [option.words for option in instrument.scale]
    for band in instrument.bands:
        texts += [band.meaning, *band.next_steps]
    return texts


check(CURRENT, EARLIER)
