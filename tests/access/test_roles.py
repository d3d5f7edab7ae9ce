"""What roles give, and what they do not give together (design §1, §4)."""

from pathlib import Path
from uuid import uuid4

from casemgr.access import Actor, Compartment, Permission, Role
from casemgr.access.roles import care_compartments_of
from casemgr.access.table import as_markdown

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_roles_is_the_table() -> None:
    """Make it again with: flask --app wsgi permissions > docs/permissions.md"""
    assert (ROOT / "docs" / "permissions.md").read_text("utf-8") == as_markdown()


def test_leading_opens_everywhere_only_what_the_leading_role_opens() -> None:
    """A lead who is also a psychologist reads psychological notes on her own teams only."""
    both = Actor(
        facility_id=uuid4(),
        account_id=uuid4(),
        roles=frozenset({Role.SOCIAL_WORK_LEAD, Role.PSYCHOLOGIST}),
    )
    assert Compartment.PSYCH in both.compartments
    assert Compartment.PSYCH not in both.compartments_everywhere
    assert Compartment.IDENTITY in both.compartments_everywhere


def test_who_keeps_the_log_reads_no_case() -> None:
    """They open no compartment of a case; the officer and the director oversight's (design §4)."""
    for role in (Role.PRIVACY_OFFICER, Role.ADMINISTRATOR, Role.COMMUNICATIONS, Role.DIRECTOR):
        actor = Actor(facility_id=uuid4(), roles=frozenset({role}))
        assert actor.compartments <= {Compartment.OVERSIGHT}, role
        assert not care_compartments_of(actor.roles), role
        assert not actor.may(Permission.CASE_READ), role
