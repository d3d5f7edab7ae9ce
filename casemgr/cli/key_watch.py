"""What every process does about keys by itself: try them at its start, learn of changes later.

A provider that is down, or a key that does not open, stops no start: pages that need it answer
503, everything else works, and it is said in the log of the process.
"""

import logging
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from casemgr.access import verifying
from casemgr.access.actor import system_actor
from casemgr.access.key_names import the_keyring
from casemgr.crypto.errors import KeyMissing, KeyProviderDown
from casemgr.db import session
from casemgr.directory.service import the_facility

log = logging.getLogger("casemgr.keys")
NAME = "key-canary"


def try_keys(channel: str) -> bool:
    """Verify every key when the process starts, on record. Whether all of them opened."""
    try:
        facility = the_facility()
        if facility is None:
            return True
        verdict = verifying.verify(system_actor(NAME, facility.id, channel))
        with suppress(KeyMissing):  # nothing can be put on record without the tag key
            session.commit()
    except KeyProviderDown as reason:
        log.warning("the key provider does not answer (%s)", reason)
        return False
    except SQLAlchemyError as error:
        log.warning("the keys could not be tried (%s)", type(error).__name__)
        return False
    finally:
        session.remove()
    if not verdict.is_sound:
        log.error("keys that do not open: %s", ", ".join(verdict.broken))
    return verdict.is_sound


def refresh() -> None:
    """Learn of new facility keys, forget destroyed ones; what is in memory works on meanwhile."""
    try:
        the_keyring().refresh()
    except KeyProviderDown as reason:
        log.warning("the key provider does not answer (%s)", reason)
    except SQLAlchemyError as error:
        log.warning("the key store does not answer (%s)", type(error).__name__)
