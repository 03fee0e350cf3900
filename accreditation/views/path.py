"""The shortest way to a target: its form, its result, and keeping it as a scenario. Private to the school."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accreditation.models import ScenarioKind
from accreditation.path_presentation import PathView, entries_tab, pack, path_answers, unpack
from accreditation.place import Place
from accreditation.scoring import Answers, InputError
from accreditation.services.scenarios import NAME_LENGTH, create_scenario
from accreditation.services.sheets import SheetConflict, save_sheet
from accreditation.shortest import shortest_path
from accreditation.target_form import PathForm
from accreditation.views.what_if import private_place
from common.errors import DomainError, require
from schools.addresses import moved_to
from schools.requests import SignedInRequest, login_required

SECONDS = 5.0  # how long a search may take


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def path(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """What is to be reached; POST searches the way and, when asked, keeps the efforts."""
    place = private_place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    answers = path_answers(place.readiness.claimed.answers)
    kept = place.sheet.efforts if place.sheet else {}
    if request.method != "POST":
        return _page(request, place, PathForm(place.scheme, place.form, answers, kept))
    form = PathForm(place.scheme, place.form, answers, kept, request.POST)
    keep = "simpan_upaya" in request.POST
    if keep:
        require(place.may_enter)
    if _obstacle(answers) or not form.is_valid():
        return _page(request, place, form, status=422, keep=keep)
    version = place.sheet.version if place.sheet else 0
    if keep:
        try:
            version = _keep_efforts(request, place, form)
        except DomainError as problem:
            form.add_error(problem.message)
            # After a conflict the new version goes along, so that sending once more is a decision of the person.
            version = problem.current.version if isinstance(problem, SheetConflict) else version
            return _page(request, place, form, status=problem.status, keep=keep, version=version)
    try:
        found = shortest_path(
            place.scheme, place.form, answers, form.target,
            efforts=form.efforts, fixed=form.fixed, seconds=SECONDS,
        )  # fmt: skip
    except InputError as error:
        form.add_error(str(error))
        return _page(request, place, form, status=422, keep=keep)
    view = PathView(place, found, form.target)
    return _page(request, place, form, view=view, token=_token(request, view), keep=keep, version=version)


def _token(request: SignedInRequest, view: PathView) -> str:
    return pack(view, request.user) if view.path.reached and view.path.raises else ""


def _keep_efforts(request: SignedInRequest, place: Place, form: PathForm) -> int:
    """Keep the efforts, and return the version that the sheet has now. Raises DomainError, SheetConflict."""
    seen = request.POST.get("version", "")
    known = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    sheet = save_sheet(place.cycle, place.scheme, place.form, version=known, actor=request.user, efforts=form.efforts)
    return sheet.version


def _obstacle(answers: Answers) -> str:
    """Why no way can be searched: "sums" instead of items, or "nothing" at all; "" when one can."""
    if answers.obtained:
        return "sums"
    return "" if answers.ratings else "nothing"


def _page(request: SignedInRequest, place: Place, form: PathForm, *, status: int = 200, **extra: Any) -> HttpResponse:
    context: dict[str, Any] = {
        "place": place,
        "tab": "path",
        "form": form,
        "obstacle": _obstacle(form.answers),
        "entries": entries_tab(place),
        "version": place.sheet.version if place.sheet else 0,
        "keep": False,
        "view": None,
        "token": "",
        "name": "",
        "name_length": NAME_LENGTH,
        "seconds": int(SECONDS),
    }
    return render(request, "accreditation/path.html", context | extra, status=status)


@never_cache
@login_required
@require_POST
def keep(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """Keep a found way as a scenario."""
    place = private_place(request, npsn, year, scheme)
    require(place.may_keep)
    found = unpack(request.POST.get("jalan", ""), place, request.user)
    name = request.POST.get("name", "")
    try:
        made = create_scenario(
            place.cycle, place.scheme, place.form,
            name=name, data=found["data"], kind=ScenarioKind.PATH, target=found["target"], plan=found["plan"],
            actor=request.user,
        )  # fmt: skip
    except DomainError as problem:
        context = {
            "place": place, "tab": "path", "token": request.POST["jalan"], "name": name, "error": problem.message,
            "name_length": NAME_LENGTH, "raises": len(found["plan"]),
        }  # fmt: skip
        return render(request, "accreditation/path_keep.html", context, status=problem.status)
    messages.success(request, f"Skenario “{made.name}” tersimpan. Jawaban dan isian sekolah tidak berubah.")
    return redirect(place.url("scenario", made.code))
