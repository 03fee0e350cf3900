"""How far back proof may lie: every day around a limit, leap days, days to come, and validity that ended."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accreditation.catalogue import windows_of
from accreditation.services.readiness import the_schemes
from accreditation.windows import NAMES, Dated, Standing, since, sort_out, standing

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
YEARS = st.integers(1, 10)


@pytest.mark.parametrize("years", [1, 2, 3, 5])
def test_a_date_of_exactly_so_many_years_ago_still_counts_and_the_day_before_does_not(years):
    limit = date(2026 - years, 11, 22)
    assert since(TODAY, years) == limit
    assert standing(limit, None, years=years, on=TODAY) is Standing.CURRENT
    assert standing(limit - DAY, None, years=years, on=TODAY) is Standing.TOO_OLD
    assert standing(limit + DAY, None, years=years, on=TODAY) is Standing.CURRENT


@pytest.mark.parametrize(
    ("on", "years", "first"),
    [
        (date(2028, 2, 29), 1, date(2027, 2, 28)),  # no such day a year before
        (date(2028, 2, 29), 2, date(2026, 2, 28)),
        (date(2028, 2, 29), 4, date(2024, 2, 29)),
        (date(2025, 2, 28), 1, date(2024, 2, 28)),
        (date(2025, 3, 1), 1, date(2024, 3, 1)),
        (date(2104, 2, 29), 4, date(2100, 2, 28)),  # 2100 is no leap year
    ],
)
def test_leap_days_are_counted_by_the_calendar(on, years, first):
    assert since(on, years) == first


def test_proof_of_a_leap_day_counts_until_the_last_day_of_february():
    leap = date(2024, 2, 29)
    assert standing(leap, None, years=1, on=date(2025, 2, 28)) is Standing.CURRENT
    assert standing(leap, None, years=1, on=date(2025, 3, 1)) is Standing.TOO_OLD


def test_today_counts_and_tomorrow_has_not_come():
    assert standing(TODAY, None, years=1, on=TODAY) is Standing.CURRENT
    assert standing(TODAY + DAY, None, years=1, on=TODAY) is Standing.AHEAD


def test_the_last_day_of_validity_still_counts():
    assert standing(TODAY, TODAY, years=1, on=TODAY) is Standing.CURRENT
    assert standing(TODAY - DAY, TODAY - DAY, years=1, on=TODAY) is Standing.EXPIRED


def test_validity_to_come_does_not_make_old_proof_younger():
    assert standing(date(2020, 1, 1), date(2030, 1, 1), years=5, on=TODAY) is Standing.TOO_OLD


def test_what_is_too_old_is_called_so_even_when_its_validity_ended_too():
    assert standing(date(2020, 1, 1), date(2021, 1, 1), years=5, on=TODAY) is Standing.TOO_OLD


def test_without_a_date_only_a_validity_that_ended_says_anything():
    assert standing(None, None, years=1, on=TODAY) is Standing.UNDATED
    assert standing(None, TODAY, years=1, on=TODAY) is Standing.UNDATED
    assert standing(None, TODAY - DAY, years=1, on=TODAY) is Standing.EXPIRED


def test_a_window_of_no_years_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        since(TODAY, 0)


def test_a_window_before_the_first_year_is_refused():
    with pytest.raises(ValueError, match="year"):
        since(date(5, 3, 1), 5)


@given(st.none() | DAYS, st.none() | DAYS, DAYS, YEARS)
@example(date(2027, 2, 28), None, date(2028, 2, 29), 1)
@example(date(2024, 2, 28), None, date(2028, 2, 29), 4)
def test_every_piece_of_proof_has_one_standing_that_its_dates_explain(dated, until, on, years):
    found = standing(dated, until, years=years, on=on)
    # Written anew from the sentence "not older than so many years": month and day are compared as numbers.
    old = dated is not None and (dated.year + years, dated.month, dated.day) < (on.year, on.month, on.day)
    if (on.month, on.day) == (2, 29) and not isleap(on.year - years):  # then 28 February is not older
        old = dated is not None and (dated.year + years, dated.month, dated.day) < (on.year, 2, 28)
    ended = until is not None and until < on
    assert (found is Standing.TOO_OLD) == old
    assert (found is Standing.EXPIRED) == (ended and not old)
    assert (found is Standing.UNDATED) == (dated is None and not ended)
    assert (found is Standing.AHEAD) == (dated is not None and dated > on and not ended)


def test_by_day_over_six_years_the_limit_never_moves_back():
    days = [date(2023, 1, 1) + DAY * n for n in range(6 * 365)]
    for years in (1, 2, 3, 5):
        limits = [since(day, years) for day in days]
        assert limits == sorted(limits)
        assert all(365 * years <= (day - limit).days <= 366 * years for day, limit in zip(days, limits, strict=True))


@given(st.lists(st.tuples(st.sampled_from("ABCDEFG"), st.none() | DAYS, st.none() | DAYS)), DAYS, YEARS)
def test_a_list_is_sorted_out_without_losing_or_doubling_anything(rows, on, years):
    found = sort_out([Dated(*row) for row in rows], years=years, on=on)
    codes = [code for listed in found.values() for code in listed]
    assert sorted(codes) == sorted({row[0] for row in rows})
    assert list(found) == [one for one in Standing if one in found]
    assert all(found.values())


def test_the_oldest_comes_first_and_of_two_with_one_code_the_first_counts():
    rows = [Dated("B", date(2026, 5, 1), None), Dated("A", date(2026, 1, 1), None), Dated("B", None, None)]
    assert sort_out(rows, years=1, on=TODAY) == {Standing.CURRENT: ("A", "B")}


def test_every_standing_has_a_name_for_people():
    assert set(NAMES) == set(Standing)


def test_the_scheme_in_force_asks_for_windows_of_one_two_three_and_five_years():
    spec = the_schemes()["ia-2024"].spec
    assert {row.years for form in ("SD", "SMK") for row in windows_of(spec, form).values()} == {1, 2, 3, 5}
    assert windows_of(spec, "SD")["2.6.2"].years == 5
    assert set(windows_of(spec, "SMK")) == {"4.16.2"}
