"""The descriptor: every kind of field, lazily, only while open, and true after a rollback."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm.exc import StaleDataError

from casemgr.crypto import envelope
from casemgr.crypto.at_once import open_all
from casemgr.crypto.errors import CompartmentClosed, SealBroken
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.partial_date import PartialDate
from casemgr.crypto.sealed import OPEN_KEYS, WithoutRowVersion
from tests.crypto.conftest import FACILITY
from tests.crypto.toys import Colour, Desk, Leaflet, Toy, toy

CASE = uuid4()
FRONT, BACK = (CASE, "IDENTITY"), (CASE, "CLINICAL")


@pytest.fixture
def desk(keyring: Keyring) -> Iterator[Desk]:
    desk = Desk(keyring)
    yield desk
    desk.engine.dispose()
    keyring.store.engine.dispose()


def kept(desk: Desk, **values: object) -> UUID:
    with desk.session(FRONT, BACK) as session:
        row = toy(CASE, **values)
        session.add(row)
        session.commit()
        return row.id


VALUES = {
    "words": "Nguyễn Thị Hoà",
    "count": 0,
    "is_true": False,
    "on": date(2026, 11, 22),
    "at": datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC),
    "about": PartialDate(2009, 3),
    "colour": Colour.BLUE,
    "names": ["Hoa", ""],
    "anything": {"a": [1, None, "ờ"]},
    "other_id": UUID(int=7),
    "picture": bytes(range(256)),
    "secret": "",
}


@pytest.mark.parametrize("name", VALUES)
def test_every_kind_comes_back_as_it_went_in(desk: Desk, name: str) -> None:
    row_id = kept(desk, **{name: VALUES[name]})
    with desk.session(FRONT, BACK) as session:
        value = getattr(session.get_one(Toy, row_id), name)
        assert value == VALUES[name]
        assert type(value) is type(VALUES[name])


def test_what_was_never_said_is_none(desk: Desk) -> None:
    row_id = kept(desk, words="x")
    with desk.session(FRONT, BACK) as session:
        row = session.get_one(Toy, row_id)
        assert [getattr(row, name) for name in VALUES if name != "words"] == [None] * (
            len(VALUES) - 1
        )
        row.words = None
        session.commit()
        assert row.words is None


def test_the_database_holds_no_word(desk: Desk) -> None:
    kept(desk, words="canary-front", secret="canary-back", names=["canary-name"])
    with desk.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM toy")).all()
        assert "canary" not in repr(rows)


@pytest.mark.parametrize("value", ["x", None])
def test_a_closed_compartment_is_not_read(desk: Desk, value: str | None) -> None:
    """Not even that nothing is there is told."""
    row_id = kept(desk, words="front", secret=value)
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert row.words == "front"
        with pytest.raises(CompartmentClosed):
            _ = row.secret
        with pytest.raises(CompartmentClosed):
            row.secret = "new"


def test_another_case_of_the_same_compartment_stays_closed(desk: Desk) -> None:
    row_id = kept(desk, words="x")
    with desk.session((uuid4(), "IDENTITY")) as session, pytest.raises(CompartmentClosed):
        _ = session.get_one(Toy, row_id).words


def test_closing_takes_back_what_was_read(desk: Desk) -> None:
    row_id = kept(desk, words="x")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert row.words == "x"
        session.info[OPEN_KEYS].close()
        with pytest.raises(CompartmentClosed):
            _ = row.words


def test_a_row_without_its_session_is_closed(desk: Desk) -> None:
    row_id = kept(desk, words="x")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert row.words == "x"
        session.expunge(row)
        with pytest.raises(CompartmentClosed):
            _ = row.words


def test_nothing_is_opened_before_it_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row_id = kept(desk, words="x", count=1, secret="y")
    opened: list[bytes] = []
    real = envelope.unseal_by_header

    def counting(keys: Mapping[bytes, AESGCM], sealed: bytes, where: bytes) -> bytes:
        opened.append(sealed)
        return real(keys, sealed, where)

    monkeypatch.setattr(envelope, "unseal_by_header", counting)
    with desk.session(FRONT, BACK) as session:
        row = session.get_one(Toy, row_id)
        assert opened == []
        assert (row.words, row.count, row.words) == ("x", 1, "x")
        assert len(opened) == 1  # one record, once


def test_a_list_is_opened_at_once_and_every_row_still_tells_for_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is broken, closed or being changed is passed over, and is as it would be without."""
    ids = [kept(desk, words=f"row {number}") for number in range(5)]
    with desk.session((uuid4(), "IDENTITY")) as other:
        elsewhere = toy(uuid4(), words="closed")
        desk.open(other, elsewhere.case_id, "IDENTITY")
        other.add(elsewhere)
        other.commit()
        ids.append(elsewhere.id)
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE toy SET front_sealed = 'x' WHERE id = ?", (ids[1].hex,))
    with desk.session(FRONT) as session:
        rows = [session.get_one(Toy, row_id) for row_id in ids]
        rows[2].words = "changed"
        open_all(Toy.front, rows)
        with monkeypatch.context() as patch:
            patch.setattr(envelope, "unseal_by_header", lambda *_: b"opened once more")
            assert [row.words for row in (rows[0], *rows[2:5])] == [
                "row 0", "changed", "row 3", "row 4",
            ]  # fmt: skip
        with pytest.raises(SealBroken):
            _ = rows[1].words
        with pytest.raises(CompartmentClosed):
            _ = rows[5].words
        session.info[OPEN_KEYS].close()
        with pytest.raises(CompartmentClosed):
            _ = rows[0].words
    open_all(Toy.front, [])
    open_all(Toy.front, [toy(CASE, words="of no session")])


def test_an_untouched_record_is_not_sealed_again(desk: Desk) -> None:
    row_id = kept(desk, words="x", secret="y")
    with desk.session(FRONT, BACK) as session:
        row = session.get_one(Toy, row_id)
        before = (row.front_sealed, row.back_sealed)  # type: ignore[attr-defined]
        assert (row.words, row.secret) == ("x", "y")
        row.public = 1
        session.commit()
        assert (row.front_sealed, row.back_sealed) == before  # type: ignore[attr-defined]
        row.words = "z"
        session.commit()
        assert row.front_sealed != before[0]  # type: ignore[attr-defined]
        assert row.back_sealed == before[1]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in VALUES if name != "secret"])
def test_setting_a_field_to_what_it_is_seals_nothing(desk: Desk, name: str) -> None:
    """Neither the cell nor the row version moves; None on an empty field neither."""
    row_id = kept(desk, **{name: VALUES[name]})
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        before, version = row.front_sealed, row.version  # type: ignore[attr-defined]
        setattr(row, name, VALUES[name])
        row.words_index = row.words_index
        if name != "count":
            row.count = None
        session.commit()
        assert (row.front_sealed, row.version) == (before, version)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (0, False), ({"a": 1}, {"a": True}), ([1, 2], [1.0, 2]), ({}, []), ("1", 1)],
)
def test_values_that_python_calls_equal_are_not_what_they_were(
    desk: Desk, before: object, after: object
) -> None:
    row_id = kept(desk, anything=before)
    with desk.session(FRONT) as session:
        session.get_one(Toy, row_id).anything = after
        session.commit()
    with desk.session(FRONT) as session:
        found = session.get_one(Toy, row_id).anything
        assert repr(found) == repr(after)


def test_a_value_changed_in_place_is_seen_when_it_is_assigned(desk: Desk) -> None:
    row_id = kept(desk, anything={"a": [1]}, names=["Hoa"])
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        anything, names = row.anything, row.names
        assert anything
        assert names
        anything["a"].append(2)
        names.append("Lan")
        assert (row.anything, row.names) == ({"a": [1]}, ["Hoa"])
        row.anything, row.names = anything, names
        anything["a"].append(3)  # what happens to it later is no longer ours
        session.commit()
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert (row.anything, row.names) == ({"a": [1, 2]}, ["Hoa", "Lan"])


def test_a_record_without_a_row_version_is_written_once(desk: Desk) -> None:
    """Two editors of one record would overwrite each other silently (I8)."""
    with desk.session(FRONT) as session:
        row = Leaflet(id=uuid4(), facility_id=FACILITY, case_id=CASE, words="x")
        row.words = "y"  # not in the database yet
        session.add(row)
        session.commit()
        row.words = "y"  # what it is
        with pytest.raises(WithoutRowVersion, match="make Leaflet Versioned"):
            row.words = "z"


def test_two_editors_of_one_record_do_not_overwrite_each_other(desk: Desk) -> None:
    row_id = kept(desk, words="x", count=1)
    with desk.session(FRONT) as mine, desk.session(FRONT) as theirs:
        my_row, their_row = mine.get_one(Toy, row_id), theirs.get_one(Toy, row_id)
        my_row.words = "mine"
        their_row.count = 2
        mine.commit()
        with pytest.raises(StaleDataError):
            theirs.commit()


def test_changing_one_field_keeps_the_others(desk: Desk) -> None:
    row_id = kept(desk, words="x", count=3)
    with desk.session(FRONT) as session:
        session.get_one(Toy, row_id).count = 4
        session.commit()
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert (row.words, row.count) == ("x", 4)


def test_rollback_expire_and_refresh_tell_the_truth(desk: Desk) -> None:
    row_id = kept(desk, words="old")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        row.words = "new"
        assert row.words == "new"
        session.rollback()
        assert row.words == "old"
        row.words = "newer"
        session.flush()
        session.rollback()
        assert row.words == "old"
        with desk.session(FRONT) as other:
            other.get_one(Toy, row_id).words = "theirs"
            other.commit()
        session.refresh(row)
        assert row.words == "theirs"


@pytest.mark.parametrize("flush", [True, False])
def test_a_savepoint_that_fails_leaves_nothing(desk: Desk, flush: bool) -> None:
    row_id = kept(desk, words="old")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert row.words == "old"
        with suppress(ZeroDivisionError), session.begin_nested():
            row.words = "new"
            if flush:
                session.flush()
            _ = 1 / 0
        assert row.words == "old"
        row.count = 1
        session.commit()
        assert (row.words, row.count) == ("old", 1)


def test_a_change_before_the_savepoint_stays(desk: Desk) -> None:
    row_id = kept(desk, words="old")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        row.words = "mine"
        with suppress(ZeroDivisionError), session.begin_nested():
            row.count = 9
            _ = 1 / 0
        session.commit()
        assert (row.words, row.count) == ("mine", None)


@pytest.mark.parametrize("length", range(0, 200, 7))
def test_lengths_come_in_steps(desk: Desk, length: int) -> None:
    """A sealed name must not tell its length: 64 bytes a step, 256 for narrative."""
    row_id = kept(desk, words="n" * length, secret="s" * length)
    with desk.session(FRONT, BACK) as session:
        row = session.get_one(Toy, row_id)
        front, back = row.front_sealed, row.back_sealed  # type: ignore[attr-defined]
        assert (len(front) - 33) % 64 == 0
        assert (len(back) - 33) % 256 == 0


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)  # whole characters


@given(words=TEXT, names=st.lists(TEXT, max_size=4))
def test_any_words_come_back(desk: Desk, words: str, names: list[str]) -> None:
    row_id = kept(desk, words=words, names=names)
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert (row.words, row.names) == (words, names)


def test_the_blind_index_follows_its_field(desk: Desk, keyring: Keyring) -> None:
    row_id = kept(desk, words="0500 000 111")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        assert row.words_index == keyring.blind_index(FACILITY, "toy.words", "0500000111")
        row.words = "0500.000.111"
        session.commit()
        assert row.words_index == keyring.blind_index(FACILITY, "toy.words", "0500000111")
        row.words = "no digits"
        session.commit()
        assert row.words_index is None


def test_a_blind_index_goes_with_its_value(desk: Desk) -> None:
    row_id = kept(desk, words="0500 000 111")
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        row.words = None
        session.commit()
        assert row.words_index is None


def test_bytes_that_are_not_sealed_are_never_passed_through(desk: Desk) -> None:
    row_id = kept(desk, words="x")
    with desk.engine.begin() as connection:
        connection.execute(text("""UPDATE toy SET front_sealed = '{"words": "plain"}'"""))
    with desk.session(FRONT) as session, pytest.raises(SealBroken):
        _ = session.get_one(Toy, row_id).words


@pytest.mark.parametrize("value", [0, 33, 10**12, -1, 0.5, "", "x" * 100, b"", b"\x01" * 33])
def test_whatever_type_lies_in_the_column_it_is_sealbroken(desk: Desk, value: object) -> None:
    """SQLite takes any type in any column; a number must not become that many zero bytes."""
    row_id = kept(desk, words="x")
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE toy SET front_sealed = ?", (value,))
    with desk.session(FRONT) as session:
        row = session.get_one(Toy, row_id)
        with pytest.raises(SealBroken):
            _ = row.words
        with pytest.raises(SealBroken):
            row.words = "over it"


def test_a_changed_field_must_be_open_when_it_is_sealed(desk: Desk) -> None:
    with desk.session() as session:
        session.add(toy(CASE, words="x"))
        with pytest.raises(CompartmentClosed):
            session.flush()
