"""What staff write into a case: notes, tasks, entries of the clinical record, files."""

from collections.abc import Iterable

import wtforms
from flask_babel import lazy_gettext as _l

from casemgr.access import Compartment
from casemgr.cases import labels
from casemgr.cases.forms import WIDE
from casemgr.cases.wording import blaming_words
from casemgr.web.dates import Moment
from casemgr.web.fields import Choice, File, LongText, Select, Text
from casemgr.web.forms import BaseForm


class NoteForm(BaseForm):
    """A note, or its correction. Blaming words are pointed out once before it is kept (R16)."""

    text = LongText(_l("Note"), required=True, rows=6)
    wording_seen = wtforms.HiddenField()

    def doubtful_words(self) -> bool:
        """Whether to show the note once more because of its wording; never twice for one text."""
        found = blaming_words(self.text.data or "")
        seen = {item.word for item in found} <= set((self.wording_seen.data or "").split("|"))
        self.wording_seen.data = "|".join(item.word for item in found)
        self.text.warnings = [
            _l(
                "“%(word)s” sounds like a judgement or an interrogation. Better: %(instead)s. "
                "Save again to keep it as it is.",
                word=item.word,
                instead=item.instead,
            )
            for item in found
        ]
        return bool(found) and not seen


class TaskForm(BaseForm):
    """Something to do."""

    title = Text(_l("What is to be done"), required=True, most=200)
    due_at = Moment(_l("Due"), required=True)
    assignee_id = Select(_l("By whom"), hint=_l("Without a choice: by yourself"), look=WIDE)


class ClinicalForm(BaseForm):
    """An entry of the restricted clinical record, or its correction."""

    complaint = LongText(_l("Complaint"), required=True, rows=4)
    examination = LongText(_l("Examination"), rows=4)
    treatment = LongText(_l("Treatment"), rows=4)


class AttachmentForm(BaseForm):
    """A file, and under which part of the record it is kept: that decides who may open it."""

    file = File(_l("File"), required=True)
    part = Choice(_l("Which part of the record does it belong to?"), required=True)
    note = LongText(_l("Note"), hint=_l("What it is, if its name does not say so"), rows=3)

    def offer(self, parts: Iterable[Compartment]) -> None:
        """Offer the parts that this actor may open."""
        self.part.offer([(part, labels.FILED_IN[part]) for part in parts])
