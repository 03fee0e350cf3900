"""For Sispena: descriptions of performance, compulsory documents and windows of time. It all stays in the school."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accreditation.performance_docx import CONTENT_TYPE, Part, write_docx
from accreditation.place import Place, place_or_404
from accreditation.services import sispena as services
from accreditation.sispena_presentation import ButirView, SispenaPage, TextPage
from common.errors import DomainError, require
from common.formats import format_bytes
from evaluations import files
from evaluations.forms import EvidenceForm
from evaluations.models import EvidenceKind
from schools.addresses import NotFound, moved_to
from schools.requests import SignedInRequest, login_required

NO_VERSION = "Halaman ini terkirim tanpa penanda versi, sehingga tidak ada yang disimpan. Simpan sekali lagi."
_MARK = re.compile(r"[0-9a-f]{64}")
_TYPED = ("existing", "title", "kind", "dated", "confidential")  # what a refused form shows again


def _place(request: SignedInRequest, npsn: str, year: int, scheme: str) -> Place:
    """The place, for somebody who may read there. Raises NotFound for a scheme that hands nothing in."""
    place = place_or_404(request.user, npsn, year, scheme)
    require(place.sispena_readable)
    if place.scheme.spec.documents is None:
        raise NotFound(f"{place.scheme.spec.title} tidak meminta dokumen lewat Sispena. Buka skema yang berlaku.")
    return place


# --- all of it ----------------------------------------------------------------------------------------


@never_cache
@login_required
@require_safe
def overview(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    place = _place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    return _overview(request, place)


def _overview(
    request: SignedInRequest,
    place: Place,
    *,
    refused: str = "",
    problem: str = "",
    form: EvidenceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; *refused* is the document whose form came back with *problem* and what was typed."""
    context: dict[str, Any] = {
        "place": place,
        "tab": "sispena",
        "page": SispenaPage(place),
        "kinds": EvidenceKind.choices,
        "refused": refused,
        "problem": problem,
        "typed": {name: form.data.get(name, "") if form else "" for name in _TYPED},
        "accept": files.ACCEPT,
        "max_bytes": str(settings.UPLOAD_LIMIT),
        "max_size": settings.UPLOAD_LIMIT,
    }
    return render(request, "accreditation/sispena.html", context, status=status)


# --- documents ----------------------------------------------------------------------------------------


@login_required
@require_POST
def document(request: SignedInRequest, npsn: str, year: int, scheme: str, document: str) -> HttpResponse:
    """Link evidence that the school has, or upload a new file, as one of the compulsory documents."""
    place = _writing(request, npsn, year, scheme, document)
    form = EvidenceForm(request.POST)

    def refused(problem: str, status: int = 422) -> HttpResponse:
        return _overview(request, place, refused=document, problem=problem, form=form, status=status)

    if too_large := getattr(request, "oversized_files", []):
        limit = format_bytes(settings.UPLOAD_LIMIT)
        return refused(
            f"“{files.clean_name(too_large[0])}” lebih besar dari batas {limit}. Kecilkan lalu coba lagi.", 413
        )
    if not form.is_valid():
        return refused(" ".join(str(message) for errors in form.errors.values() for message in errors))
    data, upload = form.cleaned_data, request.FILES.get("file")
    try:
        if "existing" in request.POST:
            services.link_document(place.cycle, place.scheme, document, data["existing"], actor=request.user)
        elif upload is None:
            return refused("Pilih berkas yang akan diunggah.")
        else:
            services.upload_document(
                place.cycle,
                place.scheme,
                document,
                name=str(upload.name),
                data=upload.read(),
                title=data["title"],
                kind=data["kind"] or EvidenceKind.DOCUMENT,
                dated=data["dated"],
                confidential=data["confidential"],
                actor=request.user,
            )
    except DomainError as error:
        return refused(error.message, error.status)
    messages.success(request, "Bukti tertaut pada dokumen ini.")
    return redirect(f"{place.url('sispena')}#dokumen-{document}")


@login_required
@require_POST
def document_unlink(request: SignedInRequest, npsn: str, year: int, scheme: str, document: str) -> HttpResponse:
    place = _writing(request, npsn, year, scheme, document)
    code = request.POST.get("evidence", "").upper()
    services.unlink_document(place.cycle, place.scheme, document, code if code.isalnum() else "", actor=request.user)
    messages.success(
        request, f"Bukti dilepas dari dokumen ini. Berkasnya tetap tersimpan di {place.school.words.school}."
    )
    return redirect(f"{place.url('sispena')}#dokumen-{document}")


def _writing(request: SignedInRequest, npsn: str, year: int, scheme: str, document: str) -> Place:
    place = _place(request, npsn, year, scheme)
    require(SispenaPage(place).writable)
    if services.document_of(place.scheme, document) is None:
        raise NotFound(f"Dokumen itu tidak diminta {place.scheme.spec.title}.")
    return place


# --- descriptions of performance ----------------------------------------------------------------------


def _butir(place: Place, code: str) -> tuple[SispenaPage, ButirView]:
    group = services.group_of(place.scheme, place.form, code)
    if group is None:
        raise NotFound(f"Butir {code[:12]} tidak ada dalam {place.scheme.spec.title} untuk bentuk pendidikan ini.")
    page = SispenaPage(place)
    return page, page.butir(group)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: SignedInRequest, npsn: str, year: int, scheme: str, group: str) -> HttpResponse:
    """The text of one butir. With ``?susun`` the field holds a new draft, and the saved text stands beside it."""
    place = _place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    page, butir = _butir(place, group)
    version = butir.saved.version if butir.saved else 0
    if request.method == "POST":
        return _save(request, page, butir)
    if "susun" in request.GET and butir.saved and page.writable:
        both = TextPage(
            page, butir, butir.draft, version, butir.saved.text, "Naskah yang tersimpan sekarang", recompose=True
        )
        return _text(request, both)
    return _text(request, TextPage(page, butir, butir.text, version))


def _save(request: SignedInRequest, page: SispenaPage, butir: ButirView) -> HttpResponse:
    require(page.writable)
    place = page.place
    typed, version, basis = (request.POST.get(name, "") for name in ("text", "version", "basis"))
    typed = typed.replace("\r\n", "\n")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        current = butir.saved.version if butir.saved else 0
        return _text(request, TextPage(page, butir, typed, current, error=NO_VERSION), 422)
    try:
        saved = services.save_text(
            place.evaluation,
            place.scheme,
            butir.group.code,
            typed,
            version=int(version),
            basis=basis if _MARK.fullmatch(basis) else "",
            actor=request.user,
        )
    except services.TextConflict as conflict:
        theirs = conflict.current
        again = TextPage(
            page, butir, typed, theirs.version, theirs.text, "Naskah yang tersimpan sekarang", error=conflict.message
        )
        return _text(request, again, conflict.status)
    except DomainError as problem:
        return _text(request, TextPage(page, butir, typed, int(version), error=problem.message), problem.status)
    messages.success(request, f"Naskah butir {saved.group} tersimpan.")
    return redirect(butir.url)


def _text(request: SignedInRequest, view: TextPage, status: int = 200) -> HttpResponse:
    context = {
        "place": view.page.place,
        "tab": "sispena",
        "page": view.page,
        "view": view,
        "limit": services.TEXT_LIMIT,
    }
    return render(request, "accreditation/sispena_text.html", context, status=status)


@never_cache
@login_required
@require_safe
def text_docx(request: SignedInRequest, npsn: str, year: int, scheme: str, group: str) -> HttpResponse:
    place = _place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    page, butir = _butir(place, group)
    return _file(page, [page.part(butir)], f"-{group}")


@never_cache
@login_required
@require_safe
def docx(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    place = _place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    page = SispenaPage(place)
    if not page.all_butir:
        raise NotFound(place.unscored or f"{place.scheme.spec.title} tidak memiliki butir untuk bentuk pendidikan ini.")
    return _file(page, [page.part(butir) for butir in page.all_butir], "")


def _file(page: SispenaPage, parts: list[Part], suffix: str) -> HttpResponse:
    place = page.place
    response = HttpResponse(write_docx(page.front(), parts), content_type=CONTENT_TYPE)
    name = f"deskripsi-kinerja-{place.school.npsn}-{place.cycle.year}{suffix}.docx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
