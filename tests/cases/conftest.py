"""Cases at the stages where the tests of this room begin."""

from collections.abc import Callable
from uuid import UUID

import pytest

from casemgr.access import Compartment
from casemgr.cases import consenting, recording, service, team
from casemgr.cases.consent import ConsentMethod, ConsentPurpose
from casemgr.cases.rules import Source
from tests.cases.scene import in_english
from tests.cast import Cast
from tests.client import Browser

Stage = Callable[[], UUID]


@pytest.fixture
def suspicion(cast: Cast) -> UUID:
    """Opened by the nurse; nobody took it."""
    with cast.acting():
        case = service.open_suspicion(
            cast.actor("nurse"),
            source=Source.WARD,
            ward="Khoa Sản",
            contact_nurse_id=cast.ids["nurse"],
        )
        return case.id


@pytest.fixture
def taken(cast: Cast, suspicion: UUID) -> UUID:
    """Minh runs it; the person was not asked yet."""
    with cast.acting():
        service.take_case(cast.actor("worker"), suspicion)
    return suspicion


@pytest.fixture
def admitted(cast: Cast, taken: UUID) -> UUID:
    """The person agreed to a record."""
    with cast.acting():
        consenting.record_consent(
            cast.actor("worker"),
            taken,
            purpose=ConsentPurpose.RECORD,
            was_given=True,
            method=ConsentMethod.SIGNED,
        )
    return taken


@pytest.fixture
def in_support(cast: Cast, admitted: UUID) -> UUID:
    """Case work goes on, and Sơn is on the team with the clinical record."""
    with cast.acting():
        recording.begin_support(cast.actor("worker"), admitted)
        team.add_member(cast.actor("worker"), admitted, cast.ids["doctor"], {Compartment.CLINICAL})
    return admitted


@pytest.fixture
def minh(cast: Cast) -> Browser:
    return in_english(cast, "worker")
