"""The questions of a draft: add, change, move, delete. Every change names the draft that the person saw."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from common.errors import DomainError, require
from evaluations.services import workshop
from evaluations.views.workshop import version_page
from evaluations.workshop_forms import KIND_HELP, ItemForm
from evaluations.workshop_presentation import VersionView, changed_since, item_or_404, legal_bases, version_or_404
from schools.addresses import NotFound
from schools.requests import SignedInRequest, login_required
from standards import naming
from standards.catalogue import CatalogueRow
from standards.items import ItemSpec
from standards.permissions import can_edit_draft
from standards.services import the_catalogue

GONE = (
    "Orang lain menghapus pertanyaan ini. Isian Anda masih ada di bawah; simpan bila ingin menambahkannya lagi sebagai "
    "pertanyaan baru."
)


def _draft(request: SignedInRequest, key: str, version: str) -> VersionView:
    """A draft that this person may change. Raises NotFound, PermissionDenied, StateError."""
    found = version_or_404(request.user, key, version)
    require(can_edit_draft(request.user, found))
    return VersionView(request.user, found)


def _part_or_404(code: str) -> CatalogueRow:
    row = the_catalogue().by_code.get(code)
    if row is None or row.level == "standard":
        raise NotFound(f"Indikator atau subindikator “{code[:12]}” tidak ada dalam SNP. Pilih dari daftar.")
    return row


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    """First the place and the kind of the question, then its form; POST stores it."""
    view = _draft(request, key, version)
    code, kind = request.GET.get("di", ""), request.GET.get("jenis", "")
    standard = code.partition(".")[0] or request.GET.get("standar", "")
    if code and kind in naming.KINDS:
        return _editor(request, view, part=_part_or_404(code), kind=kind)
    if request.method == "POST":
        raise NotFound("Pilih tempat dan jenis pertanyaan dahulu.")
    context = {"view": view, "standards": the_catalogue().standards}
    if not standard:
        return render(request, "workshop/add.html", context)
    row = the_catalogue().by_code.get(standard)
    if row is None or row.level != "standard":
        raise NotFound(f"Standar “{standard[:5]}” tidak ada. Pilih dari daftar.")
    context |= {
        "row": row,
        "parts": [one for one in the_catalogue().part(standard).rows if one.level != "standard"],
        "chosen": code,
        "kinds": [(key, naming.KINDS[key], text) for key, text in KIND_HELP.items()],
        "missing": bool(request.GET.keys() & {"jenis", "kirim"}),
    }
    return render(request, "workshop/add_where.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: SignedInRequest, key: str, version: str, code: str) -> HttpResponse:
    """The form of one question."""
    view = _draft(request, key, version)
    if request.method == "POST" and all(one.code != code for one in view.spec.items):
        return _gone(request, view, code)
    found = item_or_404(view.version, code)
    return _editor(request, view, part=the_catalogue().by_code[found.subindicator], kind=found.kind, old=found)


def _editor(
    request: SignedInRequest, view: VersionView, *, part: CatalogueRow, kind: str, old: ItemSpec | None = None
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = ItemForm(posted, kind=kind, item=old, education_forms=view.spec.forms, bases=legal_bases())
    seen = request.POST.get("seen", "") if posted is not None else view.version.sha256
    status = 200
    if form.is_valid() and not form.wants_rows:
        try:
            code = _store(request, view, form, part, old, seen)
        except workshop.ItemFault as fault:
            form.show(fault.problems)
            status = fault.status
        except DomainError as problem:
            form.add_error(None, problem.message)
            status = problem.status
            # Sending the form again means: knowing what the others made of it.
            view = _fresh(view)
            seen = view.version.sha256
        else:
            return _saved(request, view, code)
    elif form.errors:
        status = 422
    theirs = changed_since(view.spec, old.code, request.POST.get("seen", "")) if old and status == 409 else None
    return _editor_page(request, view, form, part, seen=seen, status=status, theirs=theirs)


def _store(
    request: SignedInRequest, view: VersionView, form: ItemForm, part: CatalogueRow, old: ItemSpec | None, seen: str
) -> str:
    if old is None:
        _, code = workshop.add_item(view.version.pk, part.code, form.to_data(), seen=seen, actor=request.user)
        return code
    workshop.change_item(view.version.pk, old.code, form.to_data(), seen=seen, actor=request.user)
    return old.code


def _saved(request: SignedInRequest, view: VersionView, code: str) -> HttpResponse:
    messages.success(request, f"Pertanyaan {code} tersimpan.")
    if "preview" in request.POST:
        return redirect(f"{view.url('preview')}?butir={code}")
    return redirect(f"{view.url('version')}#butir-{code.replace('.', '-')}")


def _editor_page(
    request: SignedInRequest,
    view: VersionView,
    form: ItemForm,
    part: CatalogueRow,
    *,
    seen: str,
    status: int,
    action: str = "",
    theirs: ItemSpec | None = None,
) -> HttpResponse:
    context = {
        "view": view,
        "form": form,
        "part": part,
        "kind": naming.KINDS[form.kind],
        "kind_help": KIND_HELP[form.kind],
        "seen": seen,
        "action": action,
        "theirs": theirs,
        "their_levels": sorted(theirs.levels.items(), reverse=True) if theirs else [],
    }
    return render(request, "workshop/item.html", context, status=status)


def _gone(request: SignedInRequest, view: VersionView, code: str) -> HttpResponse:
    """Somebody deleted the question while this person wrote on it: what was typed can become a new one."""
    kind, part = request.POST.get("kind", ""), code.rpartition(".")[0]
    if kind not in naming.KINDS:
        raise NotFound(f"Pertanyaan {code[:12]} tidak ada dalam versi ini. Barangkali sudah dihapus.")
    row = _part_or_404(part)
    form = ItemForm(request.POST, kind=kind, education_forms=view.spec.forms, bases=legal_bases())
    form.is_valid()
    form.add_error(None, GONE)
    action = f"{view.url('add')}?di={row.code}&jenis={kind}"
    return _editor_page(request, view, form, row, seen=view.version.sha256, status=409, action=action)


@login_required
@require_POST
@vary_on_headers("HX-Request")
def move(request: SignedInRequest, key: str, version: str, code: str) -> HttpResponse:
    """One place up or down below the same part."""
    view = _draft(request, key, version)
    found = item_or_404(view.version, code)
    up = request.POST.get("arah") == "naik"
    try:
        workshop.move_item(view.version.pk, found.code, up=up, seen=request.POST.get("seen", ""), actor=request.user)
    except DomainError as problem:
        return version_page(request, _fresh(view), error=problem.message, status=problem.status)
    return _listed(request, view, f"#butir-{code.replace('.', '-')}")


@login_required
@require_POST
@vary_on_headers("HX-Request")
def delete(request: SignedInRequest, key: str, version: str, code: str) -> HttpResponse:
    view = _draft(request, key, version)
    found = item_or_404(view.version, code)
    try:
        workshop.delete_item(view.version.pk, found.code, seen=request.POST.get("seen", ""), actor=request.user)
    except DomainError as problem:
        return version_page(request, _fresh(view), error=problem.message, status=problem.status)
    if not request.htmx:
        messages.success(request, f"Pertanyaan {code} dihapus dari draf.")
    return _listed(request, view, "#pertanyaan")


def _fresh(view: VersionView) -> VersionView:
    """The draft as it is now. Raises NotFound when somebody discarded it meanwhile."""
    return VersionView(view.user, version_or_404(view.user, view.version.instrument, view.version.version))


def _listed(request: SignedInRequest, view: VersionView, anchor: str) -> HttpResponse:
    if request.htmx:
        return version_page(request, _fresh(view))
    return redirect(view.url("version") + anchor)
