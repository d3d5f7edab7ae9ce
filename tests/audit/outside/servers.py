"""Servers of the other side, as far as the tests need them: a mail server and a time stamp authority."""

import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from casemgr import clock

OPENSSL = shutil.which("openssl")


@dataclass
class MailBox:
    """What a mail server was handed: RFC 5321 as far as smtplib speaks it."""

    port: int = 0
    refuses: str = ""
    answers: bytes = b""
    messages: list[str] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)


@contextmanager
def mail_server(box: MailBox, certificate: Path | None = None) -> Iterator[MailBox]:
    """Listens on this machine; with a certificate it speaks TLS from the first byte."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(box.answers or b"220 ready\r\n")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    parts = list(iter(self.rfile.readline, b".\r\n"))
                    box.messages.append(b"".join(parts).decode())
                elif verb == b"RCPT":
                    address = line.decode().partition("<")[2].partition(">")[0]
                    if address == box.refuses:
                        self.wfile.write(b"550 no\r\n")
                        continue
                    box.receivers.append(address)
                self.wfile.write(b"250 ok\r\n" if verb != b"QUIT" else b"221 bye\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """A client that does not trust us hangs up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        box.port = server.server_address[1]
        with _running(server):
            yield box


def self_signed(path: Path) -> Path:
    """A certificate for localhost with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


_CONFIG = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = CA:FALSE
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
"""


@contextmanager
def stamping_authority(folder: Path) -> Iterator[int]:
    """RFC 3161 by the openssl program: embeds the signer's certificate only. Yields the port."""
    config = folder / "tsa.cnf"
    config.write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    for name in ("ca", "tsa"):
        _openssl(f"ecparam -name prime256v1 -genkey -noout -out {folder}/{name}.key")
    _openssl(
        f"req -x509 -new -key {folder}/ca.key -out {folder}/ca.pem -days 2 -subj /CN=Authority"
    )
    _openssl(f"req -new -key {folder}/tsa.key -out {folder}/tsa.csr -subj /CN=Stamp")
    _openssl(
        f"x509 -req -in {folder}/tsa.csr -CA {folder}/ca.pem -CAkey {folder}/ca.key "
        f"-set_serial 2 -days 2 -extfile {config} -extensions stamping -out {folder}/tsa.pem"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query, answer = folder / "query.tsq", folder / "answer.tsr"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            _openssl(f"ts -reply -config {config} -queryfile {query} -out {answer}")
            body = answer.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _running(server):
        yield server.server_address[1]


def _openssl(arguments: str) -> None:
    assert OPENSSL
    subprocess.run([OPENSSL, *arguments.split()], check=True, capture_output=True)


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
