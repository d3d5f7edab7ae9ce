"""A stand-in for the transit engine of Vault: its documented wire format, on this machine.

Written after the API pages of the transit engine: bodies are JSON, plain bytes and associated data
base64, answers lie under ``data``, errors under ``errors``. Limits behave as documented: a version
under ``min_decryption_version`` is refused, trimming needs both limits set and never goes back.
"""

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.made-up-for-tests"


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(status)
        self.status, self.errors = status, list(errors)


@dataclass
class TransitKey:
    """One named key and its versions."""

    versions: dict[int, bytes] = field(default_factory=dict)
    latest: int = 0
    min_decryption: int = 1
    min_encryption: int = 0
    min_available: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    def rotate(self) -> None:
        self.latest += 1
        self.versions[self.latest] = os.urandom(32)

    def facts(self) -> dict[str, Any]:
        return {
            "type": "aes256-gcm96",
            "latest_version": self.latest,
            "min_available_version": self.min_available,
            "min_decryption_version": self.min_decryption,
            "min_encryption_version": self.min_encryption,
            "keys": {str(n): 1442851412 for n in self.versions},
            **self.settings,
        }


class VaultStub:
    """The state of the stand-in, and the ways in which it can misbehave."""

    def __init__(self) -> None:
        self.keys: dict[str, TransitKey] = {}
        self.is_sealed = False
        self.denied: set[str] = set()  # acts that the token's policy does not allow
        self.delay = 0.0
        self.redirect_to: str | None = None
        self.answer: bytes | None = None  # instead of any other
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""

    def act(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
        """What the engine does with one request. Raises Refused."""
        if self.is_sealed:
            raise Refused(503, "Vault is sealed")
        if headers.get("X-Vault-Token") != TOKEN:
            raise Refused(403, "permission denied", "invalid token")
        parts = path.removeprefix("/v1/transit/").split("/")
        name, kind = parts[1], "/".join([parts[0], *parts[2:]])
        if f"{method} {kind}" in self.denied:
            raise Refused(403, "1 error occurred:\n\t* permission denied\n\n")
        if (method, kind) == ("POST", "keys"):
            self._create(name, body)
            return self.keys[name].facts()
        key = self.keys.get(name)
        if key is None and method == "GET":
            raise Refused(404)
        if key is None:
            raise Refused(400, "encryption key not found")
        acts: dict[tuple[str, str], Callable[[], dict[str, Any] | None]] = {
            ("GET", "keys"): lambda: None,
            ("POST", "encrypt"): lambda: _encrypt(key, body),
            ("POST", "decrypt"): lambda: _decrypt(key, body),
            ("POST", "keys/rotate"): key.rotate,
            ("POST", "keys/config"): lambda: _configure(key, body),
            ("POST", "keys/trim"): lambda: _trim(key, body["min_available_version"]),
        }
        if (method, kind) not in acts:
            raise Refused(405, "unsupported operation")
        return acts[method, kind]() or key.facts()

    def _create(self, name: str, body: dict[str, Any]) -> None:
        if name not in self.keys:
            self.keys[name] = TransitKey(settings=body)
            self.keys[name].rotate()


def _encrypt(key: TransitKey, body: dict[str, Any]) -> dict[str, Any]:
    nonce = os.urandom(12)
    plain, bound = _bytes(body["plaintext"]), _bytes(body.get("associated_data", ""))
    sealed = nonce + AESGCM(key.versions[key.latest]).encrypt(nonce, plain, bound)
    text = base64.b64encode(sealed).decode()
    return {"ciphertext": f"vault:v{key.latest}:{text}", "key_version": key.latest}


def _decrypt(key: TransitKey, body: dict[str, Any]) -> dict[str, Any]:
    _, version, text = body["ciphertext"].split(":")
    number = int(version[1:])
    try:
        sealed = _bytes(text)
    except ValueError:
        raise Refused(400, "invalid ciphertext: could not decode base64") from None
    if number < key.min_decryption:
        raise Refused(400, "ciphertext or signature version is disallowed by policy (too old)")
    if number > key.latest:
        raise Refused(400, "invalid ciphertext: version is too new")
    bound = _bytes(body.get("associated_data", ""))
    try:
        plain = AESGCM(key.versions[number]).decrypt(sealed[:12], sealed[12:], bound)
    except (InvalidTag, ValueError):
        raise Refused(400, "cipher: message authentication failed") from None
    return {"plaintext": base64.b64encode(plain).decode()}


def _configure(key: TransitKey, body: dict[str, Any]) -> None:
    encryption = body.get("min_encryption_version", key.min_encryption)
    decryption = body.get("min_decryption_version", key.min_decryption)
    if max(encryption, decryption) > key.latest:
        raise Refused(400, f"cannot set min version, latest key version is {key.latest}")
    if 0 < encryption < decryption:
        raise Refused(400, "min encryption version must be at least min decryption version")
    key.min_encryption, key.min_decryption = encryption, decryption


def _trim(key: TransitKey, first_kept: int) -> None:
    if first_kept < key.min_available:
        raise Refused(400, "minimum available version cannot be decremented")
    if not key.min_encryption or first_kept > min(key.min_encryption, key.min_decryption):
        raise Refused(400, "minimum available version cannot be greater than the other minimums")
    key.min_available = first_kept
    key.versions = {n: secret for n, secret in key.versions.items() if n >= first_kept}


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


@contextmanager
def running() -> Iterator[VaultStub]:
    """A stand-in that listens on 127.0.0.1 until the block ends."""
    stub = VaultStub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def _answer(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            headers = dict(self.headers.items())
            stub.seen.append((method, self.path, headers))
            time.sleep(stub.delay)
            status, more = 200, {}
            try:
                content = json.dumps({"data": stub.act(method, self.path, headers, body)}).encode()
            except Refused as refused:
                status = refused.status
                content = json.dumps({"errors": refused.errors}).encode()
            if stub.redirect_to:
                status, more = 307, {"Location": stub.redirect_to + self.path}
            if stub.answer is not None:
                content = stub.answer
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # the other side did not wait
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
