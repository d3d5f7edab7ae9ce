"""The directory ships what sources say and nothing else (issue 2; domain §0.6, §1.4, §1.5)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import NotFound
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.directory import labels, service
from casemgr.directory.data import SEED
from casemgr.directory.models import Organisation
from casemgr.directory.rules import Kind
from tests.cast import Cast

PHONES_WITH_A_SOURCE = {"18001769", "111", "113", "115"}  # domain §0.6, §5.6, R23


def test_every_entry_names_its_source_and_no_contact_is_invented() -> None:
    assert all(entry.source and entry.services for entry in SEED)
    assert {entry.phone for entry in SEED} == PHONES_WITH_A_SOURCE | {None}
    assert [entry.slug for entry in SEED if entry.hours] == ["tong-dai-111"]  # NĐ 162/2025
    assert [entry.slug for entry in SEED if entry.address] == []
    assert len({entry.slug for entry in SEED}) == len(SEED)


def test_the_social_centre_offers_what_the_plan_names() -> None:
    centre = next(entry for entry in SEED if entry.phone == "18001769")
    assert {service.value for service in centre.services} == {  # V2, seed 004 III.5
        "essentials",
        "travel",
        "psychological",
        "medical",
        "first_allowance",
    }


def test_every_kind_and_service_has_words() -> None:
    assert set(labels.KINDS) == set(Kind)
    assert {s for entry in SEED for s in entry.services} <= set(labels.SERVICES)


def test_seeding_twice_adds_once_and_keeps_corrections(cast: Cast) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        assert service.seed(worker) == len(SEED)
        police = _by_slug("cong-an-quang-ninh")
        police.phone = "0500000001"
    with cast.acting():
        assert service.seed(worker) == 0
        assert _by_slug("cong-an-quang-ninh").phone == "0500000001"
        seeded = select(AuditEntry).where(AuditEntry.action == Action.DIRECTORY_SEEDED)
        assert session.scalars(seeded).one().count == len(SEED)


def test_only_what_is_valid_today(cast: Cast) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        service.seed(worker)
        ended, begins = _by_slug("nha-nhan-ai"), _by_slug("hoi-lhpn")
        ended.valid_to = clock.today() - timedelta(days=1)
        begins.valid_from = clock.today() + timedelta(days=1)
        session.flush()
        assert len(service.organisations(worker)) == len(SEED) - 2
        for gone in (ended, begins):
            with pytest.raises(NotFound):
                service.organisation(worker, gone.id)
        assert service.names_of(worker, [ended.id, None]) == {ended.id: "Nhà Nhân ái Lào Cai"}
        ended.valid_to = clock.today()
        session.flush()
        assert service.organisation(worker, ended.id) is ended


def test_before_the_hotline_opened_it_is_not_offered(cast: Cast) -> None:
    with cast.acting(), clock.frozen(clock.at_hospital(date(2025, 9, 18))):
        service.seed(cast.actor("worker"))
        slugs = {item.slug for item in service.organisations(cast.actor("worker"))}
        assert "tong-dai-111" not in slugs  # opened on 19/9/2025
        assert "so-y-te-quang-ninh" in slugs


def test_the_pages(cast: Cast) -> None:
    with cast.acting():
        service.seed(cast.actor("worker"))
        police, centre = _by_slug("cong-an-quang-ninh").id, _by_slug("ttxh-quang-ninh").id
    browser = cast.browser("nurse")
    index = browser.get("/directory")
    assert all(entry.name in index for entry in SEED)
    shown = browser.get(f"/directory/{centre}")
    assert "18001769" in shown
    assert "Kế hoạch 992/KH-BVĐKCP" in shown
    assert len(browser.get(f"/directory/{police}").main.having("casemgr-sealed")) == 3
    browser.get(f"/directory/{cast.facility_id}", status=404)
    cast.browser("press").get("/directory", status=403)
    with cast.acting():
        actions = list(session.scalars(select(AuditEntry.action)))
    assert actions.count(Action.DIRECTORY_SHOWN) == 3


def _by_slug(slug: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.slug == slug)).one()
