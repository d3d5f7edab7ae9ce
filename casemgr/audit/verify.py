"""Hashes of the log's tree as RFC 6962 and RFC 9162 define them. Needs nothing but Python."""

import hashlib


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 | leaf) (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 | left | right) (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()
