"""What a school enters for a scheme that no instrument here asks: letters or sums, IPR and IPM, own thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accreditation.models import SchemeSheet
from accreditation.permissions import can_read_entries
from accreditation.place import Place, place_or_404
from accreditation.scheme_form import BY_ITEMS, BY_SUMS, Difference, SchemeForm
from accreditation.services.sheets import SheetConflict, save_sheet
from common.errors import DomainError, require
from evaluations.models import Evaluation
from schools.requests import SignedInRequest, login_required

NO_VERSION = "Halaman ini terkirim tanpa penanda versi, sehingga tidak ada yang disimpan. Simpan sekali lagi."


def parts_of(place: Place) -> tuple[str, ...]:
    """What the sheet asks: everything where nobody else asks the items, else what stands beside them."""
    if place.scheme.spec.instrument is None:
        return ("items", "obtained")
    return ("statements", "entry", "contexts", "thresholds")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entries(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """One form, saved together against the version that the person saw."""
    place = place_or_404(request.user, npsn, year, scheme)
    require(can_read_entries(request.user, place.school))
    if request.method == "POST":
        require(place.may_enter)
    sheet = SchemeSheet.objects.filter(cycle=place.cycle, scheme=place.scheme.key).select_related("updated_by").first()
    if place.unscored:
        return _page(request, place, sheet, None, status=422 if request.method == "POST" else 200)
    stored, parts = sheet.data if sheet else {}, parts_of(place)
    if request.method != "POST":
        return _page(request, place, sheet, SchemeForm(place.scheme, place.form, initial=stored, parts=parts))
    form = SchemeForm(place.scheme, place.form, request.POST, stored, parts)
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return _page(request, place, sheet, form, error=NO_VERSION, status=422)
    if not form.is_valid():
        return _page(request, place, sheet, form, version=int(version), status=422)
    data = form.to_input()
    if (lost := _lost(stored, data)) and "ganti" not in request.POST:
        return _page(request, place, sheet, form, version=int(version), lost=lost, status=422)
    try:
        save_sheet(place.cycle, place.scheme, place.form, version=int(version), actor=request.user, data=data)
    except SheetConflict as conflict:
        theirs = form.differences(conflict.current.data)
        return _page(request, place, conflict.current, form, error=conflict.message, theirs=theirs, status=409)
    except DomainError as problem:
        return _page(request, place, sheet, form, version=int(version), error=problem.message, status=problem.status)
    messages.success(request, "Isian tersimpan.")
    return redirect(place.url("entries"))


def _lost(stored: Mapping[str, Any], data: Mapping[str, Any]) -> int:
    """How many stored entries the other way of filling in would replace."""
    other = {BY_ITEMS: BY_SUMS, BY_SUMS: BY_ITEMS}
    return sum(len(stored.get(way, {})) for way, new in other.items() if data.get(new) and stored.get(way))


def _page(
    request: SignedInRequest,
    place: Place,
    sheet: SchemeSheet | None,
    form: SchemeForm | None,
    *,
    version: int | None = None,
    error: str = "",
    theirs: list[Difference] | None = None,
    lost: int = 0,
    status: int = 200,
) -> HttpResponse:
    """*version* is the one that the person saw; without it that of *sheet*."""
    instrument = place.scheme.spec.instrument
    answered = None
    if instrument is not None:
        rows = Evaluation.objects.filter(cycle=place.cycle, version__instrument=instrument.instrument)
        answered = instrument.instrument if rows.exists() else ""
    context = {
        "place": place,
        "tab": "entries",
        "sheet": sheet,
        "form": form,
        "version": version if version is not None else sheet.version if sheet else 0,
        "error": error,
        "theirs": theirs or [],
        "lost": lost,
        "answered": answered,  # the instrument that asks the items; "" when it is not open, None when there is none
    }
    return render(request, "accreditation/entries.html", context, status=status)
