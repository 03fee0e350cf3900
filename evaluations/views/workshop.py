"""Own instruments: the list, one version with its questions, its header, and how it will look."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError, StateError, require
from common.htmx import fragment_or
from evaluations.services import workshop
from evaluations.workshop_forms import HeaderForm
from evaluations.workshop_presentation import (
    VersionView,
    asked_forms,
    own_instruments,
    owner_choices,
    preview,
    version_or_404,
)
from schools.addresses import NotFound
from schools.models import Office, School, User
from schools.requests import SignedInRequest, login_required
from standards.permissions import can_edit_draft, owners_kept_by
from standards.services import the_catalogue

NOBODY = "Bengkel instrumen dipakai oleh tim mutu satuan pendidikan dan petugas dinas untuk menulis pertanyaan sendiri."


def owners_or_403(user: User) -> list[School | Office]:
    owners = owners_kept_by(user)
    if not owners:
        raise PermissionDenied(NOBODY)
    return owners


@login_required
@require_safe
def workshop_list(request: SignedInRequest) -> HttpResponse:
    """The own instruments of all schools and offices for which this person writes."""
    owners = owners_or_403(request.user)
    context = {"owners": owners, "instruments": own_instruments(owners)}
    return render(request, "workshop/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Start an instrument: whose it is where there is a choice, then title, forms and source."""
    choices = owner_choices(owners_or_403(request.user))
    chosen = request.GET.get("milik", "") or (choices[0].value if len(choices) == 1 else "")
    owner = next((one.owner for one in choices if one.value == chosen), None)
    if owner is None:
        if chosen or request.method == "POST":
            raise NotFound("Pilih pemilik instrumen dari daftar.")
        return render(request, "workshop/new_owner.html", {"choices": choices})
    form = HeaderForm(request.POST if request.method == "POST" else None, education_forms=workshop.forms_of(owner))
    if form.is_valid():
        try:
            version = workshop.start_instrument(owner, form.to_header(), actor=request.user)
        except DomainError as problem:
            show(form, problem)
        else:
            messages.success(request, "Draf sudah dibuat. Tambahkan pertanyaan pertamanya.")
            return redirect(VersionView(request.user, version).url("version"))
    status = 422 if form.errors else 200
    return render(request, "workshop/new.html", {"form": form, "owner": owner}, status=status)


def show(form: HeaderForm, problem: DomainError) -> None:
    """The refusal at its field, else above the form."""
    placed = {name: text for name, text in problem.fields.items() if name in form.fields}
    for name, text in placed.items():
        form.add_error(name, text)
    if not placed:
        form.add_error(None, " ".join(problem.fields.values()) or problem.message)


def version_page(request: SignedInRequest, view: VersionView, *, error: str = "", status: int = 200) -> HttpResponse:
    """The whole page, or for htmx the list of questions alone."""
    template = fragment_or(request, "workshop/partials/_questions.html", "workshop/version.html")
    return render(request, template, {"view": view, "error": error}, status=status)


@never_cache
@login_required
@require_safe
def version(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    """One version: its questions, what can be done with it, its history."""
    return version_page(request, VersionView(request.user, version_or_404(request.user, key, version)))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def header(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    """Title, forms, source and note of a draft."""
    found = version_or_404(request.user, key, version)
    require(can_edit_draft(request.user, found))
    view = VersionView(request.user, found)
    owner, spec = owner_of(view), found.spec
    posted = request.POST if request.method == "POST" else None
    initial = {name: getattr(spec, name) for name in ("title", "forms", "source", "note")}
    form = HeaderForm(posted, education_forms=workshop.forms_of(owner), initial=initial)
    status, seen = 200, found.sha256
    if form.is_valid():
        try:
            workshop.save_header(found.pk, form.to_header(), seen=request.POST.get("seen", ""), actor=request.user)
        except DomainError as problem:
            show(form, problem)
            status = problem.status
        else:
            messages.success(request, "Keterangan tersimpan.")
            return redirect(view.url("version"))
    elif posted is not None:
        status, seen = 422, request.POST.get("seen", "")
    context = {"view": view, "form": form, "seen": seen}
    return render(request, "workshop/header.html", context, status=status)


def owner_of(view: VersionView) -> School | Office:
    if view.owner is None:  # version_or_404 lets no national one through
        raise NotFound
    return view.owner


@login_required
@require_safe
def preview_page(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    """The questions as those see them who answer on a phone; one standard at a time, or one question."""
    view = VersionView(request.user, version_or_404(request.user, key, version))
    owner = owner_of(view)
    forms = asked_forms(view.version, owner)
    form = request.GET.get("bentuk", "") or (forms[0] if forms else "")
    context = {"view": view, "forms": forms, "form": form, "page": None, "standards": [], "code": ""}
    if form not in forms and form:
        raise NotFound(f"Instrumen ini tidak menanyakan apa pun kepada bentuk “{form[:10]}”.")
    if form:
        asked = set(view.spec.standards_for(form))
        standards = [row for row in the_catalogue().standards if row.code in asked]
        code = request.GET.get("butir", "")
        standard = code.partition(".")[0] or request.GET.get("standar", "") or standards[0].code
        page = preview(view.version, owner, form, standard, code)
        context |= {"page": page, "standards": standards, "code": code}
    return render(request, "workshop/preview.html", context)


@login_required
@require_POST
def next_version(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    """Copy a published version to a draft with the next number; an open draft is simply opened."""
    view = VersionView(request.user, version_or_404(request.user, key, version))
    require(view.can_keep)
    try:
        draft = workshop.new_version(view.version.pk, actor=request.user)
    except StateError as problem:
        if view.draft is None:
            raise
        messages.warning(request, problem.message)
        draft = view.draft
    else:
        messages.success(request, f"Versi {draft.version} dibuat sebagai draf. Versi {version} tetap seperti semula.")
    return redirect(VersionView(request.user, draft).url("version"))
