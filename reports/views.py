"""Annual reports of a school, and the lists of supervisors and offices."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from common import clock
from common.errors import require
from common.htmx import fragment_or
from evaluations.addresses import evaluation_or_404
from evaluations.files import open_stored
from evaluations.models import Evaluation, QualityCycle
from evaluations.permissions import can_read_profile
from reports import services
from reports.forms import OfficeFilter, SchoolFilter
from reports.lists import PAGE_SIZE, Row, Stage, narrowed, ordered, rows_for, with_stage
from reports.models import AnnualReport, ReportState
from reports.permissions import can_download, can_list, can_request_report, can_see_office, can_see_supervised
from schools.academic_year import AcademicYear
from schools.addresses import NotFound
from schools.choices import Role
from schools.models import Region, School, User
from schools.requests import SignedInRequest, login_required

MISSING_REPORT = (
    "Laporan dengan kode itu tidak ada pada sekolah dan tahun ini. Buka daftar laporan untuk melihat yang ada."
)
NOT_READY = "Laporan ini belum siap diunduh. Tunggu sampai kemajuannya selesai, lalu coba lagi."
LOST_FILE = "Berkas laporan ini hilang dari penyimpanan. Minta laporan lagi; isinya akan sama."


# --- one school -------------------------------------------------------------------------------------


def _report_or_404(user: User, npsn: str, year: int, code: str) -> AnnualReport:
    evaluation = evaluation_or_404(user, npsn, year)
    require(can_list(user, evaluation))
    report = evaluation.reports.filter(code=code).defer("snapshot_text").first()
    if report is None:
        raise NotFound(MISSING_REPORT)
    report.evaluation = evaluation
    return report


def _list_context(user: User, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "evaluation": evaluation,
        "school": evaluation.school,
        "reports": list(evaluation.reports.defer("snapshot_text")),
        "can_request": can_request_report(user, evaluation),
        "can_download": can_download(user, evaluation),
    }


@login_required
@require_safe
@never_cache
def reports(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    evaluation = evaluation_or_404(request.user, npsn, year)
    require(can_list(request.user, evaluation))
    return render(request, "reports/reports.html", _list_context(request.user, evaluation))


@login_required
@require_POST
def create(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """Ask for the report. A second tap gets the same one."""
    evaluation = evaluation_or_404(request.user, npsn, year)
    report = services.request_report(evaluation.pk, actor=request.user)
    same = report.state == ReportState.READY
    if request.htmx:  # type: ignore[attr-defined]
        context = {**_list_context(request.user, evaluation), "same": same}
        return render(request, "reports/partials/_reports.html", context)
    if same:
        messages.info(request, "Isi evaluasi tidak berubah, jadi laporan yang sudah ada tetap berlaku.")
    return redirect("reports:reports", evaluation.school.npsn, year)


@login_required
@require_safe
@never_cache
@vary_on_headers("HX-Request")
def report(request: SignedInRequest, npsn: str, year: int, code: str) -> HttpResponse:
    """One report; as a fragment it is what the list polls until the report is ready or has failed."""
    found = _report_or_404(request.user, npsn, year, code)
    context = {**_list_context(request.user, found.evaluation), "report": found}
    return render(request, fragment_or(request, "reports/partials/_report.html", "reports/report.html"), context)


@login_required
@require_safe
@never_cache
def status(request: SignedInRequest, npsn: str, year: int, code: str) -> JsonResponse:
    found = _report_or_404(request.user, npsn, year, code)
    ready = found.state == ReportState.READY
    return JsonResponse(
        {
            "state": found.state,
            "progress": found.progress,
            "attempt": found.attempt,
            "sha256": found.sha256 if ready else None,
            "url": reverse("reports:download", args=[found.evaluation.school.npsn, year, code]) if ready else None,
        }
    )


@login_required
@require_safe
def download(request: SignedInRequest, npsn: str, year: int, code: str) -> HttpResponseBase:
    """The PDF itself, always as an attachment; 409 while it is not ready."""
    found = _report_or_404(request.user, npsn, year, code)
    require(can_download(request.user, found.evaluation))
    if found.state != ReportState.READY:
        return render(request, "409.html", {"reason": found.message or NOT_READY}, status=409)
    etag = f'"{found.sha256}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None or response.status_code != 304:
        try:
            file = open_stored(found.path)
        except FileNotFoundError:
            raise NotFound(LOST_FILE) from None
        name = f"laporan-spmi-{found.evaluation.school.npsn}-{year}.pdf"
        response = FileResponse(file, as_attachment=True, filename=name, content_type="application/pdf")
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"  # kept by the browser, but never used without asking
    return response


# --- many schools -----------------------------------------------------------------------------------


def _years(schools: QuerySet[School]) -> list[AcademicYear]:
    """Years with a cycle at one of *schools*, and always the current one; the latest first."""
    current = AcademicYear.of(clock.today())
    found = QualityCycle.objects.filter(school__in=schools.values("pk")).order_by().values_list("year", flat=True)
    return sorted({current, *map(AcademicYear, found.distinct())}, reverse=True)


def _chosen_year(request: HttpRequest, years: list[AcademicYear]) -> int:
    chosen = request.GET.get("tahun", "")
    current = AcademicYear.of(clock.today()).start
    return int(chosen) if chosen in {str(year.start) for year in years} else current


def _filter_data(request: HttpRequest, year: int) -> dict[str, Any]:
    """The filter form shows what is in force: the default year and order too."""
    return {"urut": "nama", **request.GET.dict(), "tahun": str(year)}


def _with_profiles(user: User, rows: list[Row]) -> list[Row]:
    for row in rows:
        if row.evaluation is not None:
            row.profile = can_read_profile(user, row.evaluation, submitted=row.submitted)
    return rows


@login_required
@require_safe
@never_cache
def supervisor(request: SignedInRequest) -> HttpResponse:
    """The schools that this person supervises today, in one academic year."""
    require(can_see_supervised(request.user))
    held = [a for a in request.user.held() if a.role == Role.SUPERVISOR]
    schools = School.objects.filter(pk__in=[a.school_id for a in held])
    years = _years(schools)
    year = _chosen_year(request, years)
    form = SchoolFilter(_filter_data(request, year), years=years)
    found = narrowed(with_stage(schools, year), text=form.value("q"), stage=form.value("keadaan"))
    page = Paginator(ordered(found.select_related("region"), form.value("urut")), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "form": form,
        "year": AcademicYear(year),
        "page_obj": page,
        "rows": _with_profiles(request.user, rows_for(page, year)),
        "title": next((a.title for a in held), ""),
        "filtered": bool(form.value("q") or form.value("keadaan")),
    }
    return render(request, "reports/supervisor.html", context)


@login_required
@require_safe
@never_cache
def office(request: SignedInRequest) -> HttpResponse:
    """An office's jurisdiction: how many schools are how far, stored summaries, and approved reports."""
    require(can_see_office(request.user))
    offices = [a.office for a in request.user.held() if a.office is not None]
    reach = Q(pk__in=[])
    for one in offices:
        reach |= one.jurisdiction()
    schools = School.objects.filter(reach)
    years = _years(schools)
    year = _chosen_year(request, years)
    regions = Region.objects.filter(pk__in=schools.order_by().values("region"))
    form = OfficeFilter(_filter_data(request, year), years=years, regions=regions)
    if education_form := form.value("bentuk"):
        schools = schools.filter(form=education_form)
    if region := form.value("wilayah"):
        schools = schools.filter(region__code=region)
    staged = with_stage(schools, year)
    counted = dict(staged.order_by().values_list("stage").annotate(n=Count("pk")))
    found = narrowed(staged, text=form.value("q"), stage=form.value("keadaan"))
    page = Paginator(ordered(found.select_related("region"), form.value("urut")), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "form": form,
        "offices": offices,
        "year": AcademicYear(year),
        "counts": [(stage.label, counted.get(stage.value, 0)) for stage in Stage],
        "total": sum(counted.values()),
        "page_obj": page,
        "rows": rows_for(page, year),
        "filtered": any(form.value(name) for name in ("q", "keadaan", "bentuk", "wilayah")),
    }
    return render(request, "reports/office.html", context)
