"""What answers to one instrument suggest about an item of another, through a crosswalk. Pure: no Django.

docs/crosswalk.md says what a link means and works an example.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from accreditation.catalogue import total
from accreditation.scoring import Rating
from common.explanation import Explanation
from standards.crosswalk import Link
from standards.wording import read_as


@dataclass(frozen=True, slots=True)
class Estimate:
    """Between which levels an item may lie, and from which answers that is read."""

    low: Fraction  # exact ends of the range
    high: Fraction
    links: tuple[tuple[Link, int], ...]  # with the level of the question
    missing: tuple[Link, ...]  # links whose question is not answered

    @property
    def rating(self) -> Rating:
        """The middle of the range as a level, between the whole levels around the range.

        Exactly half goes to the lower level: an estimate must not flatter.
        """
        middle = math.ceil((self.low + self.high) / 2 - Fraction(1, 2))
        return Rating(middle, math.floor(self.low), math.ceil(self.high), estimated=True)


def explain_estimate(found: Estimate, questions: Mapping[str, str], form: str) -> tuple[Explanation, ...]:
    """One part per answered question, and one that says how the range came to be, in the words of *form*.

    *questions* are the texts of the questions.
    """
    parts = [
        Explanation(
            f"{link.source} {questions.get(link.source, '')}".strip(),
            f"level {level}, jadi antara {link.levels[level][0]} dan {link.levels[level][1]}",
            f"bobot {link.weight}",
            read_as(link.why, form),
        )
        for link, level in found.links
    ]
    weights = " + ".join(str(link.weight) for link, _ in found.links)
    low, high = (
        " + ".join(f"{link.weight} x {link.levels[level][end]}" for link, level in found.links) for end in (0, 1)
    )
    formula = (
        f"paling rendah ({low}) : ({weights}) = {found.low}; paling tinggi ({high}) : ({weights}) = {found.high}; "
        f"tengahnya dibulatkan (tepat setengah: ke bawah) menjadi level {found.rating.level}"
    )
    if found.missing:
        formula += f"; {len(found.missing)} pertanyaan lain belum dijawab"
    whole = Explanation("Perkiraan dari jawaban evaluasi diri", f"level {found.rating.level}", formula)
    return (whole, *parts)


def estimate(links: Iterable[Link], levels: Mapping[str, int]) -> Estimate | None:
    """The estimate from the answered questions alone; *levels* by question. None when none of them is answered."""
    known, missing = [], []
    for link in links:
        if link.source in levels and link.levels:
            known.append((link, levels[link.source]))
        else:
            missing.append(link)
    if not known:
        return None
    weight = total(link.weight for link, _ in known)
    low, high = (total(link.weight * link.levels[level][end] for link, level in known) / weight for end in (0, 1))
    return Estimate(low, high, tuple(known), tuple(missing))
