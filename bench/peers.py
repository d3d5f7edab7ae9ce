"""What a team would pick instead: columns that encrypt, each value by itself.

None binds a value to its row: it can be moved to another one and opens there.
"""

from typing import Any

from advanced_alchemy.types.encrypted_string import EncryptedString, FernetBackend, PGCryptoBackend
from sqlalchemy import String
from sqlalchemy_utils import StringEncryptedType
from sqlalchemy_utils.types.encrypted.encrypted_type import (
    AesEngine,
    AesGcmEngine,
    FernetEngine,
)

_KEY = "a passphrase of the benchmark"

COLUMNS: dict[str, Any] = {
    "SQLAlchemy-Utils AES": StringEncryptedType(String, _KEY, AesEngine),
    "SQLAlchemy-Utils AES-GCM": StringEncryptedType(String, _KEY, AesGcmEngine),
    "SQLAlchemy-Utils Fernet": StringEncryptedType(String, _KEY, FernetEngine),
    "Advanced-Alchemy Fernet": EncryptedString(_KEY, FernetBackend),
}
PGCRYPTO: dict[str, Any] = {"pgcrypto": EncryptedString(_KEY, PGCryptoBackend)}
