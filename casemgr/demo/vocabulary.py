"""The values that the stories use, each with its place in the field's lists (domain §1, §4, §6)."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a story stands today (domain §4.0)."""

    SUSPECTED_UNACKNOWLEDGED = "suspected_unacknowledged"
    SUSPECTED_ACKNOWLEDGED = "suspected_acknowledged"
    REFUSED = "refused"
    CONSENTED = "consented"
    IN_SUPPORT = "in_support"
    IDENTIFICATION = "identification"
    CONFIRMED = "confirmed"
    NOT_VICTIM = "not_victim"
    TRANSFERRED = "transferred"
    CLOSED = "closed"
    REOPENED = "reopened"


class Group(StrEnum):
    """Who a person is to the law (domain §1.1 P1–P5). None in a story: not about trafficking."""

    CONFIRMED = "P1"
    IN_IDENTIFICATION = "P2"
    ACCOMPANYING_MINOR = "P3"
    SUSPECTED = "P4"
    AT_RISK = "P5"


class Sex(StrEnum):
    """As in the columns of the report (domain §6)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Ethnic(StrEnum):
    """The groups that live in the stories (domain §5.2)."""

    KINH = "Kinh"
    TAY = "Tày"
    THAI = "Thái"
    KHMER = "Khmer"
    HMONG = "Hmông"
    DAO = "Dao"
    EDE = "Ê Đê"
    FOREIGN = "Người nước ngoài"
    UNKNOWN = "Không rõ"


class Source(StrEnum):
    """The one primary way in (domain §1.2 E1–E4, E7; report table B2)."""

    WARD = "ward"
    SELF = "self"
    POLICE = "police"
    BORDER_GUARD = "border_guard"
    HOTLINE_18001769 = "hotline_18001769"
    HOTLINE_111 = "hotline_111"
    OTHER_HOSPITAL = "other_hospital"


class Harm(StrEnum):
    """What was done to the person (report table B3)."""

    SEXUAL_EXPLOITATION = "sexual_exploitation"
    FORCED_LABOUR = "forced_labour"
    FORCED_ONLINE_SCAM = "forced_online_scam"
    FORCED_MARRIAGE = "forced_marriage"
    CHILDBIRTH_SURROGACY = "childbirth_surrogacy"
    FOETUS_NEWBORN = "foetus_newborn"
    ORGAN = "organ"
    BLOOD = "blood"
    BEGGING = "begging"
    FORCED_CRIME = "forced_crime"
    ILLEGAL_ADOPTION = "illegal_adoption"
    DOMESTIC_VIOLENCE = "domestic_violence"
    SEXUAL_VIOLENCE = "sexual_violence"
    CHILD_ABUSE = "child_abuse"
    OTHER = "other"
    UNKNOWN = "unknown"


class Place(StrEnum):
    """Where it happened, or where the person was returned from (report table B4)."""

    VIETNAM = "vietnam"
    CHINA = "china"
    CAMBODIA = "cambodia"
    LAOS = "laos"
    MYANMAR = "myanmar"
    THAILAND = "thailand"
    OTHER = "other"


class Screened(StrEnum):
    """What came of asking with RAFT; NOT_ASKED where RAFT is not for the person (R14)."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    UNSAFE = "unsafe"
    UNSAFE_THEN_POSITIVE = "unsafe_then_positive"
    NOT_ASKED = "not_asked"


class ConsentFor(StrEnum):
    """The eight separate purposes of R4, a to h in this order."""

    SUPPORT_RECORD = "support_record"
    EXAMINATION_EVIDENCE = "examination_evidence"
    INJURY_PHOTOGRAPHS = "injury_photographs"
    REFERRAL = "referral"
    AUTHORITIES = "authorities"
    CONTACT_AGAIN = "contact_again"
    ANONYMOUS_STATISTICS = "anonymous_statistics"
    CONTACT_FAMILY = "contact_family"

    @classmethod
    def lettered(cls, letter: str) -> "ConsentFor":
        """The purpose that R4 names with this letter, ``a`` to ``h``."""
        return list(cls)["abcdefgh".index(letter)]


class ConsentMethod(StrEnum):
    """How consent was given (R5)."""

    SIGNED = "signed"
    FINGERPRINT = "fingerprint"
    SPOKEN_WITH_WITNESS = "spoken_with_witness"
    ELECTRONIC = "electronic"


class GivenBy(StrEnum):
    """Who consented (R14: a child assents beside the representative)."""

    PERSON = "person"
    REPRESENTATIVE = "representative"
    SUBSTITUTE_REPRESENTATIVE = "substitute_representative"


class Lawful(StrEnum):
    """A ground that stands in for consent (R6)."""

    CHILD_PROTECTION = "child_protection"
    DANGER_TO_LIFE = "danger_to_life"
    AUTHORITY_REQUEST = "authority_request"


class ReferralState(StrEnum):
    """Where a referral stands (R22)."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class Recipient(StrEnum):
    """Who support is asked of (domain §1.5 D9); the loader finds each in the directory."""

    SOCIAL_CENTRE = "ttxh-quang-ninh"
    NHAN_AI_HOUSE = "nha-nhan-ai"
    PACIFIC_LINKS = "vong-tay-thai-binh"
    WOMENS_UNION = "hoi-lhpn"
    LEGAL_AID = "tro-giup-phap-ly"
