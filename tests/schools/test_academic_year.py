"""The academic year as a value."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.academic_year import FIRST, LAST, AcademicYear

YEARS = st.integers(FIRST, LAST).map(AcademicYear)


@given(st.dates(date(FIRST, 7, 1), date(LAST + 1, 6, 30)))
def test_every_day_belongs_to_exactly_the_year_that_contains_it(day):
    year = AcademicYear.of(day)
    assert year.first_day <= day <= year.last_day


@given(YEARS)
def test_a_year_reads_back_from_both_spellings(year):
    assert AcademicYear.parse(str(year)) == year
    assert AcademicYear.parse(str(year.start)) == year


@given(st.integers(FIRST + 1, LAST - 1).map(AcademicYear))
def test_years_follow_each_other_without_gap(year):
    assert year.previous().last_day + timedelta(days=1) == year.first_day
    assert year.following().previous() == year
    assert year.previous() < year < year.following()


@given(st.text())
def test_any_text_is_a_year_or_a_clear_error(text):
    try:
        year = AcademicYear.parse(text)
    except ValueError:
        return
    assert FIRST <= year.start <= LAST


@pytest.mark.parametrize("text", ["2026/2028", "2026/2026", "26/27", "2026-2027", "", "1999", "2101"])
def test_a_wrong_spelling_is_refused(text):
    with pytest.raises(ValueError, match="tahun pelajaran"):
        AcademicYear.parse(text)
