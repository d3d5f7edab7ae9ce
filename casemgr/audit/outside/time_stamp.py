"""A time stamp over the head from an authority that is not ours (RFC 3161).

It proves that the head existed at that time; unlike a witness it does not say that nothing was
taken out before. Needs the extra ``timestamps``.
"""

from pathlib import Path
from typing import Any

from casemgr.audit.outside.addresses import Address, Kind
from casemgr.audit.outside.calling import post
from casemgr.audit.outside.way import Errand, NotSent

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class TimeStamp:
    """Asks for a token over the whole note and keeps the authority's answer."""

    kind = Kind.TIMESTAMP

    def __init__(self, address: Address) -> None:
        self.name, self.target = address.name, address.target
        self._ca = address.options.get("ca", "")

    def send(self, errand: Errand) -> bytes:
        """The answer as it came (a .tsr file). Raises NotSent."""
        try:
            import rfc3161_client as rfc3161
        except ImportError:
            raise NotSent("not_installed") from None
        message = errand.note.encode()
        builder = rfc3161.TimestampRequestBuilder().data(message)
        # The builder's own choice is SHA-512, which not every authority takes.
        asked = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA256).nonce(nonce=True).build()
        answer = post(self.target, asked.as_bytes(), "application/timestamp-query")
        if answer.status != 200:
            raise NotSent("refused")
        try:
            self._verify(rfc3161, asked, answer.body, message)
        except (ValueError, rfc3161.VerificationError):
            raise NotSent("false_signature") from None
        return answer.body

    def _verify(self, rfc3161: Any, asked: Any, body: bytes, message: bytes) -> None:
        """With ``ca`` the whole chain; without it, that the answer is about this very note."""
        response = rfc3161.decode_timestamp_response(body)
        imprint = response.tst_info.message_imprint
        wanted = asked.message_imprint
        if response.tst_info.nonce != asked.nonce or imprint.message != wanted.message:
            raise ValueError("an answer to another question")
        if self._ca:
            verifier = rfc3161.VerifierBuilder.from_request(asked)
            for root in _certificates(self._ca):
                verifier = verifier.add_root_certificate(root)
            verifier.build().verify_message(response, message)


def _certificates(path: str) -> list[Any]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return list(load_pem_x509_certificates(Path(path).read_bytes()))
    except OSError:
        raise NotSent("not_trusted") from None
