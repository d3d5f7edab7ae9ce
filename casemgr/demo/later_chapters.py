"""The later chapters: care, support, referrals, the authority's answer, and how it ends."""

from casemgr.demo import events as e
from casemgr.demo import phrases, staff
from casemgr.demo import vocabulary as v
from casemgr.demo.chapters import consent
from casemgr.demo.tale import Tale
from casemgr.referrals.facts import FactKey

_SEXUAL = frozenset({v.Harm.SEXUAL_EXPLOITATION, v.Harm.SEXUAL_VIOLENCE})
_CLINICAL = ("IDENTITY", "CLINICAL", "SEXUAL_HEALTH")
_PSYCH = ("IDENTITY", "PSYCH")
_ANSWERS = {
    v.ReferralState.ACKNOWLEDGED: phrases.ACKNOWLEDGED,
    v.ReferralState.ACCEPTED: phrases.ACCEPTED,
    v.ReferralState.DECLINED: phrases.DECLINED,
    v.ReferralState.COMPLETED: phrases.COMPLETED,
}
# The answers that lead to where a referral stands.
_ROADS: dict[v.ReferralState, tuple[v.ReferralState, ...]] = {
    v.ReferralState.DRAFT: (),
    v.ReferralState.SENT: (),
    v.ReferralState.WITHDRAWN: (v.ReferralState.ACKNOWLEDGED,),
    v.ReferralState.ACKNOWLEDGED: (v.ReferralState.ACKNOWLEDGED,),
    v.ReferralState.ACCEPTED: (v.ReferralState.ACKNOWLEDGED, v.ReferralState.ACCEPTED),
    v.ReferralState.DECLINED: (v.ReferralState.ACKNOWLEDGED, v.ReferralState.DECLINED),
    v.ReferralState.COMPLETED: (
        v.ReferralState.ACKNOWLEDGED,
        v.ReferralState.ACCEPTED,
        v.ReferralState.COMPLETED,
    ),
}


def care(tale: Tale) -> None:
    """A doctor, and where needed a psychologist, join the team and write their own record."""
    outline, pen = tale.outline, tale.pen
    if outline.clinical:
        private = outline.department == "SAN" and _SEXUAL & set(outline.harms)
        compartment = "SEXUAL_HEALTH" if private else "CLINICAL"
        _treat(tale, staff.DOCTOR, _CLINICAL, compartment, outline.clinical)
    if outline.is_peeked:
        pen.write(e.PeekRefused(**pen.waking(60, 400).stamp(staff.OTHER_DOCTOR)))
    if outline.psych and outline.stage is not v.Stage.CONSENTED:
        _treat(tale, staff.PSYCHOLOGIST, _PSYCH, "PSYCH", outline.psych)


def _treat(
    tale: Tale, username: str, compartments: tuple[str, ...], compartment: str, text: str
) -> None:
    pen = tale.pen
    pen.write(
        e.AddedTeamMember(
            **pen.working(0, 1).stamp(tale.social), username=username, compartments=compartments
        )
    )
    pen.write(
        e.OpenedCompartment(
            **pen.working(0, 1).stamp(username),
            compartments=("IDENTITY", compartment),
            purpose="treatment",
        )
    )
    pen.write(
        e.WroteClinicalNote(**pen.later(5, 20).stamp(username), compartment=compartment, text=text)
    )


def support(tale: Tale) -> None:
    """The case is in support: things to do, visits, and some of them done."""
    pen, rng = tale.pen, tale.rng
    pen.write(e.ChangedStatus(**pen.working(0, 2).stamp(tale.social), to=v.Stage.IN_SUPPORT))
    titles = rng.sample(_tasks(tale), k=rng.randint(2, 3))
    for title in titles:
        due = pen.day + rng.randint(2, 9)
        pen.write(e.AddedTask(**pen.stamp(tale.social), title=title, due=due, assignee=tale.social))
    follow_up(tale)
    for title in titles:
        pen.write(e.FinishedTask(**pen.working(0, 1).stamp(tale.social), title=title))


def _tasks(tale: Tale) -> tuple[str, ...]:
    return phrases.CHILD_TASKS if tale.is_minor else phrases.OPEN_TASKS


def follow_up(tale: Tale) -> None:
    """A later meeting, found again by search, and noted."""
    pen, person = tale.pen, tale.person
    pen.working(2, 4)
    is_kept = "f" in tale.outline.consents  # otherwise nobody may keep the number
    if person.phone and is_kept and tale.rng.random() < 0.3:
        stamp = pen.stamp(tale.social)
        pen.write(e.Searched(**stamp, by_what="phone", words=person.phone, finds=True))
    elif person.national_id and tale.rng.random() < 0.3:
        stamp = pen.stamp(tale.social)
        pen.write(e.Searched(**stamp, by_what="national_id", words=person.national_id, finds=True))
    pen.write(
        e.OpenedCompartment(
            **pen.stamp(tale.social), compartments=("IDENTITY", "SOCIAL"), purpose="case_work"
        )
    )
    text = tale.rng.choice(phrases.CHILD_FOLLOW_UPS if tale.is_minor else phrases.FOLLOW_UPS)
    pen.write(e.AddedNote(**pen.later(5, 30).stamp(tale.social), text=text))


def onward(tale: Tale) -> None:
    """The team keeps in touch until these days, and something is left to do."""
    pen = tale.pen
    while pen.day < -18:
        pen.working(5, 9)
        follow_up(tale)
    pen.write(
        e.AddedTask(
            **pen.stamp(tale.social),
            title=tale.rng.choice(_tasks(tale)),
            due=max(pen.day, tale.rng.randint(-2, 6)),
            assignee=tale.social,
        )
    )


def referrals(tale: Tale) -> None:
    """Each referral after the consent for its own recipient; and the one that was refused."""
    for recipient, state in tale.outline.referrals:
        _refer(tale, recipient, state)
    if tale.outline.blocked is not None:
        _refused_referral(tale, tale.outline.blocked)


def _prepare(tale: Tale, recipient: v.Recipient) -> None:
    facts = [FactKey.SEX, FactKey.AGE_BAND]
    is_named = tale.rng.random() < 0.4
    facts += [FactKey.FULL_NAME, FactKey.SAFE_CONTACT] if is_named else []
    tale.pen.write(
        e.PreparedReferral(
            **tale.pen.later(3, 12).stamp(tale.social),
            recipient=recipient,
            services=phrases.SERVICES[recipient],
            facts=tuple(facts),
            urgent_needs=None if is_named else phrases.URGENT_NEEDS[tale.pen.day % 4],
        )
    )


def _refer(tale: Tale, recipient: v.Recipient, state: v.ReferralState) -> None:
    pen = tale.pen
    pen.working(0, 2)
    consent(tale, v.ConsentFor.REFERRAL, recipient)
    _prepare(tale, recipient)
    if state is v.ReferralState.DRAFT:
        return
    pen.write(e.SentReferral(**pen.later(2, 9).stamp(tale.social), recipient=recipient))
    pen.write(e.PrintedLetter(**pen.stamp(tale.social), recipient=recipient))
    for answer in _ROADS[state]:
        pen.write(
            e.ReferralAnswered(
                **pen.working(1, 2).stamp(tale.social),
                recipient=recipient,
                state=answer,
                text=_ANSWERS[answer],
            )
        )
    if state in {v.ReferralState.SENT, v.ReferralState.ACKNOWLEDGED}:
        _chase(tale, recipient)
    if state is v.ReferralState.WITHDRAWN:
        _withdraw(tale, recipient)


def _chase(tale: Tale, recipient: v.Recipient) -> None:
    """Three days after sending, and mostly once more after seven (R22); some wait to be asked."""
    pen = tale.pen
    pen.write(e.ChasedReferral(**pen.working(3, 4).stamp(tale.social), recipient=recipient))
    if tale.rng.random() < 0.7:
        pen.write(e.ChasedReferral(**pen.working(4, 5).stamp(tale.social), recipient=recipient))


def _withdraw(tale: Tale, recipient: v.Recipient) -> None:
    pen = tale.pen
    purpose = v.ConsentFor.REFERRAL
    stamp = pen.working(1, 3).stamp(tale.social)
    pen.write(e.WithdrewConsent(**stamp, purpose=purpose, recipient=recipient))
    reason = phrases.WITHDRAWN
    pen.write(e.WithdrewReferral(**pen.stamp(tale.social), recipient=recipient, reason=reason))


def _refused_referral(tale: Tale, recipient: v.Recipient) -> None:
    pen = tale.pen
    stamp = pen.working(0, 2).stamp(tale.social)
    pen.write(e.RefusedConsent(**stamp, purpose=v.ConsentFor.REFERRAL, recipient=recipient))
    _prepare(tale, recipient)
    pen.write(e.ReferralRefused(**pen.stamp(tale.social), recipient=recipient))


def identification(tale: Tale) -> None:
    """The authority begins to look into it, as the person agreed (e)."""
    pen = tale.pen
    pen.write(
        e.ChangedStatus(
            **pen.working(1, 4).stamp(tale.social),
            to=v.Stage.IDENTIFICATION,
            paper_number=f"MH-{tale.rng.randint(100, 199)}/TB",
            paper_issuer=phrases.PAPER_ISSUER,
            paper_day=pen.day - 1,
        )
    )


def paper(tale: Tale, to: v.Stage) -> None:
    """The authority's paper arrives: the only thing that says so, either way (domain §0.7)."""
    pen = tale.pen
    pen.write(
        e.ChangedStatus(
            **pen.working(12, 18).stamp(tale.social),
            to=to,
            paper_number=f"MH-{tale.rng.randint(200, 299)}/XN",
            paper_issuer=phrases.PAPER_ISSUER,
            paper_day=pen.day - 2,
        )
    )
    pen.write(
        e.AddedFile(
            **pen.stamp(tale.social),
            name=phrases.PAPER_FILE,
            text=phrases.PAPER_TEXT,
            compartment="LEGAL",
        )
    )


def transfer(tale: Tale) -> None:
    """The receiving side now carries the support."""
    pen = tale.pen
    pen.write(e.ChangedStatus(**pen.working(2, 5).stamp(tale.social), to=v.Stage.TRANSFERRED))


def closing(tale: Tale) -> None:
    """The work is done, and the person agrees."""
    reason = tale.rng.choice(phrases.CLOSING)
    tale.pen.write(e.Closed(**tale.pen.working(3, 6).stamp(tale.social), reason=reason))


def reopening(tale: Tale) -> None:
    """Later the person comes back, and is asked again before anything is written (R4a)."""
    pen = tale.pen
    reasons = phrases.CHILD_REOPENING if tale.is_minor else phrases.REOPENING
    reason = tale.rng.choice(reasons)
    pen.write(e.Reopened(**pen.working(4, 8).stamp(tale.social), reason=reason))
    pen.later(5, 15)
    consent(tale, v.ConsentFor.SUPPORT_RECORD)
    pen.write(e.ChangedStatus(**pen.stamp(tale.social), to=v.Stage.IN_SUPPORT))
    pen.write(
        e.AddedTask(
            **pen.stamp(tale.social),
            title=phrases.MEET_AGAIN,
            due=pen.day + 9,
            assignee=tale.social,
        )
    )
    follow_up(tale)
    pen.write(e.FinishedTask(**pen.stamp(tale.social), title=phrases.MEET_AGAIN))
