"""A provider that remembers its troubles: for the log, for the administrator, for patience."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

from casemgr import clock
from casemgr.crypto.errors import KeyProviderDown
from casemgr.crypto.providers.interface import Destruction, KeyProvider
from casemgr.crypto.secret import KeptInside

log = logging.getLogger("casemgr")

LOOK_EVERY = timedelta(minutes=1)
SLOW = 0.5  # seconds; a failure that took longer …
PAUSE = 5.0  # … is not repeated for this many: eight waiting requests must not queue for eight

T = TypeVar("T")


class Watched(KeptInside):
    """Passes everything on and notes what fails. Facility keys in memory need it no more."""

    def __init__(self, provider: KeyProvider) -> None:
        self._provider = provider
        self._trouble: str | None = None
        self._paused_until = 0.0
        self._looked_at: datetime | None = None
        self._told_at: datetime | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Watched({self._provider!r})"

    def trouble(self) -> str | None:
        """Why the provider cannot be used now, or None. Looks by itself once a minute."""
        with self._lock:
            is_due = _has_passed(self._looked_at)
            if is_due:
                self._looked_at = clock.now()
        if is_due:
            with suppress(KeyProviderDown):
                self.root_name()
        return self._trouble

    def create(self) -> str:
        """As the provider."""
        return self._watch(self._provider.create)

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """As the provider."""
        return self._watch(lambda: self._provider.wrap(secret, context))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """As the provider."""
        return self._watch(lambda: self._provider.unwrap(wrapped, context))

    def root_name(self) -> str:
        """As the provider."""
        return self._watch(self._provider.root_name)

    def root_of(self, wrapped: bytes) -> str:
        """As the provider."""
        return self._provider.root_of(wrapped)

    def renew(self) -> str:
        """As the provider."""
        return self._watch(self._provider.renew)

    def destroy(self, root_name: str) -> Destruction:
        """As the provider."""
        return self._watch(lambda: self._provider.destroy(root_name))

    def _watch(self, act: Callable[[], T]) -> T:
        began = monotonic()
        if began < self._paused_until:
            raise KeyProviderDown(self._trouble or "the key provider was slow to fail")
        try:
            answer = act()
        except KeyProviderDown as down:
            self._trouble = str(down)
            if monotonic() - began > SLOW:
                self._paused_until = monotonic() + PAUSE
            self._tell()
            raise
        self._trouble = None
        return answer

    def _tell(self) -> None:
        """One line a minute at most; the words are ours and name no value."""
        with self._lock:
            if not _has_passed(self._told_at):
                return
            self._told_at = clock.now()
        log.warning("key provider: %s; keys that are in memory still work", self._trouble)


def _has_passed(moment: datetime | None) -> bool:
    """Whether a minute has passed, or the clock went back."""
    return moment is None or not timedelta(0) <= clock.now() - moment < LOOK_EVERY
