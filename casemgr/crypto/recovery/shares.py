"""Recovery shares: the private half of a recovery key as five times 33 words, any three enough.

SLIP-39: one group, 3 of 5, extendable, no passphrase. The identifier is not random but the first
15 bits that name the set: a share tells by itself to which set it belongs. Every share carries a
checksum, and three together a digest; in the end the public key decides.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from casemgr.crypto.errors import SealError
from casemgr.crypto.recovery.key_pair import RecoveryKey, set_digest

SHARES, NEEDED, WORDS = 5, 3, 33
_ENOUGH_LETTERS = 4  # the first four letters of a word of SLIP-39 are found in no other
_ITERATION_EXPONENT = 1  # of a passphrase that we do not use: what other programs take


class ShareFault(StrEnum):
    """Why shares were refused."""

    UNKNOWN_WORD = "unknown_word"
    WRONG_LENGTH = "wrong_length"
    MISCOPIED = "miscopied"  # the checksum within the share says so
    OTHER_SET = "other_set"
    REPEATED = "repeated"
    TOO_FEW = "too_few"
    NOT_FITTING = "not_fitting"  # each is sound, together they make another key


class ShareRefused(SealError):
    """Which share was refused, and why; never a word of it.

    ``given`` counts the shares as they came, from 1; ``number`` is the one printed on the share,
    where it could be read; ``word`` is the place of the word that is not in the list.
    """

    def __init__(self, fault: ShareFault, given: int = 0, number: int = 0, word: int = 0) -> None:
        place = f", share {number}" if number else ""
        place += f", word {word}" if word else ""
        super().__init__(f"recovery share refused ({fault}): given as no. {given}{place}")
        self.fault, self.given, self.number, self.word = fault, given, number, word


@dataclass(frozen=True, slots=True, repr=False)
class Share:
    """One share: the number printed on it and its 33 words. It has no repr."""

    number: int
    words: tuple[str, ...]


def split(key: RecoveryKey) -> list[Share]:
    """Five shares, any three of which make this key again."""
    from shamir_mnemonic import EncryptedMasterSecret, split_ems

    secret = EncryptedMasterSecret.from_master_secret(
        key.reveal(), b"", _identifier(key.public), True, _ITERATION_EXPONENT
    )
    (group,) = split_ems(1, [(NEEDED, SHARES)], secret)
    return [Share(share.index + 1, tuple(share.words())) for share in group]


def whole_word(typed: str) -> str | None:
    """The word of the list that was meant: its first four letters are enough. None if there is none."""
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

    word = normalize("NFKC", typed).casefold()
    if word in WORD_INDEX_MAP:
        return word
    if len(word) < _ENOUGH_LETTERS:
        return None
    return next((each for each in WORDLIST if each.startswith(word)), None)


def read_share(words: Iterable[str], public: bytes, given: int = 1) -> Share:
    """Read one share of the set of ``public``, as somebody typed it. Raises ShareRefused."""
    from shamir_mnemonic import MnemonicError
    from shamir_mnemonic import Share as Slip39Share

    found = [whole_word(word) for word in words]
    if None in found:
        raise ShareRefused(ShareFault.UNKNOWN_WORD, given, word=found.index(None) + 1)
    if len(found) != WORDS:
        raise ShareRefused(ShareFault.WRONG_LENGTH, given)
    read = None
    with suppress(MnemonicError):  # it quotes the share: it must not even be the cause of ours
        read = Slip39Share.from_mnemonic(" ".join(map(str, found)))
    if read is None:
        raise ShareRefused(ShareFault.MISCOPIED, given)
    shape = (read.group_index, read.group_count, read.member_threshold)
    if read.identifier != _identifier(public) or shape != (0, 1, NEEDED):
        raise ShareRefused(ShareFault.OTHER_SET, given, read.index + 1)
    return Share(read.index + 1, tuple(map(str, found)))


def combine(shares: Sequence[Share], public: bytes) -> RecoveryKey:
    """The private half of ``public`` from three of its shares. Raises ShareRefused."""
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    seen: set[int] = set()
    for given, share in enumerate(shares, start=1):
        if share.number in seen:
            raise ShareRefused(ShareFault.REPEATED, given, share.number)
        seen.add(share.number)
    if len(shares) < NEEDED:
        raise ShareRefused(ShareFault.TOO_FEW, len(shares))
    key = None
    with suppress(MnemonicError, ValueError):  # as in read_share
        key = RecoveryKey(combine_mnemonics([" ".join(share.words) for share in shares[:NEEDED]]))
    if key is None or key.public != public:
        raise ShareRefused(ShareFault.NOT_FITTING, len(shares))
    return key


def _identifier(public: bytes) -> int:
    return int.from_bytes(set_digest(public)[:2], "big") >> 1
