"""One standard: reading it, and answering its questions one by one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from common.errors import DomainError, require
from evaluations.addresses import section_or_404
from evaluations.answer_texts import answer_text, stored_text
from evaluations.forms import AnswerForm
from evaluations.models import INSTRUMENT, Answer
from evaluations.permissions import can_read_section, may_fill
from evaluations.presentation import Card, Conflict, SectionView, slug_of
from evaluations.services.answers import AnswerConflict, record_answer
from evaluations.services.proposals import confirm_proposals, confirming
from schools.addresses import NotFound, moved_to
from schools.models import User
from schools.requests import SignedInRequest, login_required
from standards.items import ItemSpec


def section_page(
    request: SignedInRequest, view: SectionView, *, special: Card | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    """The whole page; *special* is the card that shows what somebody typed and could not be saved."""
    context = {"view": view, "groups": view.grouped(special), "special": special, "error": error}
    return render(request, "evaluations/section.html", context, status=status)


def item_or_404(view: SectionView, code: str) -> ItemSpec:
    item = view.section.item(code)
    if item is None:
        raise NotFound(f"Pertanyaan {code[:12]} tidak ada dalam {view.section.label} ini.")
    return item


def anchor_of(view: SectionView, item: ItemSpec) -> str:
    return f"{view.url('section')}#butir-{slug_of(item.code)}"


@never_cache
@login_required
@require_safe
def section(
    request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    """All questions of one standard, with answers and evidence, to fill in or to read."""
    found = section_or_404(request.user, npsn, year, standard, instrument)
    if moved := moved_to(request, found.evaluation.school, npsn):
        return moved
    require(can_read_section(request.user, found))
    return section_page(request, SectionView(request.user, found))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def answer(
    request: SignedInRequest, npsn: str, year: int, standard: str, item: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    """Save one answer; htmx gets the question's form in its new state, others go back to the question."""
    view = SectionView(request.user, section_or_404(request.user, npsn, year, standard, instrument))
    require(can_read_section(request.user, view.section))
    spec = item_or_404(view, item)
    if request.method != "POST":
        return redirect(anchor_of(view, spec))
    require(may_fill(request.user, view.section))
    if request.POST.get("pakai") == "server":
        return _reply(request, view, spec, view.answers.get(item))
    form = view.new_form(spec, None, request.POST)
    if not form.is_valid():
        return _refused(request, view, spec, form)
    try:
        wanted = form.to_input()
        if origin := request.POST.get("usulan", ""):
            wanted = confirming(view.section, spec, wanted, origin)
        view.section, kept = record_answer(
            view.section.pk, item, wanted,
            version=form.cleaned_data["version"], actor=request.user, on_behalf_of=_person(view, form),
            known=view.section,
        )  # fmt: skip
    except AnswerConflict as conflict:
        return _conflicting(request, view, spec, form, conflict.current)
    except DomainError as problem:  # also when the standard was submitted meanwhile: what was typed stays
        _show(form, problem)
        return _refused(request, view, spec, form, status=problem.status)
    for notice in form.notices:
        if not request.htmx:
            messages.warning(request, f"{item}: {notice}")
    return _reply(request, view, spec, kept, notices=form.notices)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposals(
    request: SignedInRequest, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    """All answers that may be confirmed in this section, to tick and confirm together."""
    view = SectionView(request.user, section_or_404(request.user, npsn, year, standard, instrument))
    require(can_read_section(request.user, view.section))
    require(view.editable)
    error, status, person = "", 200, request.POST.get("on_behalf_of", "")
    chosen = request.POST.getlist("item") if request.method == "POST" else None
    if chosen is not None:
        people = {one.username: one for one in view.people}
        if (person and person not in people) or (view.types_only and not person):
            error, status = "Pilih nama orang yang menjawab dari daftar.", 422
        elif not chosen:
            error, status = "Centang dahulu usulan yang hendak dikonfirmasi.", 422
        else:
            done = confirm_proposals(
                view.section.pk, chosen, actor=request.user, seen=_seen(request), on_behalf_of=people.get(person)
            )
            left = len(set(chosen)) - len(done)
            if done:
                messages.success(request, f"{len(done)} usulan dikonfirmasi dan tersimpan sebagai jawaban.")
            if left:
                messages.warning(
                    request,
                    f"{left} usulan tidak dipakai karena sudah dijawab atau berubah sementara itu. "
                    "Bila masih ada, lihat lagi usulan yang sekarang.",
                )
            return redirect(view.url("section"))
    new = set(view.new_proposals)
    cards = [view.full_card(item, with_form=False, proposed=True) for item in view.items if item.code in new]
    context = {"view": view, "cards": cards, "chosen": chosen, "person": person, "error": error}
    return render(request, "evaluations/proposals.html", context, status=status)


def _seen(request: SignedInRequest) -> dict[str, str]:
    """The marks of the proposals that stood on the page, by item."""
    return {code: mark for code, _, mark in (text.partition(":") for text in request.POST.getlist("dilihat"))}


def _person(view: SectionView, form: AnswerForm) -> User | None:
    username = form.cleaned_data.get("on_behalf_of")
    return next((person for person in view.people if person.username == username), None)


def _show(form: AnswerForm, problem: DomainError) -> None:
    placed = {name: text for name, text in problem.fields.items() if name in form.fields}
    for name, text in placed.items():
        form.add_error(name, text)
    if not placed:
        form.add_error(None, problem.message)


def _reply(
    request: SignedInRequest,
    view: SectionView,
    item: ItemSpec,
    kept: Answer | None,
    notices: list[str] | None = None,
) -> HttpResponse:
    """The state as it is on the server now."""
    if not request.htmx:
        return redirect(anchor_of(view, item))
    context = {"view": view, "card": view.card(item, kept, saved=True), "notices": notices or []}
    return render(request, "evaluations/partials/_answer_saved.html", context)


def _refused(
    request: SignedInRequest, view: SectionView, item: ItemSpec, form: AnswerForm, *, status: int = 422, **extra: Any
) -> HttpResponse:
    """The question with what the person typed, nothing lost, and why it was not saved."""
    current = view.answers.get(item.code)
    if request.htmx:
        card = view.card(item, current, form=form, pending=True, **extra)
        return render(request, "evaluations/partials/_answer.html", {"card": card, "notices": []}, status=status)
    card = view.full_card(item, form=form, pending=True, **extra)
    error = f"Jawaban {item.code} belum tersimpan. Isian Anda masih ada pada pertanyaan itu."
    return section_page(request, view, special=card, error=error, status=status)


def _conflicting(
    request: SignedInRequest, view: SectionView, item: ItemSpec, form: AnswerForm, current: Answer | None
) -> HttpResponse:
    """Both answers side by side; sending the form again replaces the newer one knowingly."""
    mine = form.to_input()
    data = request.POST.copy()
    data["version"] = str(current.version if current else 0)
    again = view.new_form(item, None, data)
    view.answers = {code: row for code, row in view.answers.items() if code != item.code}
    if current is not None:
        view.answers[item.code] = current
    both = Conflict(
        theirs=answer_text(view.spec, item, current),
        their_note=current.note if current else "",
        their_origin=view.card(item, current).saved_text,
        mine=stored_text(view.spec, item, mine.state, mine.value, mine.na_reason),
        my_note=mine.note,
    )
    return _refused(request, view, item, again, status=409, conflict=both)
