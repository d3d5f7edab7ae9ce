"""Which of PostgreSQL's programs on this machine fits the server."""

import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

_DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"(\d+)(?:\.\d+)*")


class ProgramFailed(Exception):
    """Why PostgreSQL's programs could not do it, in a line for the person at the terminal."""


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
