"""Evidence: uploading, linking, taking away, and the one door through which files leave the storage."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from common.errors import DomainError, require
from common.formats import format_bytes
from evaluations import files
from evaluations.addresses import evaluation_or_404, section_or_404
from evaluations.evidence_presentation import EvidenceErrors
from evaluations.forms import EvidenceForm
from evaluations.models import INSTRUMENT, EvidenceKind, EvidenceRevision, Submission
from evaluations.permissions import can_attach, can_read_evidence, can_read_section
from evaluations.presentation import SectionView
from evaluations.services.evidence import add_evidence, link_evidence, unlink_evidence
from evaluations.services.targets import minutes_are_public
from evaluations.views.section import anchor_of, item_or_404, section_page
from schools.addresses import NotFound, moved_to
from schools.requests import SignedInRequest, login_required
from standards.items import ItemSpec

logger = logging.getLogger("spmi.evidence")
MOST_FILES = 10
# Under "sandbox" some browsers refuse to show a PDF in their own viewer, so only the other files get it.
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def _view(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str) -> SectionView:
    view = SectionView(request.user, section_or_404(request.user, npsn, year, standard, instrument))
    require(can_read_section(request.user, view.section))
    require(can_attach(request.user, view.section))
    return view


def _posted_item(request: SignedInRequest, view: SectionView) -> ItemSpec:
    code = request.POST.get("item", "").strip()
    if not code:
        raise DomainError("Tidak disebutkan pertanyaan mana yang dibuktikan. Muat ulang halaman, lalu coba lagi.")
    return item_or_404(view, code)


@login_required
@require_POST
@vary_on_headers("HX-Request")
def add(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT) -> HttpResponse:
    """Upload one or several files for a question, or link evidence that the school has already."""
    view = _view(request, npsn, year, standard, instrument)
    form = EvidenceForm(request.POST)
    item = _posted_item(request, view)
    if too_large := getattr(request, "oversized_files", []):
        limit = format_bytes(settings.UPLOAD_LIMIT)
        problems = [
            f"“{files.clean_name(name)}” lebih besar dari batas {limit}. Kecilkan lalu coba lagi." for name in too_large
        ]
        return _refused(request, view, item, form, problems, status=413)
    if not form.is_valid():
        problems = [str(message) for errors in form.errors.values() for message in errors]
        return _refused(request, view, item, form, problems)
    uploads = request.FILES.getlist("file")
    if named := form.cleaned_data["existing"]:
        try:
            link_evidence(view.section.pk, item.code, named, actor=request.user, whole_group=form.cleaned_data["also"])
        except DomainError as problem:
            return _refused(request, view, item, form, [problem.message], status=problem.status)
        return _done(request, view, item, f"Bukti ditautkan pada pertanyaan ini{_beside(view, item, form)}.")
    if not uploads:
        missing = "bukti yang sudah ada dari daftar" if "existing" in request.POST else "berkas yang akan diunggah"
        return _refused(request, view, item, form, [f"Pilih {missing}."])
    if len(uploads) > MOST_FILES:
        return _refused(
            request, view, item, form, [f"Paling banyak {MOST_FILES} berkas sekali unggah. Bagi menjadi dua."]
        )
    if len(uploads) > 1 and form.cleaned_data["replaces"]:
        return _refused(request, view, item, form, ["Bukti lama diganti oleh satu berkas. Pilih satu berkas saja."])
    if problems := _store(request, view, item, form.cleaned_data, uploads):
        return _refused(request, view, item, form, problems)
    count = len(uploads)
    stored = "Bukti tersimpan" if count == 1 else f"{count} bukti tersimpan"
    return _done(request, view, item, f"{stored}{_beside(view, item, form, ', juga untuk')}.")


def _beside(view: SectionView, item: ItemSpec, form: EvidenceForm, joined: str = " dan pada") -> str:
    """Names the other questions to which the evidence was linked, when it was."""
    codes = view.bundle_of[item.code].beside(item.code) if form.cleaned_data["also"] else ()
    return f"{joined} {', '.join(codes)}" if codes else ""


def _store(
    request: SignedInRequest, view: SectionView, item: ItemSpec, data: dict[str, Any], uploads: list[Any]
) -> list[str]:
    """Store all files, or none when one of them is bad; returns what is wrong with which file."""
    several = len(uploads) > 1
    if several and (problems := _bad_files(uploads)):
        return problems
    stored = 0
    try:
        for number, upload in enumerate(uploads, start=1):
            title = data["title"]
            add_evidence(
                view.section.pk,
                item.code,
                name=upload.name,
                data=upload.read(),
                actor=request.user,
                title=f"{title[:140]} ({number})" if title and several else title,
                kind=data["kind"] or EvidenceKind.DOCUMENT,
                dated=data["dated"],
                valid_until=data["valid_until"],
                confidential=data["confidential"],
                replaces=data["replaces"].upper(),
                whole_group=data["also"],
            )
            stored += 1
    except DomainError as problem:
        so_far = [f"{stored} berkas pertama sudah tersimpan; unggah sisanya kembali."] if stored else []
        return [problem.message, *so_far]
    return []


def _bad_files(uploads: list[Any]) -> list[str]:
    """Look through all files before the first one is stored, so that a bad one among them leaves nothing behind."""
    problems = []
    for upload in uploads:
        name = files.clean_name(upload.name)
        try:
            files.sniff(name, upload.read(), limit=settings.UPLOAD_LIMIT)
        except DomainError as problem:
            problems.append(f"“{name}”: {problem.message}")
        upload.seek(0)
    return problems


@login_required
@require_POST
@vary_on_headers("HX-Request")
def unlink(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT) -> HttpResponse:
    """Take a piece of evidence away from a question; the file stays."""
    view = _view(request, npsn, year, standard, instrument)
    item = _posted_item(request, view)
    revision = request.POST.get("revision", "").upper()
    try:
        unlink_evidence(view.section.pk, item.code, revision if revision.isalnum() else "", actor=request.user)
    except DomainError as problem:
        return _refused(request, view, item, EvidenceForm(), [problem.message], status=problem.status)
    where = view.school.words.school
    return _done(request, view, item, f"Bukti dilepas dari pertanyaan ini. Berkasnya tetap tersimpan di {where}.")


def _done(request: SignedInRequest, view: SectionView, item: ItemSpec, text: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, f"{item.code}: {text}")
        return redirect(anchor_of(view, item))
    beside = [
        view.full_card(one) for code in view.bundle_of[item.code].beside(item.code) if (one := view.section.item(code))
    ]
    context = {"view": view, "card": view.full_card(item), "announce": text, "beside": beside}
    return render(request, "evaluations/partials/_evidence_saved.html", context)


def _refused(
    request: SignedInRequest,
    view: SectionView,
    item: ItemSpec,
    form: EvidenceForm,
    problems: list[str],
    *,
    status: int = 422,
) -> HttpResponse:
    card = view.full_card(item, uploads=EvidenceErrors(tuple(problems), form))
    if request.htmx:
        context = {"view": view, "card": card, "announce": ""}
        return render(request, "evaluations/partials/_evidence.html", context, status=status)
    error = f"{item.code}: bukti belum tersimpan. {' '.join(problems)} Jawaban dan bukti lain tetap aman."
    return section_page(request, view, special=card, error=error, status=status)


@login_required
@require_safe
def download(request: SignedInRequest, npsn: str, year: int, code: str) -> HttpResponseBase:
    """One file, by the code of its revision, as what its bytes are; shown in the page only when that is safe."""
    evaluation = evaluation_or_404(request.user, npsn, year)
    school = evaluation.school
    if moved := moved_to(request, school, npsn):
        return moved
    rows = EvidenceRevision.objects.select_related("evidence", "file").filter(evidence__school=school)
    revision = rows.filter(code=code.upper()).first() if code.isalnum() else None
    if revision is None:
        raise NotFound(f"Bukti ini tidak ada di {school.words.school} ini.")
    confidential = revision.evidence.confidential
    decision = can_read_evidence(request.user, school, confidential=confidential, submitted=False)
    if not decision and not confidential:
        submitted = _was_submitted(revision) or minutes_are_public(revision)
        decision = can_read_evidence(request.user, school, confidential=False, submitted=submitted)
    require(decision)
    try:
        file = files.open_stored(revision.file.path)
    except FileNotFoundError:
        logger.exception("evidence file %s of revision %s is missing", revision.file.path, revision.code)
        raise NotFound(
            "Berkas bukti ini tidak ditemukan di penyimpanan. Catatannya tetap ada; hubungi operator agar berkasnya "
            "dipulihkan, atau unggah kembali sebagai pengganti."
        ) from None
    content_type = revision.file.content_type
    inline = content_type in files.SAFE_INLINE
    response = FileResponse(file, as_attachment=not inline, filename=revision.original_name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = _POLICY if content_type == files.PDF else f"sandbox; {_POLICY}"
    return response


def _was_submitted(revision: EvidenceRevision) -> bool:
    """Whether any submission of the school froze this revision; codes are random, so the text is searched for it."""
    rows = Submission.objects.filter(section__evaluation__cycle__school=revision.evidence.school_id)
    return rows.filter(content_text__contains=f'"revision":"{revision.code}"').exists()
