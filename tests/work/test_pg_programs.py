"""PostgreSQL's programs by pipes: what they say beside their output stops nothing."""

import sys

import pytest
from sqlalchemy import make_url

from casemgr.work import pg_programs
from casemgr.work.pg_newest import ProgramFailed

URL = make_url("postgresql://nobody@nowhere/none")
FLOOD = "import sys; sys.stderr.write('warning\\n' * 100_000); sys.stderr.flush();"  # 800 kB


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Each option is a line of Python that the program is."""
    command = staticmethod(lambda _program, _url, options: [sys.executable, "-c", *options])
    monkeypatch.setattr(pg_programs, "_command", command)
    return monkeypatch


@pytest.mark.usefixtures("program")
def test_a_flood_of_warnings_stops_no_dump() -> None:
    parts = pg_programs.output_of("pg_dump", URL, [FLOOD + "print('whole')"])
    assert b"".join(parts) == b"whole\n"


@pytest.mark.usefixtures("program")
def test_a_flood_of_warnings_stops_no_restore() -> None:
    read = FLOOD + "assert len(sys.stdin.buffer.read()) == 2_000_000"
    pg_programs.feed("pg_restore", URL, [read], [bytes(1_000_000)] * 2)


@pytest.mark.usefixtures("program")
def test_a_program_that_gives_up_says_why() -> None:
    early = "import sys; sys.exit('no such database')"
    with pytest.raises(ProgramFailed, match="no such database"):
        pg_programs.feed("pg_restore", URL, [early], [bytes(1_000_000)] * 50)
