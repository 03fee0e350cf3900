"""Targets rolled up and held against results; the worked tables are read from docs/algorithms/targets.md."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.rounding import round_half_up
from evaluations.scoring import Figure, build_profile
from evaluations.targets import Gap, GapState, Goal, Wanted, build_goals, compare, gap_between, targetable, wanted_from
from tests.factories import the_library

PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "targets.md"
LIBRARY = the_library()
CATALOGUE = LIBRARY.catalogue
SPEC = next(spec for spec in LIBRARY.instruments if (spec.instrument, spec.version) == ("eds-snp", "2025.1"))
RULES = SPEC.rules
BY_PARTS = RULES.model_copy(update={"standard_from": "subindicators"})
MEASURED = frozenset(item.subindicator for item in SPEC.items_for("SD"))
ROWS = targetable(CATALOGUE, MEASURED)
CODES = sorted({code for indicator, parts in ROWS.items() for code in (indicator, *parts)})

scores = st.integers(min_value=0, max_value=700).map(lambda cents: Fraction(cents, 100))
wishes = st.dictionaries(st.sampled_from(CODES), scores)


def table(*columns: str) -> list[list[str]]:
    """Rows of the one table on the page with these columns."""
    rows: list[list[str]] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells == list(columns):
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and not set(line) <= set(" |-"):
            rows.append(cells)
    assert rows, f"no table {columns} on the page"
    return rows


def wanted_on_the_page() -> dict[str, Fraction]:
    return {code: Fraction(score) for code, score in table("Row", "Wanted")}


def figure(shown: str) -> Figure:
    if shown == "–":
        return Figure("8", "", None, None, None)
    return Figure("8", "", Fraction(shown), Decimal(shown), "")


def test_the_example_of_the_page_comes_out():
    goals = build_goals(CATALOGUE, RULES, MEASURED, wanted_on_the_page())
    for code, exact, shown, category, rests_on in table("Target of", "Exact", "Shown", "Category", "Rests on"):
        goal = goals.by_code["" if code == "total" else code]
        assert goal.figure.score == (None if exact == "–" else Fraction(exact)), code
        assert goal.figure.printed == (None if shown == "–" else shown)
        assert goal.figure.category == (None if category == "–" else category)
        assert ("own" if goal.own else f"{len(goal.rests_on)} of {goal.parts}") == rests_on


def test_where_standards_come_from_subindicators_an_indicator_speaks_for_its_own():
    goal = build_goals(CATALOGUE, BY_PARTS, MEASURED, wanted_on_the_page()).by_code["8"]
    assert (goal.figure.score, goal.figure.printed) == (Fraction(2851, 500), "5.70")
    assert (len(goal.rests_on), goal.parts) == (5, 7)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "2851/500 = 5.70, on 5 of 7 subindicators" in text


def test_the_words_of_the_page_are_those_of_the_code():
    for target, result, said in table("Target", "Result", "Said"):
        goal = Goal(figure(target), True, frozenset({"8"}), 1)
        assert gap_between(goal, figure(result)).text == said


@given(wishes)
def test_what_is_not_set_is_never_zero_and_means_stay_between_their_parts(wanted):
    for rules in (RULES, BY_PARTS):
        goals = build_goals(CATALOGUE, rules, MEASURED, wanted)
        assert goals.total.is_set == bool(wanted)
        for code, goal in goals.by_code.items():
            below = [score for other, score in wanted.items() if not code or f"{other}.".startswith(f"{code}.")]
            assert goal.is_set == bool(below)
            if below:
                assert min(below) <= goal.figure.score <= max(below)
                assert goal.figure.shown == round_half_up(goal.figure.score)
            assert len(goal.rests_on) <= goal.parts


@given(wishes, st.sampled_from(sorted(ROWS)), scores)
def test_an_indicator_with_its_own_target_does_not_look_at_its_parts(wanted, code, score):
    parts = {part: other for part, other in wanted.items() if part not in ROWS[code]}
    with_parts = build_goals(CATALOGUE, RULES, MEASURED, {**wanted, code: score})
    without = build_goals(CATALOGUE, RULES, MEASURED, {**parts, code: score})
    for same in (code, code.partition(".")[0], ""):
        assert with_parts.by_code[same].figure == without.by_code[same].figure
    assert with_parts.by_code[code].own


@given(wishes)
def test_a_result_that_equals_every_target_is_reached_or_not_comparable_and_never_short(wanted):
    goals = build_goals(CATALOGUE, RULES, MEASURED, wanted)
    given_scores = {code: score for code, score in wanted.items() if code not in ROWS}
    profile = build_profile(CATALOGUE, SPEC, "SD", {}, given=given_scores)
    for code, gap in compare(CATALOGUE, goals, profile).items():
        # An indicator's own target may differ from the mean of its parts; those below 8.1.1 cannot.
        if code.count(".") == 2:
            assert gap.state == (GapState.MET if code in wanted else GapState.UNSET)
    if not any(code in ROWS for code in wanted):
        assert {gap.state for gap in compare(CATALOGUE, goals, profile).values()} <= {GapState.MET, GapState.UNSET}


def test_a_mean_is_not_compared_with_a_result_that_rests_on_other_parts():
    goals = build_goals(CATALOGUE, RULES, MEASURED, {"8.1.1": Fraction(5), "8.2": Fraction(4)})
    profile = build_profile(
        CATALOGUE, SPEC, "SD", {}, given={"8.1.1": Fraction(5), "8.1.2": Fraction(1), "8.2.1": Fraction(3)}
    )
    gaps = compare(CATALOGUE, goals, profile)
    assert gaps["8.1.1"].text == "tercapai"
    assert gaps["8.1"].text == "belum sebanding"  # one target, two results
    assert gaps["8.2"] == Gap(GapState.SHORT, Decimal("1.00"))
    assert gaps["8"].text == gaps[""].text == "belum sebanding"


def test_an_indicator_that_speaks_for_its_subindicators_is_compared_with_all_of_them():
    goals = build_goals(CATALOGUE, BY_PARTS, MEASURED, {"8.1": Fraction(6), "8.2": Fraction(6), "8.3": Fraction(6)})
    results = {code: Fraction(5) for code in MEASURED if code.startswith("8.")}
    profile = build_profile(CATALOGUE, SPEC.model_copy(update={"rules": BY_PARTS}), "SD", {}, given=results)
    assert compare(CATALOGUE, goals, profile)["8"].text == "kurang 1,00"


@pytest.mark.parametrize("code", ["8", "9.1", "1.1", "8.1.1.a", ""])
def test_a_row_that_cannot_have_a_target_is_refused(code):
    with pytest.raises(ValueError, match="tidak dapat diberi target"):
        build_goals(CATALOGUE, RULES, MEASURED, {code: Fraction(1)})


@pytest.mark.parametrize("score", [Fraction(-1, 100), Fraction(701, 100)])
def test_a_target_off_the_scale_is_refused(score):
    with pytest.raises(ValueError, match="di luar 0 sampai 7"):
        build_goals(CATALOGUE, RULES, MEASURED, {"8.1": score})


@pytest.mark.parametrize("value", [Wanted(), Wanted(Decimal("0.00")), Wanted(None, True, "Lomba", "x")])
def test_what_is_stored_is_read_back_as_it_was(value):
    assert wanted_from(value.stored()) == value
