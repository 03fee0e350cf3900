"""From the parts of an address to rows, for people who may know them; anything else is a 404 with a message."""

from __future__ import annotations

import re

from django.contrib.auth.models import AnonymousUser

from evaluations.models import INSTRUMENT, Evaluation, Section
from schools.addresses import NotFound, school_or_404
from schools.models import School, User

STANDARD = re.compile(r"[1-9][0-9]?")
MISSING_YEAR = "Siklus mutu tahun itu belum dibuka, atau sekolahnya di luar tugas Anda."


def evaluation_or_404(user: User | AnonymousUser, npsn: str, year: int, instrument: str = INSTRUMENT) -> Evaluation:
    """The school's evaluation on *instrument* in the year that starts in *year*, with all that a page names.

    One query for a current NPSN. Raises NotFound.
    """
    rows = Evaluation.objects.visible_to(user).with_place().filter(cycle__year=year, version__instrument=instrument)
    evaluation = rows.filter(cycle__school__npsn=npsn).first()
    if evaluation is None:
        school = school_or_404(user, npsn)  # a former number still answers; a foreign or malformed one ends here
        evaluation = rows.filter(cycle__school=school).first()
    if evaluation is None:
        raise NotFound(MISSING_YEAR)
    return evaluation


def section_or_404(
    user: User | AnonymousUser, npsn: str, year: int, standard: str, instrument: str = INSTRUMENT
) -> Section:
    """The section of one standard, its evaluation loaded as above. One query for a current NPSN. Raises NotFound."""
    if not STANDARD.fullmatch(standard):
        raise NotFound(f"Bagian {standard[:5]} tidak dikenal.")
    rows = Section.objects.select_related("evaluation__cycle__school__region", "evaluation__version").filter(
        standard=standard,
        evaluation__cycle__school__in=School.objects.visible_to(user),
        evaluation__cycle__year=year,
        evaluation__version__instrument=instrument,
    )
    section = rows.filter(evaluation__cycle__school__npsn=npsn).first()
    if section is None:
        evaluation = evaluation_or_404(user, npsn, year, instrument)
        section = rows.filter(evaluation=evaluation).first()
    if section is None:
        raise NotFound(f"Bagian {standard} tidak diukur instrumen ini.")
    return section
