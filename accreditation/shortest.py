"""The shortest way to a target: the least effort of raised levels that reaches it. Pure: no Django, no I/O.

An integer programme finds the way, the exact scorer has the last word: nothing is called reached unless scoring the
answers after the raises says so. docs/algorithms/shortest-path.md explains the programme with an example.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from accreditation.catalogue import WHOLE, IndexSpec, SchemeData
from accreditation.programme import Programme
from accreditation.schemes import Result, require_form, score
from accreditation.scoring import Answers, InputError, Rating
from accreditation.target import Target, check_target, gaps, standing, wanted_rank
from accreditation.weighted import statements_of
from common.formats import format_decimal

MOST_EFFORT = 999  # per level; larger numbers say nothing more about the order of things, and cost the solver digits
_HALF = Fraction(1, 2)  # half up: a rounded value reaches t when the value itself reaches t - 1/2


@dataclass(frozen=True, slots=True)
class Raise:
    """One item, or one statement of the index, that goes up."""

    code: str
    start: int
    end: int
    effort: int  # of the whole raise: levels x effort per level


@dataclass(frozen=True)
class Path:
    """An answer to "what is the shortest way?".

    ============  =============  =========================================================
    ``reached``   ``proven``     meaning
    ============  =============  =========================================================
    True          True           shortest way: least effort, and with it the fewest items
    True          False          a way, but time ran out before it was shown to be shortest
    False         True           the target cannot be reached; ``best`` says how far one gets
    False         False          time ran out before any way was found
    ============  =============  =========================================================
    """

    raises: tuple[Raise, ...]  # in the order of the instrument
    reached: bool
    proven: bool
    message: str  # Indonesian, for the page
    after: (
        Answers  # complete: everything that applies has a level, unanswered at the lowest, estimates at their low end
    )
    result: Result  # of ``after``
    best: Result | None = None  # everything that may go up at its highest; only when the target cannot be reached

    @property
    def effort(self) -> int:
        return sum(one.effort for one in self.raises)


@dataclass(frozen=True, slots=True)
class _Place:
    """One item or statement as the programme sees it."""

    code: str
    part: str  # what it is summed up with: its component, or the index
    weight: int
    start: int
    highest: int
    effort: int  # per level
    free: bool  # whether it may be raised


@dataclass(frozen=True, slots=True)
class _Kind:
    """Places that are alike in everything, as variables of the programme."""

    places: tuple[_Place, ...]
    levels: tuple[int, ...]  # variables whose sum is the number of levels by which the places go up together
    raised: int  # variable: how many of the places go up


def shortest_path(
    scheme: SchemeData,
    form: str,
    answers: Answers,
    target: Target,
    *,
    efforts: Mapping[str, int] | None = None,
    fixed: Collection[str] = (),
    seconds: float = 5.0,
) -> Path:
    """The least total effort of raised levels after which *target* holds; among equal ones the fewest items, and
    among those preferably earlier ones in the instrument.

    One level costs ``efforts[code]``, 1 to 999, or 1. What is unanswered starts at the lowest level, an estimate at
    its low end. Items in *fixed*, items that do not apply, and items without a public title stay as they are. The same
    question has the same answer, unless *seconds* run out.

    Raises CannotScoreError for a form whose rule is not known, and InputError for an unknown form or code, a senseless
    target, an effort out of range, and for components given as a sum.
    """
    require_form(scheme, form)
    check_target(scheme, form, answers, target)
    if answers.obtained:
        name = scheme.layouts[form].by_code[next(iter(answers.obtained))].name
        raise InputError(
            f"obtained: {name} diisi sebagai jumlah, sehingga tidak dapat dinaikkan per {scheme.spec.labels.item}. "
            f"Isi level tiap {scheme.spec.labels.item} lebih dahulu."
        )
    places = _places(scheme, form, answers, efforts or {}, fixed)
    return _Question(scheme, form, answers, target, places).answer(seconds)


def statement_code(index: IndexSpec, place: int) -> str:
    """The code of one statement of an index, counted from 1: ``ipr-3``."""
    return f"{index.code}-{place}"


def _places(
    scheme: SchemeData, form: str, answers: Answers, efforts: Mapping[str, int], fixed: Collection[str]
) -> tuple[_Place, ...]:
    """Everything that has a level, in the order of the instrument. Raises InputError for wrong efforts and codes."""
    spec, layout = scheme.spec, scheme.layouts[form]
    codes = [statement_code(spec.index, n + 1) for n in range(statements_of(spec.index, form))] if spec.index else []
    for field, given in (("efforts", efforts), ("fixed", fixed)):
        if unknown := sorted(set(given) - set(codes) - set(layout.items)):
            raise InputError(f"{field} {unknown[0][:40]}: tidak ada {spec.labels.item} berkode ini untuk {form}.")
    for code, effort in efforts.items():
        if type(effort) is not int or not 1 <= effort <= MOST_EFFORT:
            raise InputError(f"efforts {code}: upaya harus bilangan bulat 1 sampai {MOST_EFFORT}, bukan {effort}.")
    found: list[_Place] = []
    for item in layout.items.values():
        applies = item.code not in answers.not_applicable
        if not applies and spec.kind == "distribution":
            continue
        rating = answers.ratings.get(item.code)
        found.append(
            _Place(
                item.code,
                item.component,
                item.weight,
                spec.scale.lowest if rating is None else rating.low,
                spec.scale.highest,
                efforts.get(item.code, 1),
                applies and item.titled and item.code not in fixed,
            )
        )
    for code, value in zip(codes, [*answers.statements, *[None] * len(codes)], strict=False):
        if spec.index is not None:
            free = code not in fixed
            start = 1 if value is None else value
            found.append(_Place(code, spec.index.code, 1, start, spec.index.highest, efforts.get(code, 1), free))
    return tuple(found)


@dataclass(frozen=True)
class _Question:
    scheme: SchemeData
    form: str
    answers: Answers
    target: Target
    places: tuple[_Place, ...]

    def answer(self, seconds: float) -> Path:
        present, best = self._path({}), self._path({p.code: p.highest for p in self.places if p.free})
        if not gaps(present.result, self.target):
            message = "Target sudah tercapai; tidak ada level yang perlu dinaikkan."
            return replace(present, reached=True, proven=True, message=message)
        if blocks := gaps(best.result, self.target):
            return replace(present, proven=True, message=self._unreachable(best.result, blocks), best=best.result)
        ends, proven = self._solve(seconds)
        found = self._path(ends)
        if not ends or gaps(found.result, self.target):
            message = (
                f"Dalam {format_decimal(f'{seconds:g}')} detik belum ditemukan jalan, walau targetnya dapat dicapai. "
                "Coba sekali lagi, atau pilih target yang lebih dekat."
            )
            return replace(present, message=message)
        return replace(found, reached=True, proven=proven, message=self._found(found, proven))

    def _path(self, ends: Mapping[str, int]) -> Path:
        """The path with these final levels, its answers scored; nothing is claimed about it."""
        index = self.scheme.spec.index
        levels = {place.code: ends.get(place.code, place.start) for place in self.places}
        items = {code: Rating.given(levels[code]) for code in self.scheme.layouts[self.form].items if code in levels}
        count = statements_of(index, self.form)
        statements = tuple(levels[statement_code(index, n + 1)] for n in range(count)) if index else ()
        after = replace(self.answers, ratings={**self.answers.ratings, **items}, statements=statements)
        raises = tuple(
            Raise(p.code, p.start, levels[p.code], (levels[p.code] - p.start) * p.effort)
            for p in self.places
            if levels[p.code] > p.start
        )
        return Path(raises, False, False, "", after, score(self.scheme, self.form, after))

    # --- the programme ------------------------------------------------------------------------------------

    def _solve(self, seconds: float) -> tuple[dict[str, int], bool]:
        """Final level by code of what goes up, and whether that is shown to be least; {} when nothing was found."""
        programme = Programme()
        weighted = self.scheme.spec.kind == "weighted"
        kinds = [_kind(programme, alike, stepwise=not weighted) for alike in _alike(self.places)]
        if weighted:
            self._weighted(programme, kinds)
        else:
            self._distribution(programme, kinds)
        effort = {v: kind.places[0].effort for kind in kinds for v in kind.levels}
        raised = {kind.raised: 1 for kind in kinds}
        order = {v: self.places.index(kind.places[0]) for kind in kinds for v in kind.levels}
        solution = programme.minimise([effort, raised, order], seconds)
        if solution is None:
            return {}, False
        ends = {code: end for kind in kinds for code, end in _ends(kind, solution.values)}
        return ends, all(solution.proven[:2])  # the third objective only chooses among equals

    def _weighted(self, programme: Programme, kinds: Iterable[_Kind]) -> None:
        """Components and index as sums, rounded as the scheme rounds; then the rows that the target asks."""
        spec, layout = self.scheme.spec, self.scheme.layouts[self.form]
        share = spec.index.share if spec.index else Fraction(0)
        values: dict[str, tuple[int, Fraction]] = {}  # by component: variable, and what 1 of it is worth
        final: dict[int, Fraction] = {}
        for component in layout.components:
            points, most = self._points(programme, kinds, component.code)
            worth = Fraction(component.weight or 0, most)
            if spec.rounding is not None and spec.rounding.component_digits is not None:
                unit = Fraction(1, 10**spec.rounding.component_digits)
                rounded = programme.variable(int((component.weight or 0) / unit))
                # rounded <= exact + 1/2, in units of the last digit; the target pushes it up to the half-up value
                programme.at_least({points: worth / unit, rounded: -1}, -_HALF)
                points, worth = rounded, unit
            values[component.code] = points, worth
            final[points] = (1 - share) * worth
        index: dict[int, Fraction] = {}
        if spec.index is not None:
            points, most = self._points(programme, kinds, spec.index.code)
            index = {points: Fraction(WHOLE, most)}
            final[points] = share * index[points]
        if self.target.score is not None:
            programme.at_least(final, self.target.score - _HALF)
        if self.target.rank is None:
            return
        programme.at_least(final, wanted_rank(spec, self.target.rank).at_least - _HALF)
        for condition in spec.conditions:
            if condition.of == "final":
                programme.at_least(final, condition.at_least - _HALF)
            elif condition.of == "index":
                programme.at_least(index, condition.at_least)
            else:
                for component in layout.components:
                    if condition.component in ("", component.code):
                        points, worth = values[component.code]
                        scaled = {points: worth * WHOLE / (component.weight or 1)}
                        programme.at_least(scaled, condition.at_least - _HALF)

    def _points(self, programme: Programme, kinds: Iterable[_Kind], part: str) -> tuple[int, int]:
        """A variable for the weighted sum of one part, and the most that the sum can be."""
        inside = [place for place in self.places if place.part == part]
        most = sum(place.weight * place.highest for place in inside)
        points = programme.variable(most)
        gained = {v: kind.places[0].weight for kind in kinds if kind.places[0].part == part for v in kind.levels}
        programme.at_least({**gained, points: -1}, -sum(place.weight * place.start for place in inside))
        return points, most

    def _distribution(self, programme: Programme, kinds: Iterable[_Kind]) -> None:
        """How many items stand at a level or better, and the sum of all levels, as the target asks."""

        def stand_at(level: int, least: int) -> None:
            there = sum(place.start >= level for place in self.places)
            come = [k.levels[level - k.places[0].start - 1] for k in kinds if k.places[0].start < level]
            programme.at_least(dict.fromkeys(come, 1), least - there)

        for level, least in self.target.at_least.items():
            stand_at(level, least)
        for level, most in self.target.at_most.items():
            stand_at(level + 1, len(self.places) - most)
        if self.target.mean is not None:
            gained = {v: 1 for kind in kinds for v in kind.levels}
            least_sum = self.target.mean * len(self.places)
            programme.at_least(gained, least_sum - sum(place.start for place in self.places))

    # --- words --------------------------------------------------------------------------------------------

    def _found(self, path: Path, proven: bool) -> str:
        spec = self.scheme.spec
        items = sum(one.code in self.scheme.layouts[self.form].items for one in path.raises)
        parts = [f"{items} {spec.labels.item}"] if items else []
        if spec.index is not None and len(path.raises) > items:
            parts.append(f"{len(path.raises) - items} pernyataan {spec.index.name}")
        levels = sum(one.end - one.start for one in path.raises)
        text = f"Target tercapai dengan menaikkan {' dan '.join(parts)}, seluruhnya {levels} level"
        text += f" dengan upaya {path.effort}. " if path.effort != levels else ". "
        if proven:
            return text + "Tidak ada jalan lain dengan upaya yang lebih kecil."
        return text + "Waktu hitung habis sebelum terbukti bahwa ini jalan terpendek; mungkin ada yang lebih pendek."

    def _unreachable(self, best: Result, blocks: Iterable[str]) -> str:
        kept = sum(not place.free and place.start < place.highest for place in self.places)
        text = f"Target ini tidak dapat dicapai. Paling jauh: {standing(best)}. Yang menghalangi: {'; '.join(blocks)}."
        if kept:
            text += f" {kept} {self.scheme.spec.labels.item} atau pernyataan tidak dinaikkan: dikunci atau tanpa bunyi."
        return text


def _alike(places: Iterable[_Place]) -> list[tuple[_Place, ...]]:
    """Places that may go up, those together that only their code tells apart; in the order of the instrument.

    Without this the solver would try the same way over and over with equal items exchanged.
    """
    found: dict[_Place, list[_Place]] = {}
    for place in places:
        if place.free and place.start < place.highest:
            found.setdefault(replace(place, code=""), []).append(place)
    return [tuple(alike) for alike in found.values()]


def _kind(programme: Programme, places: tuple[_Place, ...], *, stepwise: bool) -> _Kind:
    """Variables for places that are alike.

    Where only the sum of levels counts, one variable holds it. *stepwise* has one variable for every level above the
    start: how many of the places stand there or better.
    """
    count, rise = len(places), places[0].highest - places[0].start
    if stepwise:
        steps = tuple(programme.variable(count) for _ in range(rise))
        for lower, higher in pairwise(steps):
            programme.at_least({lower: 1, higher: -1}, 0)
        return _Kind(places, steps, steps[0])
    levels, raised = programme.variable(count * rise), programme.variable(count)
    programme.at_least({raised: rise, levels: -1}, 0)
    return _Kind(places, (levels,), raised)


def _ends(kind: _Kind, values: tuple[int, ...]) -> Iterable[tuple[str, int]]:
    """Final levels of the places that go up: the earlier ones first, as far as they can."""
    rise = kind.places[0].highest - kind.places[0].start
    for place_in_kind, place in enumerate(kind.places):
        if len(kind.levels) == 1:
            gained = min(rise, values[kind.levels[0]] - rise * place_in_kind)
        else:
            gained = sum(values[step] > place_in_kind for step in kind.levels)
        if gained > 0:
            yield place.code, place.start + gained
