"""The quality profile, 0-7, as pure functions: no Django, no clock, no I/O.

Source of the rules: docs/algorithms/quality-profile.md (with a worked table). Everything is exact
(``Fraction``) up to the one rounding at the end, two decimals, half up; categories are read from the rounded
score with inclusive upper limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from common.explanation import Explanation
from common.formats import format_decimal
from common.rounding import round_half_up
from evaluations.values import Value, describe, describe_fraction, fraction_of, reading_level
from standards.catalogue import Catalogue, CatalogueRow
from standards.instruments import InstrumentSpec, Rules
from standards.items import ItemSpec


class OutcomeState(StrEnum):
    ANSWERED = "answered"
    NOT_APPLICABLE = "not_applicable"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one item contributes. ``fraction`` is 0-1 when answered, else None; zero is an answer."""

    state: OutcomeState
    fraction: Fraction | None = None
    level: int | None = None  # as people read it
    text: str = ""
    working: str = ""


UNANSWERED = Outcome(OutcomeState.UNANSWERED, text="belum dijawab")
NOT_APPLICABLE = Outcome(OutcomeState.NOT_APPLICABLE, text="tidak berlaku")


def outcome_of(item: ItemSpec, value: Value, rules: Rules) -> Outcome:
    """The outcome of an answer; a ratio of nothing is "tidak berlaku" by itself."""
    reached = fraction_of(item, value, rules)
    if reached is None:
        return Outcome(OutcomeState.NOT_APPLICABLE, text=describe(item, value), working="pembagi 0: tidak berlaku")
    return Outcome(
        OutcomeState.ANSWERED,
        reached,
        reading_level(item, value, rules),
        describe(item, value),
        describe_fraction(item, value, rules),
    )


def backed(verified: Outcome, *, has_accepted_link: bool) -> Outcome:
    """The evidence-backed outcome: the verified one when proof was accepted or none is needed.

    The lowest level and "tidak" need none, so that honesty is not punished; "tidak berlaku" stays.
    """
    if verified.state is not OutcomeState.ANSWERED or verified.level == 1 or has_accepted_link:
        return verified
    return UNANSWERED


@dataclass(frozen=True, slots=True)
class Figure:
    """A score on the scale of the instrument (0-7), or None when nothing below it is measured."""

    code: str
    name: str
    score: Fraction | None
    shown: Decimal | None
    category: str | None

    @property
    def printed(self) -> str | None:
        """``"2.63"``, with two decimals and a point; None when not measured."""
        return None if self.shown is None else f"{self.shown:f}"


@dataclass(frozen=True, slots=True)
class Count:
    """``n dari m``: applicable items answered, of those applicable."""

    answered: int
    applicable: int


@dataclass(frozen=True)
class Profile:
    """Scores from subindicator to total, with coverage."""

    total: Figure
    standards: tuple[Figure, ...]
    indicators: tuple[Figure, ...]
    subindicators: tuple[Figure, ...]
    measured: int  # standards with a score
    coverage: Fraction  # answered share of the applicable subindicators of the form, 0-1
    items: Count
    items_by_standard: Mapping[str, Count]

    def figure(self, code: str) -> Figure:
        """Raises KeyError for an unknown code."""
        for figures in (self.standards, self.indicators, self.subindicators):
            for figure in figures:
                if figure.code == code:
                    return figure
        raise KeyError(code)


def mean(values: Iterable[Fraction | None]) -> Fraction | None:
    """Plain mean of what is measured; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def category_of(shown: Decimal, rules: Rules) -> str:
    """Name of the category of a rounded score. Raises ValueError for a score above the scale or below 0."""
    if shown < 0:
        raise ValueError(f"nilai {shown} di bawah 0")
    for category in rules.categories:
        if Fraction(shown) <= category.upper:
            return category.name
    raise ValueError(f"nilai {shown} di atas {rules.scale}")


def figure_of(code: str, name: str, score: Fraction | None, rules: Rules) -> Figure:
    """Round once and name the category."""
    if score is None:
        return Figure(code, name, None, None, None)
    shown = round_half_up(score, rules.digits)
    return Figure(code, name, score, shown, category_of(shown, rules))


def _subindicator(
    items: Sequence[ItemSpec], outcomes: Mapping[str, Outcome], rules: Rules
) -> tuple[Fraction | None, Fraction, Fraction]:
    """Score, answered weight and applicable weight of one subindicator, from its items."""
    answered = applicable = reached = Fraction(0)
    for item in items:
        outcome = outcomes.get(item.code, UNANSWERED)
        if outcome.state is OutcomeState.NOT_APPLICABLE:
            continue
        applicable += item.weight
        if outcome.fraction is not None:
            answered += item.weight
            reached += item.weight * outcome.fraction
    score = reached / answered * rules.scale if answered else None
    return score, answered, applicable


def build_profile(
    catalogue: Catalogue,
    instrument: InstrumentSpec,
    form: str,
    outcomes: Mapping[str, Outcome],
    *,
    given: Mapping[str, Fraction | Outcome] | None = None,
) -> Profile:
    """The profile of one school of education form *form*.

    *outcomes* maps item codes to outcomes; an item that is missing is unanswered. *given* sets whole
    subindicators: a ``Fraction`` is a score on the scale, an ``Outcome`` one for a subindicator that the
    instrument does not ask about yet.

    Subindicator = weighted mean of its items x scale; indicator = mean of its subindicators; standard = mean of
    its indicators (or subindicators, a rule of the instrument); total = mean of the measured standards. Not
    applicable leaves the mean; unanswered leaves it too and lowers coverage.

    Raises ValueError for a code that is neither an item nor a subindicator here, or a given score off the scale.
    """
    rules = instrument.profile_rules
    given = given or {}
    by_subindicator: dict[str, list[ItemSpec]] = {}
    for item in instrument.items_for(form):
        by_subindicator.setdefault(item.subindicator, []).append(item)
    asked = {item.code for items in by_subindicator.values() for item in items}
    if unknown := sorted(set(outcomes) - asked):
        raise ValueError(f"kode {', '.join(unknown)} tidak ditanyakan untuk {form}")
    covered_elsewhere = {item.subindicator for item in instrument.items}

    standards: list[Figure] = []
    indicators: list[Figure] = []
    subindicators: list[Figure] = []
    answered_total = applicable_total = Fraction(0)
    used: set[str] = set()
    for standard in catalogue.standards:
        indicator_scores: list[Fraction | None] = []
        all_scores: list[Fraction | None] = []
        for indicator in catalogue.children(standard.code):
            scores: list[Fraction | None] = []
            for row in catalogue.children(indicator.code):
                score, share, applies = _row(row, by_subindicator, covered_elsewhere, outcomes, given, rules)
                used.add(row.code)
                scores.append(score)
                answered_total += share
                applicable_total += applies
                subindicators.append(figure_of(row.code, row.name, score, rules))
            all_scores += scores
            indicator_scores.append(mean(scores))
            indicators.append(figure_of(indicator.code, indicator.name, indicator_scores[-1], rules))
        basis = indicator_scores if rules.standard_from == "indicators" else all_scores
        standards.append(figure_of(standard.code, standard.name, mean(basis), rules))
    if unknown := sorted(set(given) - used):
        raise ValueError(f"kode {', '.join(unknown)} bukan subindikator")

    measured = [figure for figure in standards if figure.score is not None]
    return Profile(
        total=figure_of("", "Keseluruhan", mean(figure.score for figure in measured), rules),
        standards=tuple(standards),
        indicators=tuple(indicators),
        subindicators=tuple(subindicators),
        measured=len(measured),
        coverage=answered_total / applicable_total if applicable_total else Fraction(0),
        items=_count(instrument.items_for(form), outcomes),
        items_by_standard={
            code: _count(instrument.items_for(form, code), outcomes) for code in instrument.standards_for(form)
        },
    )


def _row(
    row: CatalogueRow,
    by_subindicator: Mapping[str, Sequence[ItemSpec]],
    covered_elsewhere: set[str],
    outcomes: Mapping[str, Outcome],
    given: Mapping[str, Fraction | Outcome],
    rules: Rules,
) -> tuple[Fraction | None, Fraction, int]:
    """Score, answered share (0-1) and whether it applies (0 or 1) of one subindicator."""
    setting = given.get(row.code)
    if isinstance(setting, Fraction):
        if not 0 <= setting <= rules.scale:
            raise ValueError(f"{row.code}: nilai {setting} di luar 0 sampai {rules.scale}")
        return setting, Fraction(1), 1
    if isinstance(setting, Outcome):
        if setting.state is OutcomeState.NOT_APPLICABLE:
            return None, Fraction(0), 0
        score = None if setting.fraction is None else setting.fraction * rules.scale
        return score, Fraction(0) if score is None else Fraction(1), 1
    items = by_subindicator.get(row.code)
    if items is None:
        # Asked at other forms only: does not apply here. Asked nowhere yet: applies and is not measured.
        return None, Fraction(0), 0 if row.code in covered_elsewhere else 1
    score, answered, applicable = _subindicator(items, outcomes, rules)
    return score, answered / applicable if applicable else Fraction(0), 1 if applicable else 0


def _count(items: Iterable[ItemSpec], outcomes: Mapping[str, Outcome]) -> Count:
    states = [outcomes.get(item.code, UNANSWERED).state for item in items]
    return Count(
        answered=states.count(OutcomeState.ANSWERED),
        applicable=len(states) - states.count(OutcomeState.NOT_APPLICABLE),
    )


# --- dari mana angka ini? ---------------------------------------------------------------------------


def _mean_formula(figures: Sequence[Figure], rounded: Decimal | None) -> str:
    known = [figure for figure in figures if figure.score is not None]
    if not known:
        return "tidak ada bagian yang terukur"
    parts = " + ".join(str(figure.score) for figure in known)
    exact = mean(figure.score for figure in known)
    return f"({parts}) / {len(known)} = {exact}, dibulatkan sekali menjadi {format_decimal(rounded)}"


def explain_profile(
    catalogue: Catalogue,
    instrument: InstrumentSpec,
    form: str,
    profile: Profile,
    outcomes: Mapping[str, Outcome],
    *,
    given: Mapping[str, Fraction | Outcome] | None = None,
    standard: str | None = None,
) -> Explanation:
    """How the total (or one standard) came to be: items, weights, fractions, rounding, threshold, source."""
    rules = instrument.profile_rules
    given = given or {}
    figures = {f.code: f for f in (*profile.standards, *profile.indicators, *profile.subindicators)}

    asked = instrument.items_for(form)

    def shown(figure: Figure) -> str:
        if figure.shown is not None:
            return f"{format_decimal(figure.shown)} ({figure.category})"
        below = {outcomes.get(i.code, UNANSWERED).state for i in asked if i.code.startswith(f"{figure.code}.")}
        if not below:
            return "belum diukur"
        return NOT_APPLICABLE.text if below == {OutcomeState.NOT_APPLICABLE} else "belum ada nilai"

    def item_part(item: ItemSpec) -> Explanation:
        outcome = outcomes.get(item.code, UNANSWERED)
        return Explanation(
            f"{item.code} {item.question}",
            outcome.text,
            f"{outcome.working}; bobot {item.weight}" if outcome.working else "",
        )

    def subindicator_part(row: CatalogueRow) -> Explanation:
        figure = figures[row.code]
        setting = given.get(row.code)
        if isinstance(setting, Fraction):
            return Explanation(f"{row.code} {row.name}", shown(figure), "nilai diberikan langsung")
        if isinstance(setting, Outcome):
            working = f"{setting.working} x {rules.scale}" if setting.working else ""
            return Explanation(
                f"{row.code} {row.name}",
                shown(figure) if setting.fraction is not None else setting.text,
                working,
            )
        items = [item for item in asked if item.subindicator == row.code]
        formula = ""
        if figure.score is not None:
            terms = [
                (item.weight, fraction)
                for item in items
                if (fraction := outcomes.get(item.code, UNANSWERED).fraction) is not None
            ]
            total = " + ".join(f"{weight}x{fraction}" for weight, fraction in terms)
            formula = f"({total}) / {sum(w for w, _ in terms)} x {rules.scale} = {figure.score}"
        return Explanation(f"{row.code} {row.name}", shown(figure), formula, parts=tuple(map(item_part, items)))

    def indicator_part(row: CatalogueRow) -> Explanation:
        rows = catalogue.children(row.code)
        figure = figures[row.code]
        return Explanation(
            f"{row.code} {row.name}",
            shown(figure),
            _mean_formula([figures[r.code] for r in rows], figure.shown),
            parts=tuple(map(subindicator_part, rows)),
        )

    def standard_part(row: CatalogueRow) -> Explanation:
        indicators = catalogue.children(row.code)
        basis = (
            indicators
            if rules.standard_from == "indicators"
            else tuple(s for i in indicators for s in catalogue.children(i.code))
        )
        figure = figures[row.code]
        return Explanation(
            f"{row.code} {row.name}",
            shown(figure),
            _mean_formula([figures[r.code] for r in basis], figure.shown),
            parts=tuple(map(indicator_part, indicators)) if figure.score is not None else (),
        )

    if standard is not None:
        return standard_part(catalogue.by_code[standard])
    limits = "; ".join(f"sampai {format_decimal(round_half_up(c.upper))} {c.name}" for c in rules.categories)
    return Explanation(
        "Nilai keseluruhan",
        shown(profile.total),
        _mean_formula(profile.standards, profile.total.shown),
        f"Instrumen {instrument.instrument} {instrument.version}. Kategori: {limits}. {rules.source}",
        tuple(map(standard_part, catalogue.standards)),
    )
