"""The small hospital, for tests of work that goes over everything sealed."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.house.hospital import Hospital


@pytest.fixture
def hospital(cast: "Cast") -> "Hospital":
    from tests.house.hospital import found

    return found(cast)
