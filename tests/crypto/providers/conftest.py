"""Each provider with what stands behind it: a file, a stand-in for Vault, moto, SoftHSM."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import AccessDeniedException
from moto.kms.models import KmsBackend

from casemgr.crypto.providers import KeyProvider
from casemgr.crypto.providers.awskms import KmsProvider
from casemgr.crypto.providers.file import FileProvider
from casemgr.crypto.providers.passphrase import PassphraseProvider
from casemgr.crypto.providers.passphrase_root import Cost
from casemgr.crypto.providers.pkcs11 import Pkcs11Provider
from casemgr.crypto.providers.vault import VaultProvider
from tests.crypto import vault_stub
from tests.crypto.vault_stub import VaultStub

SECRET, CONTEXT = bytes(range(32)), b"\x00\x0cfacility key\xffdata"
PASSPHRASE = "sáu từ chẳng ai đoán ra nổi"
CHEAP = Cost(iterations=1, memory_kib=64, lanes=1)
MODULE, PIN = "/usr/lib/softhsm/libsofthsm2.so", "483920"


@dataclass(frozen=True)
class Guard:
    """A provider whose first root is made, and a way to meet it anew as another process does."""

    scheme: str
    fresh: Callable[[], KeyProvider]
    is_final_at_once: bool = True


@pytest.fixture
def vault() -> Iterator[VaultStub]:
    with vault_stub.running() as stub:
        yield stub


@pytest.fixture
def vault_provider(vault: VaultStub) -> Callable[..., VaultProvider]:
    def made(token: str = vault_stub.TOKEN, key: str = "casemgr", **more: Any) -> VaultProvider:
        return VaultProvider(f"{vault.url}/transit/{key}", {}, lambda: token, **more)

    return made


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., KmsProvider]]:
    """moto, taught to refuse what AWS documents that KMS refuses."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    for act in ("encrypt", "decrypt"):
        monkeypatch.setattr(KmsBackend, act, _as_aws_documents(getattr(KmsBackend, act)))

    options = {"region": "ap-southeast-1"}

    with mock_aws():
        client = KmsProvider("alias/casemgr", options)._kms.client()  # takes half a second to make

        def made(target: str = "alias/casemgr") -> KmsProvider:
            provider = KmsProvider(target, options)
            provider._kms._made = client
            return provider

        yield made


def _as_aws_documents(real: Any) -> Any:
    def act(self: KmsBackend, **arguments: Any) -> Any:
        key = self.keys.get(self.any_id_to_key_id(arguments["key_id"]))
        if key is not None and key.key_state == "PendingDeletion":
            raise JsonRESTError("KMSInvalidStateException", "is pending deletion.")
        if key is not None and key.key_state == "Disabled":
            raise JsonRESTError("DisabledException", "is disabled.")
        try:
            return real(self, **arguments)
        except AccessDeniedException:  # AWS says it so of a ciphertext that names another key
            raise JsonRESTError("IncorrectKeyException", "is not the key of it.") from None

    return act


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """SoftHSM with an empty folder of tokens, for this process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        yield


@pytest.fixture
def token(request: pytest.FixtureRequest) -> str:
    """A token of this test's own."""
    request.getfixturevalue("softhsm")
    label = f"t{abs(hash(request.node.nodeid)):x}"[:30]
    make_token(label)
    return label


def make_token(label: str) -> None:
    pins = ("--pin", PIN, "--so-pin", "9" * 8)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, *pins],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def pkcs11_provider(token: str) -> Callable[..., Pkcs11Provider]:
    def made(pin: str = PIN, **options: str) -> Pkcs11Provider:
        return Pkcs11Provider(MODULE, {"token": token, "label": "casemgr", **options}, lambda: pin)

    return made


@pytest.fixture(params=["file", "passphrase", "vault", "awskms", "pkcs11"])
def guard(request: pytest.FixtureRequest, tmp_path: Path) -> Guard:
    path = str(tmp_path / "provider" / "root.key")
    made: Callable[[], KeyProvider]
    match request.param:
        case "file":
            made = lambda: FileProvider(path)  # noqa: E731
        case "passphrase":
            made = lambda: PassphraseProvider(path, lambda: PASSPHRASE, cost=CHEAP)  # noqa: E731
        case "vault":
            made = request.getfixturevalue("vault_provider")
        case "awskms":
            made = request.getfixturevalue("kms")
        case _:
            made = request.getfixturevalue("pkcs11_provider")
    made().create()
    return Guard(request.param, made, is_final_at_once=request.param != "awskms")
