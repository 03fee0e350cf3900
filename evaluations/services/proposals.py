"""Answers that may be confirmed: from the school's data pokok, or from its last evaluation on the same instrument.

A proposal is no answer: it counts nowhere until a person confirms it. Which year's answer and which state of the sheet
it rests on stays on the answer (Answer.origin, origin_note).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from common import clock
from common.canonical import canonical_json, sha256_text
from common.errors import StateError, require
from evaluations.feeds import explain, feeds_for, propose
from evaluations.models import (
    Answer,
    AnswerOrigin,
    AnswerState,
    Evaluation,
    Review,
    ReviewDecision,
    Section,
)
from evaluations.permissions import can_answer, rates_another
from evaluations.services.answers import AnswerInput, check_input, record_answer
from evaluations.services.locks import locked_section
from schools.academic_year import AcademicYear
from schools.models import BasicData, User
from standards.items import ItemSpec

NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer in its stored form, and where it comes from in a sentence."""

    origin: AnswerOrigin
    state: AnswerState
    value: dict[str, Any] | None
    na_reason: str
    source: str

    @property
    def mark(self) -> str:
        """Another one as soon as the proposal says something else."""
        return sha256_text(canonical_json([self.origin, self.state, self.value, self.na_reason]))[:16]

    def fits(self, state: str | None, value: Any, na_reason: str) -> bool:
        """Whether an answer in stored form says the same."""
        return (self.state, self.value, self.na_reason) == (state, value, na_reason)


def section_proposals(section: Section) -> dict[str, Proposal]:
    """What may be confirmed in this section, by item; at most five queries.

    The present figures of the school come before its earlier answers.
    """
    return _earlier(section) | _from_sheet(section)


def _from_sheet(section: Section) -> dict[str, Proposal]:
    evaluation, school = section.evaluation, section.evaluation.school
    feeds = feeds_for(evaluation.spec, evaluation.form, school.naungan)
    items = [item for item in section.items if item.code in feeds]
    sheet = BasicData.objects.of(school, evaluation.cycle.academic_year) if items else None
    if sheet is None:
        return {}
    recorded = clock.local_date(sheet.updated_at, school.time_zone)
    found = {}
    for item in items:
        value = propose(feeds, item, sheet.values)
        if value is not None:
            source = explain(feeds, item, sheet.values, year=evaluation.cycle.academic_year, recorded=recorded)
            found[item.code] = Proposal(AnswerOrigin.SHEET, AnswerState.ANSWERED, value.to_json(), "", source)
    return found


def _last_section(section: Section) -> Section | None:
    """The same part in the newest earlier evaluation of the school on this instrument, in which it was submitted."""
    evaluation = section.evaluation
    rows = Section.objects.filter(
        standard=section.standard,
        round__gt=0,
        evaluation__version__instrument=evaluation.version.instrument,
        evaluation__form=evaluation.form,
        evaluation__cycle__school=evaluation.cycle.school_id,
        evaluation__cycle__year__lt=evaluation.cycle.year,
    )
    return rows.select_related("evaluation__version", "evaluation__cycle").order_by("-evaluation__cycle__year").first()


def _corrections(section: Section) -> dict[str, Review]:
    """What the last review made of the answers of *section*, where it corrected them."""
    last = section.submissions.order_by("-round").values_list("pk", flat=True)[:1]
    decided = {r.item_code: r for r in Review.objects.filter(submission__in=list(last)).order_by("pk")}
    return {code: review for code, review in decided.items() if review.decision == ReviewDecision.CORRECTED}


def _earlier(section: Section) -> dict[str, Proposal]:
    last = _last_section(section)
    if last is None:
        return {}
    asked = last.evaluation.asked
    same = {item.code for item in section.items if item.code in asked and asked[item.code].meaning == item.meaning}
    if not same:
        return {}
    corrected = _corrections(last)
    found = {}
    for answer in Answer.objects.filter(section=last, item_code__in=same):
        review = corrected.get(answer.item_code)
        state, value, reason = (
            (answer.state, answer.value, answer.na_reason)
            if review is None
            else (review.state, review.value, review.na_reason)
        )
        source = _source(last.evaluation, corrected=review is not None)
        found[answer.item_code] = Proposal(AnswerOrigin.EARLIER, AnswerState(state), value, reason, source)
    return found


def _source(evaluation: Evaluation, *, corrected: bool) -> str:
    year = AcademicYear(evaluation.cycle.year)
    of = f"hasil telaah tahun {year}" if corrected else f"jawaban tahun {year}"
    return f"{of}; pertanyaannya tidak berubah"


def confirming(section: Section, item: ItemSpec, wanted: AnswerInput, origin: str) -> AnswerInput:
    """*wanted* as the confirmation of the proposal of *origin* that stands now.

    Raises StateError when that proposal is gone or says something else by now, DomainError for a bad value.
    """
    proposal = section_proposals(section).get(item.code)
    wanted = check_input(item, wanted)
    if proposal is None or proposal.origin != origin or not proposal.fits(wanted.state, wanted.value, wanted.na_reason):
        raise StateError(
            "Usulan ini sudah berubah sejak halaman dibuka, jadi belum disimpan. Muat ulang halaman untuk melihat "
            "usulan yang sekarang."
        )
    return replace(wanted, origin=proposal.origin, origin_note=proposal.source[:NOTE_LENGTH])


@transaction.atomic
def confirm_proposals(
    section_id: int,
    codes: Collection[str],
    *,
    actor: User,
    seen: Mapping[str, str] | None = None,
    on_behalf_of: User | None = None,
    at: datetime | None = None,
) -> list[str]:
    """Confirm the present proposals of several unanswered questions at once; returns the codes that were confirmed.

    A question that was answered meanwhile keeps its answer, and a proposal whose mark is not the one in *seen* (None:
    whatever it is) stays unconfirmed: nobody confirms what they did not read; nor does the head confirm what is asked
    about the head. Raises PermissionDenied and StateError
    like record_answer.
    """
    section = locked_section(section_id)
    require(can_answer(actor, section, on_behalf_of=on_behalf_of))
    person, school = on_behalf_of or actor, section.evaluation.school
    answered = set(section.answers.values_list("item_code", flat=True))
    confirmed = []
    for code, proposal in section_proposals(section).items():
        if code not in codes or code in answered or (seen is not None and seen.get(code) != proposal.mark):
            continue
        if not rates_another(person, school, section.evaluation.asked[code]):
            continue
        wanted = AnswerInput(
            proposal.state, proposal.value, proposal.na_reason, origin=proposal.origin,
            origin_note=proposal.source[:NOTE_LENGTH],
        )  # fmt: skip
        record_answer(section_id, code, wanted, version=0, actor=actor, on_behalf_of=on_behalf_of, at=at)
        confirmed.append(code)
    return confirmed


def changed_since(proposals: Mapping[str, Proposal], answers: Mapping[str, Answer]) -> dict[str, Proposal]:
    """Answers that rest on data pokok which say something else today."""
    return {
        code: proposal
        for code, proposal in proposals.items()
        if proposal.origin == AnswerOrigin.SHEET
        and (answer := answers.get(code)) is not None
        and answer.origin == AnswerOrigin.SHEET
        and not proposal.fits(answer.state, answer.value, answer.na_reason)
    }


def unsupported(proposals: Mapping[str, Proposal], answers: Mapping[str, Answer]) -> frozenset[str]:
    """Answers that rest on data pokok from which nothing follows any more: a figure was emptied, or a condition of the
    formula no longer holds."""
    fed = {code for code, proposal in proposals.items() if proposal.origin == AnswerOrigin.SHEET}
    return frozenset(code for code, one in answers.items() if one.origin == AnswerOrigin.SHEET and code not in fed)


def overtaken(section: Section) -> frozenset[str]:
    """Answers confirmed from data pokok that say something else today, or nothing any more; at most two queries."""
    answers = {one.item_code: one for one in section.answers.filter(origin=AnswerOrigin.SHEET)}
    if not answers:
        return frozenset()
    fed = _from_sheet(section)
    return frozenset(changed_since(fed, answers)) | unsupported(fed, answers)
