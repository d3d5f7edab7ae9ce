"""The order of the worker's rounds: a round that waits for others stands after them."""

import pytest
from flask import Flask

from casemgr import rooms


@pytest.mark.parametrize("earlier", ["file-remover", "key-remover"])
def test_the_eraser_looks_after_what_it_waits_for(app: Flask, earlier: str) -> None:
    """In one waking of the worker files and keys go, and the erasure is live."""
    with app.app_context():
        names = [each.name for each in rooms.periodic_rounds()]
    assert names.index(earlier) < names.index("eraser")
