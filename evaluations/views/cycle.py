"""The school's home, its year, and the calendar of the six stages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.errors import DomainError, require
from evaluations.addresses import evaluation_or_404
from evaluations.forms import StageForm
from evaluations.models import INSTRUMENT, Evaluation, QualityCycle
from evaluations.permissions import can_change_scope, can_edit_stages, can_see_progress, can_start_cycle
from evaluations.scope_presentation import new_scopes, scope_choices
from evaluations.services import cycles
from evaluations.services.scopes import change_scope
from evaluations.year_presentation import CycleView
from schools.academic_year import FIRST, LAST, AcademicYear
from schools.addresses import moved_to, school_or_404
from schools.choices import SchoolStatus
from schools.models import School
from schools.requests import SignedInRequest, login_required


def _school_context(request: SignedInRequest, school: School) -> dict[str, object]:
    year = AcademicYear.of(clock.today(school.time_zone))
    years = list(QualityCycle.objects.filter(school=school).order_by("-year").values_list("year", flat=True))
    shown = year.start if year.start in years else (years[0] if years else None)
    evaluation = None
    if shown is not None:
        rows = Evaluation.objects.visible_to(request.user).with_place()
        evaluation = rows.filter(cycle__school=school, cycle__year=shown, version__instrument=INSTRUMENT).first()
    missing = year.start not in years and school.status == SchoolStatus.ACTIVE
    can_start = can_start_cycle(request.user, school)
    successor = school.successor if school.status != SchoolStatus.ACTIVE else None
    return {
        "school": school,
        "year": year,
        "view": CycleView(request.user, evaluation) if evaluation else None,
        "missing": missing,
        "can_start": can_start,
        "scopes": new_scopes(school.form) if missing and can_start else [],
        "other_years": [AcademicYear(start) for start in years if start != shown],
        "error": "",
        "successor": successor,
        "successor_known": bool(successor and School.objects.visible_to(request.user).filter(pk=successor.pk).exists()),
    }


@login_required
@require_safe
def school(request: SignedInRequest, npsn: str) -> HttpResponse:
    """Where people of a school land: the current year, or the newest one, and what to do next."""
    found = school_or_404(request.user, npsn)
    if moved := moved_to(request, found, npsn):
        return moved
    require(can_see_progress(request.user, found))
    return render(request, "evaluations/school.html", _school_context(request, found))


@login_required
@require_POST
def start(request: SignedInRequest, npsn: str) -> HttpResponse:
    """Open the cycle of the posted academic year (the current one unless given)."""
    found = school_or_404(request.user, npsn)
    require(can_start_cycle(request.user, found))
    text = request.POST.get("year", "").strip() or str(AcademicYear.of(clock.today(found.time_zone)))
    try:
        try:
            year = AcademicYear.parse(text)
        except ValueError:
            raise DomainError(
                f"Tahun pelajaran ditulis seperti 2026/2027, dari {FIRST} sampai {LAST}. Belum ada siklus yang dibuka."
            ) from None
        cycle = cycles.start_cycle(found, year, actor=request.user, scope=request.POST.get("scope"))
    except DomainError as error:
        context = _school_context(request, found) | {"error": error.message}
        return render(request, "evaluations/school.html", context, status=error.status)
    messages.success(request, f"Siklus mutu {year} dibuka. Tahap dan tanggalnya dapat Anda sesuaikan.")
    return redirect("evaluations:cycle", found.npsn, cycle.year)


@login_required
@require_safe
def cycle(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """One year: stages, progress per standard, what to do next."""
    evaluation = evaluation_or_404(request.user, npsn, year)
    if moved := moved_to(request, evaluation.school, npsn):
        return moved
    require(can_see_progress(request.user, evaluation.school))
    return render(
        request,
        "evaluations/cycle.html",
        {"school": evaluation.school, "view": CycleView(request.user, evaluation)},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scope(request: SignedInRequest, npsn: str, year: int, instrument: str = INSTRUMENT) -> HttpResponse:
    """How many questions are asked this year, and choosing another scope."""
    evaluation = evaluation_or_404(request.user, npsn, year, instrument)
    if moved := moved_to(request, evaluation.school, npsn):
        return moved
    require(can_see_progress(request.user, evaluation.school))
    error, status = "", 200
    if request.method == "POST":
        try:
            evaluation = change_scope(evaluation.pk, request.POST.get("scope", ""), actor=request.user)
        except DomainError as problem:
            error, status = problem.message, problem.status
        else:
            messages.success(request, f"Cakupan evaluasi: {evaluation.scope_name}. Semua jawaban tetap tersimpan.")
            return redirect("evaluations:cycle", evaluation.school.npsn, year)
    context = {
        "school": evaluation.school,
        "evaluation": evaluation,
        "choices": scope_choices(evaluation.spec, evaluation.form, current=evaluation.scope),
        "can_change": can_change_scope(request.user, evaluation),
        "error": error,
    }
    return render(request, "evaluations/scope.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stages(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """Dates and state of every stage: one small form each, saved by itself."""
    evaluation = evaluation_or_404(request.user, npsn, year)
    place = evaluation.school
    if moved := moved_to(request, place, npsn):
        return moved
    require(can_edit_stages(request.user, place))
    rows = list(evaluation.cycle.stages.all())
    posted, status, error = None, 200, ""
    if request.method == "POST":
        key = request.POST.get("key", "")
        stage = next((row for row in rows if row.key == key), None)
        status = 422
        if stage is None:
            error = "Tahap itu tidak ada dalam siklus ini. Tidak ada yang berubah; pilih tahap dari daftar di bawah."
        else:
            posted = StageForm(request.POST, prefix=key)
            if posted.is_valid():
                try:
                    cycles.update_stage(evaluation.cycle, key, actor=request.user, **posted.cleaned_data)
                except DomainError as problem:
                    posted.add_error(None, problem.message)
                    for name, message in problem.fields.items():
                        posted.add_error(name, message)
                else:
                    messages.success(request, f"Tahap {stage.name} tersimpan.")
                    return redirect("evaluations:stages", place.npsn, year)
    forms = [(row, posted if posted is not None and posted.prefix == row.key else _stage_form(row)) for row in rows]
    context = {"school": place, "evaluation": evaluation, "forms": forms, "error": error}
    return render(request, "evaluations/stages.html", context, status=status)


def _stage_form(stage: object) -> StageForm:
    initial = {name: getattr(stage, name) for name in ("starts_on", "ends_on", "state")}
    return StageForm(initial=initial, prefix=stage.key)  # type: ignore[attr-defined]
