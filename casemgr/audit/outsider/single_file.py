"""The verifier as one readable file: its parts in their order, imports first, nothing of casemgr."""

import ast
import inspect
from types import ModuleType

from casemgr.audit import verify
from casemgr.audit.outsider import aligning, examining, facts, program, sentences, walking

PARTS = (verify, aligning, facts, walking, examining, sentences, program)
HEAD = '''#!/usr/bin/env python3
"""Is an export of the log whole? Needs only Python 3.11 or newer and `cryptography`.

    python verify.py EXPORT PUBLIC-KEY [OLDER-CHECKPOINT ...] [--fast]
    python verify.py ENTRY.tlog-proof PUBLIC-KEY

EXPORT is the folder in which this file came (README.txt explains it). PUBLIC-KEY is the key that the
hospital has printed and published, or a file of such keys, one a line. Each OLDER-CHECKPOINT is a
checkpoint that left the hospital, older or newer than the export. Entries are counted from 0.

Ends with 0: whole, 1: tampered, 2: incomplete, 3: wrong use.
"""

'''


def single_file() -> str:
    """The text of verify.py as it lies in every export."""
    imports: set[str] = set()
    bodies = [_body(part, imports) for part in PARTS]
    return HEAD + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n\n".join(bodies) + "\n"


def _body(part: ModuleType, imports: set[str]) -> str:
    """A part without its docstring and imports; those of others than casemgr are kept apart."""
    text = inspect.getsource(part)
    tree = ast.parse(text)
    gone: set[int] = set()
    for node in tree.body:
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        if is_import and not (getattr(node, "module", None) or "").startswith("casemgr"):
            imports.add(ast.unparse(node))
        if is_import or node is tree.body[0]:
            gone.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept = [line for number, line in enumerate(text.splitlines(), 1) if number not in gone]
    return "\n".join(kept).strip()
