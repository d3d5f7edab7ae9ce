"""I5: no fact about a person in an export of the log, in a proof, or in what the commands print."""

from pathlib import Path

from sqlalchemy.orm import Session

from casemgr.audit import live, sequencer
from casemgr.audit.exporting import SignedHead, proof_of, write_export
from casemgr.audit.tiles import Tree
from casemgr.cli.audit import lines_of
from casemgr.db import session
from tests.audit.exports import BEGIN, Signer
from tests.cast import PEOPLE
from tests.house.crawling import crawl
from tests.house.hospital import Hospital
from tests.house.test_canary import leaks


def test_an_export_holds_no_word(hospital: Hospital, tmp_path: Path) -> None:
    """A hospital with a canary in every sensitive field, at work, then its whole log."""
    list(crawl(hospital.cast.browser("worker")))
    folder = tmp_path / "export"
    with hospital.cast.app.app_context():
        sequencer.run(session())
        source: Session = session()
        tree = Tree(source)
        size = write_export(source, folder, []).size
        (folder / "proof").write_text(_proof(source, tree), "utf-8")
        report = live.verify(source, hospital.cast.app.extensions["keyring"])
        (folder / "told").write_text("\n".join(lines_of(report)), "utf-8")
    assert report.faults == []
    assert size > 100
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {"entries.ndjson", "hashes.bin", "proof", "told", "README.txt"} <= set(files)
    assert not leaks(hospital.all_words(), files)
    names = {display for display, _, _ in PEOPLE.values()} | {hospital.code("case")}
    assert not leaks(names, files), "staff and cases are named by their ids alone"
    assert leaks({str(hospital.ids["case"])}, files), "the search finds what is there"


def _proof(source: Session, tree: Tree) -> str:
    """Of the last entry under a head that is signed here."""
    from unittest.mock import patch

    note = Signer().sign(tree.size, tree.head().root)
    heads = [SignedHead(tree.size, BEGIN, note)]
    (entry_id,) = tree.entry_ids(tree.size - 1, tree.size)
    with patch("casemgr.audit.exporting.signed_heads", return_value=heads):
        return proof_of(source, entry_id)
