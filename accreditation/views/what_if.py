"""What if: levels changed in a copy, kept as scenarios, and two of them beside each other. Private to the school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accreditation.models import Scenario, ScenarioKind
from accreditation.place import Place, place_or_404
from accreditation.scenario_presentation import Headline, Row, figure_rows, item_rows
from accreditation.scheme_form import SchemeForm
from accreditation.schemes import Result, score
from accreditation.scoring import Answers
from accreditation.services.scenarios import (
    MOST,
    NAME_LENGTH,
    ScenarioConflict,
    answers_from,
    answers_of,
    change_scenario,
    create_scenario,
    delete_scenario,
    mark_of,
    present_copy,
    scenarios_of,
)
from accreditation.target_form import target_words
from common.errors import DomainError, require
from common.htmx import fragment_or
from schools.addresses import NotFound, moved_to
from schools.requests import SignedInRequest, login_required

PARTS = ("items", "obtained", "statements", "entry", "thresholds")
GONE = (
    "Skenario ini tidak ada, atau sudah dihapus, jadi belum ada yang tersimpan. Yang Anda isi masih ada di bawah; "
    "simpan sebagai skenario baru bila masih perlu."
)
PRESENT = "sekarang"  # the real figures, in the address of a comparison


def private_place(request: SignedInRequest, npsn: str, year: int, scheme: str) -> Place:
    """The place, for people inside the school. Raises NotFound, also where the scheme cannot score the school."""
    place = place_or_404(request.user, npsn, year, scheme)
    require(place.may_try)
    if place.unscored:
        raise NotFound(place.unscored)
    return place


def _scenario(place: Place, code: str) -> Scenario | None:
    found = scenarios_of(place.cycle, place.scheme).filter(code=code).first()
    if found is not None:
        found.cycle = place.cycle
    return found


def _scenario_or_404(place: Place, code: str) -> Scenario:
    found = _scenario(place, code)
    if found is None:
        raise NotFound("Skenario ini tidak ada, atau sudah dihapus. Buka Simulasi untuk melihat yang tersimpan.")
    return found


# --- the simulation ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A scenario in the list; ``headline`` is None when it does not fit the scheme any more."""

    scenario: Scenario
    headline: Headline | None


class Simulation:
    """The levels on the page: a copy of the real ones, those of a scenario, or what was sent."""

    def __init__(self, place: Place, scenario: Scenario | None = None, data: Any = None) -> None:
        self.place = place
        self.scenario = scenario
        self.copy = present_copy(place.readiness)
        if scenario is not None:
            answers_of(scenario, place.scheme, place.form)  # says so when it does not fit any more
        initial = self.copy.data if scenario is None else scenario.data
        self.form = SchemeForm(place.scheme, place.form, data, initial, PARTS)
        self.valid = data is None or self.form.is_valid()

    @property
    def answers(self) -> Answers:
        return answers_from(self.place.scheme, self.place.form, self.form.to_input())

    @property
    def real(self) -> Result:
        return self.place.readiness.claimed

    def context(self) -> dict[str, Any]:
        """For the page and for the fragment that follows a change."""
        found: dict[str, Any] = {"place": self.place, "form": self.form, "headline": None, "rows": []}
        if self.valid:
            result = score(self.place.scheme, self.place.form, self.answers)
            found |= {"headline": Headline(result, self.real), "rows": figure_rows(self.real, result)}
        return found


def _page(request: SignedInRequest, simulation: Simulation, *, status: int = 200, **extra: Any) -> HttpResponse:
    place, scenario = simulation.place, simulation.scenario
    context = simulation.context() | {
        "tab": "what_if",
        "scenario": scenario,
        "copy": simulation.copy,
        "estimated": [code for code in place.layout.items if code in simulation.copy.estimated]
        + [part.name for part in place.layout.components if part.code in simulation.copy.estimated],
        "kept": _kept(place),
        "most": MOST,
        "name_length": NAME_LENGTH,
        "name": scenario.name if scenario else "",
        "name_error": "",
        "error": "",
        "seen": mark_of(scenario) if scenario else "",
        "theirs": None,
        "compare_url": place.url("compare"),
        "plan": _plan(place, scenario) if scenario and scenario.kind == ScenarioKind.PATH else None,
    }
    return render(request, "accreditation/what_if.html", context | extra, status=status)


def _kept(place: Place) -> list[Kept]:
    found = []
    for scenario in scenarios_of(place.cycle, place.scheme):
        try:
            answers = answers_of(scenario, place.scheme, place.form)
        except DomainError:
            found.append(Kept(scenario, None))
        else:
            found.append(Kept(scenario, Headline(score(place.scheme, place.form, answers), place.readiness.claimed)))
    return found


def _plan(place: Place, scenario: Scenario) -> dict[str, Any]:
    """The target of a path and its raises, in words."""
    names = {item.code: item.name for item in place.layout.items.values()}
    shown = place.scheme.spec.scale.shown
    items = place.layout.items
    rows = [
        {
            "code": one["code"],
            "name": names.get(one["code"], ""),
            "start": shown(one["from"]) if one["code"] in items else str(one["from"]),
            "end": shown(one["to"]) if one["code"] in items else str(one["to"]),
            "effort": one["effort"],
        }
        for one in scenario.plan
    ]
    return {"target": target_words(place.scheme, scenario.target), "rows": rows}


def _calculate(request: SignedInRequest, simulation: Simulation) -> HttpResponse:
    """The page with what was sent; for a change on the page its figures alone."""
    status = 200 if simulation.valid else 422
    if fragment_or(request, "fragment", "page") == "fragment":
        return render(request, "accreditation/partials/_simulation.html", simulation.context(), status=status)
    kept = {"name": request.POST.get("name", ""), "seen": request.POST.get("seen", "")}
    return _page(request, simulation, status=status, **kept)


def _gone(request: SignedInRequest, place: Place) -> HttpResponse:
    """What was sent for a scenario that is not there any more stays on the page, to be kept under a name of its own."""
    simulation = Simulation(place, data=request.POST)
    if fragment_or(request, "fragment", "page") == "fragment":
        return _calculate(request, simulation)
    return _page(request, simulation, status=404, name=request.POST.get("name", ""), error=GONE)


@never_cache
@vary_on_headers("HX-Request")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """A copy of the present levels to change; POST calculates and stores nothing."""
    place = private_place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    if request.method == "POST":
        return _calculate(request, Simulation(place, data=request.POST))
    return _page(request, Simulation(place))


@never_cache
@vary_on_headers("HX-Request")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request: SignedInRequest, npsn: str, year: int, scheme: str, code: str) -> HttpResponse:
    """The levels of a saved scenario to change; POST calculates and stores nothing."""
    place = private_place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    if request.method == "POST":
        found = _scenario(place, code)
        return _calculate(request, Simulation(place, found, request.POST)) if found else _gone(request, place)
    return _page(request, Simulation(place, _scenario_or_404(place, code)))


# --- keeping ----------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_POST
def create(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """Keep the levels on the page under a new name."""
    place = private_place(request, npsn, year, scheme)
    require(place.may_keep)
    simulation = Simulation(place, data=request.POST)
    name = request.POST.get("name", "")
    if not simulation.valid:
        return _page(request, simulation, status=422, name=name)
    try:
        made = create_scenario(
            place.cycle, place.scheme, place.form, name=name, data=simulation.form.to_input(), actor=request.user
        )
    except DomainError as problem:
        return _refused(request, simulation, problem)
    messages.success(request, f"Skenario “{made.name}” tersimpan. Jawaban dan isian sekolah tidak berubah.")
    return redirect(place.url("scenario", made.code))


@never_cache
@login_required
@require_POST
def save(request: SignedInRequest, npsn: str, year: int, scheme: str, code: str) -> HttpResponse:
    """Keep changed levels or another name in the same scenario, against the state that the person saw."""
    place = private_place(request, npsn, year, scheme)
    require(place.may_keep)
    found = _scenario(place, code)
    if found is None:
        return _gone(request, place)
    simulation = Simulation(place, found, request.POST)
    name, seen = request.POST.get("name", ""), request.POST.get("seen", "")
    if not simulation.valid:
        return _page(request, simulation, status=422, name=name, seen=seen)
    try:
        kept = change_scenario(
            found.pk, place.scheme, place.form,
            seen=seen, actor=request.user, name=name, data=simulation.form.to_input(),
        )  # fmt: skip
    except ScenarioConflict as conflict:
        theirs = {"name": conflict.current.name, "rows": _differences(simulation, conflict.current)}
        again = {"name": name, "seen": mark_of(conflict.current), "theirs": theirs}
        return _page(request, simulation, status=conflict.status, error=conflict.message, **again)
    except DomainError as problem:
        return _refused(request, simulation, problem)
    messages.success(request, f"Skenario “{kept.name}” tersimpan. Jawaban dan isian sekolah tidak berubah.")
    return redirect(place.url("scenario", kept.code))


def _differences(simulation: Simulation, current: Scenario) -> list[Row]:
    """What somebody else saved (first) against what stands on the page (second)."""
    place = simulation.place
    return item_rows(place.scheme, place.form, answers_of(current, place.scheme, place.form), simulation.answers)


def _refused(request: SignedInRequest, simulation: Simulation, problem: DomainError) -> HttpResponse:
    told = problem.fields.get("name", "")
    kept = {"name": request.POST.get("name", ""), "seen": request.POST.get("seen", "")}
    return _page(
        request, simulation, status=problem.status, name_error=told, error="" if told else problem.message, **kept
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, npsn: str, year: int, scheme: str, code: str) -> HttpResponse:
    """Ask, then delete."""
    place = private_place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    require(place.may_keep)
    found = _scenario_or_404(place, code)
    error, status = "", 200
    if request.method == "POST":
        try:
            delete_scenario(found.pk, seen=request.POST.get("seen", ""), actor=request.user)
        except ScenarioConflict as conflict:
            found, status = conflict.current, conflict.status
            error = "Skenario ini baru saja diubah orang lain. Lihat dahulu isinya, atau hapus sekali lagi."
        else:
            messages.success(request, f"Skenario “{found.name}” dihapus.")
            return redirect(place.url("what_if"))
    context = {"place": place, "tab": "what_if", "scenario": found, "seen": mark_of(found), "error": error}
    return render(request, "accreditation/scenario_delete.html", context, status=status)


# --- comparing --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One side of a comparison."""

    code: str
    name: str
    url: str
    result: Result

    @property
    def headline(self) -> Headline:
        return Headline(self.result)


def _side(place: Place, code: str, scenarios: list[Scenario]) -> Side:
    """The real figures or a scenario. Raises NotFound, DomainError for one that does not fit any more."""
    if code == PRESENT:
        return Side(PRESENT, "Angka sekarang", place.url("readiness"), place.readiness.claimed)
    found = next((one for one in scenarios if one.code == code), None)
    if found is None:
        raise NotFound("Skenario yang dibandingkan tidak ada, atau sudah dihapus. Buka Simulasi, lalu pilih lagi.")
    result = score(place.scheme, place.form, answers_of(found, place.scheme, place.form))
    return Side(code, found.name, place.url("scenario", code), result)


@never_cache
@login_required
@require_safe
def compare(request: SignedInRequest, npsn: str, year: int, scheme: str) -> HttpResponse:
    """Two scenarios, or one and the real figures: all figures, and the items that differ."""
    place = private_place(request, npsn, year, scheme)
    if moved := moved_to(request, place.school, npsn):
        return moved
    scenarios = list(scenarios_of(place.cycle, place.scheme))
    newest = [one.code for one in scenarios]
    first = request.GET.get("a") or PRESENT
    second = request.GET.get("b") or next((code for code in newest if code != first), PRESENT)
    context: dict[str, Any] = {"place": place, "tab": "what_if", "scenarios": scenarios, "present": PRESENT}
    if scenarios:
        one, other = (_side(place, code, scenarios) for code in (first, second))
        context |= {
            "first": one,
            "second": other,
            "sides": [one] if one.code == other.code else [one, other],
            "figures": figure_rows(one.result, other.result),
            "items": item_rows(place.scheme, place.form, one.result.answers, other.result.answers),
        }
    return render(request, "accreditation/compare.html", context)
