"""Passwords: argon2id. Slow on purpose, so never inside a transaction."""

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_nobody = ""


def hash_password(password: str) -> str:
    """An argon2id hash. The password is normalised the same way here and at sign-in."""
    return _hasher.hash(_normal(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether they fit; as slow for an account that does not exist (``None``)."""
    global _nobody  # noqa: PLW0603 - made once per process: a hash that nothing fits
    if password_hash is None and not _nobody:
        _nobody = _hasher.hash(secrets.token_hex())
    try:
        return _hasher.verify(password_hash or _nobody, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
