"""How ready a school is under a scheme: figures, where they come from, and what one level more would add."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accreditation.gap_presentation import gap_list
from accreditation.place import Place, place_or_404
from accreditation.presentation import (
    checks_of,
    columns_of,
    documents_of,
    history_of,
    lines_of,
    spread_of,
    steps_of,
)
from accreditation.result_view import ResultView
from accreditation.services.readiness import explain_view
from common.charts import stacked_bars
from common.errors import require
from common.explanation import Explanation
from common.htmx import fragment_or
from evaluations.services.profiles import KINDS, view_name
from schools.addresses import NotFound, moved_to
from schools.requests import SignedInRequest, login_required

FIRST_GAPS = 3


@dataclass(frozen=True)
class Detail:
    """An unfolded "Dari mana angka ini?"."""

    kind: str
    label: str
    explanation: Explanation


def detail_of(place: Place, kind: str) -> Detail:
    """Raises NotFound for an unknown kind."""
    if kind not in KINDS:
        raise NotFound("Rincian itu tidak ada. Pilih salah satu dari tabel kesiapan.")
    return Detail(kind, view_name(kind, place.school.words), explain_view(place.readiness, kind))


@login_required
@require_safe
def in_force(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """The page of the scheme in force."""
    return redirect(place_or_404(request.user, npsn, year).url("readiness"))


@login_required
@require_safe
@vary_on_headers("HX-Request")
def readiness(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    place = place_or_404(request.user, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    require(place.readable)
    if place.unscored:
        return render(request, "accreditation/readiness_unscored.html", {"place": place, "tab": "readiness"})
    columns = columns_of(place.readiness, place.school.words)
    spread = spread_of(columns)
    kind = request.GET.get("rinci", "")
    gaps, documents = gap_list(place), documents_of(place)
    context = {
        "place": place,
        "tab": "readiness",
        "columns": columns,
        "any_answered": any(column.answered for column in columns),
        "lines": lines_of(columns),
        "spread": spread and stacked_bars(spread.bars, spread.names, title="Sebaran level"),
        "first": ResultView(columns[0].result),
        "checks": checks_of(columns[0].result),
        "documents": documents,
        "documents_missing": [check.text.lower() for check in documents if not check.met],
        "steps": steps_of(place, columns[0], gaps.rows, documents),
        "gaps": gaps.rows[:FIRST_GAPS],
        "gap_count": gaps.total,
        "gap_sums": gaps.sums,
        "history": history_of(place),
        "detail": detail_of(place, kind) if kind else None,
    }
    page = fragment_or(request, "accreditation/partials/_detail.html", "accreditation/readiness.html")
    return render(request, page, context)


@login_required
@require_safe
def gaps(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """Every item below the highest level, the largest gain first; filtered by component and standard."""
    place = place_or_404(request.user, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    require(place.readable)
    if place.unscored:
        return redirect(place.url("readiness"))
    found = gap_list(place, component=request.GET.get("komponen", ""), standard=request.GET.get("standar", ""))
    return render(request, "accreditation/gaps.html", {"place": place, "tab": "gaps", "gaps": found})
