"""I2: who gets through which door, written by hand from design §1 and issue 2.

It knows nothing of access/roles.py: two people say the same thing twice, and a test compares.
A new route needs a row in DOORS. A row names a door; a door says, for the case that Minh (worker)
runs with Sơn (doctor) on its team, and for the sitting of Hoa (nurse):

- ``lets_in``  who passes (any answer but the refusals below);
- ``hides_from``  for whom it does not exist (404): the role may, the relation is missing;
- everybody else who is signed in is refused (403); who is not signed in is sent to sign in.
"""

from typing import NamedTuple

NURSES = frozenset({"nurse", "other_nurse"})
SOCIAL = frozenset({"worker", "other_worker", "lead"})
TREATING = frozenset({"doctor", "stranger", "psychologist"})
OFFICES = frozenset({"director", "planner", "office", "press", "officer", "admin"})
EVERYBODY = NURSES | SOCIAL | TREATING | OFFICES | {"partner"}
NOBODY: frozenset[str] = frozenset()


class Door(NamedTuple):
    """Who passes, and for whom it is not there."""

    lets_in: frozenset[str]
    hides_from: frozenset[str] = NOBODY
    is_public: bool = False


def people(names: str) -> frozenset[str]:
    """A set of the cast."""
    found = frozenset(names.split())
    assert found <= EVERYBODY
    return found


PUBLIC = Door(EVERYBODY, is_public=True)
SIGNED_IN = Door(EVERYBODY)

# no object: only the role decides
SCREENING_DESK = Door(NURSES | SOCIAL | TREATING)
CASE_LISTS = Door(SOCIAL | TREATING)
SOCIAL_DESK = Door(SOCIAL)
NOTICE_LIST = Door(SOCIAL | {"director"})
DIRECTORY = Door(NURSES | SOCIAL | TREATING | people("director planner office admin"))
LOG = Door(people("officer"))
# erasures: the officer asks, the director decides
OVERSIGHT_DESK = Door(people("officer director"))
ASKING = Door(people("officer"))
PROOF = Door(people("officer director admin"))
DECIDING = Door(people("director"))

RIGHTS_DESK = Door(people("officer"))
PREPARING = Door(SOCIAL | TREATING)
# the part asked about is SOCIAL of the case that runs
PREPARING_SOCIAL = Door(people("worker lead"), people("other_worker stranger psychologist"))
# reviews: this one is about the doctor, and stands before the director
REVIEWS = Door(people("officer director"))
REVIEWING = Door(people("officer"))  # the director only adds a measure and decides
ASKED = Door(people("doctor"), EVERYBODY - {"doctor"})  # the question was put to the doctor
ACCESS_LISTS = Door(people("officer director lead"))
# the access of the social work team, which nobody brought before the director
TEAMS_ACCESS = Door(people("officer lead"), people("director"))

# one sitting: it belongs to the nurse who took it
OWN_SITTING = Door(people("nurse"), SCREENING_DESK.lets_in - {"nurse"})

# one case: the relation decides too
_STRANGERS = people("other_worker stranger psychologist")
CASE = Door(people("worker lead doctor"), _STRANGERS)  # the doctor sees the parts held
CASE_SOCIAL = Door(people("worker lead"), _STRANGERS)  # the doctor is on the team, without SOCIAL
CASE_WORK = Door(people("worker lead"), people("other_worker"))
RESTRICTED = Door(people("doctor"), people("stranger psychologist"))

# a case that nobody took is there for the whole social work team
INCOMING = Door(SOCIAL)
# the notice in question went to the director's role
DIRECTORS_NOTICE = Door(people("director"), SOCIAL)

DOORS: dict[str, Door] = {
    "GET accounts.sign_in": PUBLIC,
    "POST accounts.check_sign_in": PUBLIC,
    "POST accounts.sign_out": SIGNED_IN,
    "POST language.choose": PUBLIC,
    "GET quick_exit.roster": PUBLIC,
    "POST quick_exit.leave": PUBLIC,
    # home
    "GET home.show": SIGNED_IN,
    "GET home.notices": NOTICE_LIST,
    "POST home.acknowledge": DIRECTORS_NOTICE,
    "GET home.tasks": SOCIAL_DESK,
    # screenings
    "GET screenings.index": SCREENING_DESK,
    "GET screenings.new": SCREENING_DESK,
    "POST screenings.begin": SCREENING_DESK,
    "GET screenings.new_concern": SCREENING_DESK,
    "POST screenings.raise_by_concern": SCREENING_DESK,
    "GET screenings.show": OWN_SITTING,
    "POST screenings.raise_suspicion": OWN_SITTING,
    "GET screenings.checks": OWN_SITTING,
    "POST screenings.check_again": OWN_SITTING,
    "POST screenings.decline": OWN_SITTING,
    "GET screenings.finish": OWN_SITTING,
    "POST screenings.complete": OWN_SITTING,
    "GET screenings.question": OWN_SITTING,
    "POST screenings.answer": OWN_SITTING,
    "GET screenings.suspicion": OWN_SITTING,
    "POST screenings.first_answer": OWN_SITTING,
    "GET screenings.show_for_case": CASE_SOCIAL,
    # cases
    "GET cases.index": CASE_LISTS,
    "POST cases.filter_list": CASE_LISTS,
    "GET cases.mine": CASE_LISTS,
    "GET cases.untaken": SOCIAL_DESK,
    "GET cases.search": SOCIAL_DESK,
    "POST cases.find": SOCIAL_DESK,
    "GET cases.show": CASE,
    "GET cases.show_timeline": CASE,
    "GET cases.identity": CASE,
    "POST cases.open_identity": CASE,
    "POST cases.hide_identity": CASE,
    "GET cases.edit_identity": CASE_WORK,
    "POST cases.save_identity": CASE_WORK,
    "GET cases.contact": CASE_SOCIAL,
    "GET cases.edit_contact": CASE_WORK,
    "POST cases.save_contact": CASE_WORK,
    "GET cases.episode": CASE_SOCIAL,
    "GET cases.edit_episode": CASE_WORK,
    "POST cases.save_episode": CASE_WORK,
    "GET cases.notes": CASE_SOCIAL,
    "POST cases.add_note": CASE_WORK,
    "GET cases.correct_note": CASE_WORK,
    "POST cases.add_correction": CASE_WORK,
    "GET cases.tasks": CASE_SOCIAL,
    "POST cases.add_task": CASE_WORK,
    "POST cases.finish_task": CASE_WORK,
    "GET cases.consents": CASE_SOCIAL,
    "POST cases.record_consent": CASE_WORK,
    "POST cases.withdraw": CASE_WORK,
    "GET cases.ground": CASE_WORK,
    "POST cases.record_ground": CASE_WORK,
    "GET cases.refusal": CASE_WORK,
    "POST cases.record_refusal": CASE_WORK,
    "GET cases.status": CASE_WORK,
    "POST cases.save_status": CASE_WORK,
    "GET cases.care_team": CASE_WORK,
    "POST cases.add_member": CASE_WORK,
    "POST cases.remove_member": CASE_WORK,
    "POST cases.hand_over": Door(people("lead")),
    "POST cases.take": CASE_WORK,
    "POST cases.begin": CASE_WORK,
    "POST cases.transfer": CASE_WORK,
    "GET cases.ask_close": CASE_WORK,
    "POST cases.close": CASE_WORK,
    "GET cases.ask_reopen": CASE_WORK,
    "POST cases.reopen": CASE_WORK,
    # files: the one of the rows lies in IDENTITY, which worker, lead and doctor can open
    "GET cases.show_attachments": CASE,
    "POST cases.open_attachments": CASE,
    "POST cases.hide_attachments": CASE,
    "GET cases.new_attachment": CASE,
    "POST cases.add_attachment": CASE,
    "GET cases.download_attachment": CASE,
    # the restricted record
    "GET cases.clinical": RESTRICTED,
    "POST cases.open_clinical": RESTRICTED,
    "POST cases.hide_clinical": RESTRICTED,
    "POST cases.write_clinical": RESTRICTED,
    "GET cases.correct_clinical": RESTRICTED,
    "POST cases.add_clinical_correction": RESTRICTED,
    # referrals
    "GET referrals.index": SOCIAL_DESK,
    "GET referrals.for_case": CASE_WORK,
    "GET referrals.show": CASE_WORK,
    "GET referrals.choose_recipient": CASE_WORK,
    "POST referrals.prepare": CASE_WORK,
    "GET referrals.edit": CASE_WORK,
    "POST referrals.save": CASE_WORK,
    "POST referrals.send": CASE_WORK,
    "GET referrals.print_page": CASE_WORK,
    "GET referrals.print_pdf": CASE_WORK,
    "GET referrals.ask_answer": CASE_WORK,
    "POST referrals.answer": CASE_WORK,
    "POST referrals.chase": CASE_WORK,
    "GET referrals.ask_withdraw": CASE_WORK,
    "POST referrals.withdraw": CASE_WORK,
    "GET incoming.index": SOCIAL_DESK,
    "GET incoming.new": SOCIAL_DESK,
    "POST incoming.receive": SOCIAL_DESK,
    "GET incoming.show": INCOMING,
    "POST incoming.acknowledge": INCOMING,
    # directory and log
    "GET directory.index": DIRECTORY,
    "GET directory.show": DIRECTORY,
    "GET privacy.index": LOG,
    "POST privacy.narrow": LOG,
    "POST privacy.widen": LOG,
    "GET privacy.recent": LOG,
    "GET privacy.history": LOG,
    "GET privacy.ask_history": LOG,
    "POST privacy.find_history": LOG,
    "POST privacy.export": LOG,
    "POST privacy.export_history": LOG,
    "GET privacy.ask_day": LOG,
    "POST privacy.find_day": LOG,
    "GET privacy.day": LOG,
    "POST privacy.earlier_day": LOG,
    "POST privacy.later_day": LOG,
    "GET privacy.views": LOG,
    "POST privacy.save_view": LOG,
    "POST privacy.use_view": LOG,
    "POST privacy.remove_view": LOG,
    "GET privacy.ask_number": LOG,
    "POST privacy.find_number": LOG,
    # use of recovery shares
    "GET announcements.index": LOG,
    "POST announcements.acknowledge": LOG,
    # the state of the log; other hospitals' logs ask for a witness
    "GET proof.index": PROOF,
    "POST proof.verify": PROOF,
    "GET proof.sheet": PROOF,
    "GET proof.sheet_pdf": PROOF,
    "POST witness.add_checkpoint": PUBLIC,
    # rules that watch the log
    "GET detection.index": LOG,
    "GET detection.show": LOG,
    "GET detection.edit": LOG,
    "POST detection.save": LOG,
    "GET detection.ask_trial": LOG,
    "POST detection.begin_trial": LOG,
    # erasures and legal holds
    "GET erasures.index": OVERSIGHT_DESK,
    "GET erasures.new": ASKING,
    "POST erasures.create": ASKING,
    "GET erasures.show": OVERSIGHT_DESK,
    "POST erasures.approve": DECIDING,
    "GET erasures.ask_refusal": DECIDING,
    "POST erasures.refuse": DECIDING,
    "GET erasures.ask_cancel": OVERSIGHT_DESK,
    "POST erasures.cancel": OVERSIGHT_DESK,
    "GET erasures.ask_lift": DECIDING,
    "POST erasures.lift": DECIDING,
    "POST erasures.note_told": ASKING,
    "GET erasures.print_certificate": OVERSIGHT_DESK,
    "GET erasures.certificate_pdf": OVERSIGHT_DESK,
    "GET holds.index": OVERSIGHT_DESK,
    "GET holds.new": ASKING,
    "POST holds.create": ASKING,
    "GET holds.ask_lift": ASKING,
    "POST holds.lift": ASKING,
    # rights requests: the officer keeps them, those who may open a part prepare it
    "GET rights.index": RIGHTS_DESK,
    "GET rights.new": RIGHTS_DESK,
    "POST rights.create": RIGHTS_DESK,
    "GET rights.show": RIGHTS_DESK,
    "POST rights.acknowledge": RIGHTS_DESK,
    "POST rights.name_case": RIGHTS_DESK,
    "POST rights.ask_for_steps": RIGHTS_DESK,
    "POST rights.extend": RIGHTS_DESK,
    "POST rights.answer": RIGHTS_DESK,
    "POST rights.close": RIGHTS_DESK,
    "POST rights.withdraw": RIGHTS_DESK,
    "GET rights.steps": PREPARING,
    "POST rights.finish_step": PREPARING_SOCIAL,
    # reviews
    "GET reviews.index": REVIEWS,
    "GET reviews.show": REVIEWS,
    "POST reviews.take": REVIEWING,
    "GET reviews.ask_assignee": REVIEWING,
    "POST reviews.assign": REVIEWING,
    "GET reviews.ask_question": REVIEWING,
    "POST reviews.send_question": REVIEWING,
    "GET reviews.ask_verdict": REVIEWS,
    "POST reviews.decide": REVIEWS,
    "GET reviews.ask_measure": REVIEWS,
    "POST reviews.add_measure": REVIEWS,
    "GET reviews.ask_escalation": REVIEWING,
    "POST reviews.escalate": REVIEWING,
    "GET questions.index": SIGNED_IN,
    "GET questions.show": ASKED,
    "POST questions.answer": ASKED,
    "GET access.index": ACCESS_LISTS,
    "GET access.to_end": Door(people("officer director lead admin")),
    "GET access.show": TEAMS_ACCESS,
    "POST access.answer": TEAMS_ACCESS,
    # breaches: the officer handles them (this one concerns no officer, or deputy and director
    # would), the director agrees that one is not notified
    "GET breaches.index": OVERSIGHT_DESK,
    "GET breaches.new": ASKING,
    "POST breaches.create": ASKING,
    "GET breaches.show": OVERSIGHT_DESK,
    "GET breaches.ask_content": ASKING,
    "POST breaches.save_content": ASKING,
    "GET breaches.ask_extent": ASKING,
    "POST breaches.count_extent": ASKING,
    "GET breaches.ask_safe": ASKING,
    "POST breaches.choose_safe": ASKING,
    "GET breaches.ask_assess": ASKING,
    "POST breaches.assess": ASKING,
    "POST breaches.confirm": DECIDING,
    "GET breaches.ask_overrule": DECIDING,
    "POST breaches.overrule": DECIDING,
    "GET breaches.ask_notify": ASKING,
    "POST breaches.note_notified": ASKING,
    "GET breaches.ask_persons": ASKING,
    "POST breaches.settle_persons": ASKING,
    "GET breaches.ask_measures": ASKING,
    "POST breaches.note_measures": ASKING,
    "GET breaches.ask_close": ASKING,
    "POST breaches.close": ASKING,
    "GET breaches.print_form": OVERSIGHT_DESK,
    "GET breaches.form_pdf": OVERSIGHT_DESK,
    "GET breaches.print_letter": ASKING,
    # the officer's dashboard and the report for the director
    "GET dashboard.index": LOG,
    "GET monthly.index": OVERSIGHT_DESK,
    "POST monthly.make": ASKING,
    "GET monthly.show": OVERSIGHT_DESK,
    "GET monthly.as_pdf": OVERSIGHT_DESK,
    # statements for the person
    "GET statements.index": ASKING,
    "GET statements.new": ASKING,
    "POST statements.create": ASKING,
    "GET statements.show": ASKING,
    "GET statements.read": ASKING,
    "GET statements.print_page": ASKING,
    "GET statements.print_pdf": ASKING,
    "GET statements.ask_names": ASKING,
    "POST statements.name": ASKING,
    "GET statements.withheld": ASKING,
    "GET statements.new_withheld": ASKING,
    "POST statements.withhold": ASKING,
    "POST statements.lift_withheld": ASKING,
}
