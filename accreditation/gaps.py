"""What one level more would add, item by item. Pure: no Django, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from accreditation.catalogue import WHOLE, SchemeItem
from accreditation.distribution import DistributionResult
from accreditation.schemes import Result
from accreditation.scoring import Rating
from accreditation.weighted import statements_of


@dataclass(frozen=True, slots=True)
class Gap:
    """An item that is not at the highest level yet.

    ``gain`` is what one level more adds, exactly and before any rounding, once everything is answered: to the final
    value (0-100) of a weighted scheme, to the mean level of all items of another.
    """

    item: SchemeItem
    rating: Rating | None  # None: unanswered
    gain: Fraction


def gaps(result: Result) -> list[Gap]:
    """Every item below the highest level: the largest gain first, then the lowest level, the unanswered last.

    Items that do not apply are no gaps, nor are those of a component that was given as a sum.
    """
    highest = result.spec.scale.highest
    found = []
    for item in result.layout.items.values():
        rating = result.answers.ratings.get(item.code)
        if item.code in result.answers.not_applicable or item.component in result.answers.obtained:
            continue
        if rating is None or rating.level < highest:
            found.append(Gap(item, rating, _gain(result, item)))
    return sorted(found, key=lambda gap: (-gap.gain, gap.rating is None, gap.rating.level if gap.rating else 0))


def _gain(result: Result, item: SchemeItem) -> Fraction:
    if isinstance(result, DistributionResult):
        return Fraction(1, result.whole.applicable)
    component = result.layout.by_code[item.component]
    share = 1 - result.spec.index.share if result.spec.index else Fraction(1)
    most = result.spec.scale.highest * component.item_weights
    return share * (component.weight or 0) * item.weight / most


def statement_gain(result: Result) -> Fraction | None:
    """What one level more on one statement of the index adds to the final value; None without an index."""
    index = result.spec.index
    if index is None:
        return None
    return index.share * WHOLE / (index.highest * statements_of(index, result.form))
