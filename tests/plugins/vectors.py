"""Vectors that others published, read where CASEMGR_VECTORS says and never copied.

A machine need not have them: the run says so in its first lines, and the tests that read them pass
over nothing. `.ci/run` names the folder where it is there.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

VARIABLE = "CASEMGR_VECTORS"
Vectors: TypeAlias = Callable[[str, str], list[dict[str, Any]]]


def pytest_report_header() -> str:
    """Whether this run compares itself with what others published."""
    folder = os.environ.get(VARIABLE)
    return f"public vectors: {folder or f'NOT compared, {VARIABLE} is not set'}"


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    """The cases of one part of one file; none where nobody named the folder."""
    folder = os.environ.get(VARIABLE)

    def read(name: str, part: str) -> list[dict[str, Any]]:
        if folder is None:
            return []
        whole = json.loads((Path(folder) / "audit" / name).read_text("utf-8"))
        cases: list[dict[str, Any]] = whole[part]
        assert cases, f"{name} has no {part}"
        return cases

    return read
