"""Results of one scheme beside each other: figures, conditions, and the items in which they differ. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accreditation.catalogue import SchemeData, SchemeItem
from accreditation.distribution import ASSUMPTION, DistributionResult
from accreditation.explaining import item_name
from accreditation.scheme_input import NA
from accreditation.schemes import Result, explain
from accreditation.scoring import Answers
from accreditation.weighted import ACCREDITED, WeightedResult, statements_of
from common.explanation import Explanation
from common.formats import format_decimal
from common.rounding import round_half_up

EMPTY = "belum terisi"
OPEN = "belum pasti"
_MET = {True: "terpenuhi", False: "belum terpenuhi", None: OPEN}
_YES = {True: "ya", False: "tidak", None: EMPTY}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of two results, as it is shown; ``change`` is ``+2,35`` from the first to the second, or ""."""

    label: str
    first: str
    second: str
    change: str = ""

    @property
    def differs(self) -> bool:
        return self.first != self.second


@dataclass(frozen=True, slots=True)
class Standing:
    """A condition and whether it holds; None while both are possible."""

    text: str
    met: bool | None

    @property
    def word(self) -> str:
        return _MET[self.met]

    @property
    def tone(self) -> str:
        return {True: "good", False: "bad", None: "neutral"}[self.met]


@dataclass(frozen=True)
class Headline:
    """A result in the few words that fit at the edge of a phone, against the real figures where they are given."""

    result: Result
    real: Result | None = None

    @property
    def label(self) -> str:
        return "Nilai akhir" if isinstance(self.result, WeightedResult) else "Rata-rata"

    @property
    def value(self) -> str:
        return format_decimal(_value(self.result), EMPTY)

    @property
    def change(self) -> str:
        """``+2,35`` against the real figures; "" without one of both."""
        return _change(_value(self.real), _value(self.result)) if self.real else ""

    @property
    def letter(self) -> str:
        """The rank in words; "" where the scheme has no letter to show."""
        if isinstance(self.result, WeightedResult):
            return f"peringkat hitung {_rank(self.result)}"
        if not self.result.answers.thresholds:
            return ""
        return f"huruf {self.result.rank or OPEN} ({ASSUMPTION})"

    @property
    def conditions(self) -> tuple[Standing, ...]:
        if not isinstance(self.result, WeightedResult):
            return ()
        return tuple(Standing(c.text, self.result.met(c.code)) for c in self.result.spec.conditions)

    @property
    def met(self) -> int:
        return sum(one.met is True for one in self.conditions)

    @property
    def missed(self) -> tuple[Standing, ...]:
        return tuple(one for one in self.conditions if one.met is False)

    @property
    def notes(self) -> list[str]:
        """What a reader must know beside the figures."""
        return self.result.notes if isinstance(self.result, WeightedResult) else []

    @property
    def entry_missed(self) -> str:
        """``IPM: 2 syarat belum terpenuhi``, the conditions that are not scored; "" when none is missed."""
        entry = self.result.spec.entry
        count = 0 if entry is None else sum(self.result.answers.entry.get(q.code) is False for q in entry.questions)
        return f"{entry.title}: {count} syarat belum terpenuhi" if entry and count else ""

    @property
    def explanation(self) -> Explanation:
        return explain(self.result)

    @property
    def spread(self) -> str:
        """``12 Sangat Baik, 20 Baik, …``: the items at each level of a scheme that weighs nothing."""
        if isinstance(self.result, WeightedResult):
            return ""
        names = self.result.spec.scale.names or {}
        return ", ".join(f"{count} {names.get(level, level)}" for level, count in self.result.whole.counts.items())

    @property
    def asked(self) -> int:
        return self.result.asked if isinstance(self.result, WeightedResult) else self.result.whole.applicable

    @property
    def answered(self) -> int:
        return self.result.answered if isinstance(self.result, WeightedResult) else self.result.whole.rated

    @property
    def interval(self) -> str:
        """Where the final figure must lie while anything is missing or an estimate; "" otherwise."""
        ends = self.result.interval
        if ends is None or ends[0] == ends[1]:
            return ""
        return f"antara {format_decimal(round_half_up(ends[0]))} dan {format_decimal(round_half_up(ends[1]))}"


def _value(result: Result) -> Decimal | None:
    if isinstance(result, WeightedResult):
        return result.score
    return None if result.whole.mean is None else round_half_up(result.whole.mean)


def _change(first: Decimal | int | None, second: Decimal | int | None) -> str:
    """The difference of two figures as they are printed; "" when one is missing or both are the same."""
    if first is None or second is None or first == second:
        return ""
    sign = "+" if second > first else "−"
    difference = abs(Decimal(second) - Decimal(first))
    return f"{sign}{format_decimal(difference)}"


def _rank(result: WeightedResult) -> str:
    worst, best = result.worst.rank, result.best.rank
    if result.barred:
        return "tanpa huruf"
    if worst != best:
        return OPEN
    return f"{worst.letter} ({worst.name})" if worst else "tanpa huruf"


# --- figures ----------------------------------------------------------------------------------------------


def figure_rows(first: Result, second: Result) -> list[Row]:
    """All figures of two results of the same scheme and form, side by side."""
    if isinstance(first, WeightedResult) and isinstance(second, WeightedResult):
        return list(_weighted(first, second))
    if isinstance(first, DistributionResult) and isinstance(second, DistributionResult):
        return list(_distribution(first, second))
    raise ValueError("results of different kinds")


def _numbers(label: str, first: Fraction | Decimal | None, second: Fraction | Decimal | None) -> Row:
    one, other = (None if value is None else round_half_up(value) for value in (first, second))
    return Row(label, format_decimal(one, EMPTY), format_decimal(other, EMPTY), _change(one, other))


def _counts(label: str, first: int, second: int) -> Row:
    return Row(label, str(first), str(second), _change(first, second))


def _weighted(first: WeightedResult, second: WeightedResult) -> Iterator[Row]:
    spec = first.spec
    yield _numbers("Nilai akhir", first.score, second.score)
    yield Row("Peringkat hitung", _rank(first), _rank(second))
    yield Row("Semua syarat status", _status(first), _status(second))
    for condition in spec.conditions:
        yield Row(condition.text, _MET[first.met(condition.code)], _MET[second.met(condition.code)])
    if spec.index is not None:
        yield _numbers("Kinerja (IK)", first.present.performance, second.present.performance)
        yield _numbers(spec.index.name, first.present.index, second.present.index)
    for one, other in zip(first.present.components, second.present.components, strict=True):
        yield _numbers(f"{one.component.name} (dari {one.weight})", one.printed, other.printed)
    yield _counts("Terisi", first.answered, second.answered)


def _status(result: WeightedResult) -> str:
    return OPEN if result.status is None else _MET[result.status == ACCREDITED]


def _distribution(first: DistributionResult, second: DistributionResult) -> Iterator[Row]:
    scale = first.spec.scale
    yield _numbers("Rata-rata", first.whole.mean, second.whole.mean)
    for level in reversed(scale.levels):
        yield _counts(f"Level {scale.shown(level)}", first.whole.counts[level], second.whole.counts[level])
    yield _counts("Tidak berlaku", first.whole.not_applicable, second.whole.not_applicable)
    yield _counts("Belum terisi", first.whole.unanswered, second.whole.unanswered)
    for one, other in zip(first.components, second.components, strict=True):
        yield _numbers(f"{one.code} {one.name}", one.mean, other.mean)
    if first.answers.thresholds or second.answers.thresholds:
        yield Row(f"Huruf ({ASSUMPTION})", first.rank or OPEN, second.rank or OPEN)


# --- items ------------------------------------------------------------------------------------------------


def item_rows(scheme: SchemeData, form: str, first: Answers, second: Answers) -> list[Row]:
    """The items and entries in which two sets of answers differ, in the order of the instrument.

    An estimate and a given level are the same when the level is; the row of a difference says which is which.
    """
    items = [
        Row(item_name(scheme.spec.labels.item, item), _level(scheme, item, first), _level(scheme, item, second))
        for item in scheme.layouts[form].items.values()
        if _known(item, first) != _known(item, second)
    ]
    return items + [row for row in _entries(scheme, form, first, second) if row.differs]


def _known(item: SchemeItem, answers: Answers) -> int | str | None:
    """The level of an item, NA, or None."""
    if item.code in answers.not_applicable:
        return NA
    rating = answers.ratings.get(item.code)
    return None if rating is None else rating.level


def _entries(scheme: SchemeData, form: str, first: Answers, second: Answers) -> Iterator[Row]:
    """What is answered beside the items."""
    spec, layout = scheme.spec, scheme.layouts[form]
    for component in layout.components:
        sums = (one.obtained.get(component.code) for one in (first, second))
        yield Row(f"Jumlah skor {component.name}", *(EMPTY if one is None else _points(one) for one in sums))
    for place in range(statements_of(spec.index, form)):
        given = [one.statements[place] if place < len(one.statements) else None for one in (first, second)]
        name = spec.index.code.upper() if spec.index else ""
        yield Row(f"{name} pernyataan {place + 1}", *(EMPTY if value is None else str(value) for value in given))
    for question in spec.entry.questions if spec.entry else ():
        yield Row(question.text, *(_YES[one.entry.get(question.code)] for one in (first, second)))
    for letter in spec.thresholds.letters if spec.thresholds else ():
        least = (one.thresholds.get(letter) for one in (first, second))
        yield Row(f"Ambang {letter} ({ASSUMPTION})", *(EMPTY if one is None else _points(one) for one in least))


def _points(value: Fraction) -> str:
    return format_decimal(round_half_up(value).normalize() if value.denominator > 1 else int(value))


def _level(scheme: SchemeData, item: SchemeItem, answers: Answers) -> str:
    if item.code in answers.not_applicable:
        return "tidak berlaku"
    rating = answers.ratings.get(item.code)
    if rating is None:
        return EMPTY
    shown = scheme.spec.scale.shown(rating.level)
    return f"{shown}, perkiraan" if rating.estimated else shown
