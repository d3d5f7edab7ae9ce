"""The child of test_killed: makes backups until it is killed, or waits at one point of a run.

Started with the settings in its environment, the folder and the point as arguments.
"""

import os
import sys
import time
from typing import Any

from casemgr import create_app
from casemgr.work import backup_sets, dumping
from casemgr.work.backup_folder import NewFile
from config import load


def tell(line: str) -> None:
    """To the parent itself: the runner of commands catches what is printed."""
    os.write(1, f"{line}\n".encode())


def wait_here(*_: object) -> Any:
    """Tell the parent, and wait for the end."""
    tell("here")
    time.sleep(60)


def stop_at(point: str) -> None:
    """Have the run wait at one of its points."""
    whole, keep = dumping.dump, NewFile.keep

    def half(url: str, write: Any) -> None:
        whole(url, write)
        write(bytes(300_000))
        wait_here()

    def and_wait(self: NewFile) -> Any:
        keep(self)
        wait_here()

    wait: Any = wait_here
    if point == "recorded":
        backup_sets.write_set = wait
    elif point == "half":
        dumping.dump = half
    elif point == "written":
        NewFile.keep = wait  # type: ignore[method-assign]
    elif point == "named":
        NewFile.keep = and_wait  # type: ignore[method-assign]


def main() -> None:
    """Stop at a point, or go on for ever."""
    folder, point = sys.argv[1:]
    stop_at(point)
    app = create_app(load())
    tell("begun")
    while True:
        result = app.test_cli_runner().invoke(args=["backup", "create", folder])
        if result.exit_code:
            tell(result.output)
            return


if __name__ == "__main__":
    main()
