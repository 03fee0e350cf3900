"""The shortest way on whole instruments, against a second exact method and against a greedy one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from math import inf, lcm
from time import perf_counter

import numpy as np
import pytest

from accreditation.catalogue import SchemeData, load_schemes
from accreditation.schemes import score
from accreditation.scoring import Answers, Rating
from accreditation.shortest import shortest_path, statement_code
from accreditation.target import Target
from accreditation.weighted import WeightedResult, statements_of
from tests.factories import the_library

SCHEMES = load_schemes(the_library())
PER_EFFORT = 1000  # more than any instrument has items: cost = effort x this + raised items
NONE = 2**60
BIG = ("ban-2017", "SD"), ("iasp-2020", "SD"), ("iasp-2020", "SMK")


def a_school(name: str, form: str, seed: int, *, worst: bool, dearest: int) -> tuple[Answers, dict[str, int]]:
    """Random levels (or the worst ones), and random efforts up to *dearest*."""
    dice, scheme = random.Random(seed), SCHEMES[name]
    items, scale = scheme.layouts[form].items, scheme.spec.scale
    ratings = {
        code: Rating.given(scale.lowest if worst else dice.randint(scale.lowest, scale.highest)) for code in items
    }
    index = scheme.spec.index
    statements = tuple(1 if worst else dice.randint(1, 4) for _ in range(statements_of(index, form)))
    codes = list(items) + [statement_code(index, n + 1) for n in range(len(statements))]
    return Answers(ratings=ratings, statements=statements), {code: dice.randint(1, dearest) for code in codes}


def cheapest_sums(things: list[tuple[int, int, int, int]], most: int) -> list[tuple[int, int]]:
    """Sum and least cost of reaching exactly it. *things*: weight, start, top, effort."""
    best = np.full(most + 1, NONE)
    best[0] = 0
    for weight, start, top, effort in things:
        after = np.full(most + 1, NONE)
        for level in range(start, top + 1):
            cost = (level - start) * effort * PER_EFFORT + (level > start)
            after[weight * level :] = np.minimum(after[weight * level :], best[: most + 1 - weight * level] + cost)
        best = after
    return [(total, int(cost)) for total, cost in enumerate(best) if cost < NONE // 2]


def by_dynamic_programming(
    scheme: SchemeData, form: str, answers: Answers, efforts: dict[str, int], target: Target
) -> tuple[int, int] | None:
    """Least effort and fewest items, from all sums of all components; written from the formulas, without a solver."""
    spec, layout = scheme.spec, scheme.layouts[form]
    rank = next((rank for rank in spec.ranks if rank.letter == target.rank), None)
    asked = spec.conditions if rank else ()
    least = [target.score or 0, rank.at_least if rank else 0, *(c.at_least for c in asked if c.of == "final")]
    needed = max(least) - Fraction(1, 2)
    share = spec.index.share if spec.index else Fraction(0)
    parts: list[list[tuple[Fraction, int]]] = []
    for component in layout.components:
        most = spec.scale.highest * component.item_weights
        things = []
        for item in component.items:
            start = answers.ratings[item.code].low
            top = spec.scale.highest if item.titled else start
            things.append((item.weight, start, top, efforts.get(item.code, 1)))
        limit = max(
            (c.at_least for c in asked if c.of == "every_component" or c.component == component.code), default=0
        )
        options = []
        for total, cost in cheapest_sums(things, most):
            value = Fraction(component.weight * total, most)
            if spec.rounding.component_digits is not None:
                unit = 10**spec.rounding.component_digits
                value = Fraction((2 * value * unit + 1) // 2, unit)
            if (200 * value / component.weight + 1) // 2 >= limit:
                options.append(((1 - share) * value, cost))
        parts.append(options)
    if spec.index is not None:
        most = spec.index.highest * len(answers.statements)
        things = [
            (1, start, spec.index.highest, efforts.get(statement_code(spec.index, n), 1))
            for n, start in enumerate(answers.statements, start=1)
        ]
        limit = max((c.at_least for c in asked if c.of == "index"), default=0)
        sums = [(Fraction(100 * total, most), cost) for total, cost in cheapest_sums(things, most)]
        parts.append([(share * value, cost) for value, cost in sums if value >= limit])
    unit = lcm(needed.denominator, *(value.denominator for part in parts for value, _ in part))
    values, costs = np.array([0]), np.array([0])
    for part in parts:
        values = (values[:, None] + np.array([int(value * unit) for value, _ in part], dtype=int)).ravel()
        costs = (costs[:, None] + np.array([cost for _, cost in part], dtype=int)).ravel()
        order = np.lexsort((-values, costs))
        values, costs = values[order], costs[order]
        better = np.append(True, values[1:] > np.maximum.accumulate(values)[:-1])[: len(values)]
        values, costs = values[better], costs[better]
    enough = costs[values >= int(needed * unit)]
    return divmod(int(enough.min()), PER_EFFORT) if len(enough) else None


def questions() -> Iterator[tuple]:
    """Random levels and the worst ones; equal, small and large efforts; ranks and scores."""
    targets = [Target(rank="A"), Target(rank="C"), Target(score=60), Target(score=85), Target(score=97)]
    for seed, (name, form) in enumerate(BIG):
        for worst in (True, False):
            for dearest in (1, 5, 100):
                for target in targets:
                    yield name, form, seed, worst, dearest, target


@pytest.mark.parametrize(("name", "form", "seed", "worst", "dearest", "target"), list(questions()))
def test_whole_instruments_agree_with_a_second_exact_method(name, form, seed, worst, dearest, target):
    scheme = SCHEMES[name]
    answers, efforts = a_school(name, form, seed, worst=worst, dearest=dearest)
    path = shortest_path(scheme, form, answers, target, efforts=efforts, seconds=60)
    expected = by_dynamic_programming(scheme, form, answers, efforts, target)
    assert path.proven
    assert path.reached == (expected is not None)
    if expected is not None:
        assert (path.effort, len(path.raises)) == expected
        assert greedy_effort(scheme, form, answers, efforts, target) >= path.effort


def test_the_question_on_which_the_solver_once_stopped_too_early():
    """With rows at the very border and a tolerance of 1e-9 it called 95 items least, where 94 do."""
    dice = random.Random(0)
    scheme = SCHEMES["ban-2017"]
    answers = Answers(ratings={code: Rating.given(0) for code in scheme.layouts["SD"].items})
    efforts = {code: dice.randint(1, 100) for code in answers.ratings}
    path = shortest_path(scheme, "SD", answers, Target(score=85), efforts=efforts, seconds=60)
    assert (path.effort, len(path.raises)) == (15198, 94)
    assert by_dynamic_programming(scheme, "SD", answers, efforts, Target(score=85)) == (15198, 94)


def holds(result: WeightedResult, target: Target) -> bool:
    letters = [rank.letter for rank in result.spec.ranks]
    good = target.rank is None or (result.rank and letters.index(result.rank) <= letters.index(target.rank))
    return bool(good) and (target.score or 0) <= result.present.rounded


def greedy_effort(scheme: SchemeData, form: str, answers: Answers, efforts: dict[str, int], target: Target) -> float:
    """What it costs to take, level by level, what adds most to the final value per effort."""
    spec, layout = scheme.spec, scheme.layouts[form]
    index = spec.index
    gains: list[tuple[Fraction, str, int]] = []
    for component in layout.components:
        for item in component.items:
            if item.titled:
                worth = Fraction(component.weight * item.weight, component.item_weights * spec.scale.highest)
                rise = spec.scale.highest - answers.ratings[item.code].low
                gains.append((worth * (1 - (index.share if index else 0)) / efforts[item.code], item.code, rise))
    for n, start in enumerate(answers.statements, start=1):
        worth = index.share * Fraction(100, index.highest * len(answers.statements))
        code = statement_code(index, n)
        gains.append((worth / efforts[code], code, index.highest - start))
    ratings, statements, cost = dict(answers.ratings), list(answers.statements), 0
    for _, code, rise in sorted(gains, reverse=True):
        for _ in range(rise):
            if holds(score(scheme, form, Answers(ratings=ratings, statements=tuple(statements))), target):
                return cost
            cost += efforts[code]
            if code in ratings:
                ratings[code] = Rating.given(ratings[code].level + 1)
            else:
                statements[int(code.rpartition("-")[2]) - 1] += 1
    done = holds(score(scheme, form, Answers(ratings=ratings, statements=tuple(statements))), target)
    return cost if done else inf


def test_little_time_gives_an_honest_answer_soon():
    answers, efforts = a_school("ban-2017", "SD", 2, worst=True, dearest=999)
    for seconds in (0.001, 0.02, 0.1):
        start = perf_counter()
        path = shortest_path(SCHEMES["ban-2017"], "SD", answers, Target(rank="C"), efforts=efforts, seconds=seconds)
        assert perf_counter() - start < seconds + 5  # a busy machine
        assert path.best is None
        if path.reached:
            assert holds(score(SCHEMES["ban-2017"], "SD", path.after), Target(rank="C"))
        else:
            assert (path.raises, path.proven) == ((), False)


def test_the_same_question_has_the_same_answer_every_time():
    answers, efforts = a_school("ban-2017", "SD", 3, worst=False, dearest=3)
    first, *others = (
        shortest_path(SCHEMES["ban-2017"], "SD", answers, Target(rank="A"), efforts=efforts, seconds=60)
        for _ in range(3)
    )
    assert all(other == first for other in others)


def test_items_of_iasp_without_a_public_title_are_never_raised():
    path = shortest_path(SCHEMES["iasp-2020"], "SMK", Answers(), Target(score=70), seconds=60)
    assert path.reached
    items = SCHEMES["iasp-2020"].layouts["SMK"].items
    assert all(items[one.code].titled for one in path.raises if one.code in items)


def test_a_distribution_of_ia_2024_is_reached_and_shown_to_be_shortest():
    scheme = SCHEMES["ia-2024"]
    answers, efforts = a_school("ia-2024", "SD", 1, worst=False, dearest=5)
    target = Target(at_least={3: 40, 4: 15}, at_most={1: 0}, mean=Fraction(33, 10))
    path = shortest_path(scheme, "SD", answers, target, efforts=efforts, seconds=60)
    counts = path.result.whole.counts
    assert path.proven
    assert (counts[4] >= 15, counts[4] + counts[3] >= 40, counts[1]) == (True, True, 0)
    assert path.result.whole.mean >= Fraction(33, 10)
