"""The days around the cases: searches, refusals, and the privacy officer at the log."""

from casemgr.access import Denied, NotFound
from casemgr.cases import service as cases
from casemgr.demo import events as e
from casemgr.demo.scene import Acts, Scene, require
from casemgr.privacy.log import exporting
from casemgr.privacy.log import service as privacy
from casemgr.privacy.log.rules import Filters


def search(scene: Scene, event: e.Searched) -> None:
    """By name, identity number or telephone."""
    found = cases.search_cases(scene.actor, event.words)
    if event.finds:
        ids = [case.id for case in found]
        require(scene.thread.case_id in ids, f"the search by {event.by_what} found nothing")


def peek(scene: Scene, _event: e.PeekRefused) -> None:
    """A doctor who is not on the team asks for the page: for them the case does not exist."""
    case_id = scene.thread.case_id
    scene.refused(lambda: cases.show_case(scene.actor, case_id), NotFound, "cases.show", case_id)
    scene.world.peeked.append(case_id)


def ask_for_list(scene: Scene, _event: e.PageRefused) -> None:
    """Somebody whose work has no cases asks for their list."""
    scene.refused(lambda: cases.list_cases(scene.actor), Denied, "cases.index", None)


def review_log(scene: Scene, event: e.ReviewedLog) -> None:
    """The weekly review: the log, its refusals, what led there; sometimes as an export (R26)."""
    privacy.page_of_log(scene.actor, Filters())
    scene.pause(15, 60)
    privacy.page_of_log(scene.actor, privacy.recent("refusals"))
    for case_id in scene.world.peeked:
        scene.pause(10, 40)
        privacy.history_of_case(scene.actor, case_id)
    scene.world.peeked.clear()
    if event.is_exported:
        scene.pause(10, 40)
        export = exporting.begin_export(scene.actor, Filters(), exporting.Format.CSV)
        export.rows = export.expected
        exporting.end_export(scene.actor, export)


ACTS: Acts = {
    e.Searched: search,
    e.PeekRefused: peek,
    e.PageRefused: ask_for_list,
    e.ReviewedLog: review_log,
}
