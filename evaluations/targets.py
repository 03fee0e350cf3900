"""What a school wants to reach, rolled up and held against what it reached: pure functions, no Django, no clock.

The rules, with a worked example, stand in docs/algorithms/targets.md. Everything is exact (``Fraction``) up to the
one rounding of each printed figure. Not set is not zero: it leaves the mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from common.formats import format_decimal
from evaluations.scoring import Figure, Profile, figure_of, mean
from standards.catalogue import Catalogue
from standards.instruments import Rules


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a school says about one indicator or subindicator; ``score`` None is not set, which is not zero."""

    score: Decimal | None = None
    beyond: bool = False  # melampaui SNP
    beyond_note: str = ""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Wanted()

    def stored(self) -> dict[str, Any]:
        """Ready for JSON: the score with two decimals."""
        score = None if self.score is None else f"{self.score:.2f}"
        return {"score": score, "beyond": self.beyond, "beyond_note": self.beyond_note, "note": self.note}


def wanted_from(stored: Mapping[str, Any]) -> Wanted:
    """The inverse of :meth:`Wanted.stored`."""
    return Wanted(**{**stored, "score": None if stored["score"] is None else Decimal(stored["score"])})


@dataclass(frozen=True, slots=True)
class Goal:
    """The target of one row: set for the row itself, or the mean of the parts below it that have one.

    ``rests_on`` names these parts, of ``parts`` in all; a target of its own rests on the row itself.
    """

    figure: Figure
    own: bool
    rests_on: frozenset[str]
    parts: int

    @property
    def is_set(self) -> bool:
        return self.figure.score is not None


@dataclass(frozen=True)
class Goals:
    """Targets of every row that can have one, by code, and the total under ``""``."""

    by_code: Mapping[str, Goal]
    part_name: str  # what the parts of a standard are: "indikator" or "subindikator"

    @property
    def total(self) -> Goal:
        return self.by_code[""]

    def basis(self, code: str) -> str:
        """``2 dari 3 indikator``: on what the mean of a row rests; "" for a target of its own, or none at all."""
        goal = self.by_code[code]
        if goal.own or not goal.is_set:
            return ""
        below = "subindikator" if "." in code else self.part_name
        return f"{len(goal.rests_on)} dari {goal.parts} {below if code else 'standar'}"


def targetable(catalogue: Catalogue, measured: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Indicators that can have a target, each with its subindicators: those whose code is among *measured*."""
    found = {}
    for row in catalogue.rows:
        if row.level == "indicator" and (
            parts := tuple(part.code for part in catalogue.children(row.code) if part.code in measured)
        ):
            found[row.code] = parts
    return found


def build_goals(catalogue: Catalogue, rules: Rules, measured: Collection[str], wanted: Mapping[str, Fraction]) -> Goals:
    """Roll up what is *wanted*: scores on the scale by the code of an indicator or a subindicator.

    *measured* are the subindicators that the school is asked about. An indicator takes its own target, else the mean
    of those of its subindicators; a standard the mean over its indicators or, where the instrument takes its
    standards from subindicators, over these, an indicator with a target of its own speaking for each of its own; the
    total is the mean of the standards.

    Raises ValueError for a code that can't have a target here, or a score off the scale.
    """
    indicators = targetable(catalogue, measured)
    allowed = {code for indicator, parts in indicators.items() for code in (indicator, *parts)}
    for code, score in wanted.items():
        if code not in allowed:
            raise ValueError(f"kode {code} tidak dapat diberi target")
        if not 0 <= score <= rules.scale:
            raise ValueError(f"{code}: target {score} di luar 0 sampai {rules.scale}")
    by_code: dict[str, Goal] = {}

    def goal(code: str, score: Fraction | None, rests_on: Iterable[str], parts: int, *, own: bool = False) -> None:
        name = catalogue.by_code[code].name if code else "Keseluruhan"
        by_code[code] = Goal(figure_of(code, name, score, rules), own, frozenset(rests_on), parts)

    for standard in catalogue.standards:
        rows = {code: parts for code, parts in indicators.items() if catalogue.by_code[code].parent == standard.code}
        if not rows:
            continue
        for code, parts in rows.items():
            for part in parts:
                goal(part, wanted.get(part), [part] if part in wanted else [], 1, own=part in wanted)
            if code in wanted:
                goal(code, wanted[code], [code], len(parts), own=True)
            else:
                known = [part for part in parts if part in wanted]
                goal(code, mean(wanted[part] for part in known), known, len(parts))
        if rules.standard_from == "indicators":
            shares = {code: by_code[code].figure.score for code in rows}
        else:
            shares = {
                part: by_code[code].figure.score if by_code[code].own else by_code[part].figure.score
                for code, parts in rows.items()
                for part in parts
            }
        known = [code for code, score in shares.items() if score is not None]
        goal(standard.code, mean(shares.values()), known, len(shares))
    standards = [row.code for row in catalogue.standards if row.code in by_code]
    known = [code for code in standards if by_code[code].is_set]
    goal("", mean(by_code[code].figure.score for code in standards), known, len(standards))
    return Goals(by_code, "indikator" if rules.standard_from == "indicators" else "subindikator")


# --- target and result ------------------------------------------------------------------------------


class GapState(StrEnum):
    UNSET = "unset"
    NO_RESULT = "no_result"
    UNLIKE = "unlike"  # target and result rest on different parts
    SHORT = "short"
    MET = "met"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a result is from its target, in words that need no colour."""

    state: GapState
    by: Decimal = Decimal(0)

    @property
    def text(self) -> str:
        return {
            GapState.UNSET: "",
            GapState.NO_RESULT: "belum ada hasil",
            GapState.UNLIKE: "belum sebanding",
            GapState.SHORT: f"kurang {format_decimal(self.by)}",
            GapState.MET: "tercapai",
            GapState.ABOVE: f"melampaui {format_decimal(self.by)}",
        }[self.state]


def gap_between(goal: Goal, result: Figure, *, alike: bool = True) -> Gap:
    """The gap between two printed figures, since these are what people compare; *alike*: they rest on the same."""
    if goal.figure.shown is None:
        return Gap(GapState.UNSET)
    if result.shown is None:
        return Gap(GapState.NO_RESULT)
    if not alike:
        return Gap(GapState.UNLIKE)
    by = goal.figure.shown - result.shown
    if by > 0:
        return Gap(GapState.SHORT, by)
    return Gap(GapState.ABOVE, -by) if by else Gap(GapState.MET)


def compare(catalogue: Catalogue, goals: Goals, profile: Profile) -> dict[str, Gap]:
    """The gap of every row of *goals* to *profile*, by code.

    A target that was set for the row itself is compared with the result of the row. A mean is compared only where
    the result is the mean of the very same parts: a target over one indicator says nothing about three.
    """
    results = {f.code: f for f in (*profile.standards, *profile.indicators, *profile.subindicators)}
    results[""] = profile.total
    alike: dict[str, bool] = {}

    def parts_of(code: str) -> list[str]:
        if not code:
            return [row.code for row in catalogue.standards if row.code in goals.by_code]
        below = [row.code for row in catalogue.children(code) if row.code in goals.by_code]
        if code in {row.code for row in catalogue.standards} and goals.part_name == "subindikator":
            return [part for indicator in below for part in parts_of(indicator)]
        return below

    def like(code: str) -> bool:
        if code not in alike:
            goal = goals.by_code[code]
            reached = {part for part in parts_of(code) if results[part].score is not None}
            # A subindicator that its indicator speaks for has no target of its own to look into.
            alike[code] = goal.own or (
                goal.rests_on == reached and all(like(part) for part in reached if goals.by_code[part].is_set)
            )
        return alike[code]

    return {code: gap_between(goal, results[code], alike=like(code)) for code, goal in goals.by_code.items()}
