"""A draft: what is asked of the receiver, and which facts go along."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from casemgr.access import Conflict, Invalid
from casemgr.access.gate import actor, all_or_nothing
from casemgr.directory import labels as directory_labels
from casemgr.referrals import labels, service
from casemgr.referrals.desk import ONE, WRITE, back_to, bp, read, tell_of_twin
from casemgr.referrals.forms import ContentForm


@bp.get(ONE + "/content", permission=WRITE)
def edit(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """What is asked, and which facts go along."""
    shown = service.show(actor(), case_id, referral_id)
    if shown.recipient is None:
        return back_to(case_id, referral_id, "unreadable")
    return _content_page(_content_form(shown), shown)


@bp.post(ONE + "/content", permission=WRITE)
def save(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Keep the draft and show what the receiver would see."""
    shown = service.show(actor(), case_id, referral_id)
    form = _content_form(shown)
    if form.validate():
        try:
            with all_or_nothing():
                service.change_draft(
                    actor(),
                    case_id,
                    referral_id,
                    form.seen_version,
                    services=form.services.data,
                    urgent_needs=form.urgent_needs.data,
                    facts=form.facts.data or (),
                    signer=form.signer.data,
                )
            return back_to(case_id, referral_id)
        except Invalid as refused:
            form.refuse(refused.field, labels.OBSTACLES[refused.reason])
        except Conflict:
            tell_of_twin(form, case_id, referral_id)
            return _content_page(form, shown), 409
    return _content_page(form, shown), 422


def _content_form(shown: service.Shown) -> ContentForm:
    form, draft = ContentForm(formdata=None), shown.referral
    offered = service.services_of(actor(), draft)
    form.services.offer([(item, directory_labels.SERVICES[item]) for item in offered])
    allowed = service.openable_facts(actor(), shown.case)
    form.facts.offer([(key, labels.FACTS[key]) for key in allowed])
    return read(
        form,
        version=draft.version,
        services=draft.services,
        urgent_needs=draft.urgent_needs,
        facts=draft.facts,
        signer=draft.signer,
    )


def _content_page(form: ContentForm, shown: service.Shown) -> str:
    return render_template("referrals/content.html", form=form, shown=shown)
