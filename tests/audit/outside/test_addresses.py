"""The settings of the ways out: read strictly, told without their values."""

from datetime import date, timedelta

import pytest

from casemgr.audit.outside.addresses import (
    AddressFaulty,
    Kind,
    faults_of,
    read_mail_server,
    read_ways,
    read_witnessed,
)
from casemgr.audit.outside.ways import endpoints, pace_of, wait_after, ways_of
from tests.audit.outside.keys import LOG, WITNESS

SOUND = (
    "file:/mnt/worm/so.txt mailto:a@b.example,c@d.example "
    f"witness:https://khac.example/witness?vkey={WITNESS} tsa:https://tsa.example/tsr?ca=/etc/tsa.pem"
)
SMTP = "smtp://thu.example:587?from=so@b.example"


def test_several_ways_at_once() -> None:
    ways = read_ways(SOUND)
    assert [way.kind for way in ways] == [Kind.FILE, Kind.MAIL, Kind.WITNESS, Kind.TIMESTAMP]
    assert [way.target for way in ways] == [
        "/mnt/worm/so.txt",
        "a@b.example,c@d.example",
        "https://khac.example/witness",
        "https://tsa.example/tsr",
    ]
    assert str(ways[2].vkey) == WITNESS
    assert all(len(way.name) <= 40 for way in ways)


def test_what_is_reached_on_the_network_can_be_listed() -> None:
    assert endpoints(ways_of(SOUND, SMTP), SMTP) == [
        "https://khac.example/witness",
        "https://tsa.example/tsr",
        "smtp://thu.example:587",
    ]
    assert endpoints(ways_of("file:/a", ""), "") == []


@pytest.mark.parametrize(
    "setting",
    [
        "file:relative",
        "ftp://x.example/",
        "mailto:",
        "mailto:nobody",
        "mailto:a@b.example,x",
        "tsa:http://tsa.example/",
        "tsa:https://user@tsa.example/",
        "tsa:https://tsa.example/?key=1",
        "tsa:https://tsa.example:port/",
        "witness:https://khac.example/witness",
        f"witness:https://khac.example/witness?vkey={LOG}",
        "witness:https://khac.example/witness?vkey=x+00+AA",
        "file:/a file:/a",
    ],
)
def test_a_way_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(AddressFaulty) as fault:
        read_ways(setting)
    value = setting.partition(":")[2]
    assert not value or value not in str(fault.value), "never a value"


@pytest.mark.parametrize(
    "setting",
    ["thu.example", "http://thu.example?from=a@b.example", "smtp://thu.example", "smtp://?from=a@b",
     "smtp://a:b@thu.example?from=a@b.example", "smtp://thu.example?from=a@b.example&password=x"],
)  # fmt: skip
def test_a_mail_server_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(AddressFaulty):
        read_mail_server(setting)


def test_mail_needs_a_server_and_every_fault_is_told_at_once() -> None:
    assert [name for name, _ in faults_of("mailto:a@b.example", "", "")] == ["SMTP"]
    assert [name for name, _ in faults_of("x", "x", "x")] == [
        "CHECKPOINTS",
        "SMTP",
        "WITNESSED_LOGS",
    ]
    assert list(faults_of(SOUND, SMTP, LOG)) == []


def test_a_log_may_have_two_keys_and_none_twice() -> None:
    assert [str(key) for key in read_witnessed(LOG)["khac.example/log"]] == [LOG]
    with pytest.raises(AddressFaulty):
        read_witnessed(f"{LOG} {LOG}")
    with pytest.raises(AddressFaulty):
        read_witnessed(WITNESS)


def test_each_way_has_its_pace_and_failures_wait_longer_and_longer() -> None:
    day = date(2026, 11, 25)
    assert [pace_of(kind, day) for kind in Kind] == [
        timedelta(0),
        timedelta(minutes=5),
        timedelta(days=1),
        timedelta(days=7),
    ]
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 8, 200)] == [30, 60, 120, 3600, 3600]
