"""Schemes whose rule for a rank is not public: ia-2024. Pure: no Django, no I/O.

What may honestly be said: how the items spread over the categories, and plain means without what does not apply. A
letter appears only from thresholds that the school entered, and is marked as its own assumption. Rules and a worked
example: docs/algorithms/ia-2024.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from accreditation.catalogue import SchemeData, SchemeItem
from accreditation.outcome import SchemeResult
from accreditation.scoring import Answers, Rating
from common.rounding import as_text

ASSUMPTION = "asumsi sekolah sendiri"


@dataclass(frozen=True)
class Part:
    """Items that are looked at together: all, those of a component, or those of a butir."""

    code: str  # "" for all
    name: str
    counts: dict[int, int]  # items at each level, the best first
    not_applicable: int
    unanswered: int

    @property
    def rated(self) -> int:
        return sum(self.counts.values())

    @property
    def applicable(self) -> int:
        return self.rated + self.unanswered

    @property
    def asked(self) -> int:
        return self.applicable + self.not_applicable

    @property
    def mean(self) -> Fraction | None:
        """Mean level of the rated items, every item counting once."""
        return Fraction(sum(level * count for level, count in self.counts.items()), self.rated) if self.rated else None

    def share(self, level: int) -> Fraction | None:
        """Which part of the rated items is at *level*."""
        return Fraction(self.counts[level], self.rated) if self.rated else None


@dataclass(frozen=True)
class DistributionResult(SchemeResult):
    """One school under a scheme without a public rule of rank."""

    @cached_property
    def whole(self) -> Part:
        return self._part("", self.spec.title, self.layout.items.values())

    @cached_property
    def components(self) -> tuple[Part, ...]:
        return tuple(self._part(c.code, c.name, c.items) for c in self.layout.components)

    @cached_property
    def groups(self) -> tuple[Part, ...]:
        items = self.layout.items.values()
        return tuple(self._part(g.code, g.name, (i for i in items if i.group == g.code)) for g in self.layout.groups)

    @property
    def coverage(self) -> Fraction:
        """Rated of applicable items; 1 where nothing applies."""
        return Fraction(self.whole.rated, self.whole.applicable) if self.whole.applicable else Fraction(1)

    @property
    def interval(self) -> tuple[Fraction, Fraction] | None:
        """Where the mean must lie: everything missing at its worst, and at its best. None where nothing applies.

        An item that may yet turn out not to apply is covered: leaving it out moves the mean less than either end.
        """
        if not self.whole.applicable:
            return None
        scale = self.spec.scale
        return (
            self._mean(lambda rating: scale.lowest if rating is None else rating.low),
            self._mean(lambda rating: scale.highest if rating is None else rating.high),
        )

    def _mean(self, pick: Callable[[Rating | None], int]) -> Fraction:
        items = [code for code in self.layout.items if code not in self.answers.not_applicable]
        return Fraction(sum(pick(self.answers.ratings.get(code)) for code in items), len(items))

    @property
    def weakest(self) -> tuple[str, ...]:
        """Codes of the items at the lowest level that was given; () while nothing is rated, or all is at the best."""
        if not self.whole.rated:
            return ()
        lowest = min(rating.level for rating in self.answers.ratings.values())
        if lowest == self.spec.scale.highest:
            return ()
        return tuple(code for code in self.layout.items if self._level(code) == lowest)

    @property
    def rank(self) -> str | None:
        """A letter from the school's own thresholds on the mean of all items; None without them, below them all, or
        while more than one is possible."""
        if not self.answers.thresholds or self.interval is None:
            return None
        worst, best = (self.letter(mean) for mean in self.interval)
        return worst if worst == best else None

    def letter(self, mean: Fraction) -> str | None:
        """The best letter of the own thresholds that *mean* reaches; None below them all."""
        reached = [letter for letter, least in self.answers.thresholds.items() if mean >= least]
        return max(reached, key=lambda letter: self.answers.thresholds[letter], default=None)

    def _level(self, code: str) -> int | None:
        rating = self.answers.ratings.get(code)
        return None if rating is None else rating.level

    def _part(self, code: str, name: str, items: Iterable[SchemeItem]) -> Part:
        codes = [item.code for item in items]
        applicable = [c for c in codes if c not in self.answers.not_applicable]
        levels = Counter(level for c in applicable if (level := self._level(c)) is not None)
        counts = {level: levels[level] for level in reversed(self.spec.scale.levels)}
        return Part(code, name, counts, len(codes) - len(applicable), len(applicable) - sum(counts.values()))

    def as_dict(self) -> dict[str, Any]:
        interval = self.interval
        data: dict[str, Any] = {
            "scheme": self.scheme.key,
            "version": self.spec.version,
            "form": self.form,
            "distribution": {str(level): count for level, count in self.whole.counts.items()},
            "shares": {str(level): as_text(self.whole.share(level)) for level in self.whole.counts},
            "categories": {str(level): name for level, name in (self.spec.scale.names or {}).items()},
            "not_applicable": self.whole.not_applicable,
            "unanswered": self.whole.unanswered,
            "mean": as_text(self.whole.mean),
            "butir": [{"code": part.code, "mean": as_text(part.mean)} for part in self.groups],
            "components": [{"code": part.code, "mean": as_text(part.mean)} for part in self.components],
            "weakest": list(self.weakest),
            "rank": self.rank,
            "coverage": as_text(self.coverage),
            "interval": None if interval is None else {"low": as_text(interval[0]), "high": as_text(interval[1])},
        }
        if self.answers.thresholds:
            data["rank_basis"] = ASSUMPTION
        return data


def score_distribution(scheme: SchemeData, form: str, answers: Answers) -> DistributionResult:
    """One school under a scheme that has no rule of rank. *form* is one that the scheme has items for."""
    return DistributionResult(scheme, form, answers)
