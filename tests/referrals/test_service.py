"""Sending only under the consent for that very recipient (R6), and exactly what was chosen."""

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Denied, Invalid, NotFound
from casemgr.access.opening import close_keys
from casemgr.audit import Action, AuditEntry
from casemgr.cases import consenting, tasks
from casemgr.cases import service as cases
from casemgr.cases.consent import Consent, ConsentMethod, ConsentPurpose
from casemgr.crypto.errors import CompartmentClosed
from casemgr.db import session
from casemgr.directory.rules import Service
from casemgr.referrals import lists, rules, service, withdrawing
from casemgr.referrals.facts import FactKey
from casemgr.referrals.models import Packet, Referral
from casemgr.referrals.rules import MOVES, ForbiddenMove, ReferralState
from tests.referrals.scene import (
    HOURS,
    LANGUAGE,
    NAME,
    NATIONAL_ID,
    NEEDS,
    PHONE,
    PHRASE,
    Scene,
)

SECRETS = {NAME, PHONE, PHRASE, LANGUAGE, NATIONAL_ID, HOURS}


def _draft(scene: Scene, facts: tuple[str, ...] = ("sex", "age_band")) -> Referral:
    return service.prepare(
        scene.worker,
        scene.case_id,
        recipient_id=scene.centre_id,
        services=[Service.ESSENTIALS, Service.PSYCHOLOGICAL],
        urgent_needs=NEEDS,
        facts=facts,
    )


def _send(scene: Scene, draft: Referral) -> Referral:
    return service.send(scene.worker, scene.case_id, draft.id)


def _packet(referral: Referral) -> Packet | None:
    """The frozen packet, if there is one. Its key is open while the session that made it lasts."""
    return session.scalar(select(Packet).where(Packet.referral_id == referral.id))


def _assert_refused(scene: Scene, draft: Referral, reason: str = "no_consent") -> None:
    with pytest.raises(Invalid) as refused:
        _send(scene, draft)
    assert refused.value.reason == reason
    assert draft.state is ReferralState.DRAFT
    assert draft.sent_at is None
    assert _packet(draft) is None


def test_without_consent_nothing_is_sent(scene: Scene) -> None:
    with scene.cast.acting():
        _assert_refused(scene, _draft(scene))


def test_consent_to_the_record_is_not_consent_to_a_referral(scene: Scene) -> None:
    with scene.cast.acting():
        case = service.case_at_work(scene.worker, scene.case_id)
        assert consenting.live_for(case, ConsentPurpose.RECORD) is not None
        _assert_refused(scene, _draft(scene))


def test_consent_for_another_recipient_does_not_help(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.legal_aid_id)
        _assert_refused(scene, _draft(scene))


def test_consent_holds_through_its_last_day_and_not_longer(scene: Scene) -> None:
    last = clock.today() + timedelta(days=10)
    with scene.cast.acting():
        scene.consent_to(scene.centre_id, expires_on=last)
        first, second = _draft(scene), _draft(scene)
        with clock.frozen(clock.at_hospital(last, 23, 59)):
            assert _send(scene, first).state is ReferralState.SENT
        with clock.frozen(clock.at_hospital(last + timedelta(days=1))):
            _assert_refused(scene, second)


def test_withdrawn_consent_does_not_help(scene: Scene) -> None:
    with scene.cast.acting():
        given = scene.consent_to(scene.centre_id)
        consenting.withdraw(scene.worker, scene.case_id, given.id)
        _assert_refused(scene, _draft(scene))


def test_a_later_no_ends_the_earlier_yes(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        consenting.record_consent(
            scene.worker,
            scene.case_id,
            purpose=ConsentPurpose.REFERRAL,
            was_given=False,
            method=ConsentMethod.SIGNED,
            recipient_id=scene.centre_id,
        )
        _assert_refused(scene, _draft(scene))


def test_consent_with_a_scope_covers_no_more_than_its_scope(scene: Scene) -> None:
    with scene.cast.acting():
        _narrow(scene.consent_to(scene.centre_id), to=["sex"])
        _assert_refused(scene, _draft(scene, ("sex", "full_name")), "outside_scope")
        assert _send(scene, _draft(scene, ("sex",))).state is ReferralState.SENT


def _narrow(given: Consent, to: list[str]) -> None:
    """The same answer once more, for fewer facts: no page asks for a scope yet."""
    kept = "purpose was_given method recipient_id text_version facility_id case_id recorded_by"
    same = {name: getattr(given, name) for name in (*kept.split(), "recorded_at")}
    session.delete(given)
    session.add(Consent(**same, scope=to))
    session.flush()


def test_a_referral_that_asks_nothing_is_not_sent(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        empty = service.prepare(scene.worker, scene.case_id, recipient_id=scene.centre_id)
        _assert_refused(scene, empty, "nothing_asked")


def test_sending_keeps_consent_packet_and_the_day_to_ask_again(scene: Scene) -> None:
    with scene.cast.acting():
        given, draft = scene.consent_to(scene.centre_id), _draft(scene)
        sent = _send(scene, draft)
        assert sent.consent_id == given.id
        assert sent.sent_at is not None
        assert sent.chase_at == sent.sent_at + timedelta(days=3)  # R22
        assert _packet(sent) is not None
        actions = [entry.action for entry in session.scalars(select(AuditEntry))]
        assert actions.count(Action.REFERRAL_SENT) == 1


EXPECTED = {  # what each fact says about the person of the scene
    "full_name": NAME,
    "sex": "Nữ",
    "age_band": "Từ 16 đến dưới 18 tuổi",
    "group": "Trường hợp nghi ngờ, chưa có kết luận của cơ quan có thẩm quyền",
    "languages": LANGUAGE,
    "safe_contact": f"Giờ an toàn: {HOURS}; không để lại lời nhắn; không nhắn tin",
    "phone": PHONE,
    "code_phrase": PHRASE,
    "nationality": "Chưa ghi nhận",
}


@pytest.mark.parametrize(
    "chosen",
    [(), *((key.value,) for key in FactKey), ("sex", "phone"), tuple(key.value for key in FactKey)],
    ids="+".join,
)
def test_the_packet_holds_the_chosen_facts_and_nothing_else(
    scene: Scene, chosen: tuple[str, ...]
) -> None:
    with scene.cast.acting(), clock.frozen(clock.at_hospital(date(2026, 11, 22), 9)):
        scene.consent_to(scene.centre_id)
        sent = _send(scene, _draft(scene, chosen))
        frozen = _packet(sent)
        assert frozen is not None
        assert frozen.content is not None
        told = {fact["key"]: fact["value"] for fact in frozen.content["facts"]}
        assert told == {key: EXPECTED[key] for key in chosen}
        assert frozen.content["code"] == scene.code
        assert frozen.content["urgent_needs"] == NEEDS
        assert frozen.content["services"] == ["Hỗ trợ nhu cầu thiết yếu", "Hỗ trợ tâm lý"]
        whole = str(frozen.content)
        for secret in SECRETS - {secret for secret in SECRETS if secret in str(told)}:
            assert secret not in whole


def test_only_the_compartments_of_the_chosen_facts_are_opened(scene: Scene) -> None:
    with scene.cast.acting():
        draft = _draft(scene, ("phone",))
        close_keys()
        session.expire_all()
        service.show(scene.worker, scene.case_id, draft.id)
        opened = set()
        for entry in session.scalars(select(AuditEntry).where(AuditEntry.purpose == "referral")):
            opened |= set(entry.compartments.split())
        assert opened == {"SOCIAL", "CONTACT"}


def test_an_undeclared_fact_cannot_go_along(scene: Scene) -> None:
    with scene.cast.acting(), pytest.raises(ValueError, match="national_id"):
        _draft(scene, ("national_id",))


def test_the_packet_is_frozen_under_a_key_of_its_own(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        sent = _send(scene, _draft(scene, ("full_name",)))
        packet = _packet(sent)
        assert packet is not None
        packet_id = packet.id
    with scene.cast.acting():
        case = cases.get(scene.worker, scene.case_id)
        cases.open_parts(scene.worker, case, cases.openable(scene.worker, case), "referral")  # type: ignore[arg-type]
        with pytest.raises(CompartmentClosed):
            _ = session.get_one(Packet, packet_id).content  # the case's keys do not open it


def test_what_was_sent_stays_when_the_case_changes(scene: Scene) -> None:
    from casemgr.cases import recording
    from casemgr.cases.models import Identity

    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        sent = _send(scene, _draft(scene, ("full_name",)))
        recording.record_part(scene.worker, scene.case_id, Identity, 1, {"full_name": "Tên Khác"})
        shown = service.show(scene.worker, scene.case_id, sent.id)
        assert shown.content is not None
        assert shown.content["facts"] == [{"key": "full_name", "label": "Họ và tên", "value": NAME}]


def test_what_changed_since_the_preview_is_not_sent(scene: Scene) -> None:
    from casemgr.cases import recording
    from casemgr.cases.models import Identity
    from casemgr.referrals.packet import digest

    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        draft = _draft(scene, ("full_name",))
        looked_at = service.show(scene.worker, scene.case_id, draft.id).content
        assert looked_at is not None
        recording.record_part(scene.worker, scene.case_id, Identity, 1, {"full_name": "Tên Khác"})
        with pytest.raises(Invalid) as refused:
            service.send(scene.worker, scene.case_id, draft.id, seen=digest(looked_at))
        assert refused.value.reason == "changed"


def test_services_that_are_not_offered_cannot_be_asked(scene: Scene) -> None:
    with scene.cast.acting(), pytest.raises(Invalid) as refused:
        service.prepare(
            scene.worker,
            scene.case_id,
            recipient_id=scene.centre_id,
            services=[Service.LEGAL_AID],
        )
    assert refused.value.field == "services"


@pytest.mark.parametrize(("here", "there"), list(product(ReferralState, ReferralState)))
def test_every_move_that_is_not_declared_raises(here: ReferralState, there: ReferralState) -> None:
    if there in MOVES[here]:
        assert rules.move(here, there) is there
    else:
        with pytest.raises(ForbiddenMove):
            rules.move(here, there)


ROADS = [
    (ReferralState.ACKNOWLEDGED, ReferralState.ACCEPTED, ReferralState.COMPLETED),
    (ReferralState.ACCEPTED, ReferralState.COMPLETED),
    (ReferralState.ACKNOWLEDGED, ReferralState.DECLINED),
    (ReferralState.DECLINED,),
]


@pytest.mark.parametrize("road", ROADS, ids="-".join)
def test_the_receivers_answers(scene: Scene, road: tuple[ReferralState, ...]) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        sent = _send(scene, _draft(scene))
        for answer in road:
            service.record_answer(
                scene.worker, scene.case_id, sent.id, answer=answer, by_whom="Chị Thu", note="ghi"
            )
            assert sent.state is answer
        assert sent.answered_by_whom == "Chị Thu"
        assert sent.chase_at is None
        with pytest.raises(ForbiddenMove):
            service.record_answer(
                scene.worker, scene.case_id, sent.id, answer=ReferralState.ACCEPTED
            )


def test_a_draft_has_no_answer_and_a_decline_needs_its_reason(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        draft = _draft(scene)
        with pytest.raises(ForbiddenMove):
            service.record_answer(
                scene.worker, scene.case_id, draft.id, answer=ReferralState.ACCEPTED
            )
        _send(scene, draft)
        with pytest.raises(Invalid) as refused:
            service.record_answer(
                scene.worker, scene.case_id, draft.id, answer=ReferralState.DECLINED
            )
        assert (refused.value.field, draft.state) == ("note", ReferralState.SENT)


def test_asking_again_after_three_and_seven_days(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        sent = _send(scene, _draft(scene))
        assert sent.sent_at is not None
        with clock.frozen(sent.sent_at + timedelta(days=3)):
            assert lists.count_to_chase(scene.worker) == 1
            service.note_chase(scene.worker, scene.case_id, sent.id)
            assert sent.chase_at == sent.sent_at + timedelta(days=7)
            assert lists.count_to_chase(scene.worker) == 0
        with clock.frozen(sent.sent_at + timedelta(days=8)):
            service.note_chase(scene.worker, scene.case_id, sent.id)
            assert sent.chase_at is None


def test_withdrawn_consent_stops_drafts_and_names_whom_to_tell(scene: Scene) -> None:
    with scene.cast.acting():
        given = scene.consent_to(scene.centre_id)
        sent, draft = _send(scene, _draft(scene)), _draft(scene)
        other = service.prepare(scene.worker, scene.case_id, recipient_id=scene.legal_aid_id)
        consenting.withdraw(scene.worker, scene.case_id, given.id)
        assert draft.state is ReferralState.WITHDRAWN
        assert other.state is ReferralState.DRAFT  # another recipient, another consent
        assert sent.state is ReferralState.SENT  # what left cannot be called back by us
        titles = [task.title for task in tasks.tasks(cases.get(scene.worker, scene.case_id))]
        told = "Báo Tổng đài 18001769 – Trung tâm Trợ giúp xã hội Quảng Ninh: "
        assert [title for title in titles if title and title.startswith(told)] != []
        with pytest.raises(Invalid):
            service.print_letter(scene.worker, scene.case_id, sent.id, as_pdf=False)


def test_taking_back_what_was_sent_needs_a_reason_and_a_task(scene: Scene) -> None:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
        sent = _send(scene, _draft(scene))
        with pytest.raises(Invalid):
            withdrawing.withdraw_referral(scene.worker, scene.case_id, sent.id)
        withdrawing.withdraw_referral(scene.worker, scene.case_id, sent.id, reason="Đổi nơi nhận")
        assert sent.state is ReferralState.WITHDRAWN
        assert len(tasks.tasks(cases.get(scene.worker, scene.case_id))) == 1


@pytest.mark.parametrize("name", ["other_worker", "nurse", "doctor", "director", "officer"])
def test_only_the_cases_team_and_its_lead_act(scene: Scene, name: str) -> None:
    with scene.cast.acting():
        draft = _draft(scene)
        stranger = scene.cast.actor(name)
        for act in (
            lambda: service.show(stranger, scene.case_id, draft.id),
            lambda: service.send(stranger, scene.case_id, draft.id),
            lambda: lists.of_case(stranger, scene.case_id),
        ):
            with pytest.raises((NotFound, Denied)):
                act()
        lead = scene.cast.actor("lead")
        assert service.show(lead, scene.case_id, draft.id).content is not None


def test_a_referral_belongs_to_its_case(scene: Scene) -> None:
    from tests.referrals.scene import begin_case

    with scene.cast.acting():
        draft, other = _draft(scene), begin_case(scene.cast)
        with pytest.raises(NotFound):
            service.show(scene.worker, other.id, draft.id)


def test_no_referral_before_somebody_took_the_case_or_without_a_record(scene: Scene) -> None:
    from casemgr.cases.rules import Source

    with scene.cast.acting():
        case = cases.open_suspicion(
            scene.worker, source=Source.WARD, ward="Khoa Nhi", contact_nurse_id=None
        )
        for reason in ("not_taken", "no_record_yet"):
            with pytest.raises(Invalid) as refused:
                service.prepare(scene.worker, case.id, recipient_id=scene.centre_id)
            assert refused.value.reason == reason
            if reason == "not_taken":
                cases.take_case(scene.worker, case.id)


def test_the_overall_list_reads_nothing_sealed(scene: Scene) -> None:
    with scene.cast.acting():
        _draft(scene)
    with scene.cast.acting():
        found, total = lists.list_referrals(scene.worker)
        assert (total, found[0][1].code) == (1, scene.code)
        with pytest.raises(CompartmentClosed):
            _ = found[0][0].recipient_id
        assert lists.list_referrals(scene.cast.actor("other_worker")) == ([], 0)
