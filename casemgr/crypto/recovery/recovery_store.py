"""Recovery sets in the key store: the current public key, and an envelope per facility key."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from casemgr.crypto.errors import SetReplaced, SharesChanged, TracesLeft
from casemgr.crypto.facility_keys import FacilityKeyStore, WrappedFacilityKey
from casemgr.crypto.key_store_schema import facility_key, recovery_envelope, recovery_key
from casemgr.crypto.recovery import recovery_sets, vouching
from casemgr.crypto.recovery.recovery_sets import Envelope, RecoverySet
from casemgr.crypto.secret import Secret


def current(store: FacilityKeyStore, facility_id: UUID) -> RecoverySet | None:
    """The set whose shares open the envelopes now; None before the first was made."""
    c = recovery_key.c
    query = select(c.set_id, c.facility_id, c.public_key, c.proof, c.made_at)
    query = query.where(c.facility_id == facility_id, c.state == "current")
    with store.reading() as connection:
        row = connection.execute(query.order_by(c.made_at.desc())).first()
    return RecoverySet(*row[:4], _aware(row.made_at)) if row else None


def for_sealing(
    store: FacilityKeyStore, facility_id: UUID, tag_secrets: Sequence[Secret]
) -> RecoverySet | None:
    """The set to seal to: ours, and the one that was issued last. None before the first.

    Raises SealBroken for a planted set, SetReplaced for one that was followed by another: whoever can
    write to the key store could make it current again, for papers that should open nothing new.
    """
    found = current(store, facility_id)
    if found is None:
        return None
    recovery_sets.check(found, tag_secrets)
    newest = store.newest_set(facility_id) if store.newest_set else None
    if newest not in (None, found.set_id):
        raise SetReplaced(found.set_id)
    return found


def envelopes(store: FacilityKeyStore, facility_id: UUID) -> dict[tuple[str, int], bytes]:
    """The envelopes of the current set, by purpose and number of the facility key."""
    e, k = recovery_envelope.c, recovery_key.c
    query = (
        select(e.purpose, e.number, e.sealed)
        .join(recovery_key, k.set_id == e.set_id)
        .where(e.facility_id == facility_id, k.state == "current")
    )
    with store.reading() as connection:
        return {(row.purpose, row.number): row.sealed for row in connection.execute(query)}


def without_envelope(store: FacilityKeyStore, facility_id: UUID) -> list[WrappedFacilityKey]:
    """Facility keys that the shares do not open: all of them before the first set was made.

    Envelopes of the first format, which nobody vouched for, open nothing: new shares make new ones.
    """
    sealed = {
        name
        for name, each in envelopes(store, facility_id).items()
        if len(each) == vouching.SEALED_BYTES
    }
    return [
        key
        for key in store.facility_keys()
        if key.facility_id == facility_id and (key.purpose, key.number) not in sealed
    ]


def adopt(store: FacilityKeyStore, made: RecoverySet, sealed: Collection[Envelope]) -> None:
    """Make this the current set with these envelopes; older sets are retired, theirs deleted.

    One transaction: killed before its end, the older shares still open everything. Raises
    SharesChanged where a facility key was made since the envelopes were sealed.
    """
    k, e = recovery_key.c, recovery_envelope.c
    with store.writing() as connection:
        ours = (k.facility_id == made.facility_id, k.state == "current")
        connection.execute(recovery_key.update().where(*ours).values(state="retired"))
        _require_all(connection, made.facility_id, sealed)
        connection.execute(recovery_envelope.delete().where(e.facility_id == made.facility_id))
        connection.execute(
            recovery_key.insert().values(
                set_id=made.set_id,
                facility_id=made.facility_id,
                public_key=made.public,
                proof=made.proof,
                made_at=made.made_at,
                state="current",
            )
        )
        for each in sealed:
            keep(made, each, connection)
    with suppress(TracesLeft):  # the new set is in force: the next removal empties the log
        store.truncate_log()


def keep(of_set: RecoverySet, sealed: Envelope, connection: Connection) -> None:
    """Add an envelope in a transaction of the key store. Raises SharesChanged for a retired set."""
    k = recovery_key.c
    state = select(k.state).where(k.set_id == of_set.set_id).with_for_update()
    if connection.scalar(state) != "current":
        raise SharesChanged
    connection.execute(
        recovery_envelope.insert().values(
            facility_id=of_set.facility_id,
            purpose=sealed.purpose,
            number=sealed.number,
            set_id=of_set.set_id,
            sealed=sealed.sealed,
        )
    )


def _require_all(connection: Connection, facility_id: UUID, sealed: Collection[Envelope]) -> None:
    f = facility_key.c
    query = select(f.purpose, f.number).where(f.facility_id == facility_id, f.state != "destroyed")
    wanted = {(row.purpose, row.number) for row in connection.execute(query)}
    if wanted != {(each.purpose, each.number) for each in sealed}:
        raise SharesChanged


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
