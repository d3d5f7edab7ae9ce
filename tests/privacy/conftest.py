"""The small hospital of the house tests: one case with everything in it."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.house.hospital import Hospital


@pytest.fixture
def made(cast: "Cast") -> "Hospital":
    from tests.house.hospital import found

    return found(cast)
