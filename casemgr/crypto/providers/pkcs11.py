"""Roots in a hardware module (PKCS#11): AES keys that cannot be taken out of it.

Wrapped bytes have the layout of a wrapped key in FORMAT.md. Root number N is the module's key
``<label>-N``; the highest number is the present one.
"""

import re
from collections.abc import Callable, Mapping
from os import urandom
from typing import TYPE_CHECKING, Any

from casemgr.crypto import envelope
from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers.interface import Destruction
from casemgr.crypto.providers.pkcs11_token import Token
from casemgr.crypto.providers.root_file import number_of
from casemgr.crypto.secret import KeptInside

if TYPE_CHECKING:
    from pkcs11 import Session

SCHEME = "pkcs11"
_ADVICE = (
    "The key object was destroyed in the module; backups of the token made with the maker's tools "
    "still hold it: destroy them as well."
)


class Pkcs11Provider(KeptInside):
    """Has the module encrypt and decrypt the facility keys."""

    def __init__(self, module: str, options: Mapping[str, str], ask: Callable[[], str]) -> None:
        """Loads nothing yet. ``ask`` gives the PIN, anew for every session."""
        self._token = Token(module, options["token"], ask)
        self._label = options["label"]

    def __repr__(self) -> str:
        return "Pkcs11Provider()"

    def create(self) -> str:
        """Make the first key in the module."""
        with self._token.session(writes=True) as session:
            if self._keys(session):
                raise KeyProviderRefused("the module holds such a key already")
            return self._generate(session, 1)

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Encrypt under the present key."""
        with self._token.session() as session:
            number, key = self._present(session)
            nonce = urandom(envelope.NONCE_BYTES)
            return (
                envelope.HEADER.pack(envelope.VERSION, number)
                + nonce
                + _encrypt(key, nonce, secret, context)
            )

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt. Raises SealBroken, also when the key was destroyed."""
        number = envelope.generation_of(wrapped)
        body = envelope.HEADER.size + envelope.NONCE_BYTES
        nonce, sealed = wrapped[envelope.HEADER.size : body], wrapped[body:]
        with self._token.session() as session:
            key = self._all(session).get(number)
            if key is None:
                raise SealBroken
            return _decrypt(key, nonce, sealed, context)

    def root_name(self) -> str:
        """The present key's number."""
        with self._token.session() as session:
            return f"{SCHEME}:{self._present(session)[0]}"

    def root_of(self, wrapped: bytes) -> str:
        """The number of the key that wrapped these bytes."""
        return f"{SCHEME}:{envelope.generation_of(wrapped)}"

    def renew(self) -> str:
        """Make the next key in the module."""
        with self._token.session(writes=True) as session:
            return self._generate(session, self._present(session)[0] + 1)

    def destroy(self, root_name: str) -> Destruction:
        """Destroy the object of an earlier key."""
        number = number_of(root_name, SCHEME)
        with self._token.session(writes=True) as session:
            keys = self._all(session)
            if number == max(keys):
                raise RootInUse
            if number in keys:
                keys[number].destroy()
        return Destruction(root_name, is_final=True, final_at=None, advice=_ADVICE)

    def _present(self, session: "Session") -> tuple[int, Any]:
        keys = self._all(session)
        return max(keys), keys[max(keys)]

    def _all(self, session: "Session") -> dict[int, Any]:
        """Our keys by number. A token without any is another one, or was wiped: no broken seal."""
        keys = self._keys(session)
        if not keys:
            raise KeyProviderDown("the module holds no such key")
        return keys

    def _keys(self, session: "Session") -> dict[int, Any]:
        """Our keys by number. Raises KeyProviderRefused for one that could be taken out."""
        from pkcs11 import Attribute, KeyType, ObjectClass

        ours = re.compile(re.escape(self._label) + r"-([1-9][0-9]{0,8})", re.ASCII)
        kind = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES}
        found: dict[int, Any] = {}
        for key in session.get_objects(kind):
            named = ours.fullmatch(str(key[Attribute.LABEL]))
            if named is None:
                continue
            if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
                raise KeyProviderRefused("the key could be taken out of the module")
            if int(named[1]) in found:
                raise KeyProviderRefused("the module holds two keys of one number")
            found[int(named[1])] = key
        return found

    def _generate(self, session: "Session", number: int) -> str:
        from pkcs11 import Attribute, KeyType

        may = dict.fromkeys((Attribute.PRIVATE, Attribute.SENSITIVE), True)
        may |= dict.fromkeys((Attribute.ENCRYPT, Attribute.DECRYPT), True)
        may_not = (Attribute.EXTRACTABLE, Attribute.MODIFIABLE, Attribute.WRAP, Attribute.UNWRAP)
        may |= dict.fromkeys((*may_not, Attribute.SIGN, Attribute.VERIFY, Attribute.DERIVE), False)
        session.generate_key(
            KeyType.AES, 256, label=f"{self._label}-{number}", store=True, template=may
        )
        return f"{SCHEME}:{number}"


def _encrypt(key: Any, nonce: bytes, plain: bytes, context: bytes) -> bytes:
    from pkcs11 import GCMParams, Mechanism

    bound = GCMParams(nonce, context)
    return bytes(key.encrypt(plain, mechanism=Mechanism.AES_GCM, mechanism_param=bound))


def _decrypt(key: Any, nonce: bytes, sealed: bytes, context: bytes) -> bytes:
    """Raises SealBroken where the tag does not fit.

    Modules disagree on how they say that: SoftHSM says "general error", as it would of a failure
    of its own. So a module that still opens what it has sealed this moment is not at fault.
    """
    from pkcs11 import GCMParams, Mechanism, PKCS11Error

    try:
        bound = GCMParams(nonce, context)
        return bytes(key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=bound))
    except PKCS11Error:
        probe = GCMParams(urandom(envelope.NONCE_BYTES), context)
        ours = _encrypt(key, probe.nonce, b"probe", context)
        if bytes(key.decrypt(ours, mechanism=Mechanism.AES_GCM, mechanism_param=probe)) != b"probe":
            raise
        raise SealBroken from None
