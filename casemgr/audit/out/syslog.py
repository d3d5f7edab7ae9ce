"""An entry of the log as a syslog message (RFC 5424), framed for TLS (RFC 5425 §4.3). Pure.

Everything stands in one structured element of ids and names of acts; no fact about a person.
"""

import re
from datetime import UTC

from casemgr.audit.actions import Outcome
from casemgr.audit.models import AuditEntry
from casemgr.audit.verify import leaf_hash

FACILITY = 13  # log audit (RFC 5424 §6.2.1)
SEVERITIES = {Outcome.DONE: 5, Outcome.REFUSED: 4, Outcome.FAILED: 3}  # notice, warning, error
ELEMENT = "casemgr@32473"  # the number that RFC 5612 keeps for those who have none of their own
APP_NAME, MESSAGE_ID = "casemgr", "AUDIT"
_NIL = "-"


def message(entry: AuditEntry, host: str) -> bytes:
    """One message. ``host`` is the public name of this installation."""
    priority = FACILITY * 8 + SEVERITIES[entry.outcome]
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    element = "".join(f' {name}="{_escaped(value)}"' for name, value in _parameters(entry) if value)
    head = f"<{priority}>1 {at} {_printable(host, 255)} {APP_NAME} {_NIL} {MESSAGE_ID}"
    return f"{head} [{ELEMENT}{element}] {entry.action.value}".encode()


def framed(text: bytes) -> bytes:
    """With its length before it: octet counting (RFC 5425 §4.3, RFC 6587 §3.4.1)."""
    return b"%d %s" % (len(text), text)


def _parameters(entry: AuditEntry) -> list[tuple[str, str]]:
    return [
        ("id", str(entry.id)),
        ("fac", str(entry.facility_id)),
        ("who", _text(entry.account_id)),
        ("as", entry.acting_as),
        ("act", entry.action.value),
        ("out", entry.outcome.value),
        ("case", _text(entry.case_id)),
        ("kind", entry.subject_kind or ""),
        ("subj", _text(entry.subject_id)),
        ("parts", entry.compartments),
        ("purp", entry.purpose or ""),
        ("chan", entry.channel),
        ("sess", _text(entry.session_ref)),
        ("addr", entry.address or ""),
        ("rid", _text(entry.request_id)),
        ("n", _text(entry.count)),
        ("leaf", leaf_hash(entry.leaf).hex()),
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _escaped(value: str) -> str:
    """A quote, a backslash and a closing bracket end nothing (RFC 5424 §6.3.3)."""
    return re.sub(r'(["\\\]])', r"\\\1", value)


def _printable(name: str, most: int) -> str:
    return re.sub(r"[^!-~]", "", name)[:most] or _NIL
