"""The conversation with AWS KMS: one call, and what its refusals mean to us."""

from typing import Any

from casemgr.crypto.errors import KeyProviderDown, SealBroken

TIMEOUT = (3.0, 5.0)  # seconds to connect, seconds to answer


class Kms:
    """KMS in one region. Credentials come from where the AWS tools look for theirs."""

    def __init__(self, region: str, endpoint: str | None, timeout: tuple[float, float]) -> None:
        self._region, self._endpoint, self._timeout = region, endpoint, timeout
        self._made: Any = None

    def describe(self, key: str) -> dict[str, Any]:
        """What KMS tells of a key: its state, ARN and day of deletion."""
        metadata: dict[str, Any] = self.call("describe_key", KeyId=key)["KeyMetadata"]
        return metadata

    def call(self, act: str, **arguments: Any) -> dict[str, Any]:
        """One call. Raises KeyProviderDown, or SealBroken for a ciphertext that does not open."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self.client(), act)(**arguments)
        except ClientError as refusal:
            raise _understood(str(refusal.response["Error"]["Code"])) from None
        except (BotoCoreError, OSError, ValueError):
            raise KeyProviderDown("KMS does not answer, or no credentials were found") from None
        return answer

    def client(self) -> Any:
        """The library's client, made at the first call."""
        if self._made is None:
            import boto3
            from botocore.config import Config

            connect, read = self._timeout
            attempts = {"mode": "standard", "total_max_attempts": 2}
            self._made = boto3.Session().client(
                "kms",
                region_name=self._region,
                endpoint_url=self._endpoint,
                config=Config(connect_timeout=connect, read_timeout=read, retries=attempts),
            )
        return self._made


class KeyUnknown(KeyProviderDown):
    """KMS has no key of this name, here and for us."""


class KeyUnusable(KeyProviderDown):
    """The key exists, but its state forbids using it."""


def _understood(code: str) -> Exception:
    """What a refusal of KMS means to us."""
    if code in {"InvalidCiphertextException", "IncorrectKeyException"}:
        return SealBroken()
    if code == "NotFoundException":
        return KeyUnknown("KMS knows no such key")
    if code in {"KMSInvalidStateException", "DisabledException"}:
        return KeyUnusable("the key in KMS is disabled")
    if code in {"AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"}:
        return KeyProviderDown("KMS denies it: look at the credentials and the key's policy")
    return KeyProviderDown("KMS does not do what it was asked")
