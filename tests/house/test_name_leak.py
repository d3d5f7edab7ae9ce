"""Who holds the database and knows how common names are learns no more than anybody can guess."""

import random
from collections.abc import Mapping
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import BigInteger, Column, Engine, MetaData, Table, Uuid

from casemgr.access.actor import system_actor
from casemgr.cases import packing
from casemgr.db.session import PACKED_ABOVE
from config import Settings
from tests.cases.people import add_people
from tests.cast import Cast
from tests.house import attacker
from tests.house.public_names import Statistics, draw, statistics, words_of
from tests.planting import past_the_log

PUBLIC = statistics(draw(20_000, seed=2009))  # of another province
LUCK = 0.02  # words that a wrong reading hits by chance

Victims = Mapping[str, list[str]]


def recovered(victims: Victims, guessed: Mapping[str, list[str]]) -> float:
    """The share of all words of all names; whoever is not told about is guessed like anybody."""
    anybody = PUBLIC.commonest[: attacker.WORDS_GUESSED]
    hit = sum(len(set(guessed.get(who, anybody)) & set(words)) for who, words in victims.items())
    return hit / sum(map(len, victims.values()))


def best_attack(engine: Engine, victims: Victims, public: Statistics) -> tuple[float, str]:
    """The reading of the database that tells most, and how much."""
    return max(
        (recovered(victims, guessed), view) for view, guessed in attacker.guesses(engine, public)
    )


@pytest.fixture
def victims(cast: Cast, app: Flask, share: int) -> dict[str, list[str]]:
    """2,000 people (more in `make soak`) in the sealed record, and packed in the index of names."""
    names = draw(2_000 if share < 100 else 10_000, seed=1)
    app.extensions["process"][PACKED_ABOVE] = 100
    ids: list[UUID] = []
    for start in range(0, len(names), 500):
        ids += add_people(cast, [{"full_name": name} for name in names[start : start + 500]])
    worker = system_actor("name-index", cast.facility_id)
    is_more = True
    while is_more:
        with cast.acting():
            is_more = packing.pack_names(worker)
    return {case_id.hex: words_of(name) for case_id, name in zip(ids, names, strict=True)}


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return past_the_log(settings.database_url)


def test_the_database_tells_no_more_than_a_guess(
    victims: dict[str, list[str]], engine: Engine
) -> None:
    """And the same attacker reads a table of one hash for each word: the test can fail."""
    guess = recovered(victims, {})
    share, view = best_attack(engine, victims, PUBLIC)
    assert share <= guess + LUCK, f"{view} tells {share:.1%} of all words; a guess {guess:.1%}"
    _plant_tokens(engine, victims)
    share, view = best_attack(engine, victims, PUBLIC)
    assert view == "planted by person"
    assert share > 0.5, f"the attacker is too weak: {share:.1%}; a guess {guess:.1%}"
    assert share > guess + 0.2, f"{share:.1%} against {guess:.1%}"


def _plant_tokens(engine: Engine, victims: Victims) -> None:
    """What a per-row blind index of words would be: keyed, 64 bits, without any order."""
    rng = random.Random(3)
    tokens: dict[str, int] = {}
    table = Table(
        "planted", MetaData(), Column("person", Uuid), Column("token", BigInteger), prefixes=[]
    )
    rows = [
        {"person": UUID(hex=who), "token": tokens.setdefault(word, rng.getrandbits(62))}
        for who, words in victims.items()
        for word in words
    ]
    rng.shuffle(rows)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), rows)


@pytest.fixture(autouse=True)
def _unplanted(engine: Engine) -> "object":
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS planted")
