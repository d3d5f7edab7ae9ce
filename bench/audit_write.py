"""An audited write against a plain insert of the same row, with the sequencer at work (issue 4).

PostgreSQL, processes of their own, modes in turns within each round, median of the ratios. The
sequencer runs beside the four audited writers: the other modes have nothing to sequence.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

from sqlalchemy import text

from bench.audit_writer import HEAD, PlainEntry
from bench.hospitals import hospital
from casemgr.audit import entry_trigger
from casemgr.db import db, session

FACILITY = UUID(int=1)
ROUNDS, SECONDS, MANY = 7, 2.0, 4
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Bar:
    """A ratio to a twin in the same round, and what it must keep to."""

    name: str
    ratios: list[float]
    least: float = 0.0
    most: float = float("inf")

    @property
    def is_met(self) -> bool:
        """Whether the median keeps to it."""
        return self.least <= median(self.ratios) <= self.most

    def line(self) -> str:
        """The numbers and the verdict."""
        bar = f">= {self.least}" if self.least else f"<= {self.most}"
        low, high = min(self.ratios), max(self.ratios)
        verdict = "met" if self.is_met else "MISSED"
        return f"  {self.name:<52} {median(self.ratios):6.2f} [{low:.2f} - {high:.2f}]  bar: {bar}: {verdict}"


@dataclass
class Audited:
    """What a part of the benchmarks hands out (measuring.Result)."""

    bars: list[Bar]
    rates: Mapping[str, list[float]]
    sequencing: list[Mapping[str, float]] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        """Whether every bar is."""
        return all(bar.is_met for bar in self.bars)

    def table(self) -> str:
        """Rates, ratios, lag."""
        lines = [f"audited write, PostgreSQL: {ROUNDS} interleaved rounds, median [range]"]
        lines += [f"  {name:<24} {median(each):8.0f} acts/s" for name, each in self.rates.items()]
        lines += [bar.line() for bar in self.bars]
        moved = sum(each["moved"] for each in self.sequencing)
        busy = sum(each["busy"] for each in self.sequencing)
        lag = max((each["lag"] for each in self.sequencing), default=0.0)
        lines.append(
            f"  sequenced {moved:,.0f} entries, {moved / busy if busy else 0:,.0f} a busy second; "
            f"the oldest waited {lag:.2f} s"
        )
        return "\n".join(lines)


def run(_full: bool) -> list[Audited]:
    """One table."""
    with hospital("postgresql") as (app, _pair), app.app_context():
        app.extensions["keyring"].found_facility(FACILITY)
        _prepare()
        settings = app.extensions["settings"]
        environment = {
            f"CASEMGR_{name.upper()}": str(getattr(settings, name)) for name in settings.__slots__
        }
        with ExitStack() as stack:
            writers = [stack.enter_context(_child(environment, row)) for row in range(MANY + 1)]
            return [_measure(writers[:MANY], writers[MANY])]


def _prepare() -> None:
    with db.engine.begin() as connection:
        PlainEntry.__table__.create(connection)
        HEAD.create(connection)
        connection.execute(HEAD.insert().values(head=bytes(32)))
        for name in ("ix_bench_case", "ix_bench_account", "ix_bench_newest"):
            columns = {"ix_bench_case": "case_id, at", "ix_bench_account": "account_id, at"}
            on = columns.get(name, "facility_id, at, id")
            connection.execute(text(f"CREATE INDEX {name} ON bench_entry ({on})"))
        for name in ("bench_row", "bench_row_plain"):
            connection.execute(text(f"CREATE TABLE {name} (id int PRIMARY KEY, n bigint)"))
            connection.execute(
                text(f"INSERT INTO {name} SELECT i, 0 FROM generate_series(0, {MANY}) i")  # noqa: S608
            )
        assert entry_trigger.cover(connection, ["bench_row"]) == ["bench_row"]
    session.rollback()


@contextmanager
def _child(environment: Mapping[str, str], row: int) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "bench.audit_writer", str(FACILITY), str(row)]
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command,
        cwd=ROOT,
        env=os.environ | dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert _line(process) == "ready"
        yield process
    finally:
        process.kill()
        process.wait()


def _measure(writers: list["subprocess.Popen[str]"], keeper: "subprocess.Popen[str]") -> Audited:
    rates: dict[str, list[float]] = {}
    cpus: dict[str, list[float]] = {}
    sequencing: list[Mapping[str, float]] = []
    plans = [("audited", 1), ("plain", 1), ("audited", MANY), ("plain", MANY), ("chain", MANY)]
    for turn in range(-1, ROUNDS):
        start = turn % len(plans)
        for mode, count in [*plans[start:], *plans[:start]]:
            keeping = [keeper] if (mode, count) == ("audited", MANY) else []
            _say(keeping, "sequence", SECONDS)
            _say(writers[:count], mode, SECONDS)
            answers = [json.loads(_line(each)) for each in writers[:count]]
            kept = [json.loads(_line(each)) for each in keeping]
            if turn < 0:
                continue  # warm
            sequencing += kept
            name = f"{mode}, {count} writer{'s' * (count > 1)}"
            rates.setdefault(name, []).append(sum(each["per_second"] for each in answers))
            cpus.setdefault(name, []).append(median(each["cpu"] for each in answers))
    return Audited(_bars(rates, cpus), rates, sequencing)


def _bars(rates: Mapping[str, list[float]], cpus: Mapping[str, list[float]]) -> list[Bar]:
    one, many = "1 writer", f"{MANY} writers"

    def ratios(of: Mapping[str, list[float]], mine: str, other: str) -> list[float]:
        return [a / b for a, b in zip(of[mine], of[other], strict=True)]

    return [
        Bar("CPU against a plain insert, one", ratios(cpus, f"audited, {one}", f"plain, {one}"), most=1.25),
        Bar("throughput against it, one", ratios(rates, f"audited, {one}", f"plain, {one}"), least=0.85),
        Bar("throughput against it, four, sequencer at work", ratios(rates, f"audited, {many}", f"plain, {many}"), least=0.75),
        Bar("ahead of a chain in the transaction, four", ratios(rates, f"audited, {many}", f"chain, {many}"), least=1.3),
    ]  # fmt: skip


def _say(processes: list["subprocess.Popen[str]"], mode: str, seconds: float) -> None:
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{mode} {seconds}\n")
        process.stdin.flush()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    line = process.stdout.readline().strip()
    assert line, "a writer ended"
    return line


if __name__ == "__main__":
    for each in run("--full" in sys.argv):
        print(each.table())
