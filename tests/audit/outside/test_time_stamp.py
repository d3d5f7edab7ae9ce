"""A time stamp from an authority of our own (the openssl program), and what is not one."""

import subprocess
from pathlib import Path

import pytest

from casemgr.audit.outside.addresses import read_ways
from casemgr.audit.outside.time_stamp import TimeStamp
from casemgr.audit.outside.way import Errand, NotSent
from tests.audit.outside.servers import OPENSSL, stamping_authority

pytest.importorskip("rfc3161_client", reason="the extra `timestamps` is not installed")
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(OPENSSL is None, reason="no openssl program here"),
]
ERRAND = Errand("host/log\n7\nAAAA\n\n— host/log BBBB\n", 7, bytes(32))


def way(port: int, ca: Path | None = None) -> TimeStamp:
    option = f"?ca={ca}" if ca else ""
    return TimeStamp(read_ways(f"tsa:http://localhost:{port}/tsr{option}")[0])


def test_the_token_stands_up_before_openssl(tmp_path: Path) -> None:
    with stamping_authority(tmp_path) as port:
        token = way(port, tmp_path / "ca.pem").send(ERRAND)
    (tmp_path / "kept.tsr").write_bytes(token)
    (tmp_path / "note").write_text(ERRAND.note)
    command = [
        OPENSSL or "", "ts", "-verify", "-in", str(tmp_path / "kept.tsr"), "-data", str(tmp_path / "note"),
        "-CAfile", str(tmp_path / "ca.pem"),
    ]  # fmt: skip
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr


def test_an_authority_that_is_not_trusted_is_refused(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with stamping_authority(tmp_path / "one") as port, stamping_authority(tmp_path / "other"):
        with pytest.raises(NotSent, match="false_signature"):
            way(port, tmp_path / "other" / "ca.pem").send(ERRAND)
        assert way(port).send(ERRAND), "without an authority only the question is compared"


def test_an_answer_to_another_question_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casemgr.audit.outside import time_stamp
    from casemgr.audit.outside.calling import Answer

    with stamping_authority(tmp_path) as port:
        old = way(port).send(ERRAND)
    monkeypatch.setattr(time_stamp, "post", lambda *_args: Answer(200, old))
    with pytest.raises(NotSent, match="false_signature"):
        way(port).send(ERRAND)
    monkeypatch.setattr(time_stamp, "post", lambda *_args: Answer(200, b"no token"))
    with pytest.raises(NotSent, match="false_signature"):
        way(port).send(ERRAND)
    monkeypatch.setattr(time_stamp, "post", lambda *_args: Answer(500, b""))
    with pytest.raises(NotSent, match="refused"):
        way(port).send(ERRAND)
