"""The first chapters of a story: somebody notices, tells, is heard, and asked for consent."""

from datetime import time

from casemgr.demo import events as e
from casemgr.demo import phrases, staff
from casemgr.demo import vocabulary as v
from casemgr.demo.sittings import sitting
from casemgr.demo.tale import FROM_OUTSIDE, Tale
from casemgr.screenings.rules import Ground


def beginning(tale: Tale) -> None:
    """A ward asks in private and opens a suspicion, or somebody outside announces the person."""
    outline, pen = tale.outline, tale.pen
    if outline.source in FROM_OUTSIDE:
        _receive(tale)
    _ask(tale)
    if outline.source in FROM_OUTSIDE:
        return
    positive = outline.screened in {v.Screened.POSITIVE, v.Screened.UNSAFE_THEN_POSITIVE}
    pen.write(
        e.OpenedSuspicion(
            **pen.later(2, 12).stamp(tale.nurse),
            department=outline.department,
            ground=Ground.POSITIVE_SCREENING if positive else Ground.STAFF_CONCERN,
            observed=outline.signs,
        )
    )


def _receive(tale: Tale) -> None:
    outline, pen = tale.outline, tale.pen
    hotline = outline.source in {v.Source.HOTLINE_18001769, v.Source.HOTLINE_111}
    stamp = pen.working(0, 0).stamp(tale.social)
    called = time(max(stamp["at"].hour - 1, 6), tale.rng.randrange(60)) if hotline else None
    number = None if hotline else f"MH-{tale.rng.randint(10, 99)}/GT"
    pen.write(
        e.ReceivedReferralIn(
            **stamp,
            source=outline.source,
            sender=phrases.SENDERS[outline.source],
            document_number=number,
            called_at=called,
            department=outline.department,
            reason=outline.signs,
        )
    )


def _ask(tale: Tale) -> None:
    outline, pen = tale.outline, tale.pen
    if outline.screened is v.Screened.NOT_ASKED or outline.age is None:
        return
    courses: tuple[v.Screened, ...] = (outline.screened,)
    if outline.screened is v.Screened.UNSAFE_THEN_POSITIVE:
        courses = (v.Screened.UNSAFE, v.Screened.POSITIVE)
    for screened in courses:
        pen.later(15, 50)
        pen.write(
            sitting(
                pen,
                tale.nurse,
                screened=screened,
                department=outline.department,
                age=outline.age,
                harms=outline.harms,
                observed=outline.signs,
                is_in_case=outline.source in FROM_OUTSIDE,
            )
        )


def acknowledgement(tale: Tale) -> None:
    """The board and the social work team confirm that they have seen the notice (Q3).

    Within half an hour in office hours; at night and on Sundays it takes until morning.
    """
    pen = tale.pen
    pen.write(e.Acknowledged(**pen.waking(3, 16).stamp(staff.DIRECTOR)))
    for member in (staff.SOCIAL_LEAD, staff.SOCIAL_WORKER):
        pen.write(e.Acknowledged(**pen.on_duty(1, 6).stamp(member)))


def refusal(tale: Tale) -> None:
    """The person wants no support; nothing more is written down."""
    pen = tale.pen
    pen.write(e.TookCase(**pen.working(0, 1).stamp(tale.social)))
    purpose = v.ConsentFor.SUPPORT_RECORD
    pen.write(e.RefusedConsent(**pen.later(10, 25).stamp(tale.social), purpose=purpose))
    reason = tale.rng.choice(phrases.REFUSING)
    pen.write(e.RefusedSupport(**pen.stamp(tale.social), reason=reason))


def first_talk(tale: Tale) -> None:
    """A social worker takes the case, asks for consent, and only then writes who the person is."""
    pen, outline = tale.pen, tale.outline
    pen.write(e.TookCase(**pen.working(0, 1).stamp(tale.social)))
    if v.Harm.CHILD_ABUSE in outline.harms:
        pen.write(
            e.RecordedLawfulGround(
                **pen.later(5, 15).stamp(tale.social),
                ground=v.Lawful.CHILD_PROTECTION,
                reason=phrases.CHILD_GROUND,
                is_person_told=True,
            )
        )
    pen.later(8, 20)
    for letter in sorted(outline.consents):
        consent(tale, v.ConsentFor.lettered(letter))
    for letter in outline.denied:
        denied = v.ConsentFor.lettered(letter)
        pen.write(e.RefusedConsent(**pen.stamp(tale.social), purpose=denied))
    pen.write(e.ChangedStatus(**pen.stamp(tale.social), to=v.Stage.CONSENTED))
    _who(tale)
    _situation(tale)


def consent(tale: Tale, purpose: v.ConsentFor, recipient: v.Recipient | None = None) -> None:
    """One consent for one purpose, in the way that suits the person (R4, R5, R14)."""
    method = tale.rng.choices(list(v.ConsentMethod), weights=(60, 15, 20, 5))[0]
    spoken = method is v.ConsentMethod.SPOKEN_WITH_WITNESS
    days = tale.rng.choice((90, 180, 180, 365))
    asks_child = tale.is_minor and (tale.outline.age or 0) >= 7
    tale.pen.write(
        e.GaveConsent(
            **tale.pen.stamp(tale.social),
            purpose=purpose,
            recipient=recipient,
            method=method,
            given_by=tale.given_by,
            witness=staff.BY_USERNAME[tale.nurse].display_name if spoken else None,
            has_assent=True if asks_child else None,
            expires_after_days=None if purpose is v.ConsentFor.SUPPORT_RECORD else days,
        )
    )


def _who(tale: Tale) -> None:
    pen, person, outline = tale.pen, tale.person, tale.outline
    if tale.rng.random() < 0.5:
        stamp = pen.stamp(tale.social)
        pen.write(e.Searched(**stamp, by_what="name", words=person.full_name, finds=False))
    pen.write(e.RecordedIdentity(**pen.stamp(tale.social), person=person))
    if outline.accompanies is not None:
        pen.write(e.LinkedStory(**pen.stamp(tale.social), other=outline.accompanies))
    if "f" in outline.consents:
        _contact(tale)
    if (companion := outline.companion) is not None:
        controls = companion.is_suspected_controller
        pen.write(
            e.RecordedCompanion(
                **pen.stamp(tale.social),
                name=companion.name,
                relation=companion.relation,
                phone=None,
                answers_for_person=controls,
                is_suspected_controller=controls,
            )
        )


def _contact(tale: Tale) -> None:
    number = tale.person.phone
    start = tale.rng.choice((8, 9, 13, 19))
    tale.pen.write(
        e.RecordedContact(
            **tale.pen.stamp(tale.social),
            channel="phone" if number else "in_person",
            number=number,
            safe_from=time(start),
            safe_until=time(start + 2),
            may_answer="Chỉ người bệnh" if number else "Gặp trực tiếp tại khoa",
            code_phrase=tale.rng.choice(phrases.CODE_PHRASES),
            may_sms=number is not None and tale.rng.random() < 0.15,
        )
    )


def _situation(tale: Tale) -> None:
    pen, outline = tale.pen, tale.outline
    # Who is later confirmed starts as suspected: only a paper moves the group (domain §0.7).
    later = {v.Group.CONFIRMED, v.Group.IN_IDENTIFICATION}
    pen.write(
        e.RecordedSituation(
            **pen.later(2, 8).stamp(tale.social),
            group=v.Group.SUSPECTED if outline.group in later else outline.group,
            harms=outline.harms,
            place=outline.place,
            source=outline.source,
            story=outline.signs,
        )
    )
    pen.write(e.AddedNote(**pen.stamp(tale.social), text=outline.told))
