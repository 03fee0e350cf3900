"""Blank sheets to print: what an observer takes along before the questions of a group are answered."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.errors import require
from evaluations.addresses import section_or_404
from evaluations.models import INSTRUMENT
from evaluations.permissions import can_read_section
from schools.addresses import NotFound, moved_to
from schools.requests import SignedInRequest, login_required


@login_required
@require_safe
def sheet(
    request: SignedInRequest, npsn: str, year: int, standard: str, group: str, instrument: str = INSTRUMENT
) -> HttpResponse:
    """The questions of one group as this school is asked them, with room for a pen; nothing that was answered."""
    section = section_or_404(request.user, npsn, year, standard, instrument)
    if moved := moved_to(request, section.evaluation.school, npsn):
        return moved
    require(can_read_section(request.user, section))
    found = section.evaluation.spec.groups_for(section.evaluation.form).get(group)
    items = [item for item in section.items if item.group == group]
    if found is None or found.sheet is None or not items:
        raise NotFound(f"Tidak ada lembar kosong dengan nama itu dalam {section.label} ini.")
    context = {"section": section, "evaluation": section.evaluation, "group": found, "items": items}
    return render(request, "evaluations/observation_sheet.html", context)
