"""Whether a longer tree begins with a shorter one (RFC 9162 §2.1.4.2). Pure.

The same as ``verify_consistency`` of casemgr.audit.verify, which takes its place.
"""

from collections.abc import Sequence

from casemgr.audit.verify import node_hash


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """True when the tree of ``new`` entries extends the one of ``old``; nothing is proved from zero."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    nodes = list(proof)
    if old & (old - 1) == 0:  # a whole tree of its own: its root begins the proof unsaid
        nodes.insert(0, old_root)
    return bool(nodes) and _climb(old - 1, new - 1, nodes) == (old_root, new_root)


def _climb(left: int, right: int, nodes: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that the proof leads to; None when it is too short or too long."""
    while left & 1:
        left, right = left >> 1, right >> 1
    old_root = new_root = nodes[0]
    for node in nodes[1:]:
        if right == 0:
            return None
        if left & 1 or left == right:
            old_root, new_root = node_hash(node, old_root), node_hash(node, new_root)
            while not left & 1 and left:
                left, right = left >> 1, right >> 1
        else:
            new_root = node_hash(new_root, node)
        left, right = left >> 1, right >> 1
    return (old_root, new_root) if right == 0 else None
