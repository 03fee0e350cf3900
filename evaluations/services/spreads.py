"""How the answers to instruments without a profile spread over the levels, in the three ways of looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluations.distribution import Distribution, distribution
from evaluations.models import Evaluation
from evaluations.scoring import Outcome
from evaluations.services.profiles import KINDS, evaluation_outcomes, view_name


@dataclass(frozen=True)
class Column:
    """One of the three ways of looking: its name and its counts, for one part or for all."""

    kind: str
    label: str
    counts: Distribution


def columns(
    evaluation: Evaluation, outcomes: Mapping[str, Mapping[str, Outcome]], standard: str | None = None
) -> tuple[Column, ...]:
    items = [item for item in evaluation.asked.values() if standard in (None, item.standard)]
    words = evaluation.school.words
    return tuple(Column(kind, view_name(kind, words), distribution(items, outcomes[kind])) for kind in KINDS)


@dataclass(frozen=True)
class Spread:
    """The whole of one own instrument in one year."""

    evaluation: Evaluation
    submitted: bool  # any part of it
    columns: tuple[Column, ...]


def own_spreads(national: Evaluation, *, submitted_only: bool = False) -> list[Spread]:
    """Own instruments of school and office that are answered in the same cycle; one query and five for each of them.

    With *submitted_only* what was never submitted counts as unanswered.
    """
    rows = Evaluation.objects.filter(cycle=national.cycle, version__owner_school__isnull=False) | (
        Evaluation.objects.filter(cycle=national.cycle, version__owner_office__isnull=False)
    )
    found = []
    for evaluation in rows.select_related("version__owner_school", "version__owner_office").order_by(
        "version__instrument"
    ):
        evaluation.cycle = national.cycle
        outcomes = evaluation_outcomes(evaluation, submitted_only=submitted_only)
        submitted = evaluation.sections.filter(round__gt=0).exists()
        found.append(Spread(evaluation, submitted, columns(evaluation, outcomes)))
    return found
