"""A result in the words and rows of a page. Pure: no Django.

Everything is said "menurut hitungan ini": nothing here is a decision of an accreditation body.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from accreditation.catalogue import Rank, SchemeItem
from accreditation.distribution import DistributionResult, Part
from accreditation.schemes import Result, explain
from accreditation.weighted import ACCREDITED, NOT_ACCREDITED, WeightedResult
from common.charts import Bar, stacked_bars
from common.explanation import Explanation
from common.rounding import round_half_up

_STATUS = {
    ACCREDITED: ("good", "Terakreditasi menurut hitungan ini"),
    NOT_ACCREDITED: ("attention", "Tidak terakreditasi menurut hitungan ini"),
    None: ("neutral", "Status belum dapat ditentukan dari yang terisi"),
}
_MET = {True: ("good", "Terpenuhi"), False: ("attention", "Belum terpenuhi"), None: ("neutral", "Belum pasti")}


@dataclass(frozen=True, slots=True)
class Line:
    """A condition with tone and word of its badge."""

    text: str
    tone: str
    word: str


@dataclass(frozen=True, slots=True)
class Level:
    """How many items are at one level, and how many percent of the rated ones (0-100)."""

    name: str
    count: int
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean level of some items; None while none is rated."""

    name: str
    value: Decimal | None
    rated: int
    applicable: int


@dataclass(frozen=True)
class ResultView:
    """What the partial ``_result.html`` shows of either kind of result."""

    result: Result

    @cached_property
    def explanation(self) -> Explanation:
        return explain(self.result)

    @property
    def weighted(self) -> WeightedResult | None:
        return self.result if isinstance(self.result, WeightedResult) else None

    @property
    def spread(self) -> DistributionResult | None:
        return self.result if isinstance(self.result, DistributionResult) else None

    @property
    def answered(self) -> int:
        return self.result.answered if isinstance(self.result, WeightedResult) else self.result.whole.rated

    @property
    def asked(self) -> int:
        """Of a spread only what applies."""
        return self.result.asked if isinstance(self.result, WeightedResult) else self.result.whole.applicable

    @property
    def estimated(self) -> int:
        """Of the answered items those that are estimates; a component with an estimated sum counts with all of its."""
        answers, layout = self.result.answers, self.result.layout
        sums = sum(len(layout.by_code[code].items) for code in answers.estimated)
        return sums + sum(rating.estimated for rating in answers.ratings.values())

    # --- weighted ---------------------------------------------------------------------------------------

    @property
    def status(self) -> tuple[str, str] | None:
        """Tone and label of the badge."""
        return _STATUS[self.result.status] if isinstance(self.result, WeightedResult) else None

    @property
    def rank(self) -> Rank | None:
        """The rank of the letter, with its name."""
        if not isinstance(self.result, WeightedResult) or self.result.rank is None:
            return None
        return next(rank for rank in self.result.spec.ranks if rank.letter == self.result.rank)

    @property
    def rank_reason(self) -> str:
        """Why there is no letter."""
        if not isinstance(self.result, WeightedResult):
            return ""
        if self.result.worst.rank != self.result.best.rank:
            return "Lebih dari satu peringkat masih mungkin."
        return "Tanpa huruf: ada syarat yang belum terpenuhi, atau nilainya di bawah semua peringkat."

    @property
    def conditions(self) -> list[Line]:
        if not isinstance(self.result, WeightedResult):
            return []
        return [Line(c.text, *_MET[self.result.met(c.code)]) for c in self.result.spec.conditions]

    @property
    def performance(self) -> Decimal | None:
        """The mean of the components where an index stands beside it (IK), 0-100."""
        return _rounded(self.result.present.performance) if isinstance(self.result, WeightedResult) else None

    @property
    def index(self) -> Decimal | None:
        return _rounded(self.result.present.index) if isinstance(self.result, WeightedResult) else None

    # --- spread over the categories ----------------------------------------------------------------------

    @property
    def levels(self) -> list[Level]:
        if not isinstance(self.result, DistributionResult):
            return []
        whole, scale = self.result.whole, self.result.spec.scale
        return [Level(scale.shown(level), count, _percent(whole.share(level))) for level, count in whole.counts.items()]

    @property
    def drawing(self) -> str:
        """The same counts as one bar: SVG, with all text escaped."""
        if not isinstance(self.result, DistributionResult):
            return ""
        whole = self.result.whole
        names = [*(level.name for level in self.levels), "Belum terisi", "Tidak berlaku"]
        counts = (*whole.counts.values(), whole.unanswered, whole.not_applicable)
        title = f"Sebaran {self.result.spec.labels.item}"
        return stacked_bars([Bar(title, counts)], names, title=title)

    @property
    def mean(self) -> Decimal | None:
        return _rounded(self.result.whole.mean) if isinstance(self.result, DistributionResult) else None

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Where the final figure must lie; None when that is known, or nothing applies."""
        if isinstance(self.result, WeightedResult):
            return None if self.result.complete else self.result.interval
        if self.result.interval is None or self.result.interval[0] == self.result.interval[1]:
            return None
        low, high = self.result.interval
        return round_half_up(low), round_half_up(high)

    @property
    def component_means(self) -> list[Mean]:
        return [_mean(part) for part in self.result.components] if isinstance(self.result, DistributionResult) else []

    @property
    def group_means(self) -> list[Mean]:
        return [_mean(part) for part in self.result.groups] if isinstance(self.result, DistributionResult) else []

    @property
    def weakest(self) -> list[SchemeItem]:
        """The items at the lowest level that was given; none while that is the best there is."""
        if not isinstance(self.result, DistributionResult):
            return []
        return [self.result.layout.items[code] for code in self.result.weakest]

    @property
    def weakest_level(self) -> str:
        if not self.weakest:
            return ""
        return self.result.spec.scale.shown(min(rating.level for rating in self.result.answers.ratings.values()))

    @property
    def own_letter(self) -> str:
        """What the school's own thresholds give; "" without thresholds."""
        if not isinstance(self.result, DistributionResult) or not self.result.answers.thresholds:
            return ""
        if self.result.rank is not None:
            return self.result.rank
        if self.result.interval is None or self.result.interval[0] != self.result.interval[1]:
            return "Belum pasti"
        return "Di bawah semua ambang"


def _rounded(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_half_up(value)


def _percent(share: Fraction | None) -> Decimal | None:
    return None if share is None else round_half_up(share * 100, 1)


def _mean(part: Part) -> Mean:
    return Mean(f"{part.code} {part.name}", _rounded(part.mean), part.rated, part.applicable)
