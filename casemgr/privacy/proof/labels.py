"""The words of the page about the log."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.audit.outside.addresses import Kind
from casemgr.privacy.proof.state import Concern

CONCERNS: Final[Mapping[Concern, LazyString]] = {
    Concern.AHEAD: _l(
        "Somebody outside has seen more of this log than is here. It was cut, or an older database was put back. Keep everything as it is and call the director and the administrator now."
    ),
    Concern.FORKED: _l(
        "The log here is not the one that was signed. Somebody has changed what was written. Keep everything as it is and call the director and the administrator now."
    ),
    Concern.NOT_WHOLE: _l(
        "The last verification found that the log is not whole. Somebody has changed or removed what was written. Keep everything as it is and call the director and the administrator now."
    ),
    Concern.NO_KEY: _l(
        "The log is not signed: no signing key is set up. An administrator of the database could rewrite history and nobody could prove it."
    ),
    Concern.NO_WAY: _l(
        "The head of the log does not leave this machine. An administrator of the database could rewrite history and nobody could prove it."
    ),
    Concern.NOT_SIGNED: _l("No head of the log was signed yet."),
    Concern.NOT_SEQUENCED: _l(
        "Entries of the log have waited for more than a minute to be covered by its proof. Until they are, they could be rewritten and nobody could prove it. Call the administrator."
    ),
    Concern.OLD: _l(
        "For more than 24 hours no head of the log has left this machine. What happened since then could be rewritten and nobody could prove it."
    ),
}
_REWRITABLE: Final = _l("The log could be rewritten without anybody being able to prove it.")
_CONTRADICTED: Final = _l("The log is not as it was written. Keep everything as it is.")
IN_SHORT: Final[Mapping[Concern, LazyString]] = {  # for the home page
    Concern.AHEAD: _CONTRADICTED,
    Concern.FORKED: _CONTRADICTED,
    Concern.NOT_WHOLE: _l("The last verification found that the log is not whole."),
    Concern.NO_KEY: _REWRITABLE,
    Concern.NO_WAY: _REWRITABLE,
    Concern.NOT_SIGNED: _REWRITABLE,
    Concern.NOT_SEQUENCED: _l("New entries of the log are not being covered by its proof."),
    Concern.OLD: _REWRITABLE,
}
KINDS: Final[Mapping[Kind, LazyString]] = {
    Kind.FILE: _l("File that is only added to"),
    Kind.WITNESS: _l("Another hospital as witness"),
    Kind.MAIL: _l("E-mail"),
    Kind.TIMESTAMP: _l("Time stamp authority"),
}
TROUBLES: Final[Mapping[str, LazyString]] = {
    "cannot_write": _l("The file cannot be written"),
    "no_answer": _l("Nobody answers there"),
    "not_trusted": _l("The certificate of the other side is not trusted"),
    "not_let_in": _l("The mail server does not accept our name and password"),
    "refused": _l("It was refused"),
    "some_refused": _l("Some receivers were refused"),
    "busy": _l("The other side is busy"),
    "bad_answer": _l("The answer makes no sense"),
    "false_signature": _l("The signature in the answer is not the one we know"),
    "not_installed": _l("The part that asks for time stamps is not installed"),
    "key_unknown": _l("The other hospital does not know our public key"),
    "log_unknown": _l("The other hospital does not watch this log yet"),
    "proof_refused": _l("The other hospital says that the log was changed"),
    "fork": _l("The other hospital has seen another log of the same size"),
    "ahead": _l("The other hospital has seen more than is here"),
}
