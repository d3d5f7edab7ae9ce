"""The demonstration hospital: repeatable, complete, plausible, and nobody's real life."""

import re
from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from casemgr.access.compartments import Compartment, Purpose
from casemgr.access.permissions import Permission
from casemgr.access.roles import Role, permissions_of
from casemgr.demo import events as e
from casemgr.demo import staff
from casemgr.demo import vocabulary as v
from casemgr.demo.story import Story, tell
from casemgr.screenings import rules
from casemgr.screenings.instruments import get

TODAY = date(2026, 11, 22)
HOSPITAL = tell(TODAY)
STORIES = {story.key: story for story in HOSPITAL.stories}
ALL = [event for _, event in HOSPITAL.timeline()]


def of_kind(story: Story, *kinds: type[e.Event]) -> list[Any]:
    return [event for event in story.events if isinstance(event, kinds)]


def when(event: e.Event) -> tuple[int, Any]:
    return event.day, event.at


def free_texts() -> list[str]:
    texts = []
    for event in ALL:
        texts += [str(getattr(event, field.name)) for field in fields(event)]
    return texts


def test_the_same_day_and_seed_tell_the_same_hospital() -> None:
    assert tell(TODAY) == HOSPITAL
    assert tell(TODAY, seed=7) != HOSPITAL
    assert tell(TODAY, seed=7) == tell(TODAY, seed=7)


def test_fourteen_staff_hold_every_role_of_the_design() -> None:
    assert len(staff.STAFF) == 14
    assert {member.role for member in staff.STAFF} == {role.value for role in Role}
    assert len(staff.BY_USERNAME) == 14
    assert all(member.department in staff.BY_CODE for member in staff.STAFF)
    assert all(re.fullmatch(r"[a-z]+(\.[a-z]+)?", name) for name in staff.BY_USERNAME)
    roles = [member.role for member in staff.STAFF]
    assert roles.count("clinician") == 2
    assert roles.count("screener") == 2


def test_the_sentinel_wards_of_the_domain_are_there() -> None:
    """E7 and D1 to D6."""
    sentinels = {each.vi for each in staff.DEPARTMENTS if each.is_sentinel}
    assert {"Khoa Sản", "Khoa Nhi", "Khoa Ngoại"} <= sentinels
    names = {each.vi for each in staff.DEPARTMENTS}
    assert {
        "Ban Giám đốc", "Phòng Kế hoạch tổng hợp", "Phòng Tổ chức – Hành chính",
        "Phòng Điều dưỡng – Tổ Công tác xã hội", "Tổ truyền thông",
    } <= names  # fmt: skip


def test_eighty_cases_and_sixty_sittings() -> None:
    assert len(STORIES) == 80
    assert len(HOSPITAL.sittings) == 60
    assert {each.outcome for each in HOSPITAL.sittings} == {
        "negative", "incomplete", "refused", "unsafe",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("stage", set(v.Stage)),
        ("group", {*v.Group, None}),
        ("sex", set(v.Sex)),
        ("ethnic", set(v.Ethnic)),
        ("source", set(v.Source)),
        ("department", {"CAPCUU", "SAN", "NHI", "NGOAI", "TAMTHAN"}),
    ],
)
def test_every_value_occurs(attribute: str, values: set[Any]) -> None:
    assert {getattr(story, attribute) for story in STORIES.values()} == values


def test_every_harm_place_purpose_and_method_occurs() -> None:
    assert {harm for story in STORIES.values() for harm in story.harms} == set(v.Harm)
    situations = [event for event in ALL if isinstance(event, e.RecordedSituation)]
    assert {each.place for each in situations} == set(v.Place)
    given = [event for event in ALL if isinstance(event, e.GaveConsent)]
    assert {each.purpose for each in given} == set(v.ConsentFor)
    assert {each.method for each in given} == set(v.ConsentMethod)
    assert {each.given_by for each in given} == set(v.GivenBy)
    assert all(bool(each.witness) is (each.method == "spoken_with_witness") for each in given)


def test_every_age_band_of_the_report_occurs() -> None:
    """Domain §6: <6, 6–<12, 12–<16, 16–<18, 18–<25, 25–<40, 40–<60, ≥60, unknown."""
    ages = [story.age for story in STORIES.values()]
    edges = (0, 6, 12, 16, 18, 25, 40, 60, 120)
    for low, high in pairwise(edges):
        assert any(age is not None and low <= age < high for age in ages), (low, high)
    assert None in ages


def test_every_kind_of_event_occurs() -> None:
    kinds = {
        kind
        for kind in vars(e).values()
        if isinstance(kind, type) and issubclass(kind, e.Event) and kind is not e.Event
    }
    assert len(kinds) > 25
    assert {type(event) for event in ALL} == kinds


def test_screenings_come_to_what_the_rules_say() -> None:
    seen = set()
    for event in ALL:
        if not isinstance(event, e.SatScreening):
            continue
        instrument = get(event.instrument, event.version)
        state = rules.SittingState(event.ended)
        assert rules.outcome(instrument, state, dict(event.answers)) == event.outcome
        if state is rules.SittingState.COMPLETED:
            assert rules.next_item(instrument, dict(event.answers)) is None
        assert event.age >= 18  # RAFT is for adults
        assert (event.is_alone and event.limits_explained) is (event.ended != "unsafe_to_ask")
        seen.add(event.outcome)
    assert seen == {outcome.value for outcome in rules.Outcome}
    declined = [x for x in ALL if isinstance(x, e.SatScreening) and "declined" in str(x.answers)]
    assert declined


def referral_state(story: Story, recipient: v.Recipient) -> v.ReferralState:
    state = v.ReferralState.DRAFT
    for event in story.events:
        if getattr(event, "recipient", None) != recipient:
            continue
        if isinstance(event, e.SentReferral):
            state = v.ReferralState.SENT
        elif isinstance(event, e.ReferralAnswered):
            state = event.state
        elif isinstance(event, e.WithdrewReferral):
            state = v.ReferralState.WITHDRAWN
    return state


def test_referrals_stand_in_every_state() -> None:
    states = set()
    for story in STORIES.values():
        for prepared in of_kind(story, e.PreparedReferral):
            states.add(referral_state(story, prepared.recipient))
    assert states == set(v.ReferralState)


def test_consent_for_its_recipient_comes_before_each_referral() -> None:
    """R4d and R6."""
    sent = 0
    for story in STORIES.values():
        for referral in of_kind(story, e.SentReferral):
            given = [
                each
                for each in of_kind(story, e.GaveConsent)
                if each.purpose is v.ConsentFor.REFERRAL and each.recipient == referral.recipient
            ]
            assert given, story.key
            assert when(given[0]) < when(referral)
            assert referral.day < given[0].day + given[0].expires_after_days
            sent += 1
        for blocked in of_kind(story, e.ReferralRefused):
            assert not [
                each
                for each in of_kind(story, e.GaveConsent, e.SentReferral)
                if each.recipient == blocked.recipient
            ]
    assert sent > 40


def test_nothing_about_a_person_is_written_before_consent_or_ground() -> None:
    """R4a: until then the sitting, the ward and the contact nurse only."""
    facts = (
        e.RecordedIdentity, e.RecordedContact, e.RecordedSituation, e.RecordedCompanion,
        e.AddedNote, e.AddedFile, e.AddedTask, e.WroteClinicalNote, e.AddedTeamMember, e.PreparedReferral,
    )  # fmt: skip
    for story in STORIES.values():
        written = of_kind(story, *facts)
        allowed = [
            each
            for each in of_kind(story, e.GaveConsent, e.RecordedLawfulGround)
            if getattr(each, "purpose", v.ConsentFor.SUPPORT_RECORD) is v.ConsentFor.SUPPORT_RECORD
        ]
        unconsented = {
            v.Stage.SUSPECTED_UNACKNOWLEDGED, v.Stage.SUSPECTED_ACKNOWLEDGED, v.Stage.REFUSED,
        }  # fmt: skip
        assert bool(written) is (story.stage not in unconsented)
        if written:
            assert when(allowed[0]) < when(written[0])


def test_only_a_paper_confirms() -> None:
    """I10, domain §0.7."""
    for story in STORIES.values():
        moves = of_kind(story, e.ChangedStatus)
        for move in moves:
            if move.to in {v.Stage.CONFIRMED, v.Stage.NOT_VICTIM}:
                assert move.paper_number
                assert move.paper_issuer
                assert move.paper_day is not None
                assert move.paper_day <= move.day
        confirmed = any(move.to is v.Stage.CONFIRMED for move in moves)
        assert confirmed is (story.group is v.Group.CONFIRMED)
        assert all(x.group is not v.Group.CONFIRMED for x in of_kind(story, e.RecordedSituation))


def test_stories_end_where_they_stand() -> None:
    for story in STORIES.values():
        acknowledged = bool(of_kind(story, e.Acknowledged))
        assert acknowledged is (story.stage is not v.Stage.SUSPECTED_UNACKNOWLEDGED)
        assert bool(of_kind(story, e.RefusedSupport)) is (story.stage is v.Stage.REFUSED)
        assert bool(of_kind(story, e.Reopened)) is (story.stage is v.Stage.REOPENED)
        ended = story.stage in {v.Stage.CLOSED, v.Stage.REOPENED}
        assert bool(of_kind(story, e.Closed)) is ended
        moves = [move.to for move in of_kind(story, e.ChangedStatus)]
        plain = set(v.Stage) - {
            v.Stage.SUSPECTED_UNACKNOWLEDGED, v.Stage.SUSPECTED_ACKNOWLEDGED,
            v.Stage.REFUSED, v.Stage.CLOSED, v.Stage.REOPENED,
        }  # fmt: skip
        if story.stage in plain:
            assert moves[-1] is story.stage


def test_open_tasks_are_of_these_days() -> None:
    """What waits today must be believable: nothing is a month overdue."""
    open_dues: list[int] = []
    for story in STORIES.values():
        tasks: dict[str, int] = {}
        for event in story.events:
            if isinstance(event, e.AddedTask):
                tasks[event.title] = event.due
                assert event.due >= event.day
            elif isinstance(event, e.FinishedTask):
                del tasks[event.title]
        open_dues += tasks.values()
    assert len(open_dues) > 20
    assert min(open_dues) >= -18
    assert {due < 0 for due in open_dues} == {True, False}


def test_children_have_their_own_case_beside_the_adults() -> None:
    """P3 and R14."""
    minors = [story for story in STORIES.values() if story.group is v.Group.ACCOMPANYING_MINOR]
    assert len(minors) >= 8
    for minor in minors:
        assert minor.accompanies is not None
        adult = STORIES[minor.accompanies]
        assert when(adult.events[0]) < when(minor.events[0])
        assert [x.other for x in of_kind(minor, e.LinkedStory)] == [adult.key]
        assert minor.age is not None
        assert minor.age < 18
        assert minor.person.full_name != adult.person.full_name
    for story in STORIES.values():
        if story.age is not None and story.age < 18:
            assert not of_kind(story, e.SatScreening)
            assert all(x.given_by is not v.GivenBy.PERSON for x in of_kind(story, e.GaveConsent))


def test_some_companions_are_suspected_controllers() -> None:
    companions = [event for event in ALL if isinstance(event, e.RecordedCompanion)]
    assert {each.is_suspected_controller for each in companions} == {True, False}


def test_the_doctor_who_peeks_is_on_no_team() -> None:
    joined = {event.username for event in ALL if isinstance(event, e.AddedTeamMember)}
    peeked = {event.by for event in ALL if isinstance(event, e.PeekRefused)}
    assert peeked
    assert not peeked & joined
    assert all(staff.BY_USERNAME[name].role == "clinician" for name in peeked)


def test_restricted_notes_are_written_by_members_of_the_team() -> None:
    for story in STORIES.values():
        for note in of_kind(story, e.WroteClinicalNote):
            joined = [x for x in of_kind(story, e.AddedTeamMember) if x.username == note.by]
            assert joined
            assert when(joined[0]) < when(note)
            assert note.compartment in joined[0].compartments


NEEDS: dict[type[e.Event], Permission] = {
    e.SatScreening: Permission.SCREENING_WRITE,
    e.OpenedSuspicion: Permission.SCREENING_WRITE,
    e.ReceivedReferralIn: Permission.REFERRAL_RECEIVE,
    e.Acknowledged: Permission.NOTICE_ACKNOWLEDGE,
    e.TookCase: Permission.CASE_TAKE,
    e.GaveConsent: Permission.CONSENT_WRITE,
    e.RefusedConsent: Permission.CONSENT_WRITE,
    e.WithdrewConsent: Permission.CONSENT_WRITE,
    e.RecordedLawfulGround: Permission.CONSENT_WRITE,
    e.RecordedIdentity: Permission.CASE_WRITE,
    e.RecordedContact: Permission.CASE_WRITE,
    e.AddedTeamMember: Permission.TEAM_WRITE,
    e.AddedNote: Permission.NOTE_WRITE,
    e.AddedTask: Permission.TASK_WRITE,
    e.AddedFile: Permission.ATTACHMENT_WRITE,
    e.WroteClinicalNote: Permission.RESTRICTED_WRITE,
    e.PreparedReferral: Permission.REFERRAL_WRITE,
    e.SentReferral: Permission.REFERRAL_WRITE,
    e.ReferralAnswered: Permission.REFERRAL_WRITE,
    e.ChasedReferral: Permission.REFERRAL_WRITE,
    e.ChangedStatus: Permission.CASE_WRITE,
    e.Closed: Permission.CASE_CLOSE,
    e.Reopened: Permission.CASE_CLOSE,
    e.PeekRefused: Permission.CASE_READ,
    e.Searched: Permission.CASE_SEARCH,
    e.ReviewedLog: Permission.LOG_READ,
}


def test_everybody_does_only_what_their_role_may() -> None:
    for event in ALL:
        member = staff.BY_USERNAME[event.by]
        need = NEEDS.get(type(event), Permission.HOME_READ)
        assert need in permissions_of(frozenset({Role(member.role)})), (event.by, need)
        if isinstance(event, e.OpenedCompartment):
            assert {Compartment(each) for each in event.compartments}
            assert Purpose(event.purpose)


@pytest.mark.parametrize("shift", range(0, 364, 13))
def test_time_only_moves_forward_within_the_ninety_days(shift: int) -> None:
    """On every weekday of the year, and never into today."""
    told = tell(TODAY + timedelta(days=shift))
    for story in told.stories:
        moments = [when(event) for event in story.events]
        assert moments == sorted(set(moments)), story.key
        assert moments[0][0] >= -90, story.key
        assert moments[-1][0] <= -1, story.key
    timeline = [when(event) for _, event in told.timeline()]
    assert timeline == sorted(timeline)
    started = [minor for minor in told.stories if minor.accompanies]
    adults = {story.key: story for story in told.stories}
    for minor in started:
        adult = adults[str(minor.accompanies)]
        assert when(adult.events[0]) < when(minor.events[0])


def test_offices_keep_office_hours_and_wards_never_close() -> None:
    office = {staff.SOCIAL_WORKER, staff.SOCIAL_LEAD, staff.PRIVACY_OFFICER}
    for event in ALL:
        if event.by in office:
            assert (TODAY + timedelta(days=event.day)).weekday() < 5, event
            assert 6 <= event.at.hour < 18, event
    nights = [x for x in ALL if isinstance(x, e.SatScreening) and not 6 <= x.at.hour < 20]
    assert nights


def test_moments_are_the_hospitals_wall_clock() -> None:
    event = ALL[0]
    local = event.moment(TODAY)
    assert local.utcoffset() == timedelta(0)
    assert (local + timedelta(hours=7)).time() == event.at
    assert (local + timedelta(hours=7)).date() == TODAY + timedelta(days=event.day)


@pytest.mark.parametrize("word", ["khai", "gái mại dâm", "tự nguyện", "cố tình", "là nạn nhân"])
def test_no_text_blames_or_judges(word: str) -> None:
    """R16 and I10."""
    assert not [text for text in free_texts() if word in text.lower()]


def test_no_name_or_text_repeats_the_model_hospital() -> None:
    assert "Cẩm Phả" not in staff.FACILITY_VI
    assert "minh họa" in staff.FACILITY_VI
