"""What a process that holds keys owes them: its memory is written to no disk and read by no one."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4  # prctl(2)


def keep_memory_private() -> None:
    """No core dump, and no program of the same user may trace us or read our memory.

    Called by every program before it opens a key. A fork inherits both; a program that is started
    calls it for itself, since Linux lifts the second with each start.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
