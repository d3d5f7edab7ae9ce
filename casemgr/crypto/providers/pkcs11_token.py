"""A token of a hardware module: found, logged in to, and not tried to death with a wrong PIN."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused

if TYPE_CHECKING:
    import pkcs11

_one_login = threading.Lock()  # a login counts for the whole process, so one session at a time


class Token:
    """One token, by its label, in the module whose library is at ``module``."""

    def __init__(self, module: str, label: str, ask: Callable[[], str]) -> None:
        self._module, self._label, self._ask = module, label, ask
        self._wrong_pin: bytes | None = None

    @contextmanager
    def session(self, *, writes: bool = False) -> "Iterator[pkcs11.Session]":
        """A session with the PIN. A PIN that was wrong once is never tried again: tokens lock."""
        import pkcs11

        with _one_login:
            pin = self._ask().strip()
            mark = sha256(pin.encode()).digest()
            if mark == self._wrong_pin:
                raise KeyProviderRefused("the PIN was wrong and is not tried again")
            try:
                with self.found().open(user_pin=pin, rw=writes) as session:
                    yield session
            except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
                self._wrong_pin = mark
                raise KeyProviderRefused("the PIN is wrong; correct it before it locks") from None
            except pkcs11.PinLocked:
                raise KeyProviderRefused("the token is locked: ask its security officer") from None
            except (pkcs11.PKCS11Error, OSError):
                raise KeyProviderDown("the module or its token does not answer") from None

    def found(self) -> "pkcs11.Token":
        """The token; a module that knew it not is asked afresh, once: it may have come since."""
        import pkcs11

        library = pkcs11.lib(self._module)
        try:
            return library.get_token(token_label=self._label)
        except pkcs11.PKCS11Error:
            library.reinitialize()
            return library.get_token(token_label=self._label)
