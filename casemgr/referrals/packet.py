"""What the receiver sees, composed once for preview, packet and letter alike."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from casemgr.access import Actor
from casemgr.cases.consent import Consent
from casemgr.clock import to_local
from casemgr.directory.models import Facility
from casemgr.directory.rules import Service
from casemgr.referrals import rules, wording
from casemgr.referrals.facts import FACTS, FactKey, Subject
from casemgr.referrals.rules import Signer
from casemgr.web.locale import official_day

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whom, and which facts go along."""

    recipient: str
    services: Sequence[Service]
    urgent_needs: str | None
    facts: Sequence[FactKey]
    signer: Signer


def compose(
    actor: Actor, facility: Facility, asked: Request, subject: Subject, consent: Consent | None
) -> Content:
    """Everything variable of the letter, in words: the packet keeps exactly this."""
    return {
        "wording": wording.VERSION,
        "superior": facility.superior,
        "issuer": facility.name,
        "place": facility.place,
        "mark": rules.letter_mark(facility.letter_mark),
        "day": subject.today.isoformat(),
        "recipient": asked.recipient,
        "code": subject.case.code,
        "facts": [_told(key, subject) for key in asked.facts],
        "urgent_needs": asked.urgent_needs,
        "services": [wording.SERVICES[service] for service in asked.services],
        "consent": _consented(consent),
        "contact": {
            "name": actor.display_name,
            "department": actor.department,
            "phone": facility.phone,
        },
        "signer": asked.signer.value,
    }


def digest(content: Content) -> str:
    """Tells whether what would be sent is what was looked at, whatever day it has become."""
    kept = {key: value for key, value in content.items() if key != "day"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def sheet(content: Content) -> dict[str, Any]:
    """What the template of the letter needs beside the fixed words."""
    return {
        **content,
        "dated": f"{content['place']}, {official_day(date.fromisoformat(content['day']))}",
        "signed_as": wording.SIGNERS[Signer(content["signer"])],
    }


def _told(key: FactKey, subject: Subject) -> dict[str, str]:
    fact = FACTS[key]
    return {"key": key.value, "label": fact.label, "value": fact.tell(subject) or wording.MISSING}


def _consented(consent: Consent | None) -> str | None:
    """The sentence about the consent: its number, day, method and end (R5)."""
    if consent is None or consent.method is None:
        return None
    expiry = wording.WORDS.unlimited
    if consent.expires_on:
        expiry = wording.WORDS.expires.format(day=consent.expires_on.strftime("%d/%m/%Y"))
    return wording.WORDS.consented.format(
        number=consent.id.hex[-8:].upper(),
        given_on=to_local(consent.recorded_at).strftime("%d/%m/%Y"),
        method=wording.METHODS[consent.method],
        expiry=expiry,
    )
