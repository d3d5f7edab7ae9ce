"""The house: every table of the first issue

The law of a migration: it never locks a table for long, it never drops what a running version
reads, it goes up and down with data, and it contains no fact about a person.
"""

import sqlalchemy as sa
from alembic import op

from casemgr.audit import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The house: every table of the first issue"""
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("role_names", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "facility_id", "username", name=op.f("uq_account_facility_id_username")
        ),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("acting_as", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("subject_kind", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("compartments", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("session_ref", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("leaf_version", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_account", ["account_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_case", ["case_id", "at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_entry_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index("ix_audit_entry_newest", ["facility_id", "at", "id"], unique=False)

    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("code_name", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("intake_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("facility_id", "code", name=op.f("uq_case_facility_id_code")),
        sa.UniqueConstraint("facility_id", "code_name", name=op.f("uq_case_facility_id_code_name")),
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_assignee_id"), ["assignee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_changed_at"), ["changed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "facility",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("superior", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("letter_mark", sa.String(length=30), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("code_prefix", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
    )
    with op.batch_alter_table("facility", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facility_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "incoming_referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("incoming_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_referral")),
    )
    with op.batch_alter_table("incoming_referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_referral_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_incoming_referral_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "index_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_change")),
    )
    with op.batch_alter_table("index_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_index_change_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_index_change_transaction"), ["transaction"], unique=False
        )

    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_facility_id"), ["facility_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_run_at"), ["run_at"], unique=False)

    op.create_table(
        "key_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=20), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_name")),
        sa.UniqueConstraint(
            "owner_id",
            "compartment",
            "generation",
            name=op.f("uq_key_name_owner_id_compartment_generation"),
        ),
    )
    with op.batch_alter_table("key_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_key_name_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("services", sa.String(length=400), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("hours", sa.String(length=100), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("coverage", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("facility_id", "slug", name=op.f("uq_organisation_facility_id_slug")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "screening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("sitting_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    with op.batch_alter_table("screening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screening_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_screening_facility_id"), ["facility_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_screening_taken_by"), ["taken_by"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submission_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "web_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_web_session_secret_hash")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_web_session_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_web_session_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "worker_lease",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_lease")),
        sa.UniqueConstraint("name", name=op.f("uq_worker_lease_name")),
    )
    with op.batch_alter_table("worker_lease", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_worker_lease_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "care_team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("compartments", sa.String(length=200), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_care_team_member_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_team_member")),
    )
    with op.batch_alter_table("care_team_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_care_team_member_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_care_team_member_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_care_team_member_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(
            "uq_care_team_member_place",
            ["case_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "case_episode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("episode_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_episode_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_episode")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_episode_case_id")),
    )
    with op.batch_alter_table("case_episode", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_episode_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "case_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("national_id_index", sa.BigInteger(), nullable=True),
        sa.Column("insurance_number_index", sa.BigInteger(), nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_identity_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_identity")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_identity_case_id")),
    )
    with op.batch_alter_table("case_identity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_identity_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_case_identity_insurance_number_index"),
            ["insurance_number_index"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_case_identity_national_id_index"), ["national_id_index"], unique=False
        )

    op.create_table(
        "case_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_note_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
    )
    with op.batch_alter_table("case_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_note_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_note_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "case_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("to_role", sa.String(length=30), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_notice_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notice")),
    )
    with op.batch_alter_table("case_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_notice_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_notice_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case_notice_to_role"), ["to_role"], unique=False)

    op.create_table(
        "case_safe_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("phone_index", sa.BigInteger(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_safe_contact_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_safe_contact")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_safe_contact_case_id")),
    )
    with op.batch_alter_table("case_safe_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_safe_contact_facility_id"), ["facility_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_case_safe_contact_phone_index"), ["phone_index"], unique=False
        )

    op.create_table(
        "case_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("task_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_task_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_task")),
    )
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_task_assignee_id"), ["assignee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_task_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_task_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "clinical_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("entry_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_clinical_entry_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinical_entry")),
    )
    with op.batch_alter_table("clinical_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clinical_entry_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_clinical_entry_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("consent_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_consent_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "lawful_ground",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground_record_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_lawful_ground_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lawful_ground")),
    )
    with op.batch_alter_table("lawful_ground", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lawful_ground_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_lawful_ground_facility_id"), ["facility_id"], unique=False
        )

    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("referral_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_referral_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "referral_packet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("packet_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_packet_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_packet")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_referral_packet_referral_id")),
    )
    with op.batch_alter_table("referral_packet", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referral_packet_facility_id"), ["facility_id"], unique=False
        )

    for statement in append_only.install(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Take it back."""
    for statement in append_only.remove(op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("referral_packet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_packet_facility_id"))

    op.drop_table("referral_packet")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_facility_id"))
        batch_op.drop_index(batch_op.f("ix_referral_case_id"))

    op.drop_table("referral")
    with op.batch_alter_table("lawful_ground", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lawful_ground_facility_id"))
        batch_op.drop_index(batch_op.f("ix_lawful_ground_case_id"))

    op.drop_table("lawful_ground")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_facility_id"))
        batch_op.drop_index(batch_op.f("ix_consent_case_id"))

    op.drop_table("consent")
    with op.batch_alter_table("clinical_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clinical_entry_facility_id"))
        batch_op.drop_index(batch_op.f("ix_clinical_entry_case_id"))

    op.drop_table("clinical_entry")
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_task_facility_id"))
        batch_op.drop_index(batch_op.f("ix_case_task_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_task_assignee_id"))

    op.drop_table("case_task")
    with op.batch_alter_table("case_safe_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_safe_contact_phone_index"))
        batch_op.drop_index(batch_op.f("ix_case_safe_contact_facility_id"))

    op.drop_table("case_safe_contact")
    with op.batch_alter_table("case_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_notice_to_role"))
        batch_op.drop_index(batch_op.f("ix_case_notice_facility_id"))
        batch_op.drop_index(batch_op.f("ix_case_notice_case_id"))

    op.drop_table("case_notice")
    with op.batch_alter_table("case_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_note_facility_id"))
        batch_op.drop_index(batch_op.f("ix_case_note_case_id"))

    op.drop_table("case_note")
    with op.batch_alter_table("case_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_identity_national_id_index"))
        batch_op.drop_index(batch_op.f("ix_case_identity_insurance_number_index"))
        batch_op.drop_index(batch_op.f("ix_case_identity_facility_id"))

    op.drop_table("case_identity")
    with op.batch_alter_table("case_episode", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_episode_facility_id"))

    op.drop_table("case_episode")
    with op.batch_alter_table("care_team_member", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_care_team_member_place",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_care_team_member_facility_id"))
        batch_op.drop_index(batch_op.f("ix_care_team_member_case_id"))
        batch_op.drop_index(batch_op.f("ix_care_team_member_account_id"))

    op.drop_table("care_team_member")
    with op.batch_alter_table("worker_lease", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_worker_lease_facility_id"))

    op.drop_table("worker_lease")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_seen_at"))
        batch_op.drop_index(batch_op.f("ix_web_session_facility_id"))
        batch_op.drop_index(batch_op.f("ix_web_session_account_id"))

    op.drop_table("web_session")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_facility_id"))

    op.drop_table("submission")
    with op.batch_alter_table("screening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screening_taken_by"))
        batch_op.drop_index(batch_op.f("ix_screening_facility_id"))
        batch_op.drop_index(batch_op.f("ix_screening_case_id"))

    op.drop_table("screening")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_facility_id"))

    op.drop_table("organisation")
    with op.batch_alter_table("key_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_key_name_facility_id"))

    op.drop_table("key_name")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_run_at"))
        batch_op.drop_index(batch_op.f("ix_job_facility_id"))

    op.drop_table("job")
    with op.batch_alter_table("index_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_index_change_transaction"))
        batch_op.drop_index(batch_op.f("ix_index_change_facility_id"))

    op.drop_table("index_change")
    with op.batch_alter_table("incoming_referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incoming_referral_facility_id"))
        batch_op.drop_index(batch_op.f("ix_incoming_referral_case_id"))

    op.drop_table("incoming_referral")
    with op.batch_alter_table("facility", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_facility_facility_id"))

    op.drop_table("facility")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_facility_id"))
        batch_op.drop_index(batch_op.f("ix_case_changed_at"))
        batch_op.drop_index(batch_op.f("ix_case_assignee_id"))

    op.drop_table("case")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_newest")
        batch_op.drop_index(batch_op.f("ix_audit_entry_facility_id"))
        batch_op.drop_index("ix_audit_entry_case")
        batch_op.drop_index("ix_audit_entry_account")

    op.drop_table("audit_entry")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_facility_id"))

    op.drop_table("account")
