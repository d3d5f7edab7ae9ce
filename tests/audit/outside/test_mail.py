"""The head by e-mail: a fixed text, TLS where it leaves the machine, failures told in fixed words."""

from email import message_from_string, policy
from pathlib import Path

import pytest

from casemgr.audit.outside.addresses import MailServer, read_mail_server, read_ways
from casemgr.audit.outside.mail import Mail
from casemgr.audit.outside.way import Errand, NotSent
from tests.audit.outside.servers import MailBox, mail_server, self_signed

pytestmark = pytest.mark.server

NOTE = "host/log\n7\nAAAA\n\n— host/log BBBB\n"
ERRAND = Errand(NOTE, 7, bytes(32))
TO = read_ways("mailto:officer@benhvien.example,counsel@luat.example")[0]


def mail(port: int, scheme: str = "smtp", more: str = "") -> Mail:
    setting = f"{scheme}://localhost:{port}?from=so@benhvien.example{more}"
    return Mail(TO, read_mail_server(setting))


def test_every_receiver_gets_the_note_in_fixed_words() -> None:
    with mail_server(MailBox()) as box:
        receipt = mail(box.port).send(ERRAND)
    assert box.receivers == ["officer@benhvien.example", "counsel@luat.example"]
    message = message_from_string(box.messages[0], policy=policy.default)
    assert message["Message-ID"].encode() == receipt
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_body()
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert NOTE in text
    assert "không có\nthông tin nào về người bệnh" in text
    assert "holds nothing about any person" in text


def test_only_the_note_differs_between_messages() -> None:
    with mail_server(MailBox()) as box:
        for size in (7, 8):
            mail(box.port).send(Errand(NOTE.replace("7", str(size)), size, bytes(32)))
    first, second = (m.partition("\r\n\r\n")[2] for m in box.messages)
    assert first != second
    assert len(first) == len(second)


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        (MailBox(answers=b"554 go away\r\n"), "refused"),
        (MailBox(answers=b"421 too busy\r\n"), "busy"),
        (MailBox(answers=b"\x00\r\n"), "no_answer"),
    ],
    ids=["refused", "busy", "no-answer"],
)
def test_what_goes_wrong_is_told_in_one_word(box: MailBox, reason: str) -> None:
    with mail_server(box), pytest.raises(NotSent) as failure:
        mail(box.port).send(ERRAND)
    assert failure.value.reason == reason


def test_one_refused_receiver_does_not_pester_the_other() -> None:
    with mail_server(MailBox(refuses="counsel@luat.example")) as box:
        assert mail(box.port).send(ERRAND).endswith(b"> some_refused")
    assert box.receivers == ["officer@benhvien.example"]
    with mail_server(MailBox(refuses="officer@benhvien.example")) as box:
        alone = Mail(read_ways("mailto:officer@benhvien.example")[0], mail(box.port)._server)
        with pytest.raises(NotSent, match="refused"):
            alone.send(ERRAND)


def test_nobody_listens() -> None:
    with pytest.raises(NotSent, match="no_answer"):
        mail(1).send(ERRAND)


def test_a_server_elsewhere_without_tls_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MailServer, "is_local", False)
    with mail_server(MailBox()) as box, pytest.raises(NotSent, match="not_trusted"):
        mail(box.port).send(ERRAND)
    assert box.messages == []


def test_tls_is_believed_only_from_the_authority_of_the_settings(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "mail.pem")
    with mail_server(MailBox(), certificate) as box:
        with pytest.raises(NotSent, match="not_trusted"):
            mail(box.port, "smtps").send(ERRAND)
        assert box.messages == []
        assert mail(box.port, "smtps", f"&ca={certificate}").send(ERRAND)
    assert len(box.messages) == 1


def test_without_its_password_file_nobody_signs_in(tmp_path: Path) -> None:
    with mail_server(MailBox()) as box, pytest.raises(NotSent, match="not_let_in"):
        mail(box.port, "smtp", f"&user=so&password_file={tmp_path / 'none'}").send(ERRAND)
