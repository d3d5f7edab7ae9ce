"""Sending the head by e-mail to people outside: a fixed text with the note, through one server."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from casemgr import clock
from casemgr.audit.outside.addresses import Address, Kind, MailServer
from casemgr.audit.outside.calling import SECONDS, trusted
from casemgr.audit.outside.way import Errand, NotSent

SOME_REFUSED = b" some_refused"
SUBJECT = "So cong tac: dau so nhat ky / head of the log"
_TEXT = """\
Xin lưu giữ thư này, không cần trả lời. Thư ghi trạng thái sổ nhật ký tại thời điểm gửi và không có
thông tin nào về người bệnh. Sau này, nếu nhật ký bị sửa, thư này chứng minh được điều đó.

Please keep this message; no answer is needed. It states the head of the audit log when it was sent
and holds nothing about any person. If the log is ever rewritten, this message proves it.

{note}"""


class Mail:
    """One message to every receiver of the setting."""

    kind = Kind.MAIL

    def __init__(self, address: Address, server: MailServer) -> None:
        self.name, self.target, self._server = address.name, address.target, server

    def send(self, errand: Errand) -> bytes:
        """The message's id, marked when some receivers were refused. Raises NotSent."""
        message = self.message(errand)
        try:
            with self._connect() as connection:
                self._greet(connection)
                refused = connection.send_message(message)
        except (ssl.SSLError, smtplib.SMTPNotSupportedError):  # no TLS, or not from who we expect
            raise NotSent("not_trusted") from None
        except smtplib.SMTPAuthenticationError:
            raise NotSent("not_let_in") from None
        except smtplib.SMTPResponseException as answer:
            raise NotSent(_reason(answer.smtp_code)) from None
        except smtplib.SMTPRecipientsRefused:
            raise NotSent("refused") from None
        except (OSError, smtplib.SMTPException):
            raise NotSent("no_answer") from None
        mark = SOME_REFUSED if refused else b""  # the others have it: sending again would pester
        return str(message["Message-ID"]).encode() + mark

    def message(self, errand: Errand) -> EmailMessage:
        """The same words each time; only the note differs."""
        message = EmailMessage()
        message["From"], message["To"] = self._server.sender, self.target.replace(",", ", ")
        message["Subject"], message["Date"] = SUBJECT, format_datetime(clock.now())
        message["Message-ID"] = make_msgid(domain=self._server.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices, please
        message.set_content(_TEXT.format(note=errand.note))
        return message

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, trusted(self._server.ca)
        if server.is_tls:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        return smtplib.SMTP(server.host, server.port, timeout=SECONDS)

    def _greet(self, connection: smtplib.SMTP) -> None:
        server = self._server
        if not server.is_tls and not server.is_local:
            connection.starttls(context=trusted(server.ca))  # refuses a server that has none
        if server.user:
            try:
                password = Path(server.password_file).read_text("utf-8").strip()
            except OSError:
                raise NotSent("not_let_in") from None
            connection.login(server.user, password)


def _reason(code: int) -> str:
    """RFC 5321 §4.2.1: 5xx is final, 4xx may pass; anything else is no answer of a mail server."""
    return {5: "refused", 4: "busy"}.get(code // 100, "no_answer")
