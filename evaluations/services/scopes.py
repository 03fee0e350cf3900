"""Asking more, or less, of a running evaluation, without losing an answer."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from common.errors import DomainError, StateError, require
from evaluations.models import Answer, Evaluation, EvidenceLink, Section, SectionState
from evaluations.permissions import can_change_scope
from evaluations.services.cycles import check_scope
from evaluations.services.locks import locked_evaluation
from evaluations.services.profiles import refresh_summary_on_commit
from schools.models import User, record_event

_WAITING = (SectionState.SUBMITTED, SectionState.IN_REVIEW)


def _refuse_losses(evaluation: Evaluation, lost: set[str]) -> None:
    """Raises DomainError when a question that would fall away was answered, proven or submitted."""
    here = Q(section__evaluation=evaluation, item_code__in=lost)
    used = {*Answer.objects.filter(here).values_list("item_code", flat=True)}
    used |= {*EvidenceLink.objects.filter(here).values_list("item_code", flat=True)}
    if used:
        raise DomainError(
            f"{len(used)} pertanyaan di luar cakupan itu sudah diisi atau diberi bukti "
            f"({', '.join(sorted(used)[:5])}{', …' if len(used) > 5 else ''}), jadi cakupannya tidak dipersempit."
        )
    if evaluation.sections.filter(round__gt=0).exists():
        raise DomainError("Sudah ada standar yang diajukan, jadi cakupannya tidak dapat dipersempit lagi.")


@transaction.atomic
def change_scope(evaluation_id: int, scope: str, *, actor: User, at: datetime | None = None) -> Evaluation:
    """Ask the questions of another scope of the same version; answers and evidence stay as they are.

    A verified section that gains questions is opened again: what was decided stays decided. Fewer questions are
    possible only as long as those that fall away are untouched and nothing was submitted.
    Raises PermissionDenied; StateError after the approval or while a section that would change is under review;
    DomainError for an unknown scope or one that would lose answers.
    """
    evaluation = locked_evaluation(evaluation_id)
    require(can_change_scope(actor, evaluation))
    scope = check_scope(evaluation.version, scope)
    if scope == evaluation.scope:
        return evaluation
    # Every section, so that no answer is saved and nothing is submitted between the checks and the change.
    sections = {s.standard: s for s in evaluation.sections.select_for_update().order_by("pk")}
    before, old = evaluation.scope, set(evaluation.asked)
    after = evaluation.spec.asked(evaluation.form, scope)
    if lost := old - set(after):
        _refuse_losses(evaluation, lost)
    gained = Counter(item.standard for code, item in after.items() if code not in old)
    if waiting := sorted(code for code in gained if code in sections and sections[code].state in _WAITING):
        raise StateError(
            f"Standar {', '.join(waiting)} sedang ditelaah. Tunggu sampai telaahnya selesai, lalu ubah cakupannya."
        )
    evaluation.scope = scope
    evaluation.save(update_fields=["scope"])
    counts = Counter(item.standard for item in after.values())
    answered = Counter(
        Answer.objects.filter(section__evaluation=evaluation, item_code__in=set(after)).values_list(
            "section__standard", flat=True
        )
    )
    for standard, section in sections.items():
        if not counts[standard]:  # untouched, or _refuse_losses had refused
            section.delete()
            continue
        section.item_count, section.answered_count = counts[standard], answered[standard]
        if gained[standard] and section.state == SectionState.VERIFIED:
            section.state = SectionState.RETURNED
            section.return_note = (
                f"Cakupan diubah menjadi {evaluation.scope_name}: {gained[standard]} pertanyaan baru. "
                "Yang sudah diputuskan tidak perlu ditelaah ulang."
            )
        section.save(update_fields=["item_count", "answered_count", "state", "return_note"])
    Section.objects.bulk_create(
        Section(evaluation=evaluation, standard=standard, item_count=count)
        for standard, count in counts.items()
        if standard not in sections
    )
    record_event(
        "evaluation.scope_changed", evaluation, actor=actor, school=evaluation.school,
        before={"scope": before, "items": len(old)}, after={"scope": scope, "items": len(after)}, at=at,
    )  # fmt: skip
    refresh_summary_on_commit(evaluation.pk)
    return evaluation
