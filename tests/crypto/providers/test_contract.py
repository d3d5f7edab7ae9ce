"""What every provider promises, asked of each in turn."""

from datetime import timedelta

import pytest

from casemgr import clock
from casemgr.crypto.errors import KeyProviderRefused, RootInUse, SealBroken
from tests.crypto.providers.conftest import CONTEXT, SECRET, Guard

pytestmark = pytest.mark.server  # one of them is asked over HTTP on this machine


def test_what_was_wrapped_opens_in_another_process(guard: Guard) -> None:
    wrapped = guard.fresh().wrap(SECRET, CONTEXT)
    assert SECRET not in wrapped
    assert guard.fresh().unwrap(wrapped, CONTEXT) == SECRET
    assert guard.fresh().wrap(SECRET, CONTEXT) != wrapped, "a nonce was used twice"


def test_another_context_does_not_open_it(guard: Guard) -> None:
    provider = guard.fresh()
    wrapped = provider.wrap(SECRET, CONTEXT)
    for other in (b"", CONTEXT[:-1], CONTEXT + b"x"):
        with pytest.raises(SealBroken):
            provider.unwrap(wrapped, other)
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_altered_bytes_do_not_open(guard: Guard) -> None:
    provider = guard.fresh()
    wrapped = provider.wrap(SECRET, CONTEXT)
    spots = {0, 1, 4, 5, 20, len(wrapped) // 2, len(wrapped) - 20, len(wrapped) - 1}
    altered = [wrapped[:n] + bytes([wrapped[n] ^ 1]) + wrapped[n + 1 :] for n in sorted(spots)]
    for other in (*altered, b"", wrapped[:1], wrapped[:40], wrapped + b"x", b"\x02" + wrapped[1:]):
        with pytest.raises(SealBroken):
            provider.unwrap(other, CONTEXT)
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_bytes_of_another_layout_name_no_root(guard: Guard) -> None:
    for other in (b"", b"\x01", b"\x07" * 80, SECRET):
        with pytest.raises(SealBroken):
            guard.fresh().root_of(other)


def test_a_renewed_root_wraps_and_the_old_one_still_opens(guard: Guard) -> None:
    provider = guard.fresh()
    first = provider.root_name()
    old = provider.wrap(SECRET, CONTEXT)
    second = provider.renew()
    new = provider.wrap(SECRET, CONTEXT)
    assert first != second
    assert first.startswith(f"{guard.scheme}:")
    assert (provider.root_of(old), provider.root_of(new)) == (first, second)
    for view in (provider, guard.fresh()):
        assert view.root_name() == second
        assert view.unwrap(old, CONTEXT) == view.unwrap(new, CONTEXT) == SECRET


def test_a_destroyed_root_opens_nothing_and_the_new_one_goes_on(guard: Guard) -> None:
    provider = guard.fresh()
    first = provider.root_name()
    old = provider.wrap(SECRET, CONTEXT)
    provider.renew()
    new = provider.wrap(SECRET, CONTEXT)
    for _ in range(2):  # repeatable
        done = provider.destroy(first)
        assert done.name == first
        assert done.advice
        assert done.is_final is guard.is_final_at_once
        if not done.is_final:
            assert done.final_at is not None
            assert timedelta(days=6) < done.final_at - clock.now() <= timedelta(days=7)
    for view in (provider, guard.fresh()):
        with pytest.raises(SealBroken):
            view.unwrap(old, CONTEXT)
        assert view.unwrap(new, CONTEXT) == SECRET
    assert guard.fresh().renew() not in {first, provider.root_of(new)}, "a number came twice"


def test_the_present_root_is_not_destroyed(guard: Guard) -> None:
    provider = guard.fresh()
    wrapped = provider.wrap(SECRET, CONTEXT)
    with pytest.raises(RootInUse):
        provider.destroy(provider.root_name())
    with pytest.raises(SealBroken):
        provider.destroy("elsewhere:1")
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_a_first_root_is_made_once(guard: Guard) -> None:
    provider = guard.fresh()
    wrapped = provider.wrap(SECRET, CONTEXT)
    with pytest.raises(KeyProviderRefused):
        provider.create()
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_nothing_of_a_root_is_shown(guard: Guard) -> None:
    assert repr(guard.fresh()).endswith("Provider()")
