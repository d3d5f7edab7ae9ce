"""Trees of the verifier against RFC 6962 read literally: slow, recursive, and written apart from it."""

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from casemgr.audit.outsider.walking import Edge
from casemgr.audit.verify import (
    Frontier,
    ProofRefused,
    leaf_hash,
    root_from_inclusion,
    verify_consistency,
)

LARGEST = 300


def mth(d: list[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962 §2.1."""
    if not d:
        return hashlib.sha256().digest()
    if len(d) == 1:
        return hashlib.sha256(b"\0" + d[0]).digest()
    k = split(len(d))
    return hashlib.sha256(b"\1" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of §2.1.1."""
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def proof(m: int, d: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) of §2.1.2."""
    return subproof(m, d, b=True)


def subproof(m: int, d: list[bytes], *, b: bool) -> list[bytes]:
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], b=b), mth(d[k:])]
    return [*subproof(m - k, d[k:], b=False), mth(d[:k])]


def split(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


class GrowingTree(RuleBasedStateMachine):
    """A log that grows one by one and by many, with everything that was ever signed."""

    @initialize(sizes=st.sets(st.integers(0, LARGEST)))
    def begin(self, sizes: set[int]) -> None:
        self.leaves: list[bytes] = []
        self.frontier = Frontier()
        self.sizes, self.edge = sizes, Edge(sizes)
        self.roots = {0: mth([])}
        self.truth = dict(self.roots)

    @rule(leaf=st.binary(max_size=40))
    def one_more(self, leaf: bytes) -> None:
        self.leaves.append(leaf)
        self.frontier.append(leaf_hash(leaf))
        self._grown([leaf])

    @rule(leaves=st.lists(st.binary(max_size=4), max_size=70))
    def many_more(self, leaves: list[bytes]) -> None:
        assume(len(self.leaves) + len(leaves) <= LARGEST)
        self.leaves += leaves
        self.frontier.extend([leaf_hash(leaf) for leaf in leaves])
        self._grown(leaves)

    @rule(data=st.data())
    def an_entry_is_in_it(self, data: st.DataObject) -> None:
        assume(self.leaves)
        index = data.draw(st.integers(0, len(self.leaves) - 1))
        leaf, hashes = leaf_hash(self.leaves[index]), path(index, self.leaves)
        size, root = len(self.leaves), mth(self.leaves)
        assert root_from_inclusion(index, size, leaf, hashes) == root
        for wrong in (hashes + hashes[:1], hashes[:-1]) if hashes else ([leaf],):
            with pytest.raises(ProofRefused):
                root_from_inclusion(index, size, leaf, wrong)
        if hashes:
            place = data.draw(st.integers(0, len(hashes) - 1))
            hashes[place] = bytes([hashes[place][0] ^ 1]) + hashes[place][1:]
            assert root_from_inclusion(index, size, leaf, hashes) != root

    @rule(data=st.data())
    def what_was_signed_is_a_prefix(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.roots)))
        new, hashes = len(self.leaves), proof(old, self.leaves) if old else []
        if old == 0:
            with pytest.raises(ProofRefused):
                verify_consistency(0, new, self.roots[0], self.roots[new], hashes)
            return
        verify_consistency(old, new, self.roots[old], self.roots[new], hashes)
        other = hashlib.sha256(b"another root").digest()
        for old_root, new_root in ((other, self.roots[new]), (self.roots[old], other)):
            with pytest.raises(ProofRefused):
                verify_consistency(old, new, old_root, new_root, hashes)

    @invariant()
    def the_root_is_that_of_the_standard(self) -> None:
        if hasattr(self, "roots"):
            assert self.frontier.size == len(self.leaves)
            assert (
                self.frontier.root()
                == self.frontier.copy().root()
                == self.roots[self.frontier.size]
            )

    @invariant()
    def every_wanted_root_was_kept(self) -> None:
        if hasattr(self, "roots"):
            wanted = {size for size in self.sizes if size <= len(self.leaves)} | {0}
            assert set(self.edge.roots) == wanted
            assert self.edge.roots == {size: self.truth[size] for size in wanted}

    def _grown(self, leaves: list[bytes]) -> None:
        self.edge.grow([leaf_hash(leaf) for leaf in leaves])
        self.roots[len(self.leaves)] = mth(self.leaves)
        reached = {size for size in self.sizes if size <= len(self.leaves)} - set(self.truth)
        self.truth |= {size: mth(self.leaves[:size]) for size in reached}


TestGrowingTree = GrowingTree.TestCase


@given(st.integers(1, LARGEST), st.data())
def test_any_older_size_is_a_prefix(size: int, data: st.DataObject) -> None:
    leaves = [bytes([n % 256, n // 256]) for n in range(size)]
    old = data.draw(st.integers(1, size))
    roots = mth(leaves[:old]), mth(leaves)
    verify_consistency(old, size, *roots, proof(old, leaves))
