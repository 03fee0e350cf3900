"""Schemes whose components carry weights: ban-2017 and iasp-2020. Pure: no Django, no I/O.

Everything is an exact Fraction; a Decimal appears only where the scheme's data name a rounding step, and for display.
Rules, sources and worked examples: docs/algorithms/ban-2017.md and docs/algorithms/iasp-2020.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from accreditation.catalogue import WHOLE, Component, Condition, IndexSpec, Rank, SchemeData, SchemeSpec, total
from accreditation.outcome import SchemeResult
from accreditation.scoring import Answers, Rating
from common.rounding import as_text, round_half_up

ACCREDITED = "TERAKREDITASI"
NOT_ACCREDITED = "TIDAK_TERAKREDITASI"

Pick = Callable[[Rating | None], int | None]  # the level that counts; None: the item is left out


def _present(rating: Rating | None) -> int | None:
    return None if rating is None else rating.level


@dataclass(frozen=True)
class ComponentFigure:
    """One component: obtained of possible weighted points (of the answered items alone), and what follows."""

    component: Component
    obtained: Fraction
    possible: Fraction
    answered: int
    value: Fraction | None  # 0 to the weight of the component, rounded where the scheme rounds; None: nothing answered

    @property
    def asked(self) -> int:
        return len(self.component.items)

    @property
    def weight(self) -> int:
        return self.component.weight or 0

    @property
    def exact(self) -> Fraction | None:
        """The value before any rounding."""
        return self.weight * self.obtained / self.possible if self.possible else None

    @property
    def printed(self) -> Decimal | None:
        """The value with two decimals."""
        return None if self.value is None else round_half_up(self.value)

    @cached_property
    def scaled(self) -> int | None:
        """The value on a scale of 0-100, a whole number, half up, from the value that the sum uses."""
        return None if self.value is None else int(round_half_up(self.value / self.weight * WHOLE, 0))


@dataclass(frozen=True)
class Totals:
    """The figures of one set of levels: the components, the index, and the final value."""

    components: tuple[ComponentFigure, ...]
    index: Fraction | None  # 0-100, exact
    share: Fraction  # of the index in the final value; 0 without an index

    @cached_property
    def performance(self) -> Fraction | None:
        """Sum of the components on 0-100. A component without answers is left out of sum and weights."""
        known = [figure for figure in self.components if figure.value is not None]
        if not known:
            return None
        value = total(figure.value for figure in known if figure.value is not None)
        weight = sum(figure.weight for figure in known)
        return value if weight == WHOLE else value * WHOLE / weight

    @cached_property
    def final(self) -> Fraction | None:
        """The final value on 0-100; without statements of the index the performance alone."""
        if self.performance is None or not self.share or self.index is None:
            return self.performance
        return self.share * self.index + (1 - self.share) * self.performance

    @cached_property
    def rounded(self) -> int | None:
        return None if self.final is None else int(round_half_up(self.final, 0))


@dataclass(frozen=True)
class Verdict:
    """What the conditions and ranks make of complete figures. Never a decision of an accreditation body."""

    met: Mapping[str, bool]  # by condition
    rank: Rank | None  # None: no letter

    @property
    def status(self) -> str:
        return ACCREDITED if all(self.met.values()) else NOT_ACCREDITED


def _holds(condition: Condition, totals: Totals) -> bool:
    """Whether a condition holds; what it looks at is known."""
    if condition.of == "index":
        return totals.index is not None and totals.index >= condition.at_least
    if condition.of == "final":
        return totals.rounded is not None and totals.rounded >= condition.at_least
    figures = [f for f in totals.components if condition.component in ("", f.component.code)]
    return all(figure.scaled is not None and figure.scaled >= condition.at_least for figure in figures)


def verdict(spec: SchemeSpec, totals: Totals) -> Verdict:
    """Status and rank of complete figures.

    A letter of the accredited ranks needs the status. Below them all, the letters for "not accredited" apply (schemes
    without such letters have none); a school that is high enough but fails a condition has no letter.
    """
    met = {condition.code: _holds(condition, totals) for condition in spec.conditions}
    value = totals.rounded
    if value is None:
        return Verdict(met, None)
    reached = next((rank for rank in spec.ranks if value >= rank.at_least), None)
    if reached is not None and reached.accredited and not all(met.values()):
        reached = None
    return Verdict(met, reached)


@dataclass(frozen=True)
class WeightedResult(SchemeResult):
    """One school under one weighted scheme: of what is there, and at the worst and the best that is still possible."""

    present: Totals
    low: Totals
    high: Totals

    @cached_property
    def worst(self) -> Verdict:
        return verdict(self.spec, self.low)

    @cached_property
    def best(self) -> Verdict:
        return verdict(self.spec, self.high)

    @property
    def complete(self) -> bool:
        """Everything is answered, and nothing is an estimate."""
        return self.answered == self.asked and self.low.final == self.high.final

    @property
    def answered(self) -> int:
        """Answered items and statements."""
        statements = sum(value is not None for value in self.answers.statements)
        return sum(figure.answered for figure in self.present.components) + statements

    @property
    def asked(self) -> int:
        return sum(figure.asked for figure in self.present.components) + statements_of(self.spec.index, self.form)

    @property
    def coverage(self) -> Fraction:
        return Fraction(self.answered, self.asked)

    @property
    def score(self) -> Decimal | None:
        """0.00 to 100.00, of what is there; None while no item is answered."""
        return None if self.present.final is None else round_half_up(self.present.final)

    @property
    def interval(self) -> tuple[Decimal, Decimal]:
        """Where the final score must lie: everything missing at its worst, and at its best."""
        return round_half_up(self.low.final or 0), round_half_up(self.high.final or 0)

    @property
    def barred(self) -> bool:
        """An entry condition was answered with no: there is no visit, so neither status nor letter can follow."""
        return not all(self.answers.entry.values())

    @property
    def status(self) -> str | None:
        """None while both are still possible. Entry conditions that nobody answered are left out of account."""
        if self.barred:
            return NOT_ACCREDITED
        return self.worst.status if self.worst.status == self.best.status else None

    @property
    def rank(self) -> str | None:
        """The letter, or None: there is none, or more than one is still possible."""
        worst, best = self.worst.rank, self.best.rank
        return worst.letter if worst is not None and worst == best and not self.barred else None

    def met(self, code: str) -> bool | None:
        """Whether a condition holds; None while that is open."""
        worst, best = self.worst.met[code], self.best.met[code]
        return worst if worst == best else None

    @property
    def notes(self) -> list[str]:
        """What a reader must know beside the figures."""
        found: list[str] = []
        index = self.spec.index
        for condition in self.spec.conditions:
            if index is not None and condition.of == "index" and self.met(condition.code) is False:
                found.append(
                    f"{index.name} di bawah {condition.at_least}: menurut aturan skema ini belum divisitasi, "
                    f"berapa pun nilai akhirnya."
                )
        if self.complete and (near := self._near_limits()):
            found.append(
                f"Nilai akhir kurang dari satu angka dari batas {' dan '.join(near)}. Cara membulatkan yang resmi "
                f"tidak ditemukan, jadi peringkatnya perkiraan."
            )
        if self.spec.entry is not None:
            missing = [q.text for q in self.spec.entry.questions if self.answers.entry.get(q.code) is False]
            if missing:
                found.append(f"{self.spec.entry.title} belum terpenuhi: {'; '.join(missing)}.")
        return found

    def _near_limits(self) -> list[str]:
        """Limits of ranks that another way of rounding might reach or miss; none where the rounding is confirmed."""
        rounding, final = self.spec.rounding, self.present.final
        if final is None or rounding is None or rounding.status == "confirmed":
            return []
        return [f"{rank.at_least} ({rank.letter})" for rank in self.spec.ranks if abs(final - rank.at_least) < 1]

    def as_dict(self) -> dict[str, Any]:
        low, high = self.interval
        data: dict[str, Any] = {
            "scheme": self.scheme.key,
            "version": self.spec.version,
            "form": self.form,
            "score": as_text(self.score),
            "rounded": self.present.rounded,
            "status": self.status,
            "rank": self.rank,
        }
        if self.spec.index is not None:
            data["ik"] = as_text(self.present.performance)
            data[self.spec.index.code] = as_text(self.present.index)
        data["components"] = [
            {"code": figure.component.code, "value": as_text(figure.value), "scaled": figure.scaled}
            for figure in self.present.components
        ]
        data["conditions"] = [{"code": c.code, "met": self.met(c.code)} for c in self.spec.conditions]
        data["coverage"] = as_text(self.coverage)
        data["interval"] = {"low": f"{low:f}", "high": f"{high:f}"}
        data["notes"] = self.notes
        return data


def statements_of(index: IndexSpec | None, form: str) -> int:
    """How many statements the index of a scheme has in one form of education; 0 without an index."""
    return 0 if index is None else index.statements[form]  # type: ignore[index]


def score_weighted(scheme: SchemeData, form: str, answers: Answers) -> WeightedResult:
    """Score one school. *form* is one that the scheme scores, and every code in *answers* is one of its items."""
    spec, layout = scheme.spec, scheme.layouts[form]
    lowest, highest = spec.scale.lowest, spec.scale.highest

    def totals(pick: Pick, statement: int | None) -> Totals:
        figures = tuple(_component(spec, part, answers, pick) for part in layout.components)
        count = statements_of(spec.index, form)
        if spec.index is None:
            return Totals(figures, None, Fraction(0))
        given = [*answers.statements, *[None] * (count - len(answers.statements))]
        values = [value if value is not None else statement for value in given]
        known = [value for value in values if value is not None]
        index = Fraction(sum(known) * WHOLE, spec.index.highest * len(known)) if known else None
        return Totals(figures, index, spec.index.share)

    return WeightedResult(
        scheme,
        form,
        answers,
        present=totals(_present, None),
        low=totals(lambda rating: lowest if rating is None else rating.low, 1),
        high=totals(
            lambda rating: highest if rating is None else rating.high, spec.index.highest if spec.index else None
        ),
    )


def _component(spec: SchemeSpec, component: Component, answers: Answers, pick: Pick) -> ComponentFigure:
    """One component from the levels that *pick* takes, or from the sum that was given for it."""
    highest = spec.scale.highest
    if component.code in answers.obtained:
        obtained, possible = answers.obtained[component.code], Fraction(highest * component.item_weights)
        answered = len(component.items)
        if component.code in answers.estimated and (end := pick(None)) is not None:
            obtained = Fraction(end * component.item_weights)  # an estimated sum rules nothing out
    else:
        levels = [(item.weight, pick(answers.ratings.get(item.code))) for item in component.items]
        known = [(weight, level) for weight, level in levels if level is not None]
        obtained = Fraction(sum(weight * level for weight, level in known))
        possible = Fraction(highest * sum(weight for weight, _ in known))
        answered = len(known)
    value = None
    if possible and component.weight is not None:
        value = component.weight * obtained / possible
        if spec.rounding is not None and spec.rounding.component_digits is not None:
            value = Fraction(round_half_up(value, spec.rounding.component_digits))
    return ComponentFigure(component, obtained, possible, answered, value)
