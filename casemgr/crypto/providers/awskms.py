"""Roots in AWS KMS: symmetric keys that never leave the service, behind one alias.

Wrapped bytes are one byte 12 (hex), ``LP(ARN of the key)``, then the ciphertext of KMS. KMS binds
our context as its encryption context and refuses a ciphertext of another key than the one named.
KMS's own rotation keeps old key material for good, so here a new root is a new key.
"""

from collections.abc import Mapping
from datetime import datetime

from casemgr.crypto.envelope import length_prefixed
from casemgr.crypto.errors import KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers.interface import Destruction
from casemgr.crypto.providers.kms_calls import TIMEOUT, KeyUnknown, KeyUnusable, Kms
from casemgr.crypto.secret import KeptInside

SCHEME = "awskms"
WAITING_DAYS = 7  # the shortest that KMS allows before a key is really destroyed
_LAYOUT = b"\x12"
_ADVICE = (
    "AWS destroys the key after a waiting period; until then somebody with kms:CancelKeyDeletion "
    "can keep it. See that nobody does."
)
_GONE = {"PendingDeletion", "PendingReplicaDeletion"}


class KmsProvider(KeptInside):
    """Asks KMS to encrypt and decrypt the facility keys."""

    def __init__(
        self, target: str, options: Mapping[str, str], timeout: tuple[float, float] = TIMEOUT
    ) -> None:
        """Connects to nobody yet. Credentials come from where the AWS tools look for theirs."""
        self._key = target
        region = options.get("region") or target.split(":")[3]
        self._kms = Kms(region, options.get("endpoint"), timeout)
        self._renewed: str | None = None  # an alias is followed only some seconds after it moved

    def __repr__(self) -> str:
        return "KmsProvider()"

    def create(self) -> str:
        """Make the first key and the alias that points to it."""
        alias = self._alias()
        try:
            self._kms.describe(alias)
        except KeyUnknown:
            made = self._make_key()
            self._kms.call("create_alias", AliasName=alias, TargetKeyId=made)
            return _name(made)
        raise KeyProviderRefused("the alias exists already")

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Encrypt under the key that the alias points to."""
        answer = self._kms.call(
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
            answer = self._kms.call(
                "decrypt", KeyId=key, CiphertextBlob=ciphertext, EncryptionContext=_bound(context)
            )
        except KeyUnknown:
            raise SealBroken from None
        except KeyUnusable as unusable:
            if self._kms.describe(key)["KeyState"] in _GONE:
                raise SealBroken from None
            raise unusable from None
        if answer["KeyId"] != key:
            raise SealBroken
        return bytes(answer["Plaintext"])

    def root_name(self) -> str:
        """The key that the alias points to."""
        return _name(self._renewed or self._kms.describe(self._key)["Arn"])

    def root_of(self, wrapped: bytes) -> str:
        """The key that wrapped these bytes."""
        return _name(_read(wrapped)[0])

    def renew(self) -> str:
        """Make a new key with the policy of the old one, and point the alias to it."""
        alias = self._alias()
        old = self._kms.describe(alias)["Arn"]
        policy = self._kms.call("get_key_policy", KeyId=old, PolicyName="default")["Policy"]
        made = self._make_key(Policy=policy)
        self._kms.call("update_alias", AliasName=alias, TargetKeyId=made)
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
            known = self._kms.describe(key)
            if known["KeyState"] not in _GONE:
                known = self._kms.call(
                    "schedule_key_deletion", KeyId=key, PendingWindowInDays=WAITING_DAYS
                )
        except KeyUnknown:
            return Destruction(root_name, is_final=True, final_at=None, advice="")
        final_at: datetime = known["DeletionDate"]
        return Destruction(root_name, is_final=False, final_at=final_at, advice=_ADVICE)

    def _alias(self) -> str:
        name = self._key.rpartition(":")[2]
        if not name.startswith("alias/"):
            raise KeyProviderRefused("a key in KMS can be made and renewed behind an alias only")
        return name

    def _make_key(self, **more: str) -> str:
        answer = self._kms.call(
            "create_key",
            Description="casemgr: guards the facility keys",
            KeySpec="SYMMETRIC_DEFAULT",
            KeyUsage="ENCRYPT_DECRYPT",
            Tags=[{"TagKey": "application", "TagValue": "casemgr"}],
            **more,
        )
        return str(answer["KeyMetadata"]["Arn"])


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
