"""RFC 6962 §2.1 word for word, over a list of leaves: slow, recursive, and nothing of ours."""

import hashlib


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mth(leaves: list[bytes]) -> bytes:
    """MTH(D[n])."""
    if not leaves:
        return _hash(b"")
    if len(leaves) == 1:
        return _hash(b"\x00" + leaves[0])
    k = _k(len(leaves))
    return _hash(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of §2.1.1."""
    if len(leaves) == 1:
        return []
    k = _k(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) of §2.1.2, for 0 < m < n."""
    return _subproof(m, leaves, is_complete=True)


def _subproof(m: int, leaves: list[bytes], *, is_complete: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if is_complete else [mth(leaves)]
    k = _k(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], is_complete=is_complete), mth(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], is_complete=False), mth(leaves[:k])]


def _k(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
