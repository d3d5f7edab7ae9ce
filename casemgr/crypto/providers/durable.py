"""A private file replaced at once and for good, and what it held before wiped as far as we can."""

import os
from pathlib import Path


def replace_durably(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, mode 0600: after a power cut the old file or the new one is there.

    The file that was replaced is overwritten: it held keys, and unlinking leaves its bytes. A
    journal, a snapshot or a flash disk may keep them all the same. Raises OSError.
    """
    new = path.with_name(f".{path.name}.new")
    if new.exists():  # from a process that died here
        with new.open("r+b") as left_over:
            _overwrite(left_over.fileno())
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    old = path.open("r+b") if path.exists() else None
    new.replace(path)
    _sync_folder(path.parent)
    if old is not None:
        with old:
            _overwrite(old.fileno())


def _overwrite(handle: int) -> None:
    os.pwrite(handle, bytes(os.fstat(handle).st_size), 0)
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
