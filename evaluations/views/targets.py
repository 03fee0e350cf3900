"""The targets of a year: reading them, setting them standard by standard, and the decision on them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError, require
from common.formats import format_bytes, format_decimal
from evaluations import files
from evaluations.addresses import evaluation_or_404
from evaluations.permissions import can_read_targets, may_approve_targets, may_set_targets
from evaluations.services import targets
from evaluations.target_forms import MeetingForm, TargetForm, meeting_initial
from evaluations.target_presentation import TargetPage, people_of
from evaluations.targets import Wanted
from schools.addresses import NotFound, moved_to
from schools.requests import SignedInRequest, login_required


def _page(request: SignedInRequest, npsn: str, year: int) -> TargetPage:
    return TargetPage(request.user, evaluation_or_404(request.user, npsn, year))


def _require_reader(page: TargetPage) -> None:
    require(can_read_targets(page.user, page.school, approved=page.year.in_force is not None))


@login_required
@require_safe
def overview(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """Targets of all standards beside the results of this year and the last one."""
    page = _page(request, npsn, year)
    if moved := moved_to(request, page.school, npsn):
        return moved
    _require_reader(page)
    return render(request, "evaluations/targets.html", {"page": page, "school": page.school})


# --- setting ----------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def standard(request: SignedInRequest, npsn: str, year: int, standard: str) -> HttpResponse:
    """The targets of one standard, to be filled in and saved together."""
    page = _page(request, npsn, year)
    if moved := moved_to(request, page.school, npsn):
        return moved
    require(may_set_targets(request.user, page.school))
    codes = page.codes_of(standard)
    if not codes:
        raise NotFound(f"Standar {standard[:5]} tidak diukur instrumen ini, jadi tidak diberi target.")
    if request.method != "POST":
        require(page.editable)
        forms = {code: TargetForm(code, page.values.get(code, Wanted())) for code in codes}
        return _standard_page(request, page, standard, forms)
    forms = {code: TargetForm(code, Wanted(), request.POST) for code in codes}
    if sum(not form.is_valid() for form in forms.values()):  # all() would leave the later ones unchecked
        return _standard_page(request, page, standard, forms, error="Periksa isian yang ditandai.", status=422)
    typed = {code: form.to_wanted() for code, form in forms.items()}
    seen = request.POST.get("seen", "")
    try:
        targets.save_targets(page.evaluation.pk, standard, typed, seen=seen, actor=request.user)
    except targets.TargetConflict as conflict:
        return _conflicting(request, npsn, year, standard, forms, typed, conflict)
    except DomainError as problem:
        for place, message in problem.fields.items():
            code, _, name = place.rpartition("-")
            forms[code].add_error(name, message)
        return _standard_page(request, page, standard, forms, error=problem.message, status=problem.status)
    messages.success(request, f"Target standar {standard} tersimpan.")
    return redirect(f"{page.url('targets')}#standar-{standard}")


def _standard_page(
    request: SignedInRequest, page: TargetPage, standard: str, forms: dict[str, TargetForm], *, status: int = 200,
    **extra: Any,
) -> HttpResponse:  # fmt: skip
    context = {
        "page": page,
        "school": page.school,
        "standard": page.standard(standard, forms, extra.pop("server", None)),
        # What this page was made of, or what the refused one was made of: only a conflict brings a new mark.
        "seen": extra.pop("seen", None) or request.POST.get("seen") or page.mark(standard),
        "error": "",
    }
    return render(request, "evaluations/targets_standard.html", context | extra, status=status)


def _conflicting(
    request: SignedInRequest,
    npsn: str,
    year: int,
    standard: str,
    forms: dict[str, TargetForm],
    typed: dict[str, Wanted],
    conflict: targets.TargetConflict,
) -> HttpResponse:
    """What was typed, and beside every row that differs what stands on the server; saving again replaces it."""
    page = _page(request, npsn, year)
    current = {code: conflict.current.get(code, Wanted()) for code in forms}
    server = {code: _in_words(value) for code, value in current.items() if value != typed[code]}
    seen = targets.seen_mark(conflict.current, list(forms))
    return _standard_page(
        request, page, standard, forms, server=server, seen=seen, error=conflict.message, status=conflict.status
    )


def _in_words(value: Wanted) -> str:
    parts = ["belum ditetapkan" if value.score is None else format_decimal(value.score)]
    if value.beyond:
        parts.append(f"melampaui SNP: {value.beyond_note}")
    if value.note:
        parts.append(f"catatan: {value.note}")
    return "; ".join(parts)


# --- the decision -----------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    """The meeting, the proposal and the approval; a POST saves the meeting or, by its second button, proposes."""
    page = _page(request, npsn, year)
    if moved := moved_to(request, page.school, npsn):
        return moved
    if request.method != "POST":
        _require_reader(page)
        return _decision_page(request, page)
    require(may_set_targets(request.user, page.school))
    propose = "usulkan" in request.POST
    if propose:
        require(page.proposable)
    form = MeetingForm(request.POST, known=people_of(page.school))
    if too_large := getattr(request, "oversized_files", []):
        limit = format_bytes(settings.UPLOAD_LIMIT)
        name = files.clean_name(too_large[0])
        problem = f"“{name}” lebih besar dari batas {limit}. Kecilkan lalu coba lagi."
        return _decision_page(request, page, form=form, file_problem=problem, status=413)
    if not form.is_valid():
        return _decision_page(request, page, form=form, status=422)
    upload = request.FILES.get("file")
    try:
        targets.save_meeting(
            page.evaluation.pk,
            form.to_meeting(),
            file=(str(upload.name), upload.read()) if upload else None,
            confidential=form.cleaned_data["confidential"],
            propose=propose,
            actor=request.user,
        )
    except DomainError as problem:
        file_problem = problem.fields.pop("file", "")
        for name, message in problem.fields.items():
            form.add_error(name, message)
        if not problem.fields and not file_problem:
            form.add_error(None, problem.message)
        return _decision_page(request, page, form=form, file_problem=file_problem, status=problem.status)
    if propose:
        messages.success(request, f"Target diusulkan. {page.school.words.principal} dapat mengesahkannya sekarang.")
    else:
        messages.success(request, "Catatan rapat tersimpan.")
    return redirect(page.url("targets_decision"))


def _decision_page(
    request: SignedInRequest,
    page: TargetPage,
    *,
    form: MeetingForm | None = None,
    file_problem: str = "",
    reason: str = "",
    reason_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    if form is None and page.editable:
        known, current = people_of(page.school), page.year.current
        said = {"met_on": None, "place": "", "participants": ()}
        if current is not None:
            said = {name: getattr(current, name) for name in said}
        form = MeetingForm(known=known, initial=meeting_initial(**said, known=known))  # type: ignore[arg-type]
    context = {
        "page": page,
        "school": page.school,
        "form": form,
        "file_problem": file_problem,
        "reason": reason,
        "reason_problem": reason_problem,
        "accept": files.ACCEPT,
        "max_bytes": str(settings.UPLOAD_LIMIT),
        "max_size": settings.UPLOAD_LIMIT,
    }
    return render(request, "evaluations/targets_decision.html", context, status=status)


@login_required
@require_POST
def approve(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    page = _page(request, npsn, year)
    targets.approve_targets(page.evaluation.pk, actor=request.user, seen=request.POST.get("seen", ""))
    messages.success(request, "Target disahkan. Sejak sekarang target tampak di samping hasil.")
    return redirect(page.url("targets_decision"))


@login_required
@require_POST
def give_back(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    page = _page(request, npsn, year)
    require(may_approve_targets(request.user, page.school))
    reason = request.POST.get("reason", "")
    try:
        targets.return_targets(page.evaluation.pk, reason=reason, actor=request.user)
    except DomainError as problem:
        if problem.status != 422:
            raise
        return _decision_page(request, page, reason=reason, reason_problem=problem.message, status=422)
    messages.success(request, "Usulan dikembalikan. Tim mutu melihat alasan Anda.")
    return redirect(page.url("targets_decision"))


@login_required
@require_POST
def revise(request: SignedInRequest, npsn: str, year: int) -> HttpResponse:
    page = _page(request, npsn, year)
    targets.revise_targets(page.evaluation.pk, actor=request.user)
    messages.success(request, "Putaran baru dibuka. Target yang sudah disahkan berlaku sampai yang baru disahkan.")
    return redirect(page.url("targets"))
