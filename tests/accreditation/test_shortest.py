"""The shortest way to a target, tried against every other way on small schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path as File

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accreditation import shortest
from accreditation.catalogue import SchemeData
from accreditation.programme import Programme, Solution
from accreditation.schemes import score
from accreditation.scoring import Answers, CannotScoreError, InputError, Rating
from accreditation.shortest import Path, Raise, shortest_path, statement_code
from accreditation.target import Target
from accreditation.weighted import WeightedResult, statements_of
from common.rounding import round_half_up
from tests.accreditation.small_schemes import FORM, distribution, weighted

PAGE = File(__file__).parents[2] / "docs" / "algorithms" / "shortest-path.md"
TWO = weighted({"isi": (60, [4, 3, 2]), "sarana": (40, [3, 1])})


def levels(*given: int) -> Answers:
    return Answers(ratings={str(n): Rating.given(level) for n, level in enumerate(given, start=1)})


def path_of(scheme: SchemeData, answers: Answers, target: Target, **more) -> Path:
    return shortest_path(scheme, FORM, answers, target, **more)


# --- hand cases -------------------------------------------------------------------------------------------


def test_a_score_that_lies_on_the_rounding_border_is_reached_with_the_one_raise_that_is_needed():
    # 8 items of weight 1 in one component: 27 of 32 points are 84.375, 84.38 after rounding, 84 as a whole number.
    scheme = weighted({"isi": (100, [1] * 8)})
    path = path_of(scheme, levels(4, 4, 4, 3, 3, 3, 3, 2), Target(score=84))
    assert path.raises == (Raise("4", 3, 4, 1),)
    assert (path.effort, path.proven, path.reached) == (1, True, True)


def test_a_component_that_rounds_up_may_carry_the_final_value_over_the_border():
    # Two components with 17 of 24 points have 35.4166 each: 35.42 + 35.42 = 70.84, but without decimals 35 + 35 = 70.
    parts = {"isi": (50, [1] * 6), "sarana": (50, [1] * 6)}
    answers = levels(*[3, 3, 3, 3, 3, 2] * 2)
    assert path_of(weighted(parts, digits=2), answers, Target(score=71)).raises == ()
    assert len(path_of(weighted(parts, digits=0), answers, Target(score=71)).raises) == 1


def test_the_programme_rounds_a_component_half_up_as_the_scheme_does():
    # Without decimals 18 of 24 points are 37.5, rounded 38: with 33 beside it that is 71, and 37 would not be enough.
    scheme = weighted({"isi": (50, [1] * 6), "sarana": (50, [1] * 6)}, digits=0)
    path = path_of(scheme, levels(3, 3, 3, 3, 2, 2, 3, 3, 3, 3, 3, 2), Target(score=71))
    assert path.raises == (Raise("7", 3, 4, 1),)


def test_the_programme_rounds_a_component_on_the_scale_of_100_half_up():
    # 20 of 32 points are 62.5 of 100, which meets 63.
    limit = {"code": "sarana", "of": "component", "component": "sarana", "at_least": 63, "text": "Sarana 63"}
    scheme = weighted({"isi": (60, [1]), "sarana": (40, [1] * 8)}, conditions=[limit])
    path = path_of(scheme, levels(4, 3, 3, 3, 2, 2, 2, 2, 2), Target(rank="C"))
    assert path.raises == (Raise("2", 3, 4, 1),)


def test_the_programme_does_not_round_an_index():
    # 4 of 6 is 66.67: rounded it would meet 67.
    limit = {"code": "ipr", "of": "index", "at_least": 67, "text": "Indeks sedikitnya 67"}
    scheme = weighted({"isi": (100, [1])}, scale=(1, 4), digits=None, index=("15/100", 3, 2), conditions=[limit])
    path = path_of(scheme, Answers(levels(4).ratings, statements=(2, 1)), Target(rank="C"))
    assert path.raises == (Raise("ipr-2", 1, 3, 2),)


def test_a_rank_includes_the_conditions_of_the_scheme():
    sarana = {"code": "sarana", "of": "component", "component": "sarana", "at_least": 61, "text": "Sarana 61"}
    scheme = weighted({"isi": (60, [4, 3, 2]), "sarana": (40, [3, 1])}, conditions=[sarana])
    answers = levels(4, 4, 4, 2, 2)
    assert path_of(scheme, answers, Target(score=71)).raises == ()
    path = path_of(scheme, answers, Target(rank="C"))
    assert path.raises == (Raise("4", 2, 3, 1),)
    assert path.result.rank == "B"


def test_a_better_rank_is_good_enough():
    assert path_of(TWO, levels(4, 4, 4, 4, 4), Target(rank="C")).message.startswith("Target sudah tercapai")


def test_the_condition_of_an_index_is_compared_exactly():
    limit = {"code": "ipr", "of": "index", "at_least": 60, "text": "Indeks sedikitnya 60"}
    scheme = weighted({"isi": (100, [1, 1])}, scale=(1, 4), digits=None, index=("15/100", 4, 3), conditions=[limit])
    # 7 of 12 is 58.33: too little; 8 of 12 is 66.67.
    path = path_of(scheme, Answers(levels(4, 4).ratings, statements=(3, 3, 1)), Target(rank="C"))
    assert path.raises == (Raise("ipr-1", 3, 4, 1),)


def test_at_least_so_many_items_takes_the_nearest_ones():
    path = path_of(distribution(5), levels(1, 3, 2, 2, 3), Target(at_least={3: 4}))
    assert path.raises == (Raise("3", 2, 3, 1), Raise("4", 2, 3, 1))


def test_at_most_so_many_items_lifts_the_weakest_out():
    path = path_of(distribution(4), levels(1, 1, 1, 4), Target(at_most={1: 1}), efforts={"1": 9})
    assert path.raises == (Raise("2", 1, 2, 1), Raise("3", 1, 2, 1))


def test_a_mean_is_reached_with_the_fewest_items():
    path = path_of(distribution(4), levels(1, 3, 2, 3), Target(mean=Fraction(11, 4)))
    assert path.raises == (Raise("1", 1, 3, 2),)


def test_all_wishes_on_a_distribution_hold_together():
    target = Target(at_least={4: 2, 3: 3}, at_most={1: 0}, mean=Fraction(3))
    path = path_of(distribution(4), levels(1, 1, 1, 1), target)
    counts = path.result.whole.counts
    assert counts[4] >= 2
    assert counts[4] + counts[3] >= 3
    assert counts[1] == 0
    assert path.effort == 9  # 4 + 4 + 3 + 2 = 13 = four items at 1, and nine levels


def test_effort_decides_before_the_number_of_items():
    scheme = distribution(3)
    target = Target(mean=Fraction(5, 3))
    assert [r.code for r in path_of(scheme, levels(1, 1, 1), target).raises] == ["1"]
    dear = {"1": 3, "2": 1, "3": 1}
    assert [(r.code, r.effort) for r in path_of(scheme, levels(1, 1, 1), target, efforts=dear).raises] == [("2", 2)]


def test_a_target_that_holds_asks_for_nothing_and_says_so():
    path = path_of(TWO, levels(4, 4, 4, 4, 4), Target(score=100))
    assert (path.raises, path.effort, path.reached, path.proven) == ((), 0, True, True)
    assert "sudah tercapai" in path.message


def test_what_is_unanswered_starts_at_the_lowest_level():
    path = path_of(distribution(2), Answers(), Target(mean=Fraction(2)))
    assert path.raises == (Raise("1", 1, 3, 2),)
    assert path.after.ratings == {"1": Rating.given(3), "2": Rating.given(1)}


def test_statements_that_are_unanswered_start_at_one():
    scheme = weighted({"isi": (100, [1])}, scale=(1, 4), digits=None, index=("1/2", 4, 2))
    path = path_of(scheme, Answers(ratings={"1": Rating.given(4)}), Target(score=75))
    assert path.raises == (Raise("ipr-1", 1, 3, 2),)
    assert path.after.statements == (3, 1)


def test_an_estimate_starts_at_its_low_end():
    answers = Answers(ratings={"1": Rating(3, 2, 4, estimated=True), "2": Rating.given(4)})
    assert path_of(distribution(2), answers, Target(at_least={4: 2})).raises == (Raise("1", 2, 4, 2),)


def test_items_that_do_not_apply_count_nowhere():
    answers = Answers(ratings=levels(1, 1).ratings, not_applicable=frozenset({"3"}))
    path = path_of(distribution(3), answers, Target(mean=Fraction(2)))
    assert path.effort == 2
    assert path.after.not_applicable == {"3"}
    with pytest.raises(InputError, match="at_least level 4"):
        path_of(distribution(3), answers, Target(at_least={4: 3}))


def test_items_without_a_public_title_and_fixed_ones_stay_where_they_are():
    scheme = distribution(3, untitled=["1"])
    path = path_of(scheme, levels(1, 1, 1), Target(mean=Fraction(5, 3)), fixed={"2"})
    assert [r.code for r in path.raises] == ["3"]


def test_what_cannot_be_reached_says_how_far_one_gets_and_what_blocks_it():
    sarana = {
        "code": "sarana",
        "of": "component",
        "component": "sarana",
        "at_least": 61,
        "text": "Sarana sedikitnya 61",
    }
    scheme = weighted({"isi": (60, [4, 3, 2]), "sarana": (40, [3, 1])}, conditions=[sarana])
    path = path_of(scheme, levels(1, 1, 1, 2, 2), Target(rank="C"), fixed=["4", "5"])
    assert (path.reached, path.proven, path.raises) == (False, True, ())
    assert path.best.interval[0] == 80
    assert "80,00 (dibulatkan 80), tanpa huruf" in path.message
    assert "Sarana sedikitnya 61 (baru Sarana 50)" in path.message
    assert "2 butir" in path.message


def test_a_score_out_of_reach_names_both_values():
    path = path_of(TWO, levels(1, 1, 1, 1, 1), Target(score=90), fixed=["4", "5"])
    assert "nilai akhir 70 masih di bawah 90" in path.message


def test_a_distribution_out_of_reach_names_every_wish_that_fails():
    target = Target(at_least={4: 2}, at_most={1: 0}, mean=Fraction(3))
    path = path_of(distribution(2), levels(1, 1), target, fixed=["1"])
    assert not path.reached
    assert path.best.whole.counts == {4: 1, 3: 0, 2: 0, 1: 1}
    for words in ("level 4 atau lebih baik baru 1, perlu 2", "masih 1, paling banyak 0", "2,5 masih di bawah 3"):
        assert words in path.message


# --- refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (Target(), "target"),
        (Target(score=101), "score"),
        (Target(score=-1), "score"),
        (Target(score=True), "score"),
        (Target(rank="Z"), "rank"),
        (Target(rank="D"), "rank"),  # not an accredited one
        (Target(mean=Fraction(3)), "mean"),
        (Target(score=80, at_least={3: 1}), "at_least"),
    ],
)
def test_a_senseless_target_for_a_weighted_scheme_is_refused_by_its_field(target, field):
    with pytest.raises(InputError, match=f"^{field}: "):
        path_of(TWO, levels(1, 1, 1, 1, 1), target)


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (Target(), "target: "),
        (Target(rank="A"), "rank: "),
        (Target(score=80, mean=Fraction(3)), "score: "),
        (Target(at_least={3: 4}), "at_least level 3: "),
        (Target(at_least={1: 2}), "at_least: level harus 2 sampai 4"),
        (Target(at_least={5: 2}), "at_least: level harus"),
        (Target(at_least={3: True}), "at_least level 3"),
        (Target(at_most={4: 2}), "at_most: level harus 1 sampai 3"),
        (Target(at_most={2: -1}), "at_most level 2"),
        (Target(mean=Fraction(41, 10)), "mean: harus 1 sampai 4, bukan 4,1"),
        (Target(mean=Fraction(1, 2)), "mean: "),
    ],
)
def test_a_senseless_target_for_a_distribution_is_refused_by_its_field(target, field):
    with pytest.raises(InputError, match=f"^{field}"):
        path_of(distribution(3), levels(1, 1, 1), target)


def test_a_mean_of_nothing_is_refused():
    with pytest.raises(InputError, match=r"^mean: tidak ada butir yang berlaku"):
        path_of(distribution(1), Answers(not_applicable=frozenset({"1"})), Target(mean=Fraction(2)))


@pytest.mark.parametrize("effort", [0, -1, 1000, 1.5, True, "2", None])
def test_an_effort_that_is_no_whole_number_from_1_to_999_is_refused_with_its_code(effort):
    with pytest.raises(InputError, match=r"^efforts 2: "):
        path_of(TWO, Answers(), Target(score=80), efforts={"1": 1, "2": effort})


def test_unknown_codes_are_refused():
    with pytest.raises(InputError, match=r"^efforts 9: "):
        path_of(TWO, Answers(), Target(score=80), efforts={"9": 1})
    with pytest.raises(InputError, match=r"^fixed ipr-1: "):
        path_of(TWO, Answers(), Target(score=80), fixed=["ipr-1"])


def test_a_component_given_as_a_sum_must_be_filled_in_by_item_first():
    with pytest.raises(InputError, match=r"Isi diisi sebagai jumlah.*Isi level tiap butir"):
        path_of(TWO, Answers(obtained={"isi": Fraction(20)}), Target(score=80))


def test_a_form_that_the_scheme_does_not_know_is_refused():
    with pytest.raises((InputError, CannotScoreError)):
        shortest_path(TWO, "SMP", Answers(), Target(score=80))


# --- time and trust ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 1e-9, -1])
def test_without_time_nothing_is_claimed(seconds):
    path = path_of(TWO, levels(0, 0, 0, 0, 0), Target(score=80), seconds=seconds)
    assert (path.raises, path.reached, path.proven, path.best) == ((), False, False, None)
    assert "belum ditemukan" in path.message


def test_a_way_that_was_not_shown_to_be_shortest_says_so(monkeypatch):
    solve = Programme.minimise

    def hurried(self, objectives, seconds):
        return Solution(solve(self, objectives, seconds).values, (True, False, False))

    monkeypatch.setattr(Programme, "minimise", hurried)
    path = path_of(TWO, levels(0, 0, 0, 0, 0), Target(score=80))
    assert (path.reached, path.proven) == (True, False)
    assert "mungkin ada yang lebih pendek" in path.message


def test_a_way_that_the_exact_scorer_does_not_confirm_is_not_returned(monkeypatch):
    monkeypatch.setattr(shortest._Question, "_solve", lambda self, seconds: ({"1": 1}, True))
    path = path_of(TWO, levels(0, 0, 0, 0, 0), Target(score=80))
    assert (path.raises, path.reached, path.proven) == ((), False, False)


def test_rows_come_to_whole_coefficients_without_a_common_divisor():
    programme = Programme()
    points, rounded = programme.variable(36), programme.variable(6000)
    programme.at_least({points: Fraction(500, 3), rounded: -1}, Fraction(-1, 2))
    programme.at_least({points: 4, rounded: 6}, 7)
    assert programme.rows == [({points: 500, rounded: -3}, -1), ({points: 2, rounded: 3}, 4)]
    assert programme.holds((1, 167))  # 166.67 rounds to 167
    assert not programme.holds((1, 168))


# --- every way tried --------------------------------------------------------------------------------------


def ways(scheme: SchemeData, answers: Answers, efforts: Mapping[str, int], fixed: set[str]) -> Iterator[tuple]:
    """Every choice of final levels: effort, raised items, and the result."""
    spec, items = scheme.spec, scheme.layouts[FORM].items
    places = [(code, spec.scale.lowest, spec.scale.highest) for code in items if code not in answers.not_applicable]
    starts = {c: answers.ratings[c].low if c in answers.ratings else low for c, low, _ in places}
    tops = {c: top if items[c].titled and c not in fixed else starts[c] for c, _, top in places}
    count = statements_of(spec.index, FORM)
    for n, value in enumerate([*answers.statements, *[None] * count][:count], start=1):
        code = statement_code(spec.index, n)
        starts[code] = value or 1
        tops[code] = starts[code] if code in fixed else spec.index.highest
    for ends in product(*(range(starts[c], tops[c] + 1) for c in starts)):
        end = dict(zip(starts, ends, strict=True))
        after = Answers(
            ratings={c: Rating.given(end[c]) for c, _, _ in places},
            not_applicable=answers.not_applicable,
            statements=tuple(end[statement_code(spec.index, n + 1)] for n in range(count)),
        )
        effort = sum((end[c] - starts[c]) * efforts.get(c, 1) for c in end)
        yield effort, sum(end[c] > starts[c] for c in end), score(scheme, FORM, after)


def reaches(result, target: Target) -> bool:
    """The target, read once more and not from the code under test."""
    if isinstance(result, WeightedResult):
        good = {"A": "A", "B": "AB", "C": "ABC"}
        fine = target.score is None or int(round_half_up(result.present.final, 0)) >= target.score
        return fine and (target.rank is None or (result.rank or "-") in good[target.rank])
    counts = result.whole.counts
    return (
        all(sum(n for at, n in counts.items() if at >= level) >= n0 for level, n0 in target.at_least.items())
        and all(sum(n for at, n in counts.items() if at <= level) <= n0 for level, n0 in target.at_most.items())
        and (target.mean is None or result.whole.mean >= target.mean)
    )


def agrees_with_every_way(scheme: SchemeData, answers: Answers, target: Target, efforts, fixed) -> None:
    path = path_of(scheme, answers, target, efforts=efforts, fixed=fixed, seconds=60)
    good = [way[:2] for way in ways(scheme, answers, efforts, fixed) if reaches(way[2], target)]
    assert path.proven
    assert path.reached == bool(good)
    if not good:
        assert path.best is not None
        assert not reaches(path.best, target)
        return
    assert (path.effort, len(path.raises)) == min(good)
    assert reaches(score(scheme, FORM, path.after), target)
    for one in path.raises:
        assert one.start < one.end
        assert one.code not in fixed
        assert one.effort == (one.end - one.start) * efforts.get(one.code, 1)
    backwards = Answers(dict(reversed(answers.ratings.items())), answers.not_applicable, statements=answers.statements)
    again = path_of(scheme, backwards, target, efforts=dict(reversed(efforts.items())), fixed=sorted(fixed), seconds=60)
    assert again.raises == path.raises


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def small_answers(draw, codes: list[str], lowest: int, highest: int):
    chosen = {}
    for code in codes:
        level = draw(st.one_of(st.none(), st.integers(lowest, highest)))
        if level is not None:
            chosen[code] = Rating(level, draw(st.integers(lowest, level)), highest, estimated=True)
    return chosen


@st.composite
def weighted_questions(draw):
    lowest, highest = draw(st.sampled_from([(0, 3), (1, 3), (0, 4)]))
    first = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    second = draw(st.lists(st.integers(1, 4), min_size=1, max_size=2))
    share = draw(st.integers(20, 80))
    conditions = [
        {"code": "b", "of": "component", "component": "b", "at_least": draw(st.integers(0, 100)), "text": "b"},
        {"code": "semua", "of": "every_component", "at_least": draw(st.integers(0, 70)), "text": "semua"},
    ]
    index = draw(st.sampled_from([None, ("15/100", 3, 1), ("1/3", 2, 2)]))
    if index:
        conditions.append(
            {"code": "ipr", "of": "index", "at_least": draw(st.sampled_from([0, 34, 50, 67, 75, 76])), "text": "indeks"}
        )
    scheme = weighted(
        {"a": (share, first), "b": (100 - share, second)}, scale=(lowest, highest),
        digits=draw(st.sampled_from([None, 0, 1, 2])), index=index, conditions=conditions,
    )  # fmt: skip
    codes = list(scheme.layouts[FORM].items)
    statements = tuple(draw(st.one_of(st.none(), st.integers(1, index[1]))) for _ in range(index[2])) if index else ()
    answers = Answers(ratings=draw(small_answers(codes, lowest, highest)), statements=statements)
    places = codes + [f"ipr-{n + 1}" for n in range(len(statements))]
    efforts = {code: draw(st.integers(1, 9)) for code in places} if draw(st.booleans()) else {}
    target = draw(
        st.one_of(
            st.builds(Target, score=st.integers(0, 100)),
            st.builds(Target, rank=st.sampled_from("ABC")),
            st.builds(Target, score=st.integers(60, 100), rank=st.sampled_from("ABC")),
        )
    )
    return scheme, answers, target, efforts, set(draw(st.lists(st.sampled_from(places), max_size=2)))


@SLOW
@given(weighted_questions())
def test_no_way_through_a_weighted_scheme_is_shorter(question):
    agrees_with_every_way(*question)


@st.composite
def distribution_questions(draw):
    count = draw(st.integers(2, 6))
    scheme = distribution(count, scale=(1, draw(st.integers(2, 3))), untitled=draw(st.sampled_from([(), ("1",)])))
    codes = list(scheme.layouts[FORM].items)
    highest = scheme.spec.scale.highest
    ratings = draw(small_answers(codes, 1, highest))
    away = frozenset(draw(st.lists(st.sampled_from(codes), max_size=1)))
    applies = count - len(away)
    target = Target(
        at_least=draw(st.dictionaries(st.integers(2, highest), st.integers(0, applies), max_size=2)),
        at_most=draw(st.dictionaries(st.integers(1, highest - 1), st.integers(0, applies), max_size=2)),
        mean=draw(st.fractions(1, highest, max_denominator=12)),
    )
    answers = Answers({c: r for c, r in ratings.items() if c not in away}, away)
    efforts = {code: draw(st.integers(1, 9)) for code in codes} if draw(st.booleans()) else {}
    return scheme, answers, target, efforts, set(draw(st.lists(st.sampled_from(codes), max_size=2)))


@SLOW
@given(distribution_questions())
def test_no_way_through_a_distribution_is_shorter(question):
    agrees_with_every_way(*question)


# --- the page ---------------------------------------------------------------------------------------------


def table(*columns: str) -> list[list[str]]:
    """Rows of the one table on the page with these columns."""
    lines = [line.strip().strip("|").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    cells = [[cell.strip().strip("`") for cell in line] for line in lines]
    start = cells.index(list(columns)) + 2
    end = next(n for n in range(start, len(cells)) if len(cells[n]) != len(columns))
    return cells[start:end]


def the_page() -> tuple[SchemeData, Answers, dict[str, int]]:
    rows = table("Item", "Component", "Weight", "Level", "Effort")
    components = {code: (int(weight), []) for code, weight, _ in table("Component", "Weight", "Largest sum")}
    for _, component, weight, _, _ in rows:
        components[component][1].append(int(weight))
    sarana = {"code": "sarana", "of": "component", "component": "sarana", "at_least": 61, "text": "Sarana 61"}
    return (
        weighted(components, conditions=[sarana]),
        levels(*(int(row[3]) for row in rows)),
        {row[0]: int(row[4]) for row in rows},
    )


def test_the_rows_on_the_page_are_the_rows_of_the_programme():
    for exact, whole in table("Exact row", "As the solver gets it"):
        factor, least = exact.removesuffix(" S - n").split(">=")[0], Fraction(exact.split(">=")[1].strip())
        programme = Programme()
        points, rounded = programme.variable(1), programme.variable(1)
        programme.at_least({points: Fraction(factor.split(" S")[0]), rounded: -1}, least)
        ((terms, right),) = programme.rows
        assert whole == f"{terms[points]} S - {-terms[rounded]} n >= {right}"


def test_the_ways_on_the_page_are_what_the_code_finds():
    scheme, answers, efforts = the_page()
    for component, (_, _, largest) in zip(
        scheme.layouts[FORM].components, table("Component", "Weight", "Largest sum"), strict=True
    ):
        assert int(largest) == scheme.spec.scale.highest * component.item_weights
    rank = path_of(scheme, answers, Target(rank="C"), efforts=efforts)
    alone = path_of(scheme, answers, Target(score=71), efforts=efforts)
    assert (rank.effort, alone.effort) == (8, 7)
    assert [[r.code, str(r.start), str(r.end), str(r.effort)] for r in rank.raises] == table(
        "Raise", "From", "To", "Costs"
    )
    results = {"before": score(scheme, FORM, answers), "score 71": alone.result, "rank C": rank.result}
    for when, *figures in table("When", "isi", "sarana", "sarana of 100", "Final", "Rounded"):
        result = results.pop(when)
        isi, sarana = result.present.components
        shown = (isi.printed, sarana.printed, sarana.scaled, result.score, result.present.rounded)
        assert figures == [str(figure) for figure in shown]
    assert not results
    for target in (Target(rank="C"), Target(score=71)):
        agrees_with_every_way(scheme, answers, target, efforts, set())
