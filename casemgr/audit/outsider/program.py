"""The command line of the verifier."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from casemgr.audit.outsider.examining import TAMPERED, WHOLE, WRONG_USE, examine
from casemgr.audit.outsider.sentences import INCLUDED, NOT_INCLUDED, Both, of_report
from casemgr.audit.verify import (
    Key,
    NoteRefused,
    ProofRefused,
    leaf_hash,
    open_note,
    parse_checkpoint,
    parse_key,
    parse_proof,
    root_from_inclusion,
)

TOLD_EVERY = 100_000  # entries


class Arguments(argparse.ArgumentParser):
    """Ends with our own code for wrong use."""

    def error(self, message: str) -> NoReturn:
        """Say it in one line."""
        self.exit(WRONG_USE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify what the command line names. Returns the exit code."""
    parser = Arguments("casemgr-audit-verify", description="Is an export of the log whole?")
    parser.add_argument("export", type=Path, help="the folder, or one .tlog-proof file")
    parser.add_argument("key", help="the public key of the log, or a file of keys, one a line")
    parser.add_argument("checkpoint", nargs="*", type=Path, help="checkpoints from elsewhere")
    parser.add_argument("--fast", action="store_true", help="hashes and signatures only")
    given = parser.parse_args(arguments)
    try:
        keys = _keys(given.key)
    except (NoteRefused, OSError, UnicodeDecodeError):
        parser.error("this is no public key of a log, nor a file of such keys")
    for path in (given.export, *given.checkpoint):
        if not path.exists():
            parser.error(f"{path} does not exist")
    if given.export.is_file():
        return _one_entry(given.export, keys)
    report = examine(
        given.export, keys, given.checkpoint, fast=given.fast, say=_progress(sys.stderr.isatty())
    )
    for both in of_report(report):
        _say(both)
    return report.code


def _keys(given: str) -> list[Key]:
    path = Path(given)
    text = path.read_text("utf-8") if "+" not in given or path.exists() else given
    return [parse_key(line) for line in text.splitlines() if line.strip()]


def _one_entry(path: Path, keys: Sequence[Key]) -> int:
    """A C2SP tlog-proof whose ``extra`` is the entry itself."""
    try:
        proof = parse_proof(path.read_text("utf-8"))
        checkpoint = parse_checkpoint(open_note(proof.note, keys).text)
        leaf = leaf_hash(proof.extra)
        root = root_from_inclusion(proof.index, checkpoint.size, leaf, proof.hashes)
        if root != checkpoint.root:
            raise ProofRefused("the entry does not lead to the signed root")  # noqa: TRY301
    except (NoteRefused, ProofRefused, UnicodeDecodeError) as why:
        _say((NOT_INCLUDED[0].format(why=why), NOT_INCLUDED[1].format(why=why)))
        return TAMPERED
    values = {"index": proof.index, "origin": checkpoint.origin, "size": checkpoint.size}
    _say((INCLUDED[0].format(**values), INCLUDED[1].format(**values)))
    sys.stdout.write(proof.extra.decode(errors="replace") + "\n")
    return WHOLE


def _say(both: Both) -> None:
    sys.stdout.write(f"{both[0]}\n  {both[1]}\n")


def _progress(is_watched: bool) -> Callable[[int], object]:
    """A line on standard error now and then, where somebody waits."""
    told = 0

    def say(count: int) -> None:
        nonlocal told
        if is_watched and count - told >= TOLD_EVERY:
            told = count
            sys.stderr.write(f"\r{count:,} …")
            sys.stderr.flush()

    return say


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # text by every account
    sys.exit(main())
