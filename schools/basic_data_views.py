"""Data pokok: the sheet of a school and year, to read and to fill in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common import clock
from common.errors import DomainError, require
from schools.academic_year import AcademicYear
from schools.addresses import NotFound, moved_to, school_or_404
from schools.basic_data import read_values
from schools.basic_data_presentation import SheetView
from schools.models import BasicData, School
from schools.permissions import can_edit_basic_data, can_read_basic_data
from schools.requests import SignedInRequest, login_required
from schools.services import BasicDataConflict, save_basic_data

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
