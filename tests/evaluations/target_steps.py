"""Ways to bring the targets of a place into a state, through the services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from evaluations.models import TargetDecision
from evaluations.services import targets
from evaluations.services.targets import Meeting, Person, TargetYear
from evaluations.targets import Wanted
from tests.evaluations import uploads
from tests.factories import Place

HELD = date(2026, 7, 21)
PEOPLE = (Person("Bambang, S.Pd.", "Ketua tim mutu"), Person("Suparman", "Ketua komite"))
MEETING = Meeting(HELD, "Ruang guru", PEOPLE)


def wanted(score: str | None = None, **more: Any) -> Wanted:
    return Wanted(None if score is None else Decimal(score), **more)


def seen(place: Place, standard: str = "8") -> str:
    codes = targets.codes_of(place.evaluation, standard)
    return targets.seen_mark(TargetYear(place.evaluation).working, codes)


def set_targets(place: Place, values: Mapping[str, str | Wanted], standard: str = "8", **kwargs: Any):
    given = {code: value if isinstance(value, Wanted) else wanted(value) for code, value in values.items()}
    kwargs = {"actor": place.team, "seen": seen(place, standard)} | kwargs
    return targets.save_targets(place.evaluation.pk, standard, given, **kwargs)


def hold_meeting(place: Place, meeting: Meeting = MEETING, **kwargs: Any) -> TargetDecision:
    kwargs = {"actor": place.team, "file": ("notulen.pdf", uploads.pdf())} | kwargs
    return targets.save_meeting(place.evaluation.pk, meeting, **kwargs)


def propose(place: Place, **kwargs: Any) -> TargetDecision:
    return hold_meeting(place, propose=True, **kwargs)


def approve(place: Place, **kwargs: Any) -> TargetDecision:
    return targets.approve_targets(place.evaluation.pk, actor=place.principal, **kwargs)


def decide(place: Place, values: Mapping[str, str | Wanted] | None = None, standard: str = "8") -> TargetDecision:
    """The whole way: set, propose, approve."""
    set_targets(place, values or {"8.1": "6.00"}, standard)
    propose(place)
    return approve(place)
