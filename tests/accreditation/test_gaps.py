"""The gap list: what one level more adds, proved by scoring the school with that level."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accreditation.catalogue import load_schemes
from accreditation.gaps import gaps, statement_gain
from accreditation.schemes import score
from accreditation.scoring import Answers, Rating
from tests.factories import the_library

SCHEMES = load_schemes(the_library())
EVERY = [(key, form) for key, scheme in SCHEMES.items() for form in scheme.forms]


def final(result) -> Fraction:
    """The exact figure, before any rounding of a component."""
    if result.spec.kind == "distribution":
        return result.whole.mean
    value = sum(figure.exact for figure in result.present.components)
    share = result.present.share
    return share * result.present.index + (1 - share) * value if share else value


@st.composite
def schools(draw):
    """A school with everything answered under some scheme."""
    key, form = draw(st.sampled_from(EVERY))
    scheme = SCHEMES[key]
    scale = scheme.spec.scale
    codes = list(scheme.layouts[form].items)
    levels = draw(st.lists(st.integers(scale.lowest, scale.highest), min_size=len(codes), max_size=len(codes)))
    count = scheme.spec.index.statements[form] if scheme.spec.index else 0
    return (
        scheme,
        form,
        Answers(
            {code: Rating.given(level) for code, level in zip(codes, levels, strict=True)}, statements=(2,) * count
        ),
    )


@given(schools(), st.randoms(use_true_random=False))
def test_one_level_more_adds_exactly_the_gain_that_the_list_names(school, random):
    scheme, form, answers = school
    result = score(scheme, form, answers)
    found = gaps(result)
    highest = scheme.spec.scale.highest
    assert {gap.item.code for gap in found} == {c for c, r in answers.ratings.items() if r.level < highest}
    for gap in random.sample(found, min(3, len(found))):
        raised = {**answers.ratings, gap.item.code: Rating.given(gap.rating.level + 1)}
        after = score(scheme, form, replace(answers, ratings=raised))
        assert final(after) - final(result) == gap.gain > 0
    if scheme.spec.index:
        after = score(scheme, form, replace(answers, statements=(3, *answers.statements[1:])))
        assert final(after) - final(result) == statement_gain(result)


@given(schools())
def test_the_largest_gain_comes_first_and_among_equal_ones_the_lowest_level(school):
    found = gaps(score(*school))
    order = [(-gap.gain, gap.rating.level) for gap in found]
    assert order == sorted(order)


@pytest.mark.parametrize(("key", "form"), EVERY)
def test_unanswered_items_are_gaps_and_come_after_the_answered_ones_of_the_same_gain(key, form):
    scheme = SCHEMES[key]
    codes = list(scheme.layouts[form].items)
    answers = Answers({codes[-1]: Rating.given(scheme.spec.scale.lowest)})
    found = gaps(score(scheme, form, answers))
    assert len(found) == len(codes)
    same = [gap for gap in found if gap.gain == next(g.gain for g in found if g.item.code == codes[-1])]
    assert same[0].item.code == codes[-1]


def test_what_does_not_apply_and_what_was_given_as_a_sum_is_no_gap():
    answers = Answers({}, frozenset({"1.4.4"}))
    assert "1.4.4" not in {gap.item.code for gap in gaps(score(SCHEMES["ia-2024"], "SD", answers))}
    found = gaps(score(SCHEMES["ban-2017"], "SD", Answers(obtained={"isi": Fraction(109)})))
    assert "isi" not in {gap.item.component for gap in found}
    assert len(found) == 109
