"""The story of the hospital's last ninety days, told from a seed: pure and repeatable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from casemgr.demo import chapters, later_chapters, staff
from casemgr.demo import vocabulary as v
from casemgr.demo.daily import daily_life
from casemgr.demo.events import AddedTask, ChangedStatus, Event, SatScreening, TookCase
from casemgr.demo.outlines import OUTLINES
from casemgr.demo.outlines.outline import Outline
from casemgr.demo.pen import Pen
from casemgr.demo.people import Person, person
from casemgr.demo.presence import attend
from casemgr.demo.sittings import stand_alone
from casemgr.demo.tale import FROM_OUTSIDE, SUSPICIONS, Tale

SEED = 2026
DAYS = 90

# The first day of a story, counted from today, by where it stands now.
_BEGINS: Mapping[v.Stage, tuple[int, int]] = {
    v.Stage.SUSPECTED_UNACKNOWLEDGED: (-1, -1),
    v.Stage.SUSPECTED_ACKNOWLEDGED: (-8, -3),
    v.Stage.REFUSED: (-80, -7),
    v.Stage.CONSENTED: (-26, -14),
    v.Stage.IN_SUPPORT: (-60, -30),
    v.Stage.IDENTIFICATION: (-55, -35),
    v.Stage.CONFIRMED: (-78, -62),
    v.Stage.NOT_VICTIM: (-78, -62),
    v.Stage.TRANSFERRED: (-82, -70),
    v.Stage.CLOSED: (-84, -72),
    v.Stage.REOPENED: (-88, -82),
}
_ONGOING = frozenset(
    {
        v.Stage.IN_SUPPORT,
        v.Stage.IDENTIFICATION,
        v.Stage.CONFIRMED,
        v.Stage.NOT_VICTIM,
        v.Stage.REOPENED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One case. ``person`` may be stored only from the RecordedIdentity event on (R4a)."""

    key: str
    stage: v.Stage
    group: v.Group | None
    sex: v.Sex
    age: int | None
    ethnic: v.Ethnic
    source: v.Source
    department: str
    harms: tuple[v.Harm, ...]
    accompanies: str | None
    person: Person
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """Everything that the loader replays."""

    today: date
    stories: tuple[Story, ...]
    sittings: tuple[SatScreening, ...]
    daily: tuple[Event, ...]

    def timeline(self) -> tuple[tuple[str | None, Event], ...]:
        """Every event with the key of its story (None: of no case), in the order of time.

        Nobody acts without having signed in (presence).
        """
        told: list[tuple[str | None, Event]] = [(None, each) for each in self.daily]
        told += [(None, each) for each in self.sittings]
        told += [(story.key, each) for story in self.stories for each in story.events]
        told.sort(key=lambda pair: (pair[1].day, pair[1].at))
        return attend(told, Random(f"{SEED}:presence"))


def tell(today: date, seed: int = SEED) -> Demonstration:
    """The hospital as it stands on ``today``. Equal arguments give an equal hospital."""
    told: dict[str, Story] = {}
    for outline in OUTLINES:
        parent = told.get(outline.accompanies) if outline.accompanies else None
        told[outline.key] = _tell_one(outline, parent, today, seed)
    stories = tuple(told.values())
    sittings = stand_alone(Random(f"{seed}:sittings"), today)
    acts = [event for story in stories for event in story.events] + list(sittings)
    daily = daily_life(Random(f"{seed}:daily"), today, acts)
    return Demonstration(today=today, stories=stories, sittings=sittings, daily=daily)


def _tell_one(outline: Outline, parent: Story | None, today: date, seed: int) -> Story:
    rng = Random(f"{seed}:{outline.key}")
    who = person(
        rng,
        today,
        sex=outline.sex,
        age=outline.age,
        ethnic=outline.ethnic,
        nationality=outline.nationality,
        parent=parent.person if parent else None,
    )
    drawn = rng.choices((staff.SOCIAL_WORKER, staff.SOCIAL_LEAD), weights=(7, 3))[0]
    social = _carries(parent) or drawn
    tale = Tale(outline, who, _first_moment(outline, parent, rng, today), social)
    for chapter in _chapters(outline):
        chapter(tale)
    return Story(
        key=outline.key,
        stage=outline.stage,
        group=outline.group,
        sex=outline.sex,
        age=outline.age,
        ethnic=outline.ethnic,
        source=outline.source,
        department=outline.department,
        harms=outline.harms,
        accompanies=outline.accompanies,
        person=who,
        events=_fit(tuple(tale.pen.events)),
    )


def _carries(parent: Story | None) -> str | None:
    """A child's case goes to whoever carries the adult's: nobody else could see that one."""
    events = parent.events if parent else ()
    return next((event.by for event in events if isinstance(event, TookCase)), None)


def _first_moment(outline: Outline, parent: Story | None, rng: Random, today: date) -> Pen:
    if parent is not None:  # a child is met a little after the adult it came with
        first = parent.events[0]
        return Pen(rng, today, first.day, first.at.hour * 60 + first.at.minute + 20)
    if outline.stage is v.Stage.SUSPECTED_UNACKNOWLEDGED:  # last night, not yet read
        return Pen(rng, today, -1, rng.randint(16 * 60, 20 * 60))
    hours = (8, 15) if outline.source in FROM_OUTSIDE else (0, 22)
    minute = rng.randint(hours[0] * 60, hours[1] * 60)
    return Pen(rng, today, rng.randint(*_BEGINS[outline.stage]), minute)


def _chapters(outline: Outline) -> list[Callable[[Tale], None]]:
    stage = outline.stage
    told: list[Callable[[Tale], None]] = [chapters.beginning]
    if stage is not v.Stage.SUSPECTED_UNACKNOWLEDGED:
        told.append(chapters.acknowledgement)
    if stage is v.Stage.REFUSED:
        told.append(chapters.refusal)
    if stage in SUSPICIONS or stage is v.Stage.REFUSED:
        return told
    told += [chapters.first_talk, later_chapters.care]
    if stage is not v.Stage.CONSENTED:
        told.append(later_chapters.support)
    told.append(later_chapters.referrals)
    return told + _ways_out(outline)


def _ways_out(outline: Outline) -> list[Callable[[Tale], None]]:
    stage, told = outline.stage, list[Callable[[Tale], None]]()
    if stage in {v.Stage.IDENTIFICATION, v.Stage.NOT_VICTIM} or outline.group is v.Group.CONFIRMED:
        told.append(later_chapters.identification)
    if stage is v.Stage.NOT_VICTIM:  # care goes on (domain §4.0)
        told += [lambda tale: later_chapters.paper(tale, v.Stage.NOT_VICTIM)]
        told.append(later_chapters.follow_up)
    elif outline.group is v.Group.CONFIRMED:
        told += [lambda tale: later_chapters.paper(tale, v.Stage.CONFIRMED)]
    if stage is v.Stage.TRANSFERRED:
        told.append(later_chapters.transfer)
    if stage in {v.Stage.CLOSED, v.Stage.REOPENED}:
        told.append(later_chapters.closing)
    if stage is v.Stage.REOPENED:
        told.append(later_chapters.reopening)
    if stage in _ONGOING:
        told.append(later_chapters.onward)
    return told


def _fit(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Move a story that would reach into today back by whole weeks, so that Mondays stay so."""
    weeks = max(0, (events[-1].day + 1 + 6) // 7)
    return tuple(_earlier(event, 7 * weeks) for event in events) if weeks else events


def _earlier(event: Event, days: int) -> Event:
    moved = replace(event, day=event.day - days)
    if isinstance(moved, AddedTask):
        return replace(moved, due=moved.due - days)
    if isinstance(moved, ChangedStatus) and moved.paper_day is not None:
        return replace(moved, paper_day=moved.paper_day - days)
    return moved
