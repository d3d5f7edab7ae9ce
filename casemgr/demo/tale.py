"""What the chapters of one story share, and the little that they work out from it."""

from dataclasses import dataclass
from random import Random

from casemgr.demo import staff
from casemgr.demo import vocabulary as v
from casemgr.demo.outlines.outline import Outline
from casemgr.demo.pen import Pen
from casemgr.demo.people import Person
from casemgr.screenings.instruments.instrument import ADULT_AGE

# Those who come from outside are received by the social work team (E2–E4).
FROM_OUTSIDE = frozenset(
    {
        v.Source.POLICE,
        v.Source.BORDER_GUARD,
        v.Source.HOTLINE_18001769,
        v.Source.HOTLINE_111,
        v.Source.OTHER_HOSPITAL,
    }
)
SUSPICIONS = frozenset({v.Stage.SUSPECTED_UNACKNOWLEDGED, v.Stage.SUSPECTED_ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Tale:
    """An outline with the person, the pen and the social worker who carries it."""

    outline: Outline
    person: Person
    pen: Pen
    social: str

    @property
    def rng(self) -> Random:
        """The one source of chance of this story."""
        return self.pen.rng

    @property
    def nurse(self) -> str:
        """Who is on duty on the ward of the story."""
        return staff.nurse_for(self.outline.department)

    @property
    def is_minor(self) -> bool:
        """Under 18, or of unknown age (R14)."""
        return self.outline.age is None or self.outline.age < ADULT_AGE

    @property
    def given_by(self) -> v.GivenBy:
        """Who consents: a substitute where the representative may be the one who harms (R14)."""
        if not self.is_minor:
            return v.GivenBy.PERSON
        if v.Harm.CHILD_ABUSE in self.outline.harms:
            return v.GivenBy.SUBSTITUTE_REPRESENTATIVE
        return v.GivenBy.REPRESENTATIVE
