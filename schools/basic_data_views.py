"""Data pokok: the sheet of a school and year, to read, to fill in, and to exchange as a spreadsheet."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from common.errors import DomainError, require
from common.formats import format_bytes
from common.xlsx import WorkbookError
from schools.academic_year import AcademicYear
from schools.addresses import NotFound, moved_to, school_or_404
from schools.basic_data import form_sheet, read_values
from schools.basic_data_import import Preview, pack, preview, unpack
from schools.basic_data_presentation import SheetView
from schools.basic_data_xlsx import read_upload, write_template
from schools.models import BasicData, School
from schools.permissions import can_edit_basic_data, can_read_basic_data
from schools.requests import SignedInRequest, login_required
from schools.services import BasicDataConflict, save_basic_data

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_VERSION = "Halaman ini terkirim tanpa penanda versi, sehingga tidak ada yang disimpan. Simpan sekali lagi."


def year_or_404(school: School, start: int) -> AcademicYear:
    """The academic year that begins in *start*, at most the one after the present. Raises NotFound."""
    try:
        year = AcademicYear(start)
    except ValueError:
        raise NotFound(f"Tahun pelajaran {start} tidak ada.") from None
    if year > AcademicYear.of(clock.today(school.time_zone)).following():
        raise NotFound(f"Data pokok {year} belum dibuka.")
    return year


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """All figures of the year; one form saves them together, against the version that the person saw."""
    school = school_or_404(request.user, npsn)
    if moved := moved_to(request, school, npsn):
        return moved
    require(can_read_basic_data(request.user, school))
    wanted = year_or_404(school, year)
    stored = BasicData.objects.of(school, wanted)
    view = SheetView(request.user, school, wanted, stored)
    if request.method != "POST":
        return _page(request, view)
    require(can_edit_basic_data(request.user, school))
    # A field that was not sent at all (spare rows, a form cut short on its way) says nothing about its cell.
    typed = {code: request.POST.get(code, text) for code, text in view.texts.items()}
    values, problems = read_values(view.sheet, typed)
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return _page(request, SheetView(request.user, school, wanted, stored, typed, problems, error=NO_VERSION), 422)
    if problems:
        return _page(request, SheetView(request.user, school, wanted, stored, typed, problems), 422)
    try:
        saved = save_basic_data(school, wanted, values, version=int(version), actor=request.user)
    except BasicDataConflict as conflict:
        theirs = conflict.current.known if conflict.current else {}
        again = SheetView(request.user, school, wanted, conflict.current, typed, theirs=theirs, error=conflict.message)
        return _page(request, again, conflict.status)
    except DomainError as problem:
        told = "" if problem.fields else problem.message
        return _page(request, SheetView(request.user, school, wanted, stored, typed, error=told), problem.status)
    done = SheetView(request.user, school, wanted, saved)
    messages.success(request, f"Data pokok tersimpan: {done.filled} dari {done.expected} isian sudah terisi.")
    return redirect("basic_data", school.npsn, wanted.start)


def _page(request: SignedInRequest, view: SheetView, status: int = 200) -> HttpResponse:
    return render(request, "schools/basic_data.html", {"view": view, "school": view.school}, status=status)


@never_cache
@login_required
@require_safe
def template(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """The spreadsheet with the present values, to fill in away from the page."""
    school = school_or_404(request.user, npsn)
    if moved := moved_to(request, school, npsn):
        return moved
    require(can_read_basic_data(request.user, school))
    wanted = year_or_404(school, year)
    stored = BasicData.objects.of(school, wanted)
    sheet = form_sheet(school.form, school.naungan)
    known = stored.known if stored else {}
    data = write_template(sheet, known, npsn=school.npsn, school=school.name, year=wanted)
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="data-pokok-{school.npsn}-{wanted.start}.xlsx"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """A filled spreadsheet: first the preview of what would change, then, sent again, the change itself."""
    school = school_or_404(request.user, npsn)
    if moved := moved_to(request, school, npsn):
        return moved
    require(can_read_basic_data(request.user, school))
    require(can_edit_basic_data(request.user, school))
    wanted = year_or_404(school, year)
    if request.method != "POST":
        return _import_page(request, school, wanted)
    if "pratinjau" in request.POST:
        return _take_over(request, school, wanted)
    if getattr(request, "oversized_files", []):
        limit = format_bytes(settings.UPLOAD_LIMIT)
        return _import_page(request, school, wanted, problems=[f"Berkas lebih besar dari {limit}."], status=413)
    if (sent := request.FILES.get("file")) is None:
        return _import_page(request, school, wanted, problems=["Pilih dahulu berkas Excel (.xlsx)."], status=422)
    try:
        found = read_upload(sent.read(), form_sheet(school.form, school.naungan), npsn=school.npsn, year=wanted)
    except WorkbookError as error:
        return _import_page(request, school, wanted, problems=[str(p) for p in error.problems], status=422)
    compared = preview(school, BasicData.objects.of(school, wanted), found.values, found.blank, found.places)
    return _import_page(request, school, wanted, compared=compared)


def _take_over(request: SignedInRequest, school: School, year: AcademicYear) -> HttpResponse:
    """Store what the preview showed, and of what it leaves empty the cells that were ticked."""
    try:
        content = unpack(request.POST["pratinjau"], school=school, year=year, user=request.user)
    except DomainError as error:
        return _import_page(request, school, year, problems=[error.message], status=error.status)
    compared = preview(school, BasicData.objects.of(school, year), content["values"], content["blank"])
    seen = replace(compared, version=content["version"])
    try:
        clear = request.POST.getlist("kosongkan")
        save_basic_data(school, year, seen.merged(clear), version=seen.version, actor=request.user)
    except DomainError as error:
        fresh = preview(school, BasicData.objects.of(school, year), content["values"], content["blank"])
        told = [f"{fresh.sheet.cells[code].name}: {message}" for code, message in error.fields.items()]
        return _import_page(request, school, year, compared=fresh, problems=[error.message, *told], status=error.status)
    messages.success(request, "Data pokok dari berkas Excel tersimpan.")
    return redirect("basic_data", school.npsn, year.start)


def _import_page(
    request: SignedInRequest,
    school: School,
    year: AcademicYear,
    *,
    compared: Preview | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    blocking = compared.told("error") if compared else []
    context = {
        "school": school,
        "year": year,
        "preview": compared,
        "problems": [*(problems or []), *blocking],
        "warnings": compared.told("warning") if compared else [],
        "token": pack(compared, school=school, year=year, user=request.user) if compared and not blocking else "",
    }
    return render(request, "schools/basic_data_import.html", context, status=422 if blocking else status)
