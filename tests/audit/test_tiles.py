"""The tree in its tiles says what RFC 6962 says of the same leaves."""

import hashlib
import random
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from casemgr.audit.models import STATE, TILE
from casemgr.audit.tiles import Edge, Tree, fold
from casemgr.audit.verify import EMPTY_ROOT, leaf_hash
from casemgr.db import session
from tests.audit.slow_tree import mth, path, proof

TEN_MILLION = 10_000_000
SIZES = (1, 2, 3, 255, 256, 257, 511, 513, 1000)


def leaf(number: int) -> bytes:
    return b"entry %d" % number


def entry_id(number: int) -> UUID:
    return UUID(bytes=hashlib.sha256(leaf(number)).digest()[:16])  # in no order at all


def grow(upto: int, *, batch: int) -> list[bytes]:
    """Fill the tree in batches. Returns its leaves."""
    leaves = [leaf(number) for number in range(upto)]
    for start in range(0, upto, batch):
        row = session.execute(select(STATE)).one()
        edge = Edge(row.size, row.edge, row.edge_ids)
        for number in range(start, min(upto, start + batch)):
            edge.append(leaf_hash(leaves[number]), entry_id(number))
        edge.write(session())
    return leaves


def test_an_empty_tree(app: Flask) -> None:
    with app.app_context():
        tree = Tree(session())
        assert (tree.head().size, tree.head().root) == (0, EMPTY_ROOT)
        assert tree.position_of(entry_id(0)) is None


@pytest.mark.parametrize("batch", [1, 100, 256, 700], ids=lambda batch: f"by {batch}")
def test_every_head_and_proof_is_that_of_rfc_6962(app: Flask, batch: int) -> None:
    moments = random.Random(batch)
    with app.app_context():
        leaves = grow(max(SIZES), batch=batch)
        tree = Tree(session())
        assert tree.size == max(SIZES)
        for size in SIZES:
            assert tree.root_at(size) == mth(leaves[:size]), size
            for index in {0, size - 1, moments.randrange(size)}:
                assert tree.inclusion_proof(index, size) == path(index, leaves[:size]), index
            for old in {1, size - 1, moments.randrange(1, size + 1)} - {0, size}:
                assert tree.consistency_proof(old, size) == proof(old, leaves[:size]), old
        session.rollback()


def test_leaves_and_ids_come_back_in_order(app: Flask) -> None:
    with app.app_context():
        leaves = grow(600, batch=97)
        tree = Tree(session())
        assert list(tree.leaf_hashes(0, 600)) == [leaf_hash(each) for each in leaves]
        assert list(tree.leaf_hashes(250, 520)) == [leaf_hash(each) for each in leaves[250:520]]
        assert list(tree.entry_ids(255, 600)) == [entry_id(number) for number in range(255, 600)]
        for number in (0, 255, 256, 511, 512, 599):
            assert tree.position_of(entry_id(number)) == number
        assert tree.position_of(UUID(int=1)) is None
        session.rollback()


def test_what_lies_beyond_the_end_is_refused(app: Flask) -> None:
    with app.app_context():
        grow(5, batch=5)
        tree = Tree(session())
        with pytest.raises(IndexError):
            tree.root_at(6)
        with pytest.raises(IndexError):
            tree.inclusion_proof(5, 5)
        with pytest.raises(IndexError):
            tree.consistency_proof(6, 5)
        session.rollback()


def test_two_sequencers_at_once_are_refused(app: Flask) -> None:
    with app.app_context():
        edge = Edge(0, b"", b"")
        edge.append(leaf_hash(b""), entry_id(0))
        session.execute(update(STATE).values(size=1, edge=bytes(32), edge_ids=bytes(16)))
        with pytest.raises(RuntimeError):
            edge.write(session())
        session.rollback()


def test_an_entry_costs_at_most_60_bytes(app: Flask) -> None:
    """Payload of real tiles; then PostgreSQL's own measure of many, of indexes and all."""
    with app.app_context():
        grow(256 * 3, batch=500)
        assert session.scalar(select(func.sum(func.length(TILE.c.content)))) == 256 * 3 * (32 + 16)
        if session.get_bind().dialect.name == "postgresql":
            noise, many = random.Random(60), 600
            rows = [
                {
                    "level": 0,
                    "tile_index": index,
                    "content": noise.randbytes(8192 + 4096),
                    "least_id": entry_id(index),
                    "greatest_id": entry_id(index),
                }
                for index in range(3, many)
            ]
            session.execute(TILE.insert(), rows)
            size = session.scalar(select(func.pg_total_relation_size("audit_tile")))
            assert size is not None
            assert size / (many * 256) <= 60
        session.rollback()


def siblings(index: int, size: int) -> int:
    """How long the path of an entry is (RFC 6962 §2.1.1)."""
    if size == 1:
        return 0
    half = 1 << (size - 1).bit_length() - 1
    return 1 + (siblings(index, half) if index < half else siblings(index - half, size - half))


def test_a_proof_at_ten_million_reads_at_most_eight_tiles(app: Flask) -> None:
    """A tree of ten million equal leaves, of which only the tiles that are asked for exist."""
    tree_of = {0: leaf_hash(b"same")}
    for level in range(1, 4):
        tree_of[level] = fold(tree_of[level - 1] * 256)
    with app.app_context():
        sizes = [TEN_MILLION >> 8 * level for level in range(3)]
        edge = b"".join(tree_of[level] * (size % 256) for level, size in enumerate(sizes))
        session.execute(update(STATE).values(size=TEN_MILLION, edge=edge, edge_ids=b""))
        moments = random.Random(6962)
        wanted = [0, TEN_MILLION - 1, *(moments.randrange(TEN_MILLION) for _ in range(20))]
        tiles = {(level, index >> 8 * (level + 1)) for index in wanted for level in range(3)}
        past = TEN_MILLION - 1234
        tiles |= {(level, past >> 8 * (level + 1)) for level in range(3)}
        rows = [
            {"level": level, "tile_index": index, "content": tree_of[level] * 256}
            for level, index in tiles
            if index < TEN_MILLION >> 8 * (level + 1)
        ]
        session.execute(TILE.insert(), rows)
        for index in wanted:
            tree = Tree(session())
            proof_of_it = tree.inclusion_proof(index, TEN_MILLION)
            assert len(proof_of_it) == siblings(index, TEN_MILLION)
            assert tree.tiles_read <= 8
            tree = Tree(session())
            if index < past:
                tree.inclusion_proof(index, past)
            assert tree.tiles_read <= 8
        session.rollback()
