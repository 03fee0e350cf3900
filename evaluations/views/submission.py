"""Handing a standard in, and the receipt that anybody can look up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import DomainError, StateError, require
from evaluations.addresses import section_or_404
from evaluations.models import INSTRUMENT, Submission
from evaluations.permissions import can_submit, may_submit
from evaluations.presentation import SectionView, slug_of
from evaluations.services.submissions import REASON_LIMIT, MissingAnswers, submit_section
from schools.addresses import NotFound, moved_to
from schools.choices import SCHOOL_ROLES
from schools.requests import SignedInRequest, login_required
from standards.items import ItemSpec

FIELD = "alasan-{}"
NUMBER = re.compile(r"[A-Z0-9-]{1,20}")


@dataclass(frozen=True, slots=True)
class Missing:
    """One unanswered question with the reason typed so far."""

    item: ItemSpec
    field: str
    reason: str
    error: str
    url: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT) -> HttpResponse:
    """GET asks for confirmation; POST submits and leads to the receipt. A second POST makes no second submission."""
    view = SectionView(request.user, section_or_404(request.user, npsn, year, standard, instrument))
    if moved := moved_to(request, view.school, npsn):
        return moved
    require(may_submit(request.user, view.section))
    if request.method != "POST":
        if not can_submit(request.user, view.section) and view.last_submission is not None:
            messages.info(request, "Bagian ini sudah diajukan. Ini tanda terimanya.")
            return redirect("evaluations:receipt", view.last_submission.number)
        require(can_submit(request.user, view.section))
        return _page(request, view)
    reasons = {item.code: request.POST.get(FIELD.format(item.code), "") for item in view.items}
    try:
        submission = submit_section(view.section.pk, actor=request.user, reasons=reasons)
    except StateError:  # most likely a second tap on the same button
        last = view.section.submissions.order_by("-round").first()
        if last is None:
            raise
        messages.info(request, "Bagian ini sudah diajukan; tidak ada pengajuan kedua. Ini tanda terimanya.")
        return redirect("evaluations:receipt", last.number)
    except MissingAnswers as problem:
        return _page(request, view, reasons, problem.message, frozenset(problem.codes), status=problem.status)
    except DomainError as problem:
        long = frozenset(code for code, text in reasons.items() if len(text) > REASON_LIMIT)
        return _page(request, view, reasons, problem.message, long, status=problem.status)
    messages.success(request, f"{view.row.name} sudah diajukan. Simpan tanda terima ini.")
    return redirect("evaluations:receipt", submission.number)


def _page(
    request: SignedInRequest,
    view: SectionView,
    reasons: dict[str, str] | None = None,
    error: str = "",
    wrong: frozenset[str] = frozenset(),
    *,
    status: int = 200,
) -> HttpResponse:
    """What is answered, what is missing with a field per question, and what might be weak."""
    missing = [
        Missing(
            item,
            FIELD.format(item.code),
            (reasons or {}).get(item.code, ""),
            _complaint((reasons or {}).get(item.code, "")) if item.code in wrong else "",
            f"{view.url('section')}#butir-{slug_of(item.code)}",
        )
        for item in view.unanswered
    ]
    cards = [view.full_card(item, with_form=False) for item in view.items if item.code in view.answers]
    unproven = [card for card in cards if not card.proofs and (card.chosen_level or 0) > 1]
    context = {
        "view": view, "missing": missing, "cards": cards, "unproven": unproven, "error": error,
    }  # fmt: skip
    return render(request, "evaluations/submit.html", context, status=status)


def _complaint(reason: str) -> str:
    if reason.strip():
        return f"Alasan ini terlalu panjang; paling banyak {REASON_LIMIT} tanda."
    return "Jawab pertanyaan ini, atau tuliskan alasan mengapa belum dapat dijawab."


@require_safe
def find_receipt(request: HttpRequest) -> HttpResponse:
    """Look a receipt up by its number, without login."""
    number = "".join(request.GET.get("nomor", "").split()).upper()
    if number:
        return redirect("evaluations:receipt", number.replace("/", "-")[:40])
    return render(request, "evaluations/find_receipt.html", {"asked": "nomor" in request.GET})


@never_cache
@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """School, standard, round, time and hash of a submission; neither its content nor names of people."""
    rows = Submission.objects.select_related(
        "section__evaluation__cycle__school__region", "section__evaluation__version"
    )
    signs = "".join(sign for sign in number.upper() if sign.isalnum())
    # People type it without dashes, or with spaces in their place.
    wanted = "-".join([signs[:2], *(signs[at : at + 4] for at in range(2, len(signs), 4))])
    submission = rows.filter(number=wanted).first() if NUMBER.fullmatch(wanted) else None
    if submission is None:
        raise NotFound(
            f"Tanda terima “{number[:40]}” tidak ditemukan. Periksa kembali nomornya; huruf besar dan kecil sama saja."
        )
    section = submission.section
    school = section.evaluation.school
    inside = request.user.is_authenticated and bool(request.user.roles_at(school) & set(SCHOOL_ROLES))
    context = {
        "submission": submission, "content": submission.content, "section": section, "school": school,
        "year": section.evaluation.cycle.year, "inside": inside,
    }  # fmt: skip
    return render(request, "evaluations/receipt.html", context)
