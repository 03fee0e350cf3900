"""Own instruments as files: templates, download, and taking over an uploaded file after a look at what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import DomainError, require
from common.formats import format_bytes
from evaluations.services import workshop
from evaluations.views.workshop import owners_or_403
from evaluations.workshop_forms import ImportForm
from evaluations.workshop_presentation import VersionView, version_or_404
from schools.addresses import NotFound
from schools.requests import SignedInRequest, login_required
from standards.comparison import Comparison, MarkedItem, compare, marked
from standards.exchange import YAML_SIZE, template_xlsx, template_yaml, to_xlsx, to_yaml
from standards.instruments import InstrumentSpec
from standards.permissions import can_edit_draft
from standards.services import the_catalogue

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml; charset=utf-8",
}


def _download(name: str, kind: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _kind_or_404(kind: str) -> str:
    if kind not in TYPES:
        raise NotFound("Pilih YAML atau XLSX.")
    return kind


@login_required
@require_safe
def template(request: SignedInRequest, kind: str) -> HttpResponse:
    """A file to start from, with an example of every kind of question."""
    owners_or_403(request.user)
    if _kind_or_404(kind) == "yaml":
        return _download("templat-instrumen", kind, template_yaml().encode())
    return _download("templat-instrumen", kind, template_xlsx(the_catalogue(), workshop.legal_basis_keys()))


@login_required
@require_safe
def export(request: SignedInRequest, key: str, version: str, kind: str) -> HttpResponse:
    """A version as a file, for those who may write."""
    view = VersionView(request.user, version_or_404(request.user, key, version))
    require(view.can_keep)
    if not view.spec.items:
        raise NotFound("Belum ada pertanyaan untuk diunduh. Unduh templat, atau tambahkan pertanyaan dahulu.")
    spec = view.spec
    content = to_yaml(spec).encode() if _kind_or_404(kind) == "yaml" else to_xlsx(spec)
    return _download(f"{spec.instrument}-{spec.version}", kind, content)


@dataclass(frozen=True)
class Change:
    """What taking over a file would change, for one form of education."""

    form: str
    result: Comparison
    changed: list[MarkedItem]


def _changes(old: InstrumentSpec, new: InstrumentSpec) -> list[Change]:
    """For every form that sees a difference; forms with the same one are not told twice."""
    found: list[Change] = []
    for form in dict.fromkeys([*new.forms, *old.forms]):
        result = compare(old, new, form)
        if not result.same and all(result != one.result for one in found):
            found.append(Change(form, result, [MarkedItem(one, marked(one.fields)) for one in result.changed]))
    return found


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    """Upload, look at what changes, and take it over; the content travels in the page until it is confirmed."""
    found = version_or_404(request.user, key, version)
    require(can_edit_draft(request.user, found))
    view = VersionView(request.user, found)
    posted = request.POST if request.method == "POST" else None
    form = ImportForm(posted)
    context: dict[str, Any] = {"view": view, "form": form, "problems": [], "error": "", "incoming": None}
    status = 200
    if posted is not None and form.is_valid():
        mode = form.cleaned_data["mode"]
        try:
            incoming = _incoming(request)
            if "content" in request.POST:
                workshop.take_over(found.pk, incoming, mode, seen=request.POST.get("seen", ""), actor=request.user)
                messages.success(request, f"{len(incoming.items)} pertanyaan diambil dari berkas.")
                return redirect(view.url("version"))
            new = workshop.merged(found, incoming, mode)
            content = to_yaml(incoming)
            if len(content.encode()) > YAML_SIZE:  # it has to come back in one piece
                raise workshop.FileRefused([f"Isinya lebih dari {format_bytes(YAML_SIZE)}. Bagi menjadi dua berkas."])
            context |= {
                "incoming": incoming,
                "mode": mode,
                "content": content,
                "changes": _changes(view.spec, new),
                "same": new.sha256() == found.sha256,
                "before": {"version": "draf sekarang"},
                "after": {"version": "dengan berkas"},
            }
        except workshop.FileRefused as refused:
            context["problems"], context["error"], status = refused.problems, refused.message, refused.status
        except DomainError as problem:
            context["error"], status = problem.message, problem.status
            context["view"] = VersionView(request.user, version_or_404(request.user, key, version))
    elif form.errors:
        status = 422
    return render(request, "workshop/import.html", context, status=status)


def _incoming(request: SignedInRequest) -> InstrumentSpec:
    """The instrument of the confirmed content or of the uploaded file. Raises FileRefused."""
    if "content" in request.POST:
        return workshop.read_file("berkas.yaml", request.POST["content"].encode())
    if getattr(request, "oversized_files", []):
        raise workshop.FileRefused([f"Berkas lebih dari {format_bytes(settings.UPLOAD_LIMIT)}. Bagi menjadi dua."])
    file = request.FILES.get("file")
    if file is None or not file.name:
        raise workshop.FileRefused(["Pilih berkasnya dahulu."])
    return workshop.read_file(file.name, file.read())
