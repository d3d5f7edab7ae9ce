"""PostgreSQL's own ``pg_dump`` and ``pg_restore``: the newest that is here, fed and read by pipes."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL

PORTION = 64 * 1024
_DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"(\d+)(?:\.\d+)*")
_PASSED_ON = ("PATH", "HOME", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGPASSFILE")


class ProgramFailed(Exception):
    """Why PostgreSQL's programs could not do it, in a line for the person at the terminal."""


def output_of(program: str, url: URL, options: Sequence[str]) -> Iterator[bytes]:
    """What the program writes, in portions. Raises ProgramFailed."""
    with subprocess.Popen(  # noqa: S603 - a program that was looked up, and options of ours
        _command(program, url, options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(url),
    ) as child:
        try:
            while child.stdout and (part := child.stdout.read(PORTION)):
                yield part
            said = child.stderr.read() if child.stderr else b""
        except BaseException:
            child.kill()
            raise
    _require_success(program, child.returncode, said)


def feed(program: str, url: URL, options: Sequence[str], parts: Iterable[bytes]) -> None:
    """Hand the program its input; killed, and so undone, when the input ends before its end.

    Raises ProgramFailed, and whatever ``parts`` raises.
    """
    said = b""
    with subprocess.Popen(  # noqa: S603 - as above
        _command(program, url, options),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(url),
    ) as child:
        try:
            for part in parts:
                if child.stdin:
                    child.stdin.write(part)
            _, said = child.communicate()
        except BrokenPipeError:  # it gave up: its own words say why
            said = child.stderr.read() if child.stderr else b""
            _close(child)
        except BaseException:
            child.kill()
            _close(child)
            raise
    _require_success(program, child.returncode, said)


def newest(program: str, url: URL) -> str:
    """The newest of these programs here. Raises ProgramFailed where none fits the server.

    One that is older than the server cannot read it.
    """
    candidates = [shutil.which(program), *map(str, _DEBIAN.glob(f"*/bin/{program}"))]
    found = [(_version_of(path), path) for path in candidates if path]
    if not found:
        raise ProgramFailed(f"{program} is missing: install the PostgreSQL client programs")
    version, path = max(found)
    server = _server_version(url)
    if version < server:
        raise ProgramFailed(f"{program} {version} is older than the server: install {server}")
    return path


def _close(child: subprocess.Popen[bytes]) -> None:
    """Throw away what the child did not take: closing would write it to nobody."""
    with suppress(BrokenPipeError):
        if child.stdin:
            child.stdin.close()


def _command(program: str, url: URL, options: Sequence[str]) -> list[str]:
    address = url.set(drivername="postgresql", password=None).render_as_string()
    return [newest(program, url), *options, f"--dbname={address}"]


def _environment(url: URL) -> dict[str, str]:
    """The child's own environment carries the password, no command line, and no setting of ours."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return {**passed, **password, "PGCONNECT_TIMEOUT": "15", "LC_ALL": "C"}


def _version_of(path: str) -> int:
    command = [path, "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    match = _VERSION.search(run.stdout)
    return int(match[1]) if match else 0


def _server_version(url: URL) -> int:
    import psycopg

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=15) as connection:
            return connection.info.server_version // 10_000
    except psycopg.OperationalError:
        raise ProgramFailed("the database does not answer") from None


def _require_success(program: str, code: int, said: bytes) -> None:
    if code:  # the first line alone: what a row says stands in DETAIL and CONTEXT below it
        first = said.decode(errors="replace").strip().splitlines()[:1]
        raise ProgramFailed(f"{program} failed: {first[0][:200] if first else f'code {code}'}")
