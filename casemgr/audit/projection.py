"""The columns beside a leaf, recomputed from it, and its tag: what officers see must be what is proven.

``address`` stands in no leaf (it may have to be forgotten) and is not proven.
"""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Row

from casemgr.audit.trail import tag_of
from casemgr.crypto.errors import KeyMissing
from casemgr.crypto.keyring import Keyring

TAGGED_FROM = 3  # the leaf version that has lanes and tags
Said: TypeAlias = tuple[bytes, bytes, bytes, bytes]  # time, id, lane, number

# Column → key of the leaf.
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "id": "id",
        "facility_id": "fac",
        "at": "at",
        "account_id": "who",
        "acting_as": "as",
        "action": "act",
        "outcome": "out",
        "case_id": "case",
        "subject_kind": "kind",
        "subject_id": "subj",
        "compartments": "parts",
        "purpose": "purp",
        "channel": "chan",
        "session_ref": "sess",
        "request_id": "rid",
        "count": "n",
        "leaf_version": "v",
        "lane": "lane",
        "lane_seq": "seq",
    }
)


def differences(row: Row[Any]) -> Iterator[str]:
    """The columns that say something else than the leaf."""
    leaf = leaf_of(row)
    for column, key in COLUMNS.items():
        if _plain(getattr(row, column)) != _said(leaf.get(key)):
            yield column


def is_tagged(row: Row[Any], keyring: Keyring, *, may_be_old: bool) -> bool:
    """Whether the keyed tag is ours; entries from before there were tags have none."""
    if row.tag is None or row.lane is None:
        return may_be_old and row.leaf_version < TAGGED_FROM
    try:
        tag = tag_of(keyring, row.facility_id, row.lane, row.leaf)
    except KeyMissing:
        return False
    return hmac.compare_digest(tag, row.tag)


def said_by(row: Row[Any]) -> Said:
    """What the leaf says of its time, id, lane and number there."""
    leaf = leaf_of(row)
    at, entry_id, lane, seq = (
        str(leaf.get(key) or "").encode() for key in ("at", "id", "lane", "seq")
    )
    return at, entry_id, lane, seq if seq.isdigit() else b""


def leaf_of(row: Row[Any]) -> dict[str, Any]:
    """The leaf as a dictionary; empty where somebody wrote something else."""
    try:
        leaf = orjson.loads(row.leaf)
    except orjson.JSONDecodeError:
        return {}
    return leaf if isinstance(leaf, dict) else {}


def _said(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    return "" if value is None else str(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)
