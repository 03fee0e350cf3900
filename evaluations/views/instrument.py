"""Instruments beside the national one: the list of a year, and the pages of one of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import DomainError, require
from evaluations.addresses import evaluation_or_404
from evaluations.models import Evaluation
from evaluations.permissions import can_open_instrument, can_read_drafts, can_read_profile, can_see_progress
from evaluations.services.instruments import offered_versions, open_evaluation
from evaluations.services.profiles import evaluation_outcomes
from evaluations.services.spreads import Column, columns
from evaluations.year_presentation import CycleView, beside
from schools.addresses import moved_to
from schools.requests import SignedInRequest, login_required
from standards.catalogue import CatalogueRow
from standards.models import InstrumentVersion


@dataclass(frozen=True)
class Offer:
    """An instrument that the school could open."""

    version: InstrumentVersion
    items: int
    unknown: int  # of them: those whose title is not public, which nobody can answer


def _offers(national: Evaluation) -> list[Offer]:
    found = []
    for version in offered_versions(national.cycle):
        items = version.spec.items_for(national.school.form)
        found.append(Offer(version, len(items), sum(not item.answerable for item in items)))
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def instruments(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """Which instruments are answered this year; POST opens another one."""
    national = evaluation_or_404(request.user, npsn, year)
    school = national.school
    if moved := moved_to(request, school, npsn):
        return moved
    require(can_see_progress(request.user, school))
    can_open = can_open_instrument(request.user, school)
    error, status = "", 200
    if request.method == "POST":
        try:
            opened = open_evaluation(national.cycle_id, request.POST.get("instrument", ""), actor=request.user)
        except DomainError as problem:
            error, status = problem.message, problem.status
        else:
            messages.success(request, f"{opened.spec.title} dibuka. Isiannya terpisah dari evaluasi diri nasional.")
            return redirect(opened.address("instrument"))
    context = {
        "school": school,
        "national": national,
        "open": beside(national),
        "can_open": can_open,
        "offers": _offers(national) if can_open else [],
        "error": error,
    }
    return render(request, "evaluations/instruments.html", context, status=status)


@login_required
@require_safe
def instrument(request: SignedInRequest, npsn: str, year: int, instrument: str) -> HttpResponse:
    """Progress of one instrument, what to do next, and what it is."""
    evaluation = evaluation_or_404(request.user, npsn, year, instrument)
    if moved := moved_to(request, evaluation.school, npsn):
        return moved
    if evaluation.is_national:  # its page is the one of the year
        return redirect("evaluations:cycle", npsn, year)
    require(can_see_progress(request.user, evaluation.school))
    context = {"school": evaluation.school, "evaluation": evaluation, "view": CycleView(request.user, evaluation)}
    return render(request, "evaluations/instrument.html", context)


@dataclass(frozen=True)
class PartRow:
    part: CatalogueRow
    columns: tuple[Column, ...]


def distribution_page(request: SignedInRequest, evaluation: Evaluation) -> HttpResponse:
    """How the answers spread over the levels: the result of an instrument that has no part in the profile."""
    sections = list(evaluation.sections.all())
    require(can_read_profile(request.user, evaluation, submitted=any(section.round for section in sections)))
    drafts = can_read_drafts(request.user, evaluation.school)
    outcomes = evaluation_outcomes(evaluation, submitted_only=not drafts)
    asked = {item.standard for item in evaluation.asked.values()}
    context = {
        "evaluation": evaluation,
        "school": evaluation.school,
        "spec": evaluation.spec,
        "totals": columns(evaluation, outcomes),
        "rows": [
            PartRow(row, columns(evaluation, outcomes, row.code))
            for row in evaluation.catalogue.standards
            if row.code in asked
        ],
        "left_out": [row for row in evaluation.catalogue.standards if row.code not in asked],
    }
    return render(request, "evaluations/distribution.html", context)
