"""What every scoring scheme looks like, as pure interfaces: no Django, no clock, no I/O.

A scheme is versioned data plus a function from one school's answers to a result. It knows which forms of education
it can score, and every result can say where its numbers come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from common.explanation import Explanation


class InputError(ValueError):
    """Input that cannot be scored. The message is Indonesian and names the code or field at fault."""


class CannotScoreError(Exception):
    """The rule for this form of education is not known. The message says in Indonesian what is missing."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What is known about one item: its level, and for an estimate between which levels it lies.

    A level that somebody gave is exact: low = level = high. Raises ValueError unless low <= level <= high.
    """

    level: int
    low: int
    high: int
    estimated: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.level <= self.high:
            raise ValueError(f"level {self.level} di luar {self.low} sampai {self.high}")

    @classmethod
    def given(cls, level: int) -> Rating:
        return cls(level, level, level)


@dataclass(frozen=True)
class Answers:
    """The answers of one school to one scheme. What is missing is unanswered."""

    ratings: Mapping[str, Rating] = field(default_factory=dict)  # by item
    not_applicable: frozenset[str] = frozenset()  # items
    obtained: Mapping[str, Fraction] = field(default_factory=dict)  # weighted sums by component, instead of its items
    estimated: frozenset[str] = frozenset()  # components whose sum is an estimate
    statements: tuple[int | None, ...] = ()  # of the index, by their place
    entry: Mapping[str, bool] = field(default_factory=dict)  # conditions that are not scored
    thresholds: Mapping[str, Fraction] = field(default_factory=dict)  # letters that the school chose for itself
    contexts: Mapping[str, str] = field(default_factory=dict)  # rubric that was used, by item that has several


class Result(Protocol):
    """The figures of one school under one scheme. Nothing in it is a decision of an accreditation body."""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: scores as strings with their decimals, None where nothing was measured."""
        ...

    def explain(self) -> Explanation:
        """Items, weights, fractions, roundings, thresholds and source of the figures."""
        ...


class Scheme(Protocol):
    """One way of scoring, in one version."""

    @property
    def key(self) -> str:
        """The name under which people ask for it, such as ``snp-profile``."""
        ...

    @property
    def forms(self) -> tuple[str, ...]:
        """Forms of education that it can score."""
        ...

    def score(self, form: str, data: Mapping[str, Any]) -> Result:
        """Score *data*, the parsed JSON of one school. Raises InputError for a wrong form, code or value."""
        ...
