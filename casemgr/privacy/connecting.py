"""How the officer's rooms are connected with one another: part of create_app."""

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import checkpoints
from casemgr.db import session
from casemgr.privacy.breaches import recording
from casemgr.privacy.dashboard.hooks import Due, Proof, hooks
from casemgr.privacy.detection import catalogue, outlet
from casemgr.privacy.proof import checking
from casemgr.privacy.proof import state as proof
from casemgr.privacy.reviews import hooks as review_hooks
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.rights import requests as rights


def connect() -> None:
    """Signals become reviews, verdicts breaches, and the dashboard counts all of them."""
    outlet.connect(reviews.raise_signals, reviews.verdicts_by_rule, reviews.findings_by_rule)
    review_hooks.describers[:] = [catalogue.describe]
    review_hooks.on_breach[:] = [_open_breach]
    proof.connect_checking(checking.last, checking.ask)
    hooks.verdicts = reviews.verdicts_by_rule
    hooks.rule_words = _title_of
    hooks.proof = _proof
    hooks.reviews = _reviews
    hooks.rights = _rights


def _open_breach(actor: Actor, found: review_hooks.FoundBreach) -> object:
    """One breach for the review; which cases it touched is counted from the log afterwards.

    Its 72 hours run from when the review was raised: a slow verdict wins no time.
    """
    return recording.enter_breach(
        actor,
        account_id=found.about_id,
        case_id=min(found.case_ids, default=None),
        detected_at=min(found.raised_at, clock.now()),
        source_item_id=found.item_id,
    )


def _title_of(rule: str) -> str:
    known = catalogue.RULES.get(rule)
    return str(known.title) if known else rule


def _proof(actor: Actor) -> Proof:
    newest, last = checkpoints.newest(session), checking.last(actor)
    return Proof(newest.at if newest else None, last.at if last else None)


def _reviews(actor: Actor) -> Due:
    found = reviews.waiting(actor)
    return Due(found.waiting, found.overdue)


def _rights(actor: Actor) -> Due:
    return Due(rights.count_undone(actor), rights.count_late(actor))
