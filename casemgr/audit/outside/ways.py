"""From the settings to the ways out, and how often each is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casemgr.audit.outside.addresses import Address, Kind, read_mail_server, read_ways
from casemgr.audit.outside.append_file import AppendFile
from casemgr.audit.outside.mail import Mail
from casemgr.audit.outside.time_stamp import TimeStamp
from casemgr.audit.outside.way import Way
from casemgr.audit.outside.witness_call import Witness


@dataclass(frozen=True, slots=True)
class Pace:
    """From which day on a way is taken how often at most, and who said so."""

    since: date
    waits: Mapping[Kind, timedelta]
    source: str


PACES = (
    Pace(
        date(2026, 1, 1),
        {
            Kind.FILE: timedelta(0),  # each head
            Kind.WITNESS: timedelta(minutes=5),
            Kind.MAIL: timedelta(days=1),
            Kind.TIMESTAMP: timedelta(days=7),
        },
        "a choice of this house; no law says how often",
    ),
)
RETRY_FIRST, RETRY_LAST = timedelta(seconds=30), timedelta(hours=1)
RED_AFTER = timedelta(hours=24)  # as above: a day that nobody outside can vouch for


def pace_of(kind: Kind, on: date) -> timedelta:
    """How long to wait after a head has left, on this day."""
    in_force = [pace for pace in PACES if pace.since <= on]
    pace: Pace = max(in_force, key=lambda each: each.since)
    return pace.waits[kind]


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: longer each time, an hour at most."""
    return min(RETRY_FIRST * (1 << min(failures - 1, 20)), RETRY_LAST)


def ways_of(checkpoints: str, smtp: str) -> tuple[Way, ...]:
    """Every way of the settings. Raises AddressFaulty (the settings were judged before)."""
    return tuple(_way(address, smtp) for address in read_ways(checkpoints))


def endpoints(ways: Sequence[Way], smtp: str) -> list[str]:
    """What this server reaches on the network, for the administrator (I6)."""
    reached = [way.target for way in ways if way.kind in {Kind.WITNESS, Kind.TIMESTAMP}]
    if any(way.kind is Kind.MAIL for way in ways):
        server = read_mail_server(smtp)
        reached.append(f"{'smtps' if server.is_tls else 'smtp'}://{server.host}:{server.port}")
    return reached


def _way(address: Address, smtp: str) -> Way:
    if address.kind is Kind.FILE:
        return AppendFile(address)
    if address.kind is Kind.WITNESS:
        return Witness(address)
    if address.kind is Kind.TIMESTAMP:
        return TimeStamp(address)
    return Mail(address, read_mail_server(smtp))
