"""Handing a section in: frozen content, number, time, hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from common import clock
from common.canonical import canonical_json, sha256_text
from common.codes import grouped_code
from common.errors import DomainError, require
from common.texts import clean_text
from evaluations import files
from evaluations.models import (
    Answer,
    AnswerState,
    EvidenceLink,
    Review,
    ReviewDecision,
    Section,
    SectionState,
    StageState,
    StoredFile,
    Submission,
)
from evaluations.permissions import can_submit
from evaluations.services.answers import UNKNOWN_TITLE
from evaluations.services.cycles import advance_stage
from evaluations.services.locks import locked_section
from evaluations.services.profiles import refresh_summary_on_commit
from schools.choices import Role
from schools.models import User, record_event

REASON_LIMIT = 500
SCHEMA = 2  # 2 adds the scope, and where a confirmed answer was proposed


class MissingAnswers(DomainError):
    """Items without an answer and without a reason; ``codes`` names them. Nothing was submitted."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(
            f"{len(codes)} pertanyaan belum dijawab: {', '.join(codes)}. "
            "Jawab dahulu, atau tuliskan alasan mengapa belum dapat dijawab."
        )
        self.codes = codes


def _person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": str(user)}


def _evidence(link: EvidenceLink) -> dict[str, Any]:
    revision, evidence, file = link.revision, link.revision.evidence, link.revision.file
    return {
        "code": evidence.code,
        "title": evidence.title,
        "kind": evidence.kind,
        "dated": evidence.dated.isoformat() if evidence.dated else None,
        "valid_until": evidence.valid_until.isoformat() if evidence.valid_until else None,
        "confidential": evidence.confidential,
        "revision": revision.code,
        "number": revision.number,
        "name": revision.original_name,
        "sha256": file.sha256,
        "size": file.size,
        "content_type": file.content_type,
    }


def _item(answer: Answer | None, links: list[EvidenceLink], reason: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "state": "UNANSWERED", "value": None, "na_reason": "", "note": "", "unanswered_reason": reason,
        "answered_by": None, "typed_by": None, "answered_at": None, "version": 0, "origin": "", "origin_note": "",
        "evidence": [_evidence(link) for link in links],
    }  # fmt: skip
    if answer is not None:
        content |= {
            "state": answer.state, "value": answer.value, "na_reason": answer.na_reason, "note": answer.note,
            "unanswered_reason": "", "answered_by": _person(answer.answered_by),
            "typed_by": _person(answer.typed_by), "answered_at": answer.updated_at.isoformat(),
            "version": answer.version, "origin": answer.origin, "origin_note": answer.origin_note,
        }  # fmt: skip
    return content


def _freeze(section: Section, number: str, reasons: Mapping[str, str], *, actor: User, at: datetime) -> dict[str, Any]:
    evaluation, school = section.evaluation, section.evaluation.school
    answers = {a.item_code: a for a in section.answers.select_related("answered_by", "typed_by")}
    links: dict[str, list[EvidenceLink]] = {}
    for link in section.links.select_related("revision__evidence", "revision__file"):
        links.setdefault(link.item_code, []).append(link)
    title = next(
        (a.title for a in actor.held() if a.school_id == school.pk and a.role == Role.PRINCIPAL),
        school.words.principal,
    )
    return {
        "schema": SCHEMA,
        "number": number,
        "round": section.round,
        "submitted_at": at.isoformat(),
        "submitted_by": {**_person(actor), "title": title},
        "school": {"npsn": school.npsn, "name": school.name, "form": evaluation.form},
        "year": str(evaluation.cycle.academic_year),
        "instrument": {
            "key": evaluation.version.instrument,
            "version": evaluation.version.version,
            "sha256": evaluation.version.sha256,
        },
        "scope": {"key": evaluation.scope, "name": evaluation.scope_name} if evaluation.scope else None,
        "standard": {"code": section.standard, "name": evaluation.catalogue.by_code[section.standard].name},
        "items": {
            item.code: _item(answers.get(item.code), links.get(item.code, []), reasons.get(item.code, ""))
            for item in section.items
        },
    }


def last_decisions(submission: Submission) -> dict[str, Review]:
    """The decision that counts per item: the last one of this round."""
    return {review.item_code: review for review in submission.reviews.order_by("pk")}


def _essence(item: dict[str, Any]) -> tuple[Any, ...]:
    """What a reviewer looked at: answer or the reason for none, note and the files offered."""
    files = sorted(evidence["revision"] for evidence in item["evidence"])
    return (
        item["state"],
        canonical_json(item["value"]),
        item["na_reason"],
        item["note"],
        item["unanswered_reason"],
        files,
    )


def _carry_decisions(submission: Submission, previous: Submission) -> None:
    """Decisions on items that did not change since stay, marked as carried; the others are asked for again.

    So is one whose reviewer has given the answer meanwhile: nobody reviews what they answered.
    """
    for code, review in last_decisions(previous).items():
        before, now = previous.content["items"].get(code), submission.content["items"].get(code)
        if review.decision == ReviewDecision.RETURNED or before is None or now is None:
            continue
        if _essence(before) == _essence(now) and review.reviewer_id != (now["answered_by"] or {}).get("id"):
            Review.objects.create(
                submission=submission, item_code=code, decision=review.decision, state=review.state,
                value=review.value, na_reason=review.na_reason, reason=review.reason, mode=review.mode,
                attendance=review.attendance, reviewer_id=review.reviewer_id, reviewed_at=review.reviewed_at,
                carried_from=review,
            )  # fmt: skip


@transaction.atomic
def submit_section(
    section_id: int,
    *,
    actor: User,
    reasons: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Submission:
    """DRAFT or RETURNED -> SUBMITTED, as a new round with its own number, time and content hash.

    *reasons* says per item code why it can't be answered yet; such items count as unanswered.
    Raises PermissionDenied when refused by role, StateError by state, MissingAnswers for unanswered
    items without a reason.
    """
    section = locked_section(section_id)
    require(can_submit(actor, section))
    moment = clock.now(at)
    answered = set(section.answers.values_list("item_code", flat=True))
    given = {code: " ".join(clean_text(text).split()) for code, text in (reasons or {}).items()}
    given = {code: text for code, text in given.items() if text and code not in answered}
    if long := sorted(code for code, text in given.items() if len(text) > REASON_LIMIT):
        raise DomainError(f"Alasan untuk {', '.join(long)} terlalu panjang (paling banyak {REASON_LIMIT} tanda).")
    given |= {item.code: UNKNOWN_TITLE.capitalize() for item in section.items if not item.answerable}
    missing = [item.code for item in section.items if item.code not in answered and item.code not in given]
    if missing:
        raise MissingAnswers(missing)

    before = section.state
    previous = section.submissions.order_by("-round").first()
    section.round += 1
    section.state = SectionState.SUBMITTED
    section.return_note = ""
    section.save(update_fields=["round", "state", "return_note"])
    number = grouped_code("TT")
    text = canonical_json(_freeze(section, number, given, actor=actor, at=moment))
    submission = Submission.objects.create(
        number=number, section=section, round=section.round, content_text=text, sha256=sha256_text(text),
        submitted_by=actor, submitted_at=moment,
    )  # fmt: skip
    if previous is not None:
        _carry_decisions(submission, previous)
    cycle = section.evaluation.cycle
    if section.evaluation.is_national:
        advance_stage(cycle, "memetakan", StageState.RUNNING, changes={"state": StageState.NOT_STARTED})
    record_event(
        "section.submitted", section, actor=actor, school=cycle.school,
        before={"state": before},
        after={"state": section.state, "round": section.round, "number": number, "sha256": submission.sha256},
        at=moment,
    )  # fmt: skip
    refresh_summary_on_commit(section.evaluation_id)
    return submission


def check_submission(submission: Submission) -> list[str]:
    """What does not fit any more, in Indonesian; empty when content, hash and evidence files are as submitted."""
    if sha256_text(submission.content_text) != submission.sha256:
        return ["isi tidak cocok dengan hash yang tercatat"]  # what it says about files proves nothing either
    faults: list[str] = []
    content = submission.content
    if content["number"] != submission.number:
        faults.append("nomor di dalam isi berbeda")
    school = submission.section.evaluation.cycle.school_id
    for code, item in content["items"].items():
        for evidence in item["evidence"]:
            path = StoredFile(school_id=school, sha256=evidence["sha256"]).path
            try:
                with files.open_stored(path) as file:
                    data = file.read()
            except FileNotFoundError:
                faults.append(f"{code}: berkas “{evidence['title']}” hilang")
                continue
            if files.digest(data) != evidence["sha256"]:
                faults.append(f"{code}: berkas “{evidence['title']}” berubah")
    return faults


def answered_codes(submission: Submission) -> list[str]:
    """Codes of the items that were answered, "tidak berlaku" included, in order."""
    states = {AnswerState.ANSWERED.value, AnswerState.NOT_APPLICABLE.value}
    return [code for code, item in submission.content["items"].items() if item["state"] in states]
