"""What each rule is called and says it sees and does not see, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class Explanation:
    """The title of a rule, what it sees, and what escapes it or is innocent."""

    title: LazyString
    sees: LazyString
    not_seen: LazyString


EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "same_surname": Explanation(
        _l("Same family name"),
        _l(
            "A colleague without care of the case opens it, and shares the family name and a second thing with the person: another uncommon word of the name, a telephone number or an address. The rarer the name, the higher the score."
        ),
        _l(
            "Relatives with another family name, in-laws for example. More than a third of the country shares one family name: that name alone never counts."
        ),
    ),
    "own_case": Explanation(
        _l("Own case"),
        _l(
            "A colleague opens a case about themselves: the same identity or insurance number, or the same name with the same birth date or telephone. The whole name alone counts less."
        ),
        _l("A colleague whose identity number nobody recorded and whose name is spelt otherwise."),
    ),
    "colleague_case": Explanation(
        _l("A colleague's case"),
        _l(
            "The case is about somebody who works here, and a colleague without care of it opens it. The score is higher within one department."
        ),
        _l("Former staff, and staff about whom only the name is recorded, unless you allow names."),
    ),
    "household": Explanation(
        _l("Same household"),
        _l(
            "A colleague without care of the case opens it, and the telephone number or the address of the person is their own."
        ),
        _l(
            "Neighbours in other houses, and addresses without a house number. In a small town a neighbour may simply be a patient."
        ),
    ),
    "flagged_case": Explanation(
        _l("Flagged case, or staff named in it"),
        _l(
            "Somebody from outside the care team opens a case that is flagged or in which a member of staff is named, or the one who is named opens it. You are told at once."
        ),
        _l(
            "Staff named by a part of their name only. Two people may bear one name: being named here is no accusation."
        ),
    ),
    "no_care_relation": Explanation(
        _l("No care of the case"),
        _l(
            "Somebody opened cases although they were not on the team, had no task in them, and had not begun or referred them within three days. One signal for each colleague and day."
        ),
        _l("Those whose role reaches every case. Looking at a list is not opening."),
    ),
    "after_hours": Explanation(
        _l("Outside working hours"),
        _l(
            "Cases opened outside the roster, or outside the hours of the house where no roster is known, without care of them or in numbers."
        ),
        _l("Wards and the board without a roster: somebody of theirs is always on duty."),
    ),
    "volume": Explanation(
        _l("Unusually many cases"),
        _l(
            "Far more different cases in one day than this colleague usually opens and than others of the same role do."
        ),
        _l("Slow collecting, a few cases a day over months. A first week of work has no history."),
    ),
    "break_glass": Explanation(
        _l("Emergency access"),
        _l(
            "Every use of emergency access. The score is higher where the reason is very short, was given in the same words before, or no place on the team followed within a day."
        ),
        _l("Whether the reason is true. That is what you ask."),
    ),
    "name_browsing": Explanation(
        _l("Browsing by name"),
        _l("Many searches within minutes, and hardly anything of what was found is opened."),
        _l(
            "What was typed: it is kept nowhere. Somebody on the telephone with a caller who spells badly looks the same."
        ),
    ),
    "refusals": Explanation(
        _l("Refused again and again"),
        _l(
            "Many refusals within an hour, refusals at several cases, or a refusal after which another account opened the same case at the same computer."
        ),
        _l("Somebody new who does not know yet what is theirs looks the same."),
    ),
    "leaver": Explanation(
        _l("Left, suspended or on leave"),
        _l(
            "An account acts after the last day of work of its owner, after it was disabled, or during leave. You are told at once."
        ),
        _l("Days that nobody recorded."),
    ),
    "export_spike": Explanation(
        _l("Much taken out"),
        _l(
            "Many cases printed or downloaded in one day, far more than ever before, shortly before somebody leaves, or sent to a new place."
        ),
        _l("What is photographed or copied by hand from the screen."),
    ),
    "dormant_case": Explanation(
        _l("Case long closed"),
        _l("A case that was closed long ago is read or printed, and no open task asks for it."),
        _l("A reader who opens the case again first: that leaves a trace of its own."),
    ),
    "shared_account": Explanation(
        _l("One account in two places"),
        _l("One account works in two places by turns within minutes, in two sessions."),
        _l("Two people who share an account one after the other, or at one computer."),
    ),
    "section_mismatch": Explanation(
        _l("Unusual part for the role"),
        _l(
            "Somebody opens a part of a case that nobody else of the same role opened in the last 90 days."
        ),
        _l("Roles that only a few people have: there is nothing to compare with."),
    ),
    "tampering": Explanation(
        _l("Signs of tampering"),
        _l(
            "A value, the log or a key is not as it was sealed. Nobody is accused by it: ask the administrator first, and keep the machine as it is. You are told at once."
        ),
        _l("Whoever was careful enough to leave no sign. Checkpoints outside the house show that."),
    ),
    "curiosity": Explanation(
        _l("Many onlookers"),
        _l("Within two days many colleagues without care of a case open it, as after an incident."),
        _l("What was told from mouth to mouth."),
    ),
    "sample": Explanation(
        _l("Random sample"),
        _l(
            "A few accesses of the day that no rule told of, drawn at random. They show how much the rules miss."
        ),
        _l("Nothing is suspected of those who are drawn: most of them only did their work."),
    ),
}
