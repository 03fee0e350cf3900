"""A school with something to try out, and what a browser sends for its simulation."""

from __future__ import annotations

import copy
from typing import Any

from django.urls import reverse

from accreditation.models import Scenario
from accreditation.scheme_form import SchemeForm
from accreditation.services.readiness import Readiness, assess, gather, the_schemes
from accreditation.services.scenarios import create_scenario, present_copy
from accreditation.services.sheets import save_sheet
from evaluations.models import Evaluation
from evaluations.services import answers
from evaluations.services.instruments import open_evaluation
from tests.factories import Place, whole_catalogue

SUMS = {
    "isi": 109, "proses": 210, "skl": 95, "ptk": 200, "sarpras": 110, "pengelolaan": 160, "pembiayaan": 150,
    "penilaian": 174,
}  # fmt: skip


def scheme(key: str = "ia-2024"):
    return the_schemes()[key]


def answer_directly(place: Place, level: int = 3, key: str = "ia-2024", only: str = "") -> None:
    """Answer every item of another instrument (or those whose code begins with *only*) at the same level."""
    opened = Evaluation.objects.filter(cycle=place.cycle, version__instrument=key)
    if not opened.exists():
        whole_catalogue()
        open_evaluation(place.cycle.pk, key, actor=place.team)
    there = copy.copy(place)
    there.evaluation = Evaluation.objects.with_place().get(cycle=place.cycle, version__instrument=key)
    for standard in there.evaluation.spec.standards_for(place.school.form):
        section = there.section(standard)
        for item in section.items:
            if item.answerable and item.code.startswith(only):
                row = section.answers.filter(item_code=item.code).first()
                given = answers.AnswerInput("ANSWERED", {"level": level})
                version = row.version if row else 0
                answers.record_answer(section.pk, item.code, given, version=version, actor=place.teacher)


def enter(place: Place, key: str, data: dict[str, Any]) -> None:
    save_sheet(place.cycle, scheme(key), place.school.form, version=0, actor=place.team, data=data)


def letters(letter: str, **others: str) -> dict[str, Any]:
    """All 119 letters of ban-2017; others by item, such as ``b5="E"``."""
    given = dict.fromkeys(scheme("ban-2017").layouts["SD"].items, letter)
    return {"answers": given | {code.removeprefix("b"): one for code, one in others.items()}}


def present(place: Place, key: str = "ia-2024") -> Readiness:
    return assess(gather(place.cycle), scheme(key))


def keep(place: Place, name: str = "Coba", key: str = "ia-2024", **kwargs: Any) -> Scenario:
    data = kwargs.pop("data", None) or present_copy(present(place, key)).data
    kwargs.setdefault("actor", place.team)
    return create_scenario(place.cycle, scheme(key), place.school.form, name=name, data=data, **kwargs)


def url(place: Place, name: str, *args: str, key: str = "ia-2024") -> str:
    return reverse(f"accreditation:{name}", args=[place.school.npsn, place.cycle.year, key, *args])


def sent(key: str, data: dict[str, Any], **changes: str) -> dict[str, str]:
    """Every field of the simulation with this input, as a browser sends them; changed fields with ``_`` for ``-``."""
    form = SchemeForm(scheme(key), "SD", None, data)
    fields = {field.name: field.text for section in form.sections for field in section.fields}
    fields |= {"way": form.way} if form.both_ways else {}
    return fields | {name.replace("_", "-", 1): value for name, value in changes.items()}
