"""PostgreSQL's own ``pg_dump`` and ``pg_restore``, read and fed by pipes."""

import os
import subprocess
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from threading import Thread
from typing import IO

from sqlalchemy import URL

from casemgr.work.pg_newest import ProgramFailed, newest

PORTION = 64 * 1024
_PASSED_ON = ("PATH", "HOME", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGPASSFILE")


def output_of(program: str, url: URL, options: Sequence[str]) -> Generator[bytes, None, None]:
    """What the program writes, in portions. Raises ProgramFailed."""
    with subprocess.Popen(  # noqa: S603 - a program that was looked up, and options of ours
        _command(program, url, options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(url),
    ) as child:
        saying = _Saying(child)
        try:
            while child.stdout and (part := child.stdout.read(PORTION)):
                yield part
            said = saying.all()
        except BaseException:
            child.kill()
            raise
    _require_success(program, child.returncode, said)


def feed(program: str, url: URL, options: Sequence[str], parts: Iterable[bytes]) -> None:
    """Hand the program its input; killed, and so undone, when the input ends before its end.

    Raises ProgramFailed, and whatever ``parts`` raises.
    """
    with subprocess.Popen(  # noqa: S603 - as above
        _command(program, url, options),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(url),
    ) as child:
        saying = _Saying(child)
        try:
            for part in parts:
                if child.stdin:
                    child.stdin.write(part)
        except BrokenPipeError:  # it gave up: its own words say why
            pass
        except BaseException:
            child.kill()
            _close(child)
            raise
        _close(child)
        said = saying.all()
    _require_success(program, child.returncode, said)


class _Saying:
    """What a child says beside its output, read while it works: a full pipe would stop it for good.

    The beginning is kept, the rest of a flood of warnings is thrown away.
    """

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._kept = b""
        self._thread = Thread(target=self._drain, args=(child.stderr,), daemon=True)
        self._thread.start()

    def all(self) -> bytes:
        """What was kept, once the child has closed its mouth."""
        self._thread.join()
        return self._kept

    def _drain(self, stream: IO[bytes] | None) -> None:
        with suppress(ValueError, OSError):  # the pipe was closed under us: the child was killed
            while stream and (part := stream.read1(PORTION)):  # type: ignore[attr-defined]
                self._kept += part[: PORTION - len(self._kept)]


def _close(child: subprocess.Popen[bytes]) -> None:
    """Throw away what the child did not take: closing would write it to nobody."""
    with suppress(BrokenPipeError):
        if child.stdin:
            child.stdin.close()


def _command(program: str, url: URL, options: Sequence[str]) -> list[str]:
    address = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    return [newest(program, url), *options, f"--dbname={address.render_as_string()}"]


def _environment(url: URL) -> dict[str, str]:
    """The child's own environment carries the password, no command line, and no setting of ours."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return {**passed, **password, "PGCONNECT_TIMEOUT": "15", "LC_ALL": "C"}


def _require_success(program: str, code: int, said: bytes) -> None:
    if code:  # the first line alone: what a row says stands in DETAIL and CONTEXT below it
        first = said.decode(errors="replace").strip().splitlines()[:1]
        raise ProgramFailed(f"{program} failed: {first[0][:200] if first else f'code {code}'}")
