"""I3: every column that is neither sealed nor a blind index, with the reason why it may lie open.

Written by hand. A column that says something about a person does not belong here: declare it as a
field of a SealedRecord. What times and actions still tell stands in docs/threat-model.md.
"""

ID = "a random id"
MEMBER = "the id of a member of staff"
TIME = "when somebody did it: the log tells the same"
VERSION = "counts changes, so that two editors notice each other (I8)"
STATE = "workflow state; lists filter by it (design §4)"
STAFF = "about an account of staff, never about a person in care"
HOSPITAL = "about the hospital itself"
DIRECTORY = "published facts about an organisation"
RULE = "the name of a rule that watches the log, the same everywhere"
MACHINE = "bookkeeping of the program, without facts"
TREE = "numbers, ids and hashes of the log's own entries"
LOG = "the log names acts, ids and times; never a fact about a person (I1)"

EVERYWHERE: dict[str, str] = {
    "id": ID,
    "facility_id": ID,
    "case_id": ID,
    "version": VERSION,
}


def _columns(names: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), reason)


PUBLIC: dict[str, dict[str, str]] = {
    "announcement": {
        "kind": "which ceremony with recovery shares: about the hospital's keys, not a person",
        "state": STATE,
        "begun_at": TIME,
        "ended_at": TIME,
    },
    "acknowledgement": {"announcement_id": ID, "account_id": MEMBER, "acknowledged_at": TIME},
    "account": {
        "username": STAFF,
        "display_name": STAFF,
        "role_names": STAFF,
        "department": STAFF,
        "password_hash": "argon2id, of staff",
        "is_enabled": STAFF,
        "failed_attempts": STAFF,
        "locked_until": STAFF,
    },
    "audit_entry": _columns(
        "at account_id acting_as action outcome subject_kind subject_id compartments purpose "
        "channel session_ref request_id count leaf_version leaf lane lane_seq tag",
        LOG,
    )
    | {"address": "the network address of a member of staff"},
    "audit_checkpoint": _columns("size root at note", LOG),
    "audit_publication": _columns("checkpoint_size way at outcome receipt", LOG),
    "witnessed_log": _columns(
        "origin size root note seen_at", "the signed head of another hospital's log, without facts"
    ),
    "audit_lane": _columns("lane sequenced at", TREE),
    "audit_pending": _columns("entry_id xid", TREE),
    "audit_state": _columns("size edge edge_ids untagged", TREE),
    "audit_tile": _columns("level tile_index content least_id greatest_id", TREE),
    "audit_shown": _columns("at entry_id", LOG),
    "log_view": {"account_id": MEMBER, "saved_at": TIME},
    "log_forwarding": _columns("receiver last_at last_entry_id sent_at failing_since", MACHINE),
    "attachment": {
        "compartment": "that a part has a file, not what it holds; needed to find its key",
        "number": "counts the files of a case: part of the neutral file name (R8)",
        "stored_file_id": ID,
        "added_by": MEMBER,
        "added_at": TIME,
    },
    "breach": {
        "state": STATE,
        "source_item_id": ID,
        "detected_at": "the clock runs from it without opening anything; not what was detected",
        "due_at": "the worker acts on it without opening anything",
        "recorded_at": TIME,
        "recorded_by": MEMBER,
        "escalated_hours": "how often the director was told, for the home page",
        "assessed_at": TIME,
        "assessed_by": MEMBER,
        "confirmed_at": TIME,
        "confirmed_by": MEMBER,
        "notified_at": TIME,
        "notified_by": MEMBER,
        "persons_at": TIME,
        "measures_at": TIME,
        "closed_at": TIME,
        "closed_by": MEMBER,
    },
    "log_day": _columns("day action outcome acts", LOG),
    "monthly_report": {
        "first_day": "the period of a report: no fact about a person",
        "last_day": "the period of a report: no fact about a person",
        "made_at": TIME,
        "made_by": MEMBER,
    },
    "care_team_member": {
        "account_id": MEMBER,
        "compartments": "what the member may open: decides access before anything is opened",
        "added_by": MEMBER,
        "added_at": TIME,
        "expires_at": "until when: decides access before anything is opened",
        "ended_at": TIME,
    },
    "case": {
        "code": "random, says nothing (R7)",
        "code_name": "random words, says nothing (R7)",
        "state": STATE,
        "assignee_id": MEMBER,
        "opened_at": TIME,
        "changed_at": TIME,
        "closed_at": TIME,
        "keep_until": "retention must run without anybody opening the case",
    },
    "case_identity": {},
    "case_safe_contact": {},
    "case_episode": {},
    "case_note": {"author_id": MEMBER, "written_at": TIME, "corrects_id": ID},
    "case_part": {
        "compartment": "which part is restricted or erased: decides access before anything opens",
        "restricted_at": TIME,
        "restricted_until": "until when: decides access before anything is opened",
        "erased_at": TIME,
        "reopened_at": TIME,
    },
    "clinical_entry": {"author_id": MEMBER, "written_at": TIME, "corrects_id": ID},
    "case_task": {
        "assignee_id": MEMBER,
        "due_at": "duty lists sort by it without opening the case",
        "done_at": TIME,
        "done_by": MEMBER,
    },
    "case_notice": {
        "to_role": "a role of staff, the same for every suspicion (Q3)",
        "sent_at": TIME,
        "acknowledged_at": TIME,
        "acknowledged_by": MEMBER,
        "escalated_at": TIME,
    },
    "consent": {
        "recorded_by": MEMBER,
        "recorded_at": TIME,
        "expires_on": "lapses must run without anybody opening the case; not for what",
        "withdrawn_at": "withdrawals must act without anybody opening the case; not of what",
        "withdrawn_by": MEMBER,
    },
    "lawful_ground": {"recorded_by": MEMBER, "recorded_at": TIME},
    "detection_setting": {
        "rule": RULE,
        "is_on": "whether a rule that watches staff is on: published in docs/detection.md",
        "numbers": "thresholds, published in docs/detection.md; why they were set is sealed",
        "set_by": MEMBER,
        "set_at": TIME,
    },
    "detection_progress": {"pace": MACHINE, "done_until": TIME},
    "detection_flag": {
        "entry_id": "an entry that some rule told of; not which rule, and for three days",
        "day": TIME,
    },
    "detection_sample": {
        "day": TIME,
        "seed": "a hash over the day's log, so that the lot can be drawn again",
        "drawn_from": "a count of the day",
        "drawn": "a count of the day",
    },
    "detection_trial": {
        "rule": RULE,
        "numbers": "thresholds that were tried",
        "asked_by": MEMBER,
        "asked_at": TIME,
        "first_day": TIME,
        "next_day": TIME,
        "last_day": TIME,
        "weeks": "counts of signals and of colleagues in each week; nobody is named",
        "done_at": TIME,
    },
    "staff_facts": {"account_id": MEMBER},
    "erasure": {
        "state": STATE,
        "requested_by": MEMBER,
        "requested_at": TIME,
        "decided_by": MEMBER,
        "decided_at": TIME,
        "due_at": "the worker acts on it without opening anything",
        "cancelled_by": MEMBER,
        "cancelled_at": TIME,
        "begun_at": TIME,
        "live_at": TIME,
        "final_at": TIME,
    },
    "erasure_part": {
        "erasure_id": ID,
        "compartment": "which part the answer is about; why it is kept is sealed",
        "erased_at": TIME,
        "restricted_at": TIME,
        "lifted_at": TIME,
        "lifted_by": MEMBER,
    },
    "erasure_recipient": {"erasure_id": ID, "told_at": TIME, "told_by": MEMBER},
    "facility": _columns("name superior place letter_mark phone code_prefix", HOSPITAL),
    "legal_hold": {"set_by": MEMBER, "set_at": TIME, "lifted_by": MEMBER, "lifted_at": TIME},
    "rights_request": {
        "case_id": ID,
        "state": STATE,
        "received_on": TIME,
        "received_by": MEMBER,
        "acknowledge_by": TIME,
        "acknowledged_at": TIME,
        "due_on": "terms run without anybody opening the request; which right is sealed",
        "extended_at": TIME,
        "answered_at": TIME,
        "answered_by": MEMBER,
        "closed_at": TIME,
        "reminded_on": TIME,
    },
    "rights_step": {
        "request_id": ID,
        "compartment": "who may open it must find it; what for is sealed in the request",
        "asked_at": TIME,
        "done_at": TIME,
        "done_by": MEMBER,
    },
    "statement": {"made_by": MEMBER, "made_at": TIME},
    "withheld_disclosure": {
        "recorded_by": MEMBER,
        "recorded_at": TIME,
        "lifted_by": MEMBER,
        "lifted_at": TIME,
    },
    "organisation": _columns(
        "slug name kind services phone hours address coverage source valid_from valid_to", DIRECTORY
    ),
    "incoming_referral": {"received_by": MEMBER, "received_at": TIME, "acknowledged_at": TIME},
    "referral": {
        "state": STATE,
        "prepared_by": MEMBER,
        "prepared_at": TIME,
        "sent_at": TIME,
        "answered_at": TIME,
        "chase_at": "the worker reminds without opening anything; not to whom",
    },
    "referral_packet": {"referral_id": ID, "frozen_at": TIME},
    "review_item": {
        "kind": "why somebody looks again: alert, emergency, sample, access; not what was found",
        "state": STATE,
        "about_id": MEMBER,
        "day": "the day of the act, as the log tells; one item for a colleague and a day",
        "happened_at": TIME,
        "department": HOSPITAL,
        "raised_at": TIME,
        "due_at": "the worker escalates without opening anything",
        "assigned_to": MEMBER,
        "assigned_at": TIME,
        "escalated_at": TIME,
        "escalated_by": MEMBER,
        "closed_at": TIME,
        "closed_by": MEMBER,
    },
    "review_signal": {"item_id": ID, "raised_at": TIME},
    "review_question": {
        "item_id": ID,
        "to_id": MEMBER,
        "asked_by": MEMBER,
        "asked_at": TIME,
        "answered_at": TIME,
    },
    "review_measure": {"item_id": ID, "taken_by": MEMBER, "taken_at": TIME},
    "review_access": {
        "item_id": ID,
        "account_id": MEMBER,
        "kind": STAFF,
        "role": STAFF,
        "answer": STAFF,
        "answered_by": MEMBER,
        "answered_at": TIME,
    },
    "screening": {
        "taken_by": MEMBER,
        "opened_at": TIME,
        "closed_at": TIME,
        "state": STATE,
    },
    "screening_count": {"month": "that some sittings of this month were erased; counts are sealed"},
    "index_change": {"transaction": MACHINE},
    "packed_epoch": {
        "horizon": MACHINE,
        "started_at": TIME,
        "current_from": TIME,
        "retired_at": TIME,
    },
    "packed_block": {
        "epoch_id": ID,
        "block": "sealed under its epoch's key, every block of one length (crypto/packed_blocks)",
    },
    "job": {
        "kind": "names a handler, the same for every case",
        "ref_id": ID,
        "run_at": TIME,
        "attempts": MACHINE,
        "done_at": TIME,
    },
    "backup": _columns("backup_id kind made_at expires_at size removed_at", MACHINE),
    "key_name": {
        "owner_id": ID,
        "compartment": "that a compartment exists, not what it says; needed to find its key",
        "generation": MACHINE,
    },
    "key_epoch": {
        "number": MACHINE,
        "opened_at": TIME,
        "closed_at": TIME,
        "old_root": "the public name of a root, such as file:3",
        "root_destroyed_at": TIME,
        "root_final_at": TIME,
        "shares_issued_at": TIME,
    },
    "key_removal": {
        "key_id": ID,
        "owner_id": ID,
        "compartment": "that a compartment existed, as the log says too",
        "generation": MACHINE,
        "cause_id": ID,
        "epoch": MACHINE,
        "intended_at": TIME,
        "removed_at": TIME,
        "confirmed_at": TIME,
    },
    "stored_file": _columns("expected_at claimed_at doomed_at removed_at", MACHINE)
    | {"cause_id": ID},
    "submission": {
        "account_id": MEMBER,
        "endpoint": MACHINE,
        "location": "a path of ours: random ids only (I5)",
        "accepted_at": TIME,
    },
    "web_session": {
        "secret_hash": "of 256 random bits",
        "account_id": MEMBER,
        "content_sealed": "sealed under the facility's tag key: anti-forgery token, messages",
        "opened_at": TIME,
        "seen_at": TIME,
    },
    "worker_lease": {"name": MACHINE, "holder": ID, "seen_at": MACHINE},
}
