"""Erasure: nothing that any remaining key opens holds a word of it, wherever it was killed.

Also with a copy of the main database from before: the keys are what goes.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, literal, select, text
from sqlalchemy.pool import NullPool

from casemgr import create_app
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.removal import carry_out_removals, removals_of
from casemgr.audit import Action, AuditEntry
from casemgr.cases import search
from casemgr.cases import service as cases
from casemgr.cases.attachments import Attachment
from casemgr.cases.models import Case, Identity
from casemgr.crypto.errors import CompartmentClosed, SealBroken
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.open_keys import OpenKeys
from casemgr.db import session
from casemgr.files import service as files
from casemgr.files.store import FileMissing
from casemgr.privacy.detection import staff
from casemgr.privacy.erasure import carrying_out
from casemgr.privacy.erasure.models import Erasure
from casemgr.privacy.erasure.rules import ErasureState
from casemgr.referrals.models import Packet, Referral
from casemgr.screenings.models import Sitting
from config import Settings
from tests.house import reviewing, sealed_models
from tests.house.hospital import INSURANCE, NATIONAL_ID, PHONE, Hospital
from tests.house.sealed_values import new_process
from tests.privacy.scene import COUNTDOWN, YEARS_LATER, approve, ask, close, erase, later, work

# Words that are not of the case: another case's, oversight's, and the ward in a sum of sittings;
# what is known of staff; and what lies in the store of files and not in the database.
OTHERS = {
    "sender", "ward", "care_needed", "incoming_reason", "sender_phone", "document_number",
    "hold_reason", "erasure_reason", "department", "file_content",
} | reviewing.PLACES | {f"staff_{name}" for name in staff.TEXTS}  # fmt: skip


class Cell(NamedTuple):
    """One sealed value with its place."""

    kind: Any
    record: Any
    row_id: UUID
    owner_id: UUID
    sealed: bytes
    part: str


def cells() -> list[Cell]:
    """Every sealed value in the main database, as it lies."""
    found = []
    for kind, record in sealed_models.records():
        owner = getattr(kind, getattr(kind, "__key_owner__", "id"))
        own_part = literal("") if not record.by_column else getattr(kind, record.by_column)
        query = select(kind.id, owner, getattr(kind, record.column), own_part)
        found += [Cell(kind, record, *row) for row in session.execute(query) if row[2] is not None]
    return found


def readable(app: Flask, values: list[Cell]) -> str:
    """All that every key which the key store still has opens in these values, named or not."""
    ring, keys, facility_id = app.extensions["keyring"], OpenKeys(), _facility(app)
    with ring.store.reading() as connection:
        ids = [
            UUID(str(row.id)) if not isinstance(row.id, UUID) else row.id
            for row in connection.execute(text("SELECT id FROM data_key"))
        ]
    for key in ring.open(facility_id, ids):
        keys.add(key)
    told = []
    for cell in values:
        try:
            found = cell.record.read(cell.row_id, cell.owner_id, cell.sealed, keys, cell.part)
            told.append(str(found))
        except (SealBroken, CompartmentClosed):
            continue
    return "\n".join(told)


def _facility(app: Flask) -> UUID:
    with app.app_context():
        return session.scalars(select(Case.facility_id)).first()  # type: ignore[return-value]


def words_of_the_case(made: Hospital) -> set[str]:
    words = {word for place, word in made.words.items() if place not in OTHERS}
    return {*words, PHONE, NATIONAL_ID, INSURANCE} - made.overseen  # oversight outlives the case


def found_in(words: set[str], told: str) -> set[str]:
    return {word for word in words if word in told}


def test_no_remaining_key_opens_a_word_of_an_erased_case(app: Flask, hospital: Hospital) -> None:
    words = words_of_the_case(hospital)
    with app.app_context():
        before = cells()
    assert found_in(words, readable(app, before)) == words, "the search must find them all at first"
    erase(hospital)
    new_process(app)
    with app.app_context():
        after = cells()
    assert not found_in(words, readable(app, after))
    assert not found_in(words, readable(app, before)), "with a copy of the database from before"
    told = readable(app, after)
    kept = {hospital.word(place) for place in ("sender", "care_needed", "department")}
    assert found_in(kept, told) == kept, "another case and the sums are untouched"


def test_no_file_of_it_is_left_in_the_store(app: Flask, hospital: Hospital) -> None:
    with app.app_context():
        stored = session.scalars(select(Attachment.stored_file_id)).one()
        assert files.store().size(stored)
    erasure_id = erase(hospital)
    with app.app_context():
        with pytest.raises(FileMissing):
            files.store().size(stored)
        assert not session.scalars(select(Attachment)).all()
        assert files.outstanding(erasure_id) == 0


def test_another_case_is_untouched(app: Flask, hospital: Hospital) -> None:
    def rows(of: UUID) -> list[Cell]:
        with app.app_context():
            incoming = hospital.ids["incoming"]
            return [cell for cell in cells() if cell.owner_id in {of, incoming}]

    other = hospital.ids["untaken"]
    before, told = rows(other), readable(app, rows(other))
    assert before
    erase(hospital)
    assert rows(other) == before
    assert readable(app, rows(other)) == told


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_no_byte_of_a_removed_key_is_left_on_disk(
    app: Flask, hospital: Hospital, settings: Settings
) -> None:
    wrapped = _wrapped_keys(app, hospital)
    assert len(wrapped) == 7, "five parts of the case, its sitting, its packet"
    assert all(_on_disk(settings, key) for key in wrapped), "the search must find them at first"
    erasure_id = erase(hospital)
    assert _state(app, erasure_id) is ErasureState.LIVE
    assert not [key for key in wrapped if _on_disk(settings, key)]
    with app.app_context():
        sealed = [cell.sealed for cell in cells()]
    assert sealed


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_no_sealed_byte_of_it_is_left_on_disk(
    app: Flask, hospital: Hospital, settings: Settings
) -> None:
    with app.app_context():
        owners = {hospital.ids["case"], hospital.ids["sitting"]}
        gone = [cell.sealed for cell in cells() if cell.owner_id in owners]
    assert all(_on_disk(settings, sealed) for sealed in gone)
    erase(hospital)
    assert not [sealed for sealed in gone if _on_disk(settings, sealed)]


def _wrapped_keys(app: Flask, made: Hospital) -> list[bytes]:
    store: KeyStore = app.extensions["keyring"].store
    with app.app_context():
        packets = session.scalars(select(Packet.id))
        owners = {made.ids["case"], made.ids["sitting"], *packets}
        ids = session.scalars(select(KeyName.id).where(KeyName.owner_id.in_(owners))).all()
    return [key.wrapped for key in store.fetch(ids)]


def _on_disk(settings: Settings, needle: bytes) -> list[str]:
    found = []
    for url in (settings.database_url, settings.key_store_url):
        engine = create_engine(url, poolclass=NullPool)
        file = Path(str(engine.url.database))
        engine.dispose()
        paths = file.parent.glob(f"{file.name}*")
        found += [path.name for path in paths if needle in path.read_bytes()]
    return found


def _state(app: Flask, erasure_id: UUID) -> ErasureState:
    with app.app_context():
        return session.get_one(Erasure, erasure_id).state


# ------------------------------------------------------------------ killed between every two steps
def _begun_but_not_committed(made: Hospital, erasure_id: UUID) -> None:
    carrying_out.begin(system_actor("erasure", made.cast.facility_id), erasure_id)


def _begun(made: Hospital, erasure_id: UUID) -> None:
    _begun_but_not_committed(made, erasure_id)
    session.commit()


def _removed_but_not_confirmed(made: Hospital, erasure_id: UUID) -> None:
    _begun(made, erasure_id)
    carry_out_removals(system_actor("key-remover", made.cast.facility_id))


def _confirmed(made: Hospital, erasure_id: UUID) -> None:
    _removed_but_not_confirmed(made, erasure_id)
    session.commit()


def _files_gone_but_not_confirmed(made: Hospital, erasure_id: UUID) -> None:
    _confirmed(made, erasure_id)
    files.remove_doomed(system_actor("file-remover", made.cast.facility_id))


def _clean_but_not_said(made: Hospital, erasure_id: UUID) -> None:
    _files_gone_but_not_confirmed(made, erasure_id)
    session.commit()
    carrying_out.settle(system_actor("eraser", made.cast.facility_id))


STEPS: dict[str, Callable[[Hospital, UUID], None]] = {
    "before the intent is committed": _begun_but_not_committed,
    "after the intent": _begun,
    "after the key store, before the confirmation": _removed_but_not_confirmed,
    "after the confirmation": _confirmed,
    "after the files, before their confirmation": _files_gone_but_not_confirmed,
    "after the log was emptied, before it is said": _clean_but_not_said,
}


@pytest.mark.parametrize("killed", STEPS)
def test_killed_anywhere_it_comes_to_the_same_end(
    app: Flask, hospital: Hospital, killed: str
) -> None:
    words = words_of_the_case(hospital)
    with app.app_context():
        before = cells()
    close(hospital)
    with later(YEARS_LATER):
        erasure_id = ask(hospital.cast, hospital.code("case"))
        approve(hospital.cast, erasure_id)
    with later(YEARS_LATER + COUNTDOWN + timedelta(minutes=1)):
        with app.app_context():
            STEPS[killed](hospital, erasure_id)
            session.rollback()  # what the database does when its client is gone
        new_process(app)
        if killed != "before the intent is committed":
            _nothing_opens(app, hospital)
        work(hospital.cast)
    assert _state(app, erasure_id) is ErasureState.LIVE
    _nothing_opens(app, hospital)
    assert not found_in(words, readable(app, before))
    with app.app_context():
        removals = removals_of(erasure_id)
        assert removals
        assert all(removal.confirmed_at for removal in removals)
        query = select(AuditEntry.action).where(AuditEntry.subject_id == erasure_id)
        told = list(session.scalars(query))
    assert told.count(Action.ERASURE_BEGUN) == told.count(Action.ERASURE_LIVE) == 1


def _nothing_opens(app: Flask, made: Hospital) -> None:
    """From the intent on: no key is named, no value is there, nobody could open a part."""
    case_id = made.ids["case"]
    with app.app_context():
        assert not session.scalars(select(KeyName).where(KeyName.owner_id == case_id)).all()
        assert not [cell for cell in cells() if cell.owner_id == case_id]
        case = session.get_one(Case, case_id)
        for name in ("worker", "lead", "doctor"):
            held = cases.openable(made.cast.actor(name), case)
            assert held <= {Compartment.LEGAL}, "in which nothing ever was"
        assert not session.scalars(select(Referral).where(Referral.case_id == case_id)).all()
        assert not session.scalars(select(Sitting).where(Sitting.case_id == case_id)).all()
        session.rollback()


# ------------------------------------------------------------------ every worker forgets
@pytest.fixture
def two_apps(app: Flask, settings: Settings) -> Iterator[tuple[Flask, Flask]]:
    """Two processes of one hospital."""
    other = create_app(settings)
    yield app, other
    with other.app_context():
        from casemgr.db import db

        db.engine.dispose()
    other.extensions["keyring"].store.engine.dispose()


def _known_in(app: Flask, made: Hospital) -> bool:
    with app.app_context():
        index = search.caught_up(made.cast.facility_id)
        hits = index.names.search(made.word("full_name"), limit=5)
        facets = index.names.with_facets(["sex:female"])
        session.commit()
    return bool(hits) or made.ids["case"] in facets


def test_the_name_indexes_of_all_processes_forget(
    two_apps: tuple[Flask, Flask], hospital: Hospital
) -> None:
    assert all(_known_in(app, hospital) for app in two_apps)
    erase(hospital)
    for app in two_apps:
        with app.app_context():
            search.catch_up_all()  # what an idle process does every few seconds
        index = app.extensions["process"]["case_indexes"][hospital.cast.facility_id]
        assert not index.names.search(hospital.word("full_name"), limit=5)
        assert not _known_in(app, hospital)


def test_no_number_finds_an_erased_person(hospital: Hospital) -> None:
    lead = hospital.cast.actor("lead")
    for typed in (NATIONAL_ID, INSURANCE, PHONE):
        with hospital.cast.acting():
            assert cases.search_cases(lead, typed), typed
    erase(hospital)
    for typed in (NATIONAL_ID, INSURANCE, PHONE, hospital.word("full_name")):
        with hospital.cast.acting():
            assert not cases.search_cases(lead, typed), typed
    with hospital.cast.acting():
        case_id = hospital.ids["case"]
        assert not session.scalars(select(Identity).where(Identity.case_id == case_id)).all()


# ------------------------------------------------------------------ the sooner, the half
def test_a_value_that_was_left_behind_is_found(app: Flask, hospital: Hospital) -> None:
    """It bites: one key that was not removed opens a copy from before."""
    with app.app_context():
        before = cells()
        names = select(KeyName.id).where(
            KeyName.owner_id == hospital.ids["case"], KeyName.compartment == Compartment.IDENTITY
        )
        spared = set(session.scalars(names))
    store: KeyStore = app.extensions["keyring"].store
    remove = type(store).remove

    def spare(self: KeyStore, ids: Any) -> None:
        remove(self, [key for key in ids if key not in spared])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(store), "remove", spare)
        erase(hospital)
    assert found_in({hospital.word("full_name")}, readable(app, before))
