"""AWS KMS as moto plays it: keys behind an alias, and all the ways in which KMS refuses."""

import json
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from casemgr import clock
from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, SealBroken
from casemgr.crypto.providers.awskms import KmsProvider
from tests.crypto.providers.conftest import CONTEXT, SECRET

Made = Callable[..., KmsProvider]


@pytest.fixture
def wrapped(kms: Made, client: Any) -> bytes:
    assert client
    return kms().wrap(SECRET, CONTEXT)


@pytest.fixture
def client(kms: Made) -> Any:
    kms().create()
    return boto3.client("kms", region_name="ap-southeast-1")


def key_id(provider: KmsProvider) -> str:
    return provider.root_name().removeprefix("awskms:")


def test_the_context_is_the_encryption_context(client: Any, wrapped: bytes) -> None:
    """Read by hand: 12, the ARN behind its length, then what KMS made of it."""
    length = int.from_bytes(wrapped[1:3], "big")
    arn, ciphertext = wrapped[3 : 3 + length].decode(), wrapped[3 + length :]
    assert arn == client.describe_key(KeyId="alias/casemgr")["KeyMetadata"]["Arn"]
    opened = client.decrypt(
        KeyId=arn, CiphertextBlob=ciphertext, EncryptionContext={"casemgr": CONTEXT.hex()}
    )
    assert opened["Plaintext"] == SECRET


def test_the_key_is_symmetric_and_marked_as_ours(kms: Made, client: Any) -> None:
    known = client.describe_key(KeyId="alias/casemgr")["KeyMetadata"]
    assert (known["KeySpec"], known["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    tags = client.list_resource_tags(KeyId=key_id(kms()))["Tags"]
    assert tags == [{"TagKey": "application", "TagValue": "casemgr"}]


def test_a_renewal_keeps_the_policy_of_the_old_key(kms: Made, client: Any) -> None:
    """A new key with the default policy would let in whoever the old one kept out."""
    strict = json.dumps({"Version": "2012-10-17", "Statement": [], "Id": "only-casemgr"})
    client.put_key_policy(KeyId=key_id(kms()), PolicyName="default", Policy=strict)
    kms().renew()
    policy = client.get_key_policy(KeyId=key_id(kms()), PolicyName="default")["Policy"]
    assert json.loads(policy)["Id"] == "only-casemgr"


def test_destruction_waits_as_aws_demands(kms: Made, client: Any, wrapped: bytes) -> None:
    old = kms().root_of(wrapped)
    kms().renew()
    done = kms().destroy(old)
    known = client.describe_key(KeyId=old.removeprefix("awskms:"))["KeyMetadata"]
    assert known["KeyState"] == "PendingDeletion"
    assert done.final_at == known["DeletionDate"]
    assert abs(done.final_at - clock.now() - timedelta(days=7)) < timedelta(minutes=5)
    assert "CancelKeyDeletion" in done.advice


@pytest.mark.usefixtures("wrapped")
def test_a_key_that_is_gone_for_good_is_final(kms: Made) -> None:
    gone = "awskms:11111111-2222-3333-4444-555555555555"
    assert kms().destroy(gone).is_final
    arn = b"arn:aws:kms:ap-southeast-1:123456789012:key/" + gone.removeprefix("awskms:").encode()
    with pytest.raises(SealBroken):
        kms().unwrap(b"\x12" + len(arn).to_bytes(2, "big") + arn + b"x" * 80, CONTEXT)


def test_a_disabled_key_is_down_and_comes_back(kms: Made, client: Any, wrapped: bytes) -> None:
    client.disable_key(KeyId=key_id(kms()))
    with pytest.raises(KeyProviderDown, match="disabled"):
        kms().unwrap(wrapped, CONTEXT)
    with pytest.raises(KeyProviderDown, match="disabled"):
        kms().wrap(SECRET, CONTEXT)
    client.enable_key(KeyId=key_id(kms()))
    assert kms().unwrap(wrapped, CONTEXT) == SECRET


@pytest.mark.usefixtures("wrapped")
def test_an_alias_that_lags_behind_does_not_mislead_a_renewal(
    kms: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KMS follows a moved alias only after some seconds; what renews must wrap anew at once."""
    provider, other = kms(), kms()

    monkeypatch.setattr(provider._kms.client(), "update_alias", lambda **_: {})
    second = provider.renew()
    assert provider.root_of(provider.wrap(SECRET, CONTEXT)) == provider.root_name() == second
    assert other.root_name() != second


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("AccessDeniedException", "denies"),
        ("UnrecognizedClientException", "denies"),
        ("ExpiredTokenException", "denies"),
        ("ThrottlingException", "does not do"),
        ("KMSInternalException", "does not do"),
        ("DependencyTimeoutException", "does not do"),
    ],
)
def test_what_kms_refuses_is_down_not_broken(
    kms: Made, wrapped: bytes, monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    provider = kms()

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "AKIA… may not"}}, "Decrypt")

    for act in ("encrypt", "decrypt", "describe_key"):
        monkeypatch.setattr(provider._kms.client(), act, refuse)
    for call in (
        lambda: provider.unwrap(wrapped, CONTEXT),
        lambda: provider.wrap(SECRET, CONTEXT),
        provider.root_name,
    ):
        with pytest.raises(KeyProviderDown, match=why) as down:
            call()
        assert "AKIA" not in str(down.value)
        assert down.value.__suppress_context__


def test_without_credentials_it_is_down(
    kms: Made, wrapped: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = kms()

    def none(**_: Any) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(provider._kms.client(), "decrypt", none)
    with pytest.raises(KeyProviderDown, match="credentials"):
        provider.unwrap(wrapped, CONTEXT)


@pytest.mark.usefixtures("wrapped")
def test_a_key_without_alias_wraps_but_is_not_renewed(kms: Made) -> None:
    arn = kms()._kms.describe("alias/casemgr")["Arn"]
    direct = kms(arn)
    assert direct.unwrap(direct.wrap(SECRET, CONTEXT), CONTEXT) == SECRET
    for act in (direct.renew, direct.create):
        with pytest.raises(KeyProviderRefused, match="alias"):
            act()


@pytest.mark.usefixtures("wrapped")
def test_an_unknown_alias_is_down(kms: Made) -> None:
    with pytest.raises(KeyProviderDown, match="no such key"):
        kms("alias/mistyped").wrap(SECRET, CONTEXT)


@pytest.mark.server
def test_a_kms_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts the connection and says nothing; then nobody listens there any more."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        options = {"region": "x", "endpoint": endpoint}
        provider = KmsProvider("alias/casemgr", options, timeout=(0.2, 0.2))
        with pytest.raises(KeyProviderDown, match="does not answer"):
            provider.root_name()
    with pytest.raises(KeyProviderDown, match="does not answer"):
        provider.root_name()
