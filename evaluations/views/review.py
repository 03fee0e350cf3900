"""The quality team's pages: queue, review of one standard, closing, and the principal's approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from common.decisions import Decision
from common.errors import DomainError, require
from evaluations.addresses import evaluation_or_404, section_or_404
from evaluations.models import INSTRUMENT, LinkState, Review, ReviewDecision, Section, SectionState, Submission
from evaluations.permissions import can_approve, can_open_review, can_see_queue, may_approve
from evaluations.review_forms import CorrectionForm, ReviewForm
from evaluations.review_presentation import Card, ReviewPage
from evaluations.services import reviews
from evaluations.services.profiles import evaluation_profiles, latest_submissions
from evaluations.services.submissions import answered_codes
from schools.addresses import NotFound
from schools.requests import SignedInRequest, login_required
from standards.catalogue import CatalogueRow

# --- queue ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueRow:
    """One section of the queue with its counts."""

    section: Section
    standard: CatalogueRow
    submission: Submission | None
    answered: int
    decided: int
    returned: int
    waiting_links: int
    can_open: Decision

    def since(self) -> datetime:
        """Since when it waits for the team; sorts what waits longest first. Only for what was submitted."""
        if self.submission is None:
            raise ValueError(f"standard {self.section.standard} was never submitted")
        return self.submission.submitted_at


def _queue_rows(request: SignedInRequest, sections: list[Section]) -> list[QueueRow]:
    """Three queries, however many sections and items there are."""
    evaluation = sections[0].evaluation
    submissions = {s.section_id: s for s in latest_submissions(evaluation)}
    last = {
        (r.submission_id, r.item_code): r.decision
        for r in Review.objects.filter(submission__in=submissions.values()).order_by("pk")
    }
    waiting = dict(
        Section.objects.filter(evaluation=evaluation)
        .annotate(waiting=Count("links", filter=Q(links__state=LinkState.WAITING)))
        .values_list("pk", "waiting")
    )
    rows = []
    for section in sections:
        submission = submissions.get(section.pk)
        codes = answered_codes(submission) if submission else []
        decisions = [last.get((submission.pk, code)) for code in codes] if submission else []
        rows.append(
            QueueRow(
                section=section,
                standard=evaluation.catalogue.by_code[section.standard],
                submission=submission,
                answered=len(codes),
                decided=sum(decision is not None for decision in decisions),
                returned=decisions.count(ReviewDecision.RETURNED),
                waiting_links=waiting[section.pk],
                can_open=can_open_review(request.user, section),
            )
        )
    return rows


@login_required
@require_safe
def queue(request: SignedInRequest, npsn: str, year: int, instrument: str = INSTRUMENT) -> HttpResponse:
    evaluation = evaluation_or_404(request.user, npsn, year, instrument)
    require(can_see_queue(request.user, evaluation.school))
    sections = list(evaluation.sections.all())
    for section in sections:
        section.evaluation = evaluation
    rows = _queue_rows(request, sections)
    open_states = (SectionState.SUBMITTED, SectionState.IN_REVIEW)
    context = {
        "evaluation": evaluation,
        "school": evaluation.school,
        "waiting": sorted((row for row in rows if row.section.state in open_states), key=QueueRow.since),
        "returned": [row for row in rows if row.section.state == SectionState.RETURNED],
        "verified": [row for row in rows if row.section.state == SectionState.VERIFIED],
        "drafts": [row for row in rows if row.section.state == SectionState.DRAFT],
        "total": len(rows),
        "may_approve": may_approve(request.user, evaluation),
        "can_approve": can_approve(request.user, evaluation, states=[s.state for s in sections]),
    }
    return render(request, "evaluations/queue.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: SignedInRequest, npsn: str, year: int, instrument: str = INSTRUMENT) -> HttpResponse:
    """GET asks for confirmation and shows what is approved; POST approves."""
    evaluation = evaluation_or_404(request.user, npsn, year, instrument)
    require(may_approve(request.user, evaluation))
    if request.method == "POST":
        reviews.approve_evaluation(evaluation.pk, actor=request.user)
        messages.success(request, "Evaluasi disahkan. Hasilnya sekarang tetap.")
        return redirect(evaluation.address("profile"))
    sections = list(evaluation.sections.select_related("verified_by"))
    for section in sections:
        section.evaluation = evaluation
    catalogue = evaluation.catalogue
    context = {
        "evaluation": evaluation,
        "school": evaluation.school,
        "rows": [(section, catalogue.by_code[section.standard]) for section in sections],
        "profiles": evaluation_profiles(evaluation) if evaluation.is_national else None,
        "can_approve": can_approve(request.user, evaluation, states=[s.state for s in sections]),
    }
    return render(request, "evaluations/queue_approve.html", context)


# --- one standard -----------------------------------------------------------------------------------


def _page(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str) -> ReviewPage:
    section = section_or_404(request.user, npsn, year, standard, instrument)
    require(can_see_queue(request.user, section.evaluation.school))
    return ReviewPage(section, request.user)


def _context(page: ReviewPage, **more: object) -> dict[str, object]:
    section = page.section
    return {
        "page": page,
        "section": section,
        "evaluation": section.evaluation,
        "school": section.evaluation.school,
        "standard": section.evaluation.catalogue.by_code[section.standard],
        "catalogue": section.evaluation.catalogue.by_code,
        "can_open": can_open_review(page.user, section),
        "note": "",
        **more,
    }


@login_required
@require_safe
def section(
    request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    page = _page(request, npsn, year, standard, instrument)
    template = "evaluations/review.html" if page.submissions else "evaluations/review_none.html"
    return render(request, template, _context(page))


@login_required
@require_POST
def open_review(
    request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    section = section_or_404(request.user, npsn, year, standard, instrument)
    reviews.open_review(section.pk, actor=request.user)
    return redirect(section.evaluation.address("review", standard))


def _card_or_404(page: ReviewPage, code: str) -> Card:
    card = page.card(code) if page.submissions else None
    if card is None:
        raise NotFound(f"Pertanyaan {code[:15]} tidak ada dalam pengajuan ini.")
    return card


def _answer(
    request: SignedInRequest, page: ReviewPage, card: Card, *, saved: str = "", status: int = 200
) -> HttpResponse:
    """The card and the counters for htmx; the whole page, or a redirect to the card, for a plain POST."""
    if request.htmx:  # type: ignore[attr-defined]
        following = page.next_after(card.item.code) if saved and not card.undecided else None
        context = _context(page, card=card, saved=saved, following=following, swapped=True)
        return render(request, "evaluations/review_swap.html", context, status=status)
    if saved:
        messages.success(request, saved)
        address = page.section.evaluation.address("review", page.section.standard)
        return redirect(f"{address}#{card.anchor}")
    return render(request, "evaluations/review.html", _context(page, wrong=card), status=status)


def _refused(
    request: SignedInRequest, page: ReviewPage, card: Card, error: PermissionDenied | DomainError
) -> HttpResponse | None:
    """For htmx the card with the reason, drawn from fresh rows; None when the usual error page will do."""
    if not request.htmx:  # type: ignore[attr-defined]
        return None
    fresh = ReviewPage(page.section, page.user)
    fresh.section.refresh_from_db(fields=["state", "round"])
    card = _card_or_404(fresh, card.item.code)
    card.problem = str(error)
    return _answer(request, fresh, card, status=error.status if isinstance(error, DomainError) else 403)


@login_required
@require_POST
@vary_on_headers("HX-Request")
def item(
    request: SignedInRequest, npsn: str, year: int, standard: str, item: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    page = _page(request, npsn, year, standard, instrument)
    card = _card_or_404(page, item)
    form = ReviewForm(request.POST, item=card.item)
    correction = CorrectionForm(request.POST, item=card.item)
    corrects = request.POST.get("decision") == ReviewDecision.CORRECTED
    valid = form.is_valid()
    if corrects and not correction.is_valid():
        valid = False
    if valid:
        try:
            reviews.review_item(
                page.section.pk,
                item,
                form.cleaned_data["decision"],
                actor=request.user,
                correction=correction.to_input() if corrects else None,
                reason=form.cleaned_data["reason"],
                mode=form.cleaned_data["mode"] or "TEAM",
                attendance=form.cleaned_data["attendance"],
            )
        except (PermissionDenied, DomainError) as error:
            if not isinstance(error, DomainError) or error.status != 422:
                if (response := _refused(request, page, card, error)) is None:
                    raise
                return response
            if not form.take(error):
                card.problem = error.message
        else:
            fresh = ReviewPage(page.section, page.user)
            return _answer(request, fresh, _card_or_404(fresh, item), saved=f"Keputusan untuk {item} tersimpan.")
    if not card.allowed:  # the reason comes before any complaint about the fields
        require(card.allowed)
    card.form, card.correction = form, correction if corrects else card.correction
    card.problem = card.problem or "Keputusan ini belum tersimpan. Perbaiki bagian yang ditandai."
    return _answer(request, page, card, status=422)


@login_required
@require_POST
@vary_on_headers("HX-Request")
def link(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT) -> HttpResponse:
    page = _page(request, npsn, year, standard, instrument)
    code, revision = request.POST.get("item", ""), request.POST.get("revision", "")
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    card = _card_or_404(page, code)
    try:
        if decision not in ("accept", "return"):
            raise DomainError("Pilih: terima atau kembalikan bukti ini.")
        if all(row.frozen["revision"] != revision for row in card.evidence):
            raise DomainError("Bukti ini tidak ada dalam pengajuan pertanyaan itu.")
        reviews.review_link(
            page.section.pk, code, revision, accept=decision == "accept", actor=request.user,
            reason=reason if decision == "return" else "",
        )  # fmt: skip
    except (PermissionDenied, DomainError) as error:
        if not isinstance(error, DomainError) or error.status != 422:
            if (response := _refused(request, page, card, error)) is None:
                raise
            return response
        if any(row.frozen["revision"] == revision for row in card.evidence):
            card.link_problem[revision] = {"message": str(error), "reason": reason}
        else:
            card.problem = str(error)
        return _answer(request, page, card, status=422)
    fresh = ReviewPage(page.section, page.user)
    saved = "Bukti diterima." if decision == "accept" else "Bukti ditandai perlu diperbaiki."
    return _answer(request, fresh, _card_or_404(fresh, code), saved=saved)


def _not_closed(request: SignedInRequest, page: ReviewPage, error: DomainError, note: str = "") -> HttpResponse:
    return render(
        request, "evaluations/review.html", _context(page, close_problem=error.message, note=note), status=error.status
    )


@login_required
@require_POST
def return_section(
    request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    page = _page(request, npsn, year, standard, instrument)
    note = request.POST.get("note", "")
    try:
        reviews.return_section(page.section.pk, actor=request.user, note=note)
    except DomainError as error:
        if error.status != 422:
            raise
        return _not_closed(request, page, error, note)
    who = page.section.evaluation.school.words.school
    messages.success(
        request,
        f"{page.section.label.capitalize()} dikembalikan. {who.capitalize()} melihat apa yang perlu diperbaiki.",
    )
    return redirect(page.section.evaluation.address("queue"))


@login_required
@require_POST
def verify(request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT) -> HttpResponse:
    page = _page(request, npsn, year, standard, instrument)
    try:
        reviews.verify_section(page.section.pk, actor=request.user)
    except DomainError as error:
        if error.status != 422:
            raise
        return _not_closed(request, page, error)
    messages.success(request, f"{page.section.label.capitalize()} terverifikasi.")
    return redirect(page.section.evaluation.address("queue"))
