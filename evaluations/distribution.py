"""How the answers to an instrument without a profile spread over its levels. Pure: no Django, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluations.scoring import UNANSWERED, Outcome, OutcomeState
from standards.items import LEVELS, ItemSpec


@dataclass(frozen=True, slots=True)
class Distribution:
    """Questions of one part by what was answered; the five kinds of counts sum up to ``total``."""

    levels: tuple[int, ...]  # how many at level 4, 3, 2, 1
    not_applicable: int
    unanswered: int
    unknown: int  # of the unanswered ones: those that nobody can answer, because their title is not public

    @property
    def total(self) -> int:
        return sum(self.levels) + self.not_applicable + self.unanswered

    @property
    def answered(self) -> int:
        """Questions with a level; "tidak berlaku" is none."""
        return sum(self.levels)

    @property
    def applicable(self) -> int:
        return self.total - self.not_applicable


def distribution(items: Iterable[ItemSpec], outcomes: Mapping[str, Outcome]) -> Distribution:
    """*outcomes* maps item codes to outcomes; an item that is missing is unanswered."""
    levels: Counter[int] = Counter()
    not_applicable = unanswered = unknown = 0
    for item in items:
        outcome = outcomes.get(item.code, UNANSWERED)
        if outcome.state is OutcomeState.NOT_APPLICABLE:
            not_applicable += 1
        elif outcome.level is None:
            unanswered += 1
            unknown += not item.answerable
        else:
            levels[outcome.level] += 1
    return Distribution(
        tuple(levels[level] for level in sorted(LEVELS, reverse=True)), not_applicable, unanswered, unknown
    )
