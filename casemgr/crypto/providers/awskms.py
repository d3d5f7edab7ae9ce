"""Roots in AWS KMS: symmetric keys that never leave the service, behind one alias.

Wrapped bytes are one byte 12 (hex), ``LP(ARN of the key)``, then the ciphertext of KMS. KMS binds
our context as its encryption context and refuses a ciphertext of another key than the one named.
KMS's own rotation keeps old key material for good, so here a new root is a new key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casemgr.crypto.envelope import length_prefixed
from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers.interface import Destruction

SCHEME = "awskms"
WAITING_DAYS = 7  # the shortest that KMS allows before a key is really destroyed
TIMEOUT = (3.0, 5.0)  # seconds to connect, seconds to answer
_LAYOUT = b"\x12"
_ADVICE = (
    "AWS destroys the key after a waiting period; until then somebody with kms:CancelKeyDeletion "
    "can keep it. See that nobody does."
)
_GONE = {"PendingDeletion", "PendingReplicaDeletion"}


class KmsProvider:
    """Asks KMS to encrypt and decrypt the facility keys."""

    def __init__(
        self, target: str, options: Mapping[str, str], timeout: tuple[float, float] = TIMEOUT
    ) -> None:
        """Connects to nobody yet. Credentials come from where the AWS tools look for theirs."""
        self._key = target
        self._region = options.get("region") or target.split(":")[3]
        self._endpoint, self._timeout = options.get("endpoint"), timeout
        self._renewed: str | None = None  # an alias is followed only some seconds after it moved
        self._kept_client: Any = None

    def __repr__(self) -> str:
        return "KmsProvider()"

    def create(self) -> str:
        """Make the first key and the alias that points to it."""
        alias = self._alias()
        try:
            self._describe(alias)
        except _KeyUnknown:
            made = self._make_key()
            self._call("create_alias", AliasName=alias, TargetKeyId=made)
            return _name(made)
        raise KeyProviderRefused("the alias exists already")

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Encrypt under the key that the alias points to."""
        answer = self._call(
            "encrypt",
            KeyId=self._renewed or self._key,
            Plaintext=secret,
            EncryptionContext=_bound(context),
        )
        arn, ciphertext = str(answer["KeyId"]), bytes(answer["CiphertextBlob"])
        return _LAYOUT + length_prefixed(arn.encode()) + ciphertext

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt. Raises SealBroken, also when the key is destroyed or about to be."""
        key, ciphertext = _read(wrapped)
        try:
            answer = self._call(
                "decrypt", KeyId=key, CiphertextBlob=ciphertext, EncryptionContext=_bound(context)
            )
        except _KeyUnknown:
            raise SealBroken from None
        except _KeyUnusable as unusable:
            if self._describe(key)["KeyState"] in _GONE:
                raise SealBroken from None
            raise unusable from None
        if answer["KeyId"] != key:
            raise SealBroken
        return bytes(answer["Plaintext"])

    def root_name(self) -> str:
        """The key that the alias points to."""
        return _name(self._renewed or self._describe(self._key)["Arn"])

    def root_of(self, wrapped: bytes) -> str:
        """The key that wrapped these bytes."""
        return _name(_read(wrapped)[0])

    def renew(self) -> str:
        """Make a new key with the policy of the old one, and point the alias to it."""
        alias = self._alias()
        old = self._describe(alias)["Arn"]
        policy = self._call("get_key_policy", KeyId=old, PolicyName="default")["Policy"]
        made = self._make_key(Policy=policy)
        self._call("update_alias", AliasName=alias, TargetKeyId=made)
        self._renewed = made
        return _name(made)

    def destroy(self, root_name: str) -> Destruction:
        """Have an earlier key destroyed by AWS after its shortest waiting period."""
        scheme, _, key = root_name.partition(":")
        if scheme != SCHEME or not key:
            raise SealBroken
        if root_name == self.root_name():
            raise RootInUse
        try:
            known = self._describe(key)
            if known["KeyState"] not in _GONE:
                known = self._call(
                    "schedule_key_deletion", KeyId=key, PendingWindowInDays=WAITING_DAYS
                )
        except _KeyUnknown:
            return Destruction(root_name, is_final=True, final_at=None, advice="")
        final_at: datetime = known["DeletionDate"]
        return Destruction(root_name, is_final=False, final_at=final_at, advice=_ADVICE)

    def _alias(self) -> str:
        name = self._key.rpartition(":")[2]
        if not name.startswith("alias/"):
            raise KeyProviderRefused("a key in KMS can be made and renewed behind an alias only")
        return name

    def _make_key(self, **more: str) -> str:
        answer = self._call(
            "create_key",
            Description="casemgr: guards the facility keys",
            KeySpec="SYMMETRIC_DEFAULT",
            KeyUsage="ENCRYPT_DECRYPT",
            Tags=[{"TagKey": "application", "TagValue": "casemgr"}],
            **more,
        )
        return str(answer["KeyMetadata"]["Arn"])

    def _describe(self, key: str) -> dict[str, Any]:
        metadata: dict[str, Any] = self._call("describe_key", KeyId=key)["KeyMetadata"]
        return metadata

    def _call(self, act: str, **arguments: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self._client(), act)(**arguments)
        except ClientError as refusal:
            raise _understood(str(refusal.response["Error"]["Code"])) from None
        except (BotoCoreError, OSError, ValueError):
            raise KeyProviderDown("KMS does not answer, or no credentials were found") from None
        return answer

    def _client(self) -> Any:
        if self._kept_client is None:
            import boto3
            from botocore.config import Config

            connect, read = self._timeout
            attempts = {"mode": "standard", "total_max_attempts": 2}
            self._kept_client = boto3.Session().client(
                "kms",
                region_name=self._region,
                endpoint_url=self._endpoint,
                config=Config(connect_timeout=connect, read_timeout=read, retries=attempts),
            )
        return self._kept_client


class _KeyUnknown(KeyProviderDown):
    """KMS has no key of this name, here and for us."""


class _KeyUnusable(KeyProviderDown):
    """The key exists, but its state forbids using it."""


def _understood(code: str) -> Exception:
    """What a refusal of KMS means to us."""
    if code in {"InvalidCiphertextException", "IncorrectKeyException"}:
        return SealBroken()
    if code == "NotFoundException":
        return _KeyUnknown("KMS knows no such key")
    if code in {"KMSInvalidStateException", "DisabledException"}:
        return _KeyUnusable("the key in KMS is disabled")
    if code in {"AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"}:
        return KeyProviderDown("KMS denies it: look at the credentials and the key's policy")
    return KeyProviderDown("KMS does not do what it was asked")


def _bound(context: bytes) -> dict[str, str]:
    return {"casemgr": context.hex()}


def _name(arn: str) -> str:
    return f"{SCHEME}:{arn.rpartition('/')[2]}"


def _read(wrapped: bytes) -> tuple[str, bytes]:
    """The key's ARN and the ciphertext. Raises SealBroken for any other layout."""
    length = int.from_bytes(wrapped[1:3], "big")
    arn, ciphertext = wrapped[3 : 3 + length], wrapped[3 + length :]
    if wrapped[:1] != _LAYOUT or not arn.startswith(b"arn:") or not arn.isascii() or not ciphertext:
        raise SealBroken
    return arn.decode("ascii"), ciphertext
