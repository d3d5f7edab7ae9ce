"""Settings: read once, every fault named at once, never a value shown."""

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from config import BadSettings, Settings, load

SOUND = {
    "CASEMGR_ENVIRONMENT": "production",
    "CASEMGR_DATABASE_URL": "postgresql+psycopg://app@db/casemgr",
    "CASEMGR_MIGRATION_DATABASE_URL": "postgresql+psycopg://owner@db/casemgr",
    "CASEMGR_KEY_STORE_URL": "postgresql+psycopg://keys@other/keys",
    "CASEMGR_KEY_PROVIDER": "file:/etc/casemgr/root.key",
    "CASEMGR_FILE_STORE": "s3:tep-ho-so?endpoint=https://s3.example.vn&region=vn-1",
    "CASEMGR_SECRET_KEY": "a secret of forty characters, made up here",
    "CASEMGR_PUBLIC_ORIGIN": "https://socongtac.example.vn",
}


def test_sound_settings_are_read() -> None:
    settings = load(SOUND | {"CASEMGR_TRUSTED_PROXIES": "1"})
    assert settings.host == "socongtac.example.vn"
    assert settings.trusted_proxies == 1
    assert not settings.is_demonstration


def test_nothing_is_set_without_saying_so() -> None:
    with pytest.raises(BadSettings) as bad:
        load({})
    named = {fault.split(":")[0] for fault in bad.value.faults}
    assert named == {
        "CASEMGR_DATABASE_URL",
        "CASEMGR_MIGRATION_DATABASE_URL",
        "CASEMGR_KEY_STORE_URL",
        "CASEMGR_KEY_PROVIDER",
        "CASEMGR_FILE_STORE",
        "CASEMGR_SECRET_KEY",
        "CASEMGR_PUBLIC_ORIGIN",
    }


def test_all_faults_are_told_at_once() -> None:
    wrong = {
        "CASEMGR_ENVIRONMENT": "staging",
        "CASEMGR_DATABASE_URL": "mysql://x",
        "CASEMGR_MIGRATION_DATABASE_URL": "oracle://x",
        "CASEMGR_KEY_STORE_URL": "mysql://x",
        "CASEMGR_KEY_PROVIDER": "vault:somewhere",
        "CASEMGR_FILE_STORE": "ftp:somewhere-else",
        "CASEMGR_LARGEST_FILE": "fifty",
        "CASEMGR_SECRET_KEY": "short",
        "CASEMGR_PUBLIC_ORIGIN": "http://hospital.example.vn",
        "CASEMGR_TRUSTED_PROXIES": "-1",
    }
    with pytest.raises(BadSettings) as bad:
        load(wrong)
    text = "\n".join(bad.value.faults)
    for name in wrong:
        assert name in text, name
    for value in ("short", "mysql", "oracle", "somewhere", "hospital.example", "ftp", "fifty"):
        assert value not in text, "a fault shows a value"


def test_the_key_store_is_another_database() -> None:
    with pytest.raises(BadSettings, match="KEY_STORE_URL: must not be the main database"):
        load(SOUND | {"CASEMGR_KEY_STORE_URL": SOUND["CASEMGR_DATABASE_URL"]})


@pytest.mark.parametrize(
    ("origin", "is_sound"),
    [
        ("https://a.vn", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),  # passkeys refuse a bare address
        ("http://a.vn", False),
        ("a.vn", False),
    ],
)
def test_where_browsers_find_us(origin: str, is_sound: bool) -> None:
    if is_sound:
        assert load(SOUND | {"CASEMGR_PUBLIC_ORIGIN": origin}).public_origin == origin
    else:
        with pytest.raises(BadSettings, match="PUBLIC_ORIGIN"):
            load(SOUND | {"CASEMGR_PUBLIC_ORIGIN": origin})


PROVIDERS = {
    "file:/etc/casemgr/root.key": None,
    "passphrase:/etc/casemgr/root.key": None,
    "vault:https://vault.example.vn:8200/transit/casemgr": "VAULT_TOKEN_FILE: missing",
    "awskms:alias/casemgr?region=ap-southeast-1": None,
    "awskms:arn:aws:kms:ap-southeast-1:111122223333:alias/casemgr": None,
    "awskms:alias/casemgr?region=x&endpoint=http://localhost:5000": None,
    "pkcs11:/usr/lib/module.so?token=hospital&label=casemgr": "PKCS11_PIN_FILE: missing",
    "file:root.key": "from the root of the file system",
    "passphrase:": "from the root of the file system",
    "vault:https://vault.example.vn:8200/transit": "with mount and key",
    "vault:https://vault.example.vn:8200/": "with mount and key",
    "vault:http://vault.example.vn:8200/transit/casemgr": "on this machine alone",
    "vault:ftp://localhost/transit/casemgr": "on this machine alone",
    "vault:https://user:word@vault.example.vn/transit/casemgr": "on this machine alone",
    "vault:https://vault.example.vn:port/transit/casemgr": "cannot be read",
    "vault:https://vault.example.vn/transit/casemgr?token=hvs.1": "the options ca and namespace",
    "vault:https://vault.example.vn/transit/casemgr?ca=/a&ca=/b": "each once",
    "awskms:?region=ap-southeast-1": "the alias or ARN",
    "awskms:arn:aws:kms": "the alias or ARN",
    "awskms:alias/casemgr": "needs a region",
    "awskms:alias/casemgr?region=x&endpoint=http://kms.example.org": "on this machine alone",
    "pkcs11:module.so?token=a&label=b": "from the root of the file system",
    "pkcs11:/module.so?token=a": r"needs \?token= and &label=",
    "pkcs11:/module.so?token=a&label=b&pin=1234": "the options label and token",
    "keyring:/x": "file:, passphrase:, vault:, awskms: or pkcs11:",
}


@pytest.mark.parametrize("url", PROVIDERS)
def test_what_guards_the_keys(url: str) -> None:
    fault = PROVIDERS[url]
    source = SOUND | {"CASEMGR_KEY_PROVIDER": url}
    if fault is None:
        assert load(source).key_provider == url
        return
    with pytest.raises(BadSettings, match=fault) as bad:
        load(source)
    assert len(bad.value.faults) == 1
    for value in ("hvs.1", "user", "word", "1234", "example", "alias/casemgr", "module.so"):
        assert value not in str(bad.value), "a fault shows a value"


@pytest.mark.parametrize(
    ("url", "setting"),
    [
        ("passphrase:/etc/casemgr/root.key", "CASEMGR_KEY_PASSPHRASE_FILE"),
        ("vault:https://vault.example.vn/transit/casemgr", "CASEMGR_VAULT_TOKEN_FILE"),
        ("pkcs11:/module.so?token=a&label=b", "CASEMGR_PKCS11_PIN_FILE"),
    ],
)
def test_a_provider_reads_its_own_secret_file_alone(url: str, setting: str) -> None:
    """Only the path is a setting: the content is read when it is needed, and may be renewed."""
    names = ("KEY_PASSPHRASE_FILE", "VAULT_TOKEN_FILE", "PKCS11_PIN_FILE")
    files = {f"CASEMGR_{name}": f"/run/credentials/{name}" for name in names}
    settings = load(SOUND | files | {"CASEMGR_KEY_PROVIDER": url})
    assert settings.key_secret_file == files[setting]
    assert load(SOUND | files).key_secret_file == "", "a key file asks for nothing"


def test_files_that_a_key_file_must_not_lie_beside() -> None:
    settings = load(
        SOUND
        | {
            "CASEMGR_DATABASE_URL": "sqlite:////srv/main/casemgr.sqlite",
            "CASEMGR_MIGRATION_DATABASE_URL": "sqlite:////srv/main/casemgr.sqlite",
            "CASEMGR_KEY_STORE_URL": "sqlite:///keys/keys.sqlite?timeout=5",
        }
    )
    assert settings.database_files == (Path("/srv/main/casemgr.sqlite"), Path("keys/keys.sqlite"))
    assert load(SOUND).database_files == ()


def test_a_secret_can_lie_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("x" * 40 + "\n")
    source = {name: value for name, value in SOUND.items() if name != "CASEMGR_SECRET_KEY"}
    assert load(source | {"CASEMGR_SECRET_KEY_FILE": str(path)}).secret_key == "x" * 40
    with pytest.raises(BadSettings, match="SECRET_KEY_FILE: the file cannot be read"):
        load(source | {"CASEMGR_SECRET_KEY_FILE": str(tmp_path / "missing")})


def test_settings_are_frozen_and_show_nothing() -> None:
    settings = load(SOUND)
    assert repr(settings) == "Settings(production)"
    with pytest.raises(FrozenInstanceError):
        settings.secret_key = "other"  # type: ignore[misc]
    assert isinstance(settings, Settings)


def test_a_command_without_settings_ends_with_clear_lines() -> None:
    """No traceback; and with the code by which gunicorn stops instead of trying again."""
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "status"],
        cwd=Path(__file__).resolve().parents[1],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    assert ended.stderr.startswith("casemgr cannot start: settings cannot be used:")
    assert "CASEMGR_KEY_STORE_URL: missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_how_the_head_of_the_log_leaves_is_judged_at_once_and_never_shown() -> None:
    assert load(SOUND).checkpoints == ""
    with pytest.raises(BadSettings) as bad:
        load(
            SOUND
            | {
                "CASEMGR_LOG_KEY": "/secret-place/log.key",
                "CASEMGR_CHECKPOINTS": "mailto:secret@hospital.example ftp://x",
                "CASEMGR_SMTP": "smtp://mail.example",
                "CASEMGR_WITNESSED_LOGS": "secret",
            }
        )
    named = {fault.split(":")[0] for fault in bad.value.faults}
    assert named == {
        "CASEMGR_LOG_KEY",
        "CASEMGR_CHECKPOINTS",
        "CASEMGR_SMTP",
        "CASEMGR_WITNESSED_LOGS",
    }
    assert "secret" not in str(bad.value)
