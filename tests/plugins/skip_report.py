"""What did not run is said at the end, with its reason; CI forbids it (CASEMGR_FORBID_SKIPS=1)."""

import os
from collections import Counter

import pytest

FORBID = "CASEMGR_FORBID_SKIPS"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skip fails the run where skips are forbidden."""
    if (
        os.environ.get(FORBID) == "1"
        and exitstatus == pytest.ExitCode.OK
        and _skips(session.config)
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the reasons, the most frequent first, in plain words."""
    reasons = _skips(terminalreporter.config)
    if not reasons:
        return
    forbidden = os.environ.get(FORBID) == "1"
    terminalreporter.section("not run" + (" (forbidden here)" if forbidden else ""))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5} × {reason}")


def _skips(config: pytest.Config) -> Counter[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return Counter(_reason(report) for report in reports)


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")
