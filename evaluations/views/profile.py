"""The quality profile: claimed, verified and evidence-backed side by side, and where each number comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from common.charts import Axis, Series, radar
from common.decisions import ALLOWED, Decision
from common.errors import require
from common.explanation import Explanation
from common.htmx import fragment_or
from evaluations.addresses import evaluation_or_404
from evaluations.models import INSTRUMENT, Evaluation, Section
from evaluations.permissions import can_read_drafts, can_read_profile, can_read_section
from evaluations.scoring import NOT_APPLICABLE, UNANSWERED, Count, Figure, OutcomeState, explain_profile
from evaluations.services.profiles import KINDS, Profiles, View, evaluation_profiles, view_name
from evaluations.services.spreads import own_spreads
from evaluations.services.targets import TargetBook, TargetYear, reached
from evaluations.target_presentation import TargetCell, target_cells
from evaluations.views.instrument import distribution_page
from schools.addresses import NotFound
from schools.requests import SignedInRequest, login_required
from schools.words import Words
from standards.catalogue import CatalogueRow

EMPTY = {"claimed": "belum dijawab", "verified": "belum diputuskan", "backed": "belum didukung bukti"}
NOT_MEASURED = "belum diukur"


@dataclass(frozen=True)
class Cell:
    """One figure in one of the three columns."""

    kind: str
    label: str
    figure: Figure
    empty: str  # what stands there when there is no figure
    count: Count | None = None


@dataclass(frozen=True)
class Row:
    """One standard, indicator or subindicator with its three figures."""

    catalogue: CatalogueRow
    cells: tuple[Cell, ...]
    target: TargetCell | None  # None: no targets to show, or none possible here


@dataclass(frozen=True)
class StandardRow:
    """One of the eight standards; ``section`` is None where the instrument does not measure it."""

    catalogue: CatalogueRow
    cells: tuple[Cell, ...]
    target: TargetCell | None
    section: Section | None
    readable: Decision  # whether the person may look below the standard's own figure
    parts: tuple[Row, ...]


@dataclass(frozen=True)
class Detail:
    """An unfolded "Dari mana angka ini?"."""

    kind: str
    label: str
    standard: str  # "" for the total
    explanation: Explanation


def _standard_rows(
    request: SignedInRequest,
    evaluation: Evaluation,
    sections: Mapping[str, Section],
    profiles: Profiles,
    targets: Mapping[str, TargetCell],
) -> list[StandardRow]:
    catalogue = evaluation.catalogue
    figures = {
        view.kind: {f.code: f for f in (*view.profile.standards, *view.profile.indicators, *view.profile.subindicators)}
        for view in profiles
    }
    for known in sections.values():
        known.evaluation = evaluation

    items = evaluation.asked.values()

    def empty(row: CatalogueRow, view: View) -> str:
        below = [item.code for item in items if item.code.startswith(f"{row.code}.")]
        if not below:
            return NOT_MEASURED
        states = {view.outcomes.get(code, UNANSWERED).state for code in below}
        return NOT_APPLICABLE.text if states == {OutcomeState.NOT_APPLICABLE} else EMPTY[view.kind]

    def cells(row: CatalogueRow) -> tuple[Cell, ...]:
        return tuple(
            Cell(
                view.kind,
                view_name(view.kind, evaluation.school.words),
                figures[view.kind][row.code],
                empty(row, view),
                view.profile.items_by_standard.get(row.code),
            )
            for view in profiles
        )

    rows = []
    for standard in catalogue.standards:
        section = sections.get(standard.code)
        parts: list[Row] = []
        if section is not None:
            for indicator in catalogue.children(standard.code):
                parts.append(Row(indicator, cells(indicator), targets.get(indicator.code)))
                parts += [Row(row, cells(row), targets.get(row.code)) for row in catalogue.children(indicator.code)]
        readable = can_read_section(request.user, section) if section else ALLOWED
        rows.append(StandardRow(standard, cells(standard), targets.get(standard.code), section, readable, tuple(parts)))
    return rows


def target_name(book: TargetBook) -> str:
    return "Target" if book.approved else "Target (belum disahkan)"


def _radar(standards: Iterable[CatalogueRow], profiles: Profiles, words: Words, book: TargetBook | None) -> str:
    axes = [Axis(row.code, row.name) for row in standards]
    series = [
        Series(view_name(view.kind, words), [figure.shown for figure in view.profile.standards], view.kind)
        for view in profiles
    ]
    if book is not None and book.goals.total.is_set:
        goals = book.goals.by_code
        values = [goals[axis.code].figure.shown if axis.code in goals else None for axis in axes]
        series.append(Series(target_name(book), values, "target"))
    return radar(axes, series)


def _detail(evaluation: Evaluation, rows: list[StandardRow], views: Mapping[str, View], kind: str, code: str) -> Detail:
    """Raises NotFound for an unknown kind or standard, PermissionDenied for a standard that was never submitted."""
    if kind not in KINDS:
        raise NotFound("Rincian itu tidak ada. Pilih salah satu dari tabel profil.")
    view = views[kind]
    name = view_name(kind, evaluation.school.words)
    explain = partial(
        explain_profile, evaluation.catalogue, evaluation.spec, evaluation.form, view.profile, view.outcomes,
        scope=evaluation.scope,
    )  # fmt: skip
    total = explain()
    if not code:
        # One step down at a time: the parts of a standard unfold from its own link.
        return Detail(kind, name, "", replace(total, parts=tuple(replace(p, parts=()) for p in total.parts)))
    row = next((row for row in rows if row.catalogue.code == code), None)
    if row is None:
        raise NotFound(f"Standar {code[:5]} tidak ada.")
    require(row.readable)
    return Detail(kind, name, code, replace(explain(standard=code), source=total.source))


@login_required
@require_safe
@vary_on_headers("HX-Request")
def profile(request: SignedInRequest, npsn: str, year: int, instrument: str = INSTRUMENT) -> HttpResponse:
    evaluation = evaluation_or_404(request.user, npsn, year, instrument)
    if not evaluation.is_national:
        return distribution_page(request, evaluation)
    sections = {section.standard: section for section in evaluation.sections.all()}
    submitted = any(section.round for section in sections.values())
    require(can_read_profile(request.user, evaluation, submitted=submitted))
    drafts = can_read_drafts(request.user, evaluation.school)
    profiles = evaluation_profiles(evaluation, submitted_only=not drafts)
    book = TargetYear(evaluation).book(drafts=bool(drafts))
    result = reached(evaluation, profiles, {code: section.state for code, section in sections.items()})
    targets = target_cells(book, result) if book else {}
    rows = _standard_rows(request, evaluation, sections, profiles, targets)
    detail = None
    if kind := request.GET.get("rinci", ""):
        views = {view.kind: view for view in profiles}
        detail = _detail(evaluation, rows, views, kind, request.GET.get("standar", ""))
    own = [
        spread
        for spread in own_spreads(evaluation, submitted_only=not drafts)
        if can_read_profile(request.user, spread.evaluation, submitted=spread.submitted)
    ]
    context = {
        "evaluation": evaluation,
        "school": evaluation.school,
        "spec": evaluation.spec,
        "own": own,
        "profiles": profiles,
        "kinds": [(kind, view_name(kind, evaluation.school.words)) for kind in KINDS],
        "rows": rows,
        "asked_standards": sum(row.section is not None for row in rows),
        "radar": _radar(evaluation.catalogue.standards, profiles, evaluation.school.words, book),
        "book": book,
        "target_name": target_name(book) if book else "",
        "target_total": targets.get(""),
        "target_origin": result.origin(""),
        "detail": detail,
    }
    return render(
        request, fragment_or(request, "evaluations/partials/_profile_detail.html", "evaluations/profile.html"), context
    )
