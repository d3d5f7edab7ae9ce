"""The instruments of the house: RAFT as domain §3.1 has it, and the checks at start-up."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from casemgr.crypto.partial_date import PartialDate
from casemgr.screenings import guidance, instruments
from casemgr.screenings.instruments.instrument import (
    Age,
    Certainty,
    Instrument,
    Population,
    Source,
    Text,
    is_child,
    is_minor,
)
from casemgr.screenings.instruments.raft import RAFT

KEYS = ("unsafe_place", "tricked_or_forced", "afraid_to_leave", "exchange_for_sex")


def answers(*values: str) -> dict[str, str]:
    return dict(zip(KEYS, values, strict=False))


def test_raft_asks_the_four_questions_of_the_domain() -> None:
    assert tuple(item.key for item in RAFT.items) == KEYS
    words = [item.words.vi for item in RAFT.items]
    for spoken, expected in zip(
        words,
        (
            "ở một nơi khiến mình sợ hãi hoặc không an toàn không?",
            "bị lừa hoặc bị ép làm bất cứ công việc nào mình không muốn không?",
            "vì lo bị bạo lực hoặc đe dọa với bản thân hay gia đình không?",
            "để đổi lấy quan hệ tình dục không?",
        ),
        strict=True,
    ):
        assert spoken.endswith(expected)
    assert [option.words.vi for option in RAFT.scale] == ["Có", "Không", "Không muốn trả lời"]


def test_raft_carries_its_figures_as_published() -> None:
    figures = [(figure.percent, figure.interval) for figure in RAFT.figures]
    assert figures == [(89, (79, 99)), (74, (73, 76)), (100, None), (61, (56, 65))]
    assert RAFT.figures[1].source.certainty is Certainty.FROM_MEMORY
    assert RAFT.figures[3].interval_certainty is Certainty.FROM_MEMORY
    assert RAFT.is_working_translation


def test_one_yes_is_positive_whatever_else_was_said() -> None:
    for values in product(("yes", "no", "declined"), repeat=4):
        assert RAFT.read(answers(*values)).is_positive is ("yes" in values)


def test_only_four_noes_are_negative() -> None:
    for values in product(("yes", "no", "declined"), repeat=4):
        band = RAFT.read(answers(*values)).band
        assert (band is not None and band.key == "negative") is (values == ("no",) * 4)


def test_a_missing_answer_leaves_the_result_open_unless_already_positive() -> None:
    assert RAFT.read(answers("no", "no", "no")).band is None
    assert RAFT.read(answers("no", "no", "no")).unanswered == ("exchange_for_sex",)
    assert RAFT.read(answers("no", "yes")).is_positive
    assert RAFT.read({}).band is None


def test_declined_is_not_no_and_not_missing() -> None:
    reading = RAFT.read(answers("no", "declined", "no", "no"))
    assert reading.band is None
    assert reading.declined == ("tricked_or_forced",)
    assert reading.unanswered == ()
    assert (reading.lowest, reading.highest) == (0, 1)


@pytest.mark.parametrize(
    ("age", "admitted"),
    [
        (Age.exactly(17), False),
        (Age.exactly(18), True),
        (Age(17, 19), False),
        (Age(30, 40), True),
        (Age.exactly(91), True),
        (None, False),
    ],
)
def test_raft_is_for_those_who_are_surely_eighteen(age: Age | None, admitted: bool) -> None:
    assert RAFT.population.admits(age) is admitted


def test_a_population_may_end() -> None:
    between = Population(min_age=12, max_age=17)
    assert between.admits(Age(12, 17))
    assert not between.admits(Age(17, 18))
    assert Population(None, None).admits(Age.exactly(3))


@pytest.mark.parametrize(
    ("born", "youngest", "oldest"),
    [
        (PartialDate(2008, 11, 22), 18, 18),
        (PartialDate(2008, 11, 23), 17, 17),
        (PartialDate(2008, 11), 17, 18),
        (PartialDate(2008), 17, 18),
        (PartialDate(2026), 0, 0),
        (PartialDate(2008, 2, 29), 18, 18),
    ],
)
def test_age_from_a_partial_birth_date(born: PartialDate, youngest: int, oldest: int) -> None:
    assert Age.on(date(2026, 11, 22), born) == Age(youngest, oldest)


def test_ages_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="born after"):
        Age.on(date(2026, 11, 22), PartialDate(2027))
    with pytest.raises(ValueError, match="youngest"):
        Age(20, 19)


def test_uncertain_age_counts_as_minor_and_child_until_documented() -> None:
    assert is_minor(None)
    assert is_child(None)
    assert is_minor(Age(17, 25))
    assert not is_minor(Age(18, 25))
    assert is_child(Age.exactly(15))
    assert not is_child(Age.exactly(16))
    assert is_minor(Age.exactly(16))


def test_registry_finds_current_and_exact_versions() -> None:
    assert instruments.get("raft") is RAFT
    assert instruments.get("raft", RAFT.version) is RAFT
    assert RAFT in instruments.all_current()
    with pytest.raises(instruments.InstrumentUnknown):
        instruments.get("raft", "1999-01")
    with pytest.raises(instruments.InstrumentUnknown):
        instruments.get("no-such-thing")


def test_an_earlier_version_stays_readable_beside_the_current_one() -> None:
    instruments.check([replace(RAFT, version="2027-01")], [RAFT])
    with pytest.raises(instruments.InstrumentFaulty, match="version"):
        instruments.check([RAFT], [RAFT])


_NEGATIVE, _POSITIVE = RAFT.bands


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ([RAFT, replace(RAFT, version="2")], "slug given twice"),
        ([replace(RAFT, source=Source(" ", Certainty.VERIFIED))], "source and licence"),
        ([replace(RAFT, licence=Source("", Certainty.VERIFIED))], "source and licence"),
        ([replace(RAFT, items=())], "needs items"),
        ([replace(RAFT, items=RAFT.items[:1] * 4)], "item given twice"),
        ([replace(RAFT, bands=(_NEGATIVE, replace(_POSITIVE, lowest=2)))], "gap at 1"),
        ([replace(RAFT, bands=(_NEGATIVE, replace(_POSITIVE, highest=3)))], "end before 4"),
        ([replace(RAFT, bands=(replace(_NEGATIVE, highest=1), _POSITIVE))], "gap at 2"),
        ([replace(RAFT, bands=())], "end before 4"),
        ([replace(RAFT, title=Text("RAFT", ""))], "Vietnamese and English"),
        (
            [replace(RAFT, title=Text("Người này là nạn nhân", "RAFT"))],
            "never says",
        ),
    ],
)
def test_start_up_refuses_faulty_data(fault: list[Instrument], says: str) -> None:
    with pytest.raises(instruments.InstrumentFaulty, match=says):
        instruments.check(fault)


def all_words() -> str:
    advice = (
        guidance.INCOMPLETE,
        guidance.UNSAFE,
        guidance.REFUSED,
        guidance.MINOR,
        guidance.AGE_UNKNOWN,
        guidance.OTHER_AGE,
    )
    texts = [text for each in advice for text in (each.meaning, *each.next_steps)]
    for instrument in instruments.all_current():
        texts += [text for b in instrument.bands for text in (b.meaning, *b.next_steps)]
        texts += [item.words for item in instrument.items]
    return "\n".join(f"{text.vi}\n{text.en}" for text in texts).lower()


@pytest.mark.parametrize(
    "word", ["là nạn nhân", "is a victim", "khai", "gái mại dâm", "tự nguyện", "cố tình"]
)
def test_no_text_gives_a_verdict_or_blames(word: str) -> None:
    """I10 and R16."""
    assert word not in all_words()


def test_a_positive_band_speaks_of_suspicion_only() -> None:
    assert "Nghi ngờ, cần đánh giá thêm" in _POSITIVE.meaning.vi


def test_words_follow_the_reader() -> None:
    assert Text("Có", "Yes").spoken("en_GB") == "Yes"
    assert Text("Có", "Yes").spoken("vi") == "Có"
