"""Asking another hospital to witness: the client of C2SP tlog-witness, add-checkpoint."""

import base64
import re

from casemgr.audit.outside.addresses import Address, Kind
from casemgr.audit.outside.calling import post
from casemgr.audit.outside.note import NoteBroken, read_note, signatures_of
from casemgr.audit.outside.way import Errand, NotSent, WitnessKnows

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
REASONS = {
    400: "refused",
    403: "key_unknown",
    404: "log_unknown",
    422: "proof_refused",
    429: "busy",
}


class Witness:
    """Sends the head with a proof that nothing before it changed, and keeps the cosignature."""

    kind = Kind.WITNESS

    def __init__(self, address: Address) -> None:
        assert address.vkey is not None  # noqa: S101 - the address is not read without one
        self.name, self.target, self._key = address.name, address.target, address.vkey
        self._ca = address.options.get("ca", "")

    def send(self, errand: Errand) -> bytes:
        """The cosignature lines of its own. Raises NotSent, WitnessKnows."""
        url = self.target.rstrip("/") + "/add-checkpoint"
        answer = post(url, request_body(errand), "text/plain; charset=utf-8", self._ca)
        if answer.status == 409:
            raise self._conflict(answer.body, errand)
        if answer.status != 200:
            raise NotSent(REASONS.get(answer.status, "bad_answer"))
        return self._verified(errand.note, answer.body)

    def _conflict(self, body: bytes, errand: Errand) -> Exception:
        """Another size than we thought; or the same one with another root, which is a fork."""
        size = _SIZE.fullmatch(body)
        if size is None:
            return NotSent("bad_answer")
        known = int(size[1])
        return NotSent("fork") if known == errand.old_size else WitnessKnows(known)

    def _verified(self, note: str, body: bytes) -> bytes:
        try:
            lines = signatures_of(read_note(note + body.decode()), self._key)
        except (NoteBroken, UnicodeDecodeError):
            raise NotSent("false_signature") from None
        if not lines:
            raise NotSent("false_signature")
        return "".join(map(str, lines)).encode()


def request_body(errand: Errand) -> bytes:
    """``old <size>``, the proof, an empty line, the note."""
    proof = "".join(base64.b64encode(node).decode() + "\n" for node in errand.proof)
    return f"old {errand.old_size}\n{proof}\n{errand.note}".encode()
