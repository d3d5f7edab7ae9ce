"""Somebody to raise, ask and decide, without the case of the small hospital."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.privacy.reviews.scene import Scene


@pytest.fixture
def scene(cast: "Cast") -> "Scene":
    from tests.privacy.reviews.scene import Scene

    return Scene(cast)
