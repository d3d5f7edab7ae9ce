"""R9: every use of break-glass; higher where the reason is missing or nothing followed."""

from collections.abc import Iterator
from datetime import timedelta

from casemgr import clock
from casemgr.privacy.detection.rules.facts import Facts, Span
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Act, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "break_glass"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Told at once, and once more when the time for a place on the team has passed."""
    after = timedelta(hours=limits["hours"])
    for access in window.accesses:
        if access.act is not Act.BREAK_GLASS or access.account_id is None:
            continue
        is_over = window.since <= access.at + after < window.until
        if not is_over and not window.is_new([access]):
            continue
        why = _why(access, facts, limits, is_over=is_over)
        score = limits["score"] if why == "use" else limits["bad"]
        # The second time is another day's signal: nobody takes it for the first one again.
        day = clock.to_local(access.at + after).date() if is_over else access.day
        yield tell(NAME, score, [access], case_id=access.case_id, day=day, why=why)


def _why(access: Access, facts: Facts, limits: Limits, *, is_over: bool) -> str:
    use = facts.glass.get(access.id)
    if use is not None and use.reason_length < limits["letters"]:
        return "short"
    if use is not None and use.same_reason >= limits["copies"]:
        return "copied"
    if is_over and access.account_id and access.case_id:
        span = Span(access.at, access.at + timedelta(hours=limits["hours"]))
        if not facts.care.begins_within(access.account_id, access.case_id, span):
            return "nothing_followed"
    return "use"
