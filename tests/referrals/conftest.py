import pytest

from tests.cast import Cast
from tests.referrals import scene as made
from tests.referrals.scene import Scene


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return made.begin(cast)
