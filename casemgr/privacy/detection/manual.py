"""docs/detection.md: the rules as the officer's pages explain them, with their numbers."""

from collections.abc import Iterator
from typing import Final

from casemgr.privacy.detection.catalogue import RULES, Rule

_BEFORE: Final = """# Rules that watch the log

Made by `flask --app wsgi rules > docs/detection.md`; a test compares it with the code.

The log tells who opened what. These rules read it for what a privacy officer should look at. They
run in the worker, as the system actor `detection`: three of them every minute over what is new, most
every hour, those that sum up a day in the night after it. Nothing is looked at twice and nothing is
left out: each pace keeps until when it has looked.

## How to treat a signal

- **Innocent until asked.** A signal is a question. Most have a good answer: a colleague stood in, a
  neighbour is a patient, two people bear one name. Ask first, in private, and record the answer.
- Decide yourself. No score decides anything, and nobody may be measured or ranked by scores.
- The rule is shown, never the value that was the same. Do not try to find it out: you would open
  what you have no business with, and it would stand in the log.
- Your verdicts are the only way to know whether a rule is worth its noise. The list shows for each
  rule how many of the decided signals were right. A rule that is rarely right should be set higher
  or switched off, with the reason recorded.
- A few accesses are drawn at random every night. They are there to show what the rules miss; nothing
  is suspected of those people.

## What the rules know about people

Rules about relatives, colleagues and households compare the person of a case with staff. For that
the system opens IDENTITY and CONTACT of the cases that were opened in the hour before (for staff
named in a case: EPISODE and CONTACT), compares in memory, and forgets. Each such opening has an entry
of its own with the cases, and not with what matched. Nothing of it is kept, not as a hash either.
What is restricted or erased is not opened.

What is compared of staff is the name of their account, and what the personnel office has recorded
with `flask staff facts`: numbers, telephones, address, birth date, last day of work. It lies under a
key of the account and is shown to nobody.

Names are compared without their marks, family name first (E De names: last), with the family names of
two words (Ton Nu, Au Duong). A shared family name counts by its rarity: −log2 of how many bear it.
Only the share of the most frequent one is published (Nguyen, 38.4 %, Le Trung Hoa 2005), so every other name counts as if it
were as frequent as the average of the thirteen next ones: nobody is taken for rarer than is known.

## How scores come together

The highest score of one colleague, case and day, and 10 for each further rule, at most 100. Rules that
mean "no business with this case" stay silent about whoever had care of it at the time: a place on the
team (until 30 days after the case came to rest), an open task, having begun or referred it within 72
hours, and, for the social work team, a case that nobody has taken. A role that reaches every case is
no care: it only keeps the rule "no care of the case" silent.

## Changing a rule

Numbers move within their bounds, each change with a reason, and stay on record. What is off is only
switched on after a dry run with the same numbers: the worker looks at the last 90 days week by week and
keeps counts only. What was measured before any hospital used it: eighteen planted patterns among 50,000
invented benign events, each found, one alarm per thousand benign events
(`tests/privacy/detection/test_offenders.py`); on the demonstration hospital every offender that can be
planted is found, and its ninety days of ordinary work raise no alarm. Real hospitals are less tidy than
invented ones: trust the dry run.

## The rules
"""


def as_markdown() -> str:
    """The whole page, in the language that is active."""
    return _BEFORE + "".join(_rule(rule) for rule in RULES.values())


def _rule(rule: Rule) -> str:
    number = f"R{rule.number} " if rule.number else ""
    return "\n".join(
        [
            f"\n### {number}{rule.title}\n",
            f"{rule.pace}. Name in the log: `{rule.name}`.\n",
            f"*Sees.* {rule.sees}\n",
            f"*Does not see.* {rule.not_seen}\n",
            "| Number | At first | From, to | Source |",
            "|---|---|---|---|",
            *_numbers(rule),
            "",
        ]
    )


def _numbers(rule: Rule) -> Iterator[str]:
    for limit in rule.limits:
        bounds = f"{limit.least}–{limit.most}"
        source = f"{rule.source(limit)}, {limit.since}"
        yield f"| {rule.label(limit)} | {limit.default} | {bounds} | {source} |"
