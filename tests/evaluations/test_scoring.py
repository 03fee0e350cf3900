"""The quality profile: bounds, order, states, thresholds, and a second computation that shares no code with it."""

from __future__ import annotations

import csv
import math
import random
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.scoring import (
    NOT_APPLICABLE,
    UNANSWERED,
    Outcome,
    OutcomeState,
    Profile,
    backed,
    build_profile,
    category_of,
    explain_profile,
    figure_of,
    mean,
    outcome_of,
)
from evaluations.values import parse_value
from standards.catalogue import DATA_DIR
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec
from tests.factories import the_library

LIBRARY = the_library()
CATALOGUE = LIBRARY.catalogue
EDS = LIBRARY.newest("eds-snp")
FORM = "SD"
CODES = [item.code for item in EDS.items]


def remade(spec: InstrumentSpec = EDS, **changes: object) -> InstrumentSpec:
    """*spec* with other parts, validated anew."""
    return InstrumentSpec.model_validate({name: getattr(spec, name) for name in InstrumentSpec.model_fields} | changes)


def reruled(**changes: object) -> InstrumentSpec:
    return remade(rules=EDS.rules.model_copy(update=changes))


def with_items(**changes: dict) -> InstrumentSpec:
    """The instrument with single items changed: ``with_items(**{"8.1.1.a": {"weight": Fraction(2)}})``."""
    return remade(items=tuple(item.model_copy(update=changes.get(item.code, {})) for item in EDS.items))


def outcomes_of(spec: InstrumentSpec, answers: dict[str, object]) -> dict[str, Outcome]:
    """*answers* maps codes to values in stored form, "NA" or None."""
    found = {}
    items = {item.code: item for item in spec.items}  # of every form: what is not asked must be refused elsewhere
    for code, raw in answers.items():
        item = items[code]
        if raw == "NA":
            found[code] = NOT_APPLICABLE
        elif raw is not None:
            found[code] = outcome_of(item, parse_value(item, raw), spec.rules)
    return found


def profile_of(answers: dict[str, object], spec: InstrumentSpec = EDS, form: str = FORM) -> Profile:
    return build_profile(CATALOGUE, spec, form, outcomes_of(spec, answers))


def best_value(item: ItemSpec) -> dict:
    return {
        "rubric": {"level": 4},
        "ratio": {"count": 10, "of": 10},
        "yesno": {"value": True},
        "checklist": {"met": [point.code for point in item.points or ()]},
    }[item.kind]


def worst_value(item: ItemSpec) -> dict:
    return {
        "rubric": {"level": 1},
        "ratio": {"count": 0, "of": 10},
        "yesno": {"value": False},
        "checklist": {"met": []},
    }[item.kind]


# --- random answers ---------------------------------------------------------------------------------


def values_for(item: ItemSpec) -> st.SearchStrategy:
    if item.kind == "rubric":
        return st.builds(lambda level: {"level": level}, st.integers(1, 4))
    if item.kind == "ratio":
        return st.builds(lambda count, of: {"count": count, "of": of}, st.integers(0, 60), st.integers(0, 40))
    if item.kind == "yesno":
        return st.builds(lambda value: {"value": value}, st.booleans())
    codes = [point.code for point in item.points or ()]
    return st.builds(lambda met: {"met": sorted(met)}, st.sets(st.sampled_from(codes)))


def answer_sets() -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {item.code: st.one_of(values_for(item), st.just("NA"), st.none()) for item in EDS.items}
    )


WEIGHTS = st.fixed_dictionaries({code: st.sampled_from([Fraction(n, 4) for n in range(1, 13)]) for code in CODES})


# --- an independent second computation ----------------------------------------------------------------
# Written from the text of the rules and the files themselves; shares nothing with standards or evaluations.


@cache
def raw_items() -> dict[str, dict]:
    folder = DATA_DIR / "instruments" / "eds-snp" / "2025.1"
    files = [yaml.safe_load((folder / f"standard-{n}.yaml").read_text("utf-8")) for n in (7, 8)]
    return {item["code"]: item for file in files for item in file["items"]}


@cache
def raw_subindicators() -> list[str]:
    with (DATA_DIR / "snp.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file) if row["level"] == "subindicator"]


def share_by_hand(code: str, answer: dict) -> Fraction | None:
    if "level" in answer:
        return Fraction(answer["level"], 4)
    if "of" in answer:
        if answer["of"] == 0:
            return None
        return Fraction(answer["count"], answer["of"]) if answer["count"] < answer["of"] else Fraction(1)
    if "value" in answer:
        return Fraction(1) if answer["value"] else Fraction(0)
    points = raw_items()[code]["points"]
    share = Fraction(len(answer["met"]), len(points))
    missing = [point for point in points if point["must"] and point["code"] not in answer["met"]]
    return min(share, Fraction(1, 2)) if missing else share


def average(numbers: list[Fraction]) -> Fraction | None:
    return sum(numbers) / Fraction(len(numbers)) if numbers else None


def by_hand(answers: dict, weights: dict[str, Fraction], standard_from: str) -> dict[str, Fraction | None]:
    """All scores by code ("" is the total), and the coverage under "coverage"."""
    scores: dict[str, Fraction | None] = {}
    covered, applicable = Fraction(0), 0
    for sub in raw_subindicators():
        mine = [code for code in raw_items() if code.rsplit(".", 1)[0] == sub]
        known, open_weight = [], Fraction(0)
        for code in mine:
            answer = answers.get(code)
            if answer is None:
                open_weight += weights[code]
            elif answer != "NA" and (share := share_by_hand(code, answer)) is not None:
                known.append((weights[code], share))
        weight = sum((w for w, _ in known), Fraction(0))
        scores[sub] = 7 * sum(w * s for w, s in known) / weight if known else None
        if not mine:
            applicable += 1
        elif known or open_weight:
            applicable += 1
            covered += weight / (weight + open_weight)
    for depth in (2, 1):
        for code in sorted({".".join(sub.split(".")[:depth]) for sub in raw_subindicators()}):
            below = 3 if depth == 1 and standard_from == "subindicators" else depth + 1
            parts = [c for c in list(scores) if c.startswith(f"{code}.") and c.count(".") + 1 == below]
            scores[code] = average([scores[c] for c in parts if scores[c] is not None])
    scores[""] = average([scores[str(n)] for n in range(1, 9) if scores[str(n)] is not None])
    return scores | {"coverage": covered / applicable}


def print_by_hand(score: Fraction | None) -> str | None:
    if score is None:
        return None
    cents = math.floor(score * 100 + Fraction(1, 2))
    return f"{cents // 100}.{cents % 100:02d}"


def category_by_hand(printed: str | None) -> str | None:
    if printed is None:
        return None
    cents = int(printed.replace(".", ""))
    limits = [(204, "Menuju SNP 1"), (370, "Menuju SNP 2"), (506, "Menuju SNP 3"), (666, "Menuju SNP 4"), (700, "SNP")]
    return next(name for limit, name in limits if cents <= limit)


@settings(max_examples=150)
@given(answers=answer_sets(), weights=WEIGHTS, standard_from=st.sampled_from(["indicators", "subindicators"]))
def test_a_second_computation_finds_the_same_scores_prints_and_categories(answers, weights, standard_from):
    spec = remade(
        items=tuple(item.model_copy(update={"weight": weights[item.code]}) for item in EDS.items),
        rules=EDS.rules.model_copy(update={"standard_from": standard_from}),
    )
    profile = profile_of(answers, spec)
    wanted = by_hand(answers, weights, standard_from)
    figures = (*profile.standards, *profile.indicators, *profile.subindicators, profile.total)
    assert {figure.code: figure.score for figure in figures} == {c: s for c, s in wanted.items() if c != "coverage"}
    for figure in figures:
        assert figure.printed == print_by_hand(wanted[figure.code])
        assert figure.category == category_by_hand(figure.printed)
    assert profile.coverage == wanted["coverage"]
    assert profile.measured == sum(wanted[str(n)] is not None for n in range(1, 9))


# --- properties ---------------------------------------------------------------------------------------


@given(answers=answer_sets())
def test_every_score_lies_between_0_and_7_and_coverage_between_0_and_1(answers):
    profile = profile_of(answers)
    for figure in (*profile.standards, *profile.indicators, *profile.subindicators, profile.total):
        assert figure.score is None or 0 <= figure.score <= 7
        assert (figure.score is None) == (figure.shown is None) == (figure.category is None)
    assert 0 <= profile.coverage <= 1
    assert 0 <= profile.items.answered <= profile.items.applicable <= len(CODES)


def raised(item: ItemSpec, value: dict, by: int) -> dict:
    """A value that is better than *value* or equal to it."""
    if item.kind == "rubric":
        return {"level": min(4, value["level"] + by)}
    if item.kind == "ratio":
        return {"count": value["count"] + by, "of": value["of"]}
    if item.kind == "yesno":
        return {"value": True}
    missing = [point.code for point in item.points or () if point.code not in value["met"]]
    return {"met": sorted([*value["met"], *missing[:by]])}


@given(answers=answer_sets(), code=st.sampled_from(CODES), by=st.integers(1, 9))
def test_raising_one_answer_never_lowers_any_figure(answers, code, by):
    item = EDS.asked("SD")[code]
    if not isinstance(answers[code], dict):
        answers = answers | {code: worst_value(item)}
    before = profile_of(answers)
    after = profile_of(answers | {code: raised(item, answers[code], by)})
    for old, new in zip(
        (*before.standards, *before.indicators, *before.subindicators, before.total),
        (*after.standards, *after.indicators, *after.subindicators, after.total),
        strict=True,
    ):
        assert (old.score is None) == (new.score is None)
        assert old.score is None or (new.score >= old.score and new.shown >= old.shown)
    assert after.coverage == before.coverage


@given(
    scores=st.dictionaries(st.sampled_from(raw_subindicators()), st.fractions(0, 7), min_size=1, max_size=12),
    up=st.fractions(0, 7),
    data=st.data(),
)
def test_raising_one_given_score_never_lowers_any_figure(scores, up, data):
    code = data.draw(st.sampled_from(sorted(scores)))
    before = build_profile(CATALOGUE, EDS, FORM, {}, given=scores)
    after = build_profile(CATALOGUE, EDS, FORM, {}, given=scores | {code: max(scores[code], up)})
    for old, new in zip((*before.standards, before.total), (*after.standards, after.total), strict=True):
        assert old.score is None or new.score >= old.score


@given(answers=answer_sets(), seed=st.integers(0, 2**32))
def test_the_order_of_items_and_answers_changes_nothing(answers, seed):
    dice = random.Random(seed)
    items, pairs = list(EDS.items), list(answers.items())
    dice.shuffle(items)
    dice.shuffle(pairs)
    shuffled = profile_of(dict(pairs), remade(items=tuple(items)))
    plain = profile_of(answers)
    assert shuffled.total == plain.total
    assert shuffled.standards == plain.standards
    assert shuffled.indicators == plain.indicators
    assert shuffled.subindicators == plain.subindicators
    assert shuffled.coverage == plain.coverage


@given(answers=answer_sets(), code=st.sampled_from(CODES))
def test_answering_what_was_unanswered_never_lowers_coverage(answers, code):
    value = answers[code] if isinstance(answers[code], dict) else worst_value(EDS.asked("SD")[code])
    assert profile_of(answers | {code: value}).items.applicable >= profile_of(answers | {code: "NA"}).items.applicable
    if outcomes_of(EDS, {code: value})[code].state is OutcomeState.ANSWERED:
        assert profile_of(answers | {code: value}).coverage > profile_of(answers | {code: None}).coverage


# --- states -------------------------------------------------------------------------------------------


def test_best_answers_everywhere_give_7_and_worst_ones_still_count_as_answered():
    best = profile_of({item.code: best_value(item) for item in EDS.items})
    assert {f.printed for f in best.standards} == {None, "7.00"}
    assert best.total.category == "SNP"
    worst = profile_of({item.code: worst_value(item) for item in EDS.items})
    assert worst.coverage == best.coverage
    assert worst.figure("8.2").score == 0


def test_zero_is_an_answer_and_unanswered_is_none():
    zero = profile_of({"8.2.1.a": {"count": 0, "of": 5}})
    nothing = profile_of({})
    assert zero.figure("8.2").score == 0
    assert zero.figure("8.2").printed == "0.00"
    assert zero.items.answered == 1
    assert nothing.figure("8.2").score is None
    assert nothing.figure("8.2").printed is None
    assert nothing.items.answered == 0
    assert (nothing.total.score, nothing.measured, nothing.coverage) == (None, 0, 0)


def test_not_applicable_leaves_the_mean_and_the_coverage():
    both = profile_of({"8.3.1.a": {"level": 2}, "8.3.2.a": {"met": list("abcdefgh")}, "8.3.3.a": "NA"})
    assert both.figure("8.3").score == (Fraction(7, 2) + 7) / 2
    unanswered = profile_of({"8.3.1.a": {"level": 2}, "8.3.2.a": {"met": list("abcdefgh")}})
    assert unanswered.figure("8.3").score == both.figure("8.3").score
    assert unanswered.coverage < both.coverage
    assert both.items.applicable == len(CODES) - 1
    assert unanswered.items.applicable == len(CODES)


def test_a_ratio_of_nothing_is_not_applicable_by_itself():
    item = EDS.asked("SD")["8.1.1.a"]
    outcome = outcome_of(item, parse_value(item, {"count": 0, "of": 0}), EDS.rules)
    assert outcome.state is OutcomeState.NOT_APPLICABLE
    assert outcome.fraction is None
    assert profile_of({"8.1.1.a": {"count": 0, "of": 0}}).coverage == profile_of({"8.1.1.a": "NA"}).coverage


def test_unmeasured_standards_are_gaps_not_zeros():
    profile = profile_of({"8.2.1.a": {"count": 1, "of": 1}})
    assert [f.score for f in profile.standards] == [None] * 7 + [7]
    assert profile.total.score == 7
    assert profile.measured == 1


def test_the_case_of_the_standard_shaped_like_8():
    def like(code: str, other: str) -> ItemSpec:
        return EDS.asked("SD")[other].model_copy(update={"code": code})

    shaped = {
        "8.1.2.a": like("8.1.2.a", "8.1.3.a"), "8.3.1.a": like("8.3.1.a", "8.1.1.a"),
        "8.3.2.a": like("8.3.2.a", "8.3.3.a"),
    }  # fmt: skip
    spec = remade(items=tuple(shaped.get(item.code, item) for item in EDS.items))
    answers = {
        "8.1.1.a": {"count": 0, "of": 6}, "8.1.2.a": {"level": 3}, "8.1.3.a": {"level": 1},
        "8.2.1.a": {"count": 0, "of": 6},
        "8.3.1.a": {"count": 5, "of": 6}, "8.3.2.a": {"level": 3}, "8.3.3.a": "NA",
    }  # fmt: skip
    profile = profile_of(answers, spec)
    assert profile.figure("8.1").score == Fraction(7, 3)
    assert profile.figure("8.2").score == 0
    assert profile.figure("8.3").score == Fraction(133, 24)
    assert profile.figure("8").score == Fraction(21, 8)
    assert profile.figure("8").printed == "2.63"
    assert profile.figure("8").category == "Menuju SNP 2"
    by_subindicators = remade(spec, rules=spec.rules.model_copy(update={"standard_from": "subindicators"}))
    assert profile_of(answers, by_subindicators).figure("8").score == Fraction(7 * 31, 6 * 12)


# --- rules of the instrument --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "category"),
    [
        ("0.00", "Menuju SNP 1"), ("2.04", "Menuju SNP 1"), ("2.05", "Menuju SNP 2"), ("3.70", "Menuju SNP 2"),
        ("3.71", "Menuju SNP 3"), ("5.06", "Menuju SNP 3"), ("5.07", "Menuju SNP 4"), ("6.66", "Menuju SNP 4"),
        ("6.67", "SNP"), ("7.00", "SNP"),
    ],
)  # fmt: skip
def test_thresholds_are_inclusive_upper_limits(shown, category):
    assert category_of(Decimal(shown), EDS.rules) == category


@pytest.mark.parametrize("shown", ["-0.01", "7.01"])
def test_a_score_off_the_scale_has_no_category(shown):
    with pytest.raises(ValueError, match="nilai"):
        category_of(Decimal(shown), EDS.rules)


@pytest.mark.parametrize(
    ("score", "printed", "category"),
    [
        (Fraction(2045, 1000), "2.05", "Menuju SNP 2"),
        (Fraction(20449, 10000), "2.04", "Menuju SNP 1"),
        (Fraction(3705, 1000), "3.71", "Menuju SNP 3"),
        (Fraction(5065, 1000), "5.07", "Menuju SNP 4"),
        (Fraction(6665, 1000), "6.67", "SNP"),
        (Fraction(2625, 1000), "2.63", "Menuju SNP 2"),
        (Fraction(20, 3), "6.67", "SNP"),
    ],
)
def test_the_category_is_read_from_the_score_rounded_once_half_up(score, printed, category):
    figure = figure_of("x", "x", score, EDS.rules)
    assert (figure.printed, figure.category) == (printed, category)


def test_a_standard_follows_its_indicators_or_its_subindicators_as_the_instrument_says():
    answers = {"8.1.2.a": {"value": True}, "8.1.3.a": {"level": 4}, "8.2.1.a": {"count": 0, "of": 1}}
    assert profile_of(answers, reruled(standard_from="indicators")).figure("8").score == Fraction(7, 2)
    assert profile_of(answers, reruled(standard_from="subindicators")).figure("8").score == Fraction(14, 3)


def test_weights_count_inside_a_subindicator_only():
    first = EDS.asked("SD")["8.1.2.a"]
    second = first.model_copy(update={"code": "8.1.2.b", "weight": Fraction(3)})
    spec = remade(items=(*EDS.items, second))
    profile = profile_of({"8.1.2.a": {"value": True}, "8.1.2.b": {"value": False}, "8.1.3.a": {"level": 4}}, spec)
    assert profile.figure("8.1.2").score == Fraction(7, 4)
    assert profile.figure("8.1").score == (Fraction(7, 4) + 7) / 2
    one = profile_of({"8.1.2.a": {"value": True}}, spec)
    assert one.figure("8.1.2").score == 7
    assert one.coverage * len(raw_subindicators()) == Fraction(1, 4)


def test_a_missing_must_point_caps_the_item_and_never_lifts_it():
    all_but_one_must = profile_of({"8.3.2.a": {"met": list("bcdefgh")}})
    assert all_but_one_must.figure("8.3.2").score == Fraction(7, 2)
    all_but_one_other = profile_of({"8.3.2.a": {"met": list("abcdefg")}})
    assert all_but_one_other.figure("8.3.2").score == Fraction(49, 8)
    assert profile_of({"8.3.2.a": {"met": ["d"]}}).figure("8.3.2").score == Fraction(7, 8)


def test_an_item_for_other_forms_neither_counts_nor_lowers_coverage():
    spec = with_items(**{"8.2.1.a": {"forms": ("SMK",)}})
    without = profile_of({"8.1.2.a": {"value": True}}, spec, "SD")
    asked = profile_of({"8.1.2.a": {"value": True}}, spec, "SMK")
    assert without.items.applicable == asked.items.applicable - 1
    assert without.coverage == Fraction(1, len(raw_subindicators()) - 1)
    assert asked.coverage == Fraction(1, len(raw_subindicators()))
    with pytest.raises(ValueError, match=r"8\.2\.1\.a tidak ditanyakan untuk SD"):
        profile_of({"8.2.1.a": {"count": 1, "of": 2}}, spec, "SD")


def test_unknown_codes_and_scores_off_the_scale_are_named():
    with pytest.raises(ValueError, match=r"9\.9\.9\.a"):
        build_profile(CATALOGUE, EDS, FORM, {"9.9.9.a": UNANSWERED})
    with pytest.raises(ValueError, match=r"8\.9\.9"):
        build_profile(CATALOGUE, EDS, FORM, {}, given={"8.9.9": Fraction(1)})
    with pytest.raises(ValueError, match=r"8\.1\.1: nilai 8"):
        build_profile(CATALOGUE, EDS, FORM, {}, given={"8.1.1": Fraction(8)})


def test_given_subindicators_count_like_answered_ones():
    profile = build_profile(
        CATALOGUE,
        EDS,
        FORM,
        {},
        given={
            "1.1.1": Fraction(683, 100),
            "1.1.2": Outcome(OutcomeState.ANSWERED, Fraction(1, 2)),
            "1.1.3": NOT_APPLICABLE,
            "1.1.4": UNANSWERED,
        },
    )
    assert profile.figure("1.1").score == (Fraction(683, 100) + Fraction(7, 2)) / 2
    assert profile.coverage == Fraction(2, len(raw_subindicators()) - 1)


@settings(max_examples=25)
@given(answers=answer_sets())
def test_one_standard_alone_has_the_same_figures_as_in_the_whole(answers):
    outcomes = outcomes_of(EDS, answers)
    whole = build_profile(CATALOGUE, EDS, FORM, outcomes)
    for standard in ("7", "8"):
        part = build_profile(CATALOGUE.part(standard), EDS, FORM, outcomes)
        assert part.standards == (whole.figure(standard),)


def test_the_mean_of_nothing_is_nothing():
    assert mean([]) is None
    assert mean([None, None]) is None
    assert mean([None, Fraction(0)]) == 0


def test_an_unknown_figure_is_a_key_error():
    with pytest.raises(KeyError):
        profile_of({}).figure("9")


# --- claimed, verified, backed ------------------------------------------------------------------------


@pytest.mark.parametrize("item", EDS.items, ids=lambda item: item.code)
def test_the_lowest_level_needs_no_proof_and_the_best_one_does(item):
    low = outcome_of(item, parse_value(item, worst_value(item)), EDS.rules)
    high = outcome_of(item, parse_value(item, best_value(item)), EDS.rules)
    assert (low.level, high.level) == (1, 4)
    assert backed(low, has_accepted_link=False) is low
    assert backed(high, has_accepted_link=False) is UNANSWERED
    assert backed(high, has_accepted_link=True) is high


@pytest.mark.parametrize("state", [NOT_APPLICABLE, UNANSWERED])
def test_states_without_a_value_stay_as_they_are_when_proof_is_asked_for(state):
    assert backed(state, has_accepted_link=False) is state


# --- dari mana angka ini? -----------------------------------------------------------------------------


def test_the_explanation_names_items_weights_fractions_rounding_threshold_and_source():
    answers = {"8.1.1.a": {"count": 0, "of": 6}, "8.1.2.a": {"value": True}, "8.1.3.a": {"level": 3}, "8.3.3.a": "NA"}
    outcomes = outcomes_of(EDS, answers)
    profile = build_profile(CATALOGUE, EDS, FORM, outcomes)
    tree = explain_profile(CATALOGUE, EDS, FORM, profile, outcomes)
    texts = {part.title.partition(" ")[0]: part for _, part in tree.walk()}
    assert "2,04" in tree.source
    assert EDS.rules.source in tree.source
    assert tree.value == "4,08 (Menuju SNP 3)"
    assert "49/12" in texts["8"].formula
    assert "dibulatkan sekali menjadi 4,08" in texts["8"].formula
    assert texts["8.1.1.a"].value == "0 dari 6 murid"
    assert "bobot 1" in texts["8.1.1.a"].formula
    assert texts["8.3.3.a"].value == "tidak berlaku"
    assert texts["8.2.1.a"].value == "belum dijawab"
    assert texts["1"].value == "belum diukur", "the instrument does not ask"
    assert texts["8.3.3"].value == "tidak berlaku", "all of it"
    assert texts["8.2"].value == "belum ada nilai", "asked, but not answered"
    one = explain_profile(CATALOGUE, EDS, FORM, profile, outcomes, standard="8")
    assert one.title.startswith("8 ")


@given(answers=answer_sets())
@settings(max_examples=25)
def test_every_figure_of_a_measured_standard_is_explained_with_the_value_it_shows(answers):
    outcomes = outcomes_of(EDS, answers)
    profile = build_profile(CATALOGUE, EDS, FORM, outcomes)
    tree = explain_profile(CATALOGUE, EDS, FORM, profile, outcomes)
    explained = {part.title.partition(" ")[0]: part.value for _, part in tree.walk()}
    for figure in (*profile.standards, *profile.indicators, *profile.subindicators):
        if figure.printed is not None:
            assert explained[figure.code].startswith(figure.printed.replace(".", ","))


def test_given_figures_say_so_in_the_explanation():
    given_figures = {
        "1.1.1": Fraction(683, 100),
        "1.1.2": Outcome(OutcomeState.ANSWERED, Fraction(3, 4), 3, "Level 3", "level 3 bernilai 3/4"),
        "1.1.3": NOT_APPLICABLE,
    }
    profile = build_profile(CATALOGUE, EDS, FORM, {}, given=given_figures)
    tree = explain_profile(CATALOGUE, EDS, FORM, profile, {}, given=given_figures)
    parts = {part.title.partition(" ")[0]: part for _, part in tree.walk()}
    assert parts["1.1.1"].formula == "nilai diberikan langsung"
    assert parts["1.1.2"].formula == "level 3 bernilai 3/4 x 7"
    assert parts["1.1.3"].value == "tidak berlaku"
