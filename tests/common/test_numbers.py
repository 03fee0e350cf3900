"""Whole numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.formats import format_decimal
from common.numbers import parse_whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("45", 45), ("1.250.000", 1_250_000), (" 1 250 ", 1250), ("Rp 1.250", 1250), ("007", 7), ("0", 0), ("  ", None)],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert parse_whole(text, 2_000_000) == number


@pytest.mark.parametrize("text", ["-1", "1,5", "1.5", "12.34.567", "dua", "٤٥", "1e3", "2000001", "9" * 5000])
def test_anything_else_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match=r"(bilangan bulat|kurang dari 0|terlalu besar)"):
        parse_whole(text, 2_000_000)


@given(st.integers(min_value=0, max_value=10**15))
def test_a_number_as_we_print_it_is_read_back(number):
    assert parse_whole(format_decimal(number), 10**15) == number
