"""What can be permitted: ``<resource>:<act>``. Which role has which stands in roles.py."""

from enum import StrEnum


class Permission(StrEnum):
    """One act on one kind of thing."""

    HOME_READ = "home:read"
    DIRECTORY_READ = "directory:read"

    SCREENING_WRITE = "screening:write"

    NOTICE_READ = "notice:read"
    NOTICE_ACKNOWLEDGE = "notice:acknowledge"

    CASE_LIST = "case:list"
    CASE_READ = "case:read"
    CASE_SEARCH = "case:search"
    CASE_TAKE = "case:take"
    CASE_HAND_OVER = "case:hand_over"
    CASE_WRITE = "case:write"
    CASE_CLOSE = "case:close"
    CONSENT_WRITE = "consent:write"
    TEAM_WRITE = "team:write"
    NOTE_WRITE = "note:write"
    TASK_WRITE = "task:write"
    ATTACHMENT_READ = "attachment:read"
    ATTACHMENT_WRITE = "attachment:write"
    RESTRICTED_READ = "restricted:read"
    RESTRICTED_WRITE = "restricted:write"

    REFERRAL_READ = "referral:read"
    REFERRAL_WRITE = "referral:write"
    REFERRAL_RECEIVE = "referral:receive"

    LOG_READ = "log:read"
    LOG_EXPORT = "log:export"
    CODE_LOOK_UP = "code:look_up"
    ANNOUNCEMENT_ACKNOWLEDGE = "announcement:acknowledge"

    PROOF_READ = "proof:read"

    KEYS_WATCH = "keys:watch"

    ERASURE_READ = "erasure:read"
    ERASURE_REQUEST = "erasure:request"
    ERASURE_APPROVE = "erasure:approve"
    HOLD_WRITE = "hold:write"

    RIGHTS_READ = "rights:read"
    RIGHTS_WRITE = "rights:write"
    RIGHTS_PREPARE = "rights:prepare"
    STATEMENT_PRINT = "statement:print"
    REVIEW_READ = "review:read"
    REVIEW_DECIDE = "review:decide"
    QUESTION_ANSWER = "question:answer"
    ACCESS_CONFIRM = "access:confirm"
    ACCESS_READ = "access:read"
    DETECTION_READ = "detection:read"
    DETECTION_WRITE = "detection:write"
    BREACH_READ = "breach:read"
    BREACH_RECORD = "breach:record"  # enter one by hand
    BREACH_WRITE = "breach:write"  # which of them: privacy/breaches/records.py
    BREACH_CONFIRM = "breach:confirm"  # that the authority is not told

    REPORT_MAKE = "report:make"
    REPORT_READ = "report:read"
