"""The quality team's work: open, decide, return, verify; and the principal's approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from common import clock
from common.decisions import Decision
from common.errors import DomainError, StateError, require
from common.texts import clean_text
from evaluations.models import (
    Evaluation,
    EvidenceLink,
    LinkState,
    Review,
    ReviewDecision,
    ReviewMode,
    Section,
    SectionState,
    StageState,
    Submission,
)
from evaluations.permissions import (
    can_approve,
    can_close_review,
    can_decide_item,
    can_decide_link,
    can_open_review,
)
from evaluations.services.answers import AnswerInput, check_input
from evaluations.services.cycles import advance_stage
from evaluations.services.locks import locked_evaluation, locked_section
from evaluations.services.profiles import refresh_summary_on_commit
from evaluations.services.submissions import answered_codes, last_decisions
from schools.choices import Role
from schools.models import User, record_event

REASON_LIMIT = 1000
MEETING_MINIMUM = 3  # people, one of them from parents or committee (domain notes, section 10)


def _current_submission(section: Section) -> Submission:
    submission = section.submissions.order_by("-round").first()
    if submission is None:
        raise StateError("Bagian ini belum pernah diajukan.")
    return submission


def _reason(text: str, *, needed: str) -> str:
    text = clean_text(text)
    if needed and not text:
        raise DomainError(needed, fields={"reason": needed})
    if len(text) > REASON_LIMIT:
        message = f"Alasan terlalu panjang (paling banyak {REASON_LIMIT} tanda)."
        raise DomainError(message, fields={"reason": message})
    return text


def _move(section: Section, to: SectionState, action: str, *, actor: User, at: datetime, **after: object) -> None:
    before = section.state
    section.state = to
    section.save(update_fields=["state", "return_note", "verified_by", "verified_at"])
    record_event(
        action, section, actor=actor, school=section.evaluation.school, before={"state": before},
        after={"state": to, "round": section.round, **after}, at=at,
    )  # fmt: skip
    refresh_summary_on_commit(section.evaluation_id)


@transaction.atomic
def open_review(section_id: int, *, actor: User, at: datetime | None = None) -> Section:
    """SUBMITTED -> IN_REVIEW. Raises PermissionDenied, StateError."""
    section = locked_section(section_id)
    require(can_open_review(actor, section))
    _move(section, SectionState.IN_REVIEW, "section.review_opened", actor=actor, at=clock.now(at))
    return section


def review_mode(actor: User, section: Section, mode: str, attendance: str) -> tuple[ReviewMode, str]:
    """The recorded way of review. Raises DomainError for an unknown mode or a meeting of fewer than three."""
    roles = actor.roles_at(section.evaluation.school)
    if Role.QUALITY_TEAM not in roles:
        return ReviewMode.GUEST, ""  # a guest reviewer's decision is always that of a guest
    if mode not in ReviewMode.values or mode == ReviewMode.GUEST:
        raise DomainError("Pilih cara telaah dari daftar.", fields={"mode": "Pilih dari daftar."})
    if mode != ReviewMode.MEETING:
        return ReviewMode(mode), ""
    people = [line.strip() for line in clean_text(attendance).replace(";", "\n").splitlines() if line.strip()]
    if len(people) < MEETING_MINIMUM:
        message = (
            f"Rapat telaah dihadiri sedikitnya {MEETING_MINIMUM} orang, termasuk wakil orang tua atau komite. "
            "Tulis satu nama per baris."
        )
        raise DomainError(message, fields={"attendance": message})
    return ReviewMode.MEETING, "\n".join(people)


def _may_decide(actor: User, section: Section, frozen: dict[str, Any] | None) -> Decision:
    """*frozen* is the submitted answer, None for an item that the submission does not know."""
    people = {key: ((frozen or {}).get(key) or {}).get("id") for key in ("answered_by", "typed_by")}
    return can_decide_item(actor, section, **people)


@transaction.atomic
def review_item(
    section_id: int,
    item_code: str,
    decision: str,
    *,
    actor: User,
    correction: AnswerInput | None = None,
    reason: str = "",
    mode: str = ReviewMode.TEAM,
    attendance: str = "",
    at: datetime | None = None,
) -> Review:
    """Confirm, correct or return one submitted answer; the last decision of the round counts.

    A correction and a return need a reason. An unanswered item can be returned, or its reason accepted; it counts
    as unanswered either way. Raises PermissionDenied; StateError when the review is not open;
    DomainError for an unanswered item, a missing reason or a value that the item does not offer.
    """
    section = locked_section(section_id)
    submission = _current_submission(section)
    frozen = submission.content["items"].get(item_code)
    require(_may_decide(actor, section, frozen))
    item = section.item(item_code)
    if item is None or frozen is None:
        raise DomainError(f"Pertanyaan {item_code} tidak ada dalam {section.label} ini.")
    if decision not in ReviewDecision.values:
        raise DomainError("Pilih keputusan telaah dari daftar.", fields={"decision": "Pilih dari daftar."})
    if item_code not in answered_codes(submission) and decision == ReviewDecision.CORRECTED:
        raise DomainError("Pertanyaan ini belum dijawab: terima alasannya, atau kembalikan untuk dijawab.")
    used_mode, people_present = review_mode(actor, section, mode, attendance)
    needed = {
        ReviewDecision.CORRECTED: "Tuliskan alasan koreksi, agar yang menjawab dapat belajar darinya.",
        ReviewDecision.RETURNED: "Tuliskan apa yang perlu diperbaiki.",
    }.get(ReviewDecision(decision), "")
    text = _reason(reason, needed=needed)
    stored = AnswerInput(None)
    if decision == ReviewDecision.CORRECTED:
        if correction is None or correction.state is None:
            raise DomainError("Pilih jawaban yang benar menurut tim.", fields={"value": "Pilih jawaban."})
        stored = check_input(item, correction)
        said = (frozen["state"], frozen["value"], frozen["na_reason"])
        if (stored.state, stored.value, stored.na_reason) == said:
            raise DomainError("Koreksi ini sama dengan jawaban yang diajukan. Pilih “Sesuai” bila sudah benar.")
    review = Review.objects.create(
        submission=submission, item_code=item_code, decision=decision, state=stored.state or "",
        value=stored.value, na_reason=stored.na_reason, reason=text, mode=used_mode,
        attendance=people_present, reviewer=actor, reviewed_at=clock.now(at),
    )  # fmt: skip
    record_event(
        "item.reviewed", section, actor=actor, school=section.evaluation.school,
        before={"item": item_code, "state": frozen["state"], "value": frozen["value"]},
        after={"item": item_code, "decision": decision, "value": stored.value, "reason": text, "mode": used_mode},
        at=at,
    )  # fmt: skip
    return review


@transaction.atomic
def review_link(
    section_id: int,
    item_code: str,
    revision_code: str,
    *,
    accept: bool,
    actor: User,
    reason: str = "",
    at: datetime | None = None,
) -> EvidenceLink:
    """Accept a piece of evidence for an item, or return it with a reason.

    Raises PermissionDenied, StateError, DomainError.
    """
    section = locked_section(section_id)
    submission = _current_submission(section)
    require(_may_decide(actor, section, submission.content["items"].get(item_code)))
    rows = section.links.select_related("revision__evidence")
    link = rows.filter(item_code=item_code, revision__code=revision_code).first()
    if link is None:
        raise DomainError("Bukti ini tidak tertaut pada pertanyaan itu.")
    require(can_decide_link(actor, section, link))
    text = _reason(reason, needed="" if accept else "Tuliskan apa yang perlu diperbaiki pada bukti ini.")
    before = {"item": item_code, "revision": revision_code, "state": link.state, "reason": link.reason}
    link.state = LinkState.ACCEPTED if accept else LinkState.RETURNED
    link.reason, link.decided_by, link.decided_at = text, actor, clock.now(at)
    link.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    record_event(
        "evidence.accepted" if accept else "evidence.returned", section, actor=actor,
        school=section.evaluation.school, before=before,
        after={"item": item_code, "revision": revision_code, "state": link.state, "reason": text}, at=at,
    )  # fmt: skip
    return link


def to_mend(section: Section, submission: Submission) -> tuple[dict[str, Review], list[EvidenceLink]]:
    """What the last review of *submission* gave back: items with their review, and evidence links."""
    items = {
        code: review
        for code, review in last_decisions(submission).items()
        if review.decision == ReviewDecision.RETURNED
    }
    links = section.links.filter(state=LinkState.RETURNED, decided_at__gte=submission.submitted_at)
    return items, list(links.select_related("revision__evidence"))


@transaction.atomic
def return_section(section_id: int, *, actor: User, note: str = "", at: datetime | None = None) -> Section:
    """IN_REVIEW -> RETURNED. At least one item or piece of evidence must be marked, each with its reason.

    Raises PermissionDenied, StateError, DomainError.
    """
    section = locked_section(section_id)
    require(can_close_review(actor, section))
    items, links = to_mend(section, _current_submission(section))
    if not items and not links:
        raise DomainError(
            "Tandai dahulu sedikitnya satu pertanyaan atau bukti yang perlu diperbaiki, dengan alasannya."
        )
    section.return_note = _reason(note, needed="")
    mended = {"items": sorted(items), "evidence": sorted(link.revision.code for link in links)}
    _move(section, SectionState.RETURNED, "section.returned", actor=actor, at=clock.now(at), **mended)
    return section


def undecided(submission: Submission) -> list[str]:
    """Answered items of the round that still wait for a decision that lets the standard be verified."""
    decided = last_decisions(submission)
    return [
        code
        for code in answered_codes(submission)
        if code not in decided or decided[code].decision == ReviewDecision.RETURNED
    ]


@transaction.atomic
def verify_section(section_id: int, *, actor: User, at: datetime | None = None) -> Section:
    """IN_REVIEW -> VERIFIED, when every answered item is confirmed or corrected.

    Raises PermissionDenied, StateError, DomainError.
    """
    section = locked_section(section_id)
    require(can_close_review(actor, section))
    submission = _current_submission(section)
    if waiting := undecided(submission):
        raise DomainError(
            f"{len(waiting)} pertanyaan belum diputuskan atau masih perlu diperbaiki: {', '.join(waiting)}."
        )
    if returned := [c for c, r in last_decisions(submission).items() if r.decision == ReviewDecision.RETURNED]:
        raise DomainError(f"Pertanyaan {', '.join(returned)} masih ditandai perlu diperbaiki; kembalikan dahulu.")
    moment = clock.now(at)
    section.verified_by, section.verified_at = actor, moment
    _move(section, SectionState.VERIFIED, "section.verified", actor=actor, at=moment)
    return section


@transaction.atomic
def approve_evaluation(evaluation_id: int, *, actor: User, at: datetime | None = None) -> Evaluation:
    """Sahkan: the principal approves when all sections are verified; nothing changes after that.

    Raises PermissionDenied or StateError with the reason.
    """
    evaluation = locked_evaluation(evaluation_id)
    states = list(evaluation.sections.select_for_update().order_by("pk").values_list("state", flat=True))
    require(can_approve(actor, evaluation, states=states))
    moment = clock.now(at)
    school = evaluation.school
    evaluation.approved_at, evaluation.approved_by = moment, actor
    evaluation.approved_as = next(a for a in actor.held() if a.school_id == school.pk and a.role == Role.PRINCIPAL)
    evaluation.save(update_fields=["approved_at", "approved_by", "approved_as"])
    if evaluation.is_national:
        advance_stage(evaluation.cycle, "memetakan", StageState.DONE, changes={})
    record_event("evaluation.approved", evaluation, actor=actor, school=school, at=moment)
    refresh_summary_on_commit(evaluation.pk)
    return evaluation
