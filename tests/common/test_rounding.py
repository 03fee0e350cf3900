"""Exact fractions become printed numbers in one way only."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.rounding import round_half_up


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Fraction(21, 8), "2.63"),
        (Fraction(2045, 1000), "2.05"),
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(2, 3), "0.67"),
        (Fraction(0), "0.00"),
        (7, "7.00"),
        (Decimal("2.675"), "2.68"),
        (Fraction(10**30 * 200 + 1, 200), "1000000000000000000000000000000.01"),
    ],
)
def test_exact_halves_go_away_from_zero(value, printed):
    assert str(round_half_up(value)) == printed


@given(value=st.fractions(max_denominator=10**9), digits=st.integers(0, 6))
def test_it_agrees_with_decimal_division_at_high_precision(value, digits):
    with localcontext() as context:
        context.prec = 200
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        assert round_half_up(value, digits) == exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


@given(value=st.fractions(), digits=st.integers(0, 6))
def test_the_result_is_at_most_half_a_last_digit_away_and_has_that_many_decimals(value, digits):
    rounded = round_half_up(value, digits)
    assert abs(Fraction(rounded) - value) <= Fraction(1, 2 * 10**digits)
    assert rounded.as_tuple().exponent == -digits


@given(one=st.fractions(), other=st.fractions())
def test_a_larger_number_never_prints_smaller(one, other):
    low, high = sorted([one, other])
    assert round_half_up(low) <= round_half_up(high)


def test_negative_digits_are_refused():
    with pytest.raises(ValueError, match="digits"):
        round_half_up(Fraction(1), -1)
