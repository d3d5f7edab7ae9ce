"""What other rooms use of reviews."""

from casemgr.privacy.reviews.access import begin_month, count_open, count_to_end
from casemgr.privacy.reviews.deciding import escalate_overdue
from casemgr.privacy.reviews.hooks import FoundBreach, exclusions, is_excluded, on_breach
from casemgr.privacy.reviews.items import Item, open_items
from casemgr.privacy.reviews.items import count_open as count_reviews
from casemgr.privacy.reviews.measuring import (
    Measures,
    Tally,
    Waiting,
    findings_by_rule,
    measures,
    verdicts_by_rule,
    waiting,
)
from casemgr.privacy.reviews.questions import count_mine
from casemgr.privacy.reviews.raising import raise_break_glass_review, raise_signals
from casemgr.privacy.reviews.signals import Signal

__all__ = [
    "FoundBreach",
    "Item",
    "Measures",
    "Signal",
    "Tally",
    "Waiting",
    "begin_month",
    "count_mine",
    "count_open",
    "count_reviews",
    "count_to_end",
    "escalate_overdue",
    "exclusions",
    "findings_by_rule",
    "is_excluded",
    "measures",
    "on_breach",
    "open_items",
    "raise_break_glass_review",
    "raise_signals",
    "verdicts_by_rule",
    "waiting",
]
