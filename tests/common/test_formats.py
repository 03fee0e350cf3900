"""Dates, times, numbers and names as Indonesian readers expect them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from common import clock
from common.formats import (
    format_bytes,
    format_date,
    format_decimal,
    format_moment,
    format_nip,
    format_rupiah,
    format_time,
)

LATE = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)


def test_dates_are_written_out():
    assert format_date(date(2026, 11, 21)) == "21 November 2026"
    assert format_date(date(2026, 8, 1)) == "1 Agustus 2026"


@pytest.mark.parametrize(
    ("zone", "day", "time"),
    [
        ("Asia/Jakarta", "22 November 2026", "00.30 WIB"),
        ("Asia/Makassar", "22 November 2026", "01.30 WITA"),
        ("Asia/Jayapura", "22 November 2026", "02.30 WIT"),
        ("UTC", "21 November 2026", "17.30 UTC"),
    ],
)
def test_a_moment_is_shown_in_the_zone_of_the_school(zone, day, time):
    assert format_date(LATE, zone) == day
    assert format_time(LATE, zone) == time
    assert format_moment(LATE, zone) == f"{day} pukul {time}"
    assert f"{clock.local_date(LATE, zone).day} November 2026" == day


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("6.83"), "6,83"),
        (Decimal("0.00"), "0,00"),
        ("1234567.5", "1.234.567,5"),
        (1250000, "1.250.000"),
        (Decimal("-2.5"), "-2,5"),
        (None, "–"),
    ],
)
def test_decimals_have_a_comma_and_thousands_a_dot(value, shown):
    assert format_decimal(value) == shown


def test_nothing_is_not_zero():
    assert format_decimal(None, empty="belum diukur") == "belum diukur"
    assert format_decimal(0) == "0"


def test_money_and_sizes():
    assert format_rupiah(1250000) == "Rp1.250.000"
    assert [format_bytes(size) for size in (0, 999, 1024, 1500 * 1024, 10 * 1024 * 1024)] == [
        "0 byte",
        "999 byte",
        "1 KB",
        "1,5 MB",
        "10,0 MB",
    ]


def test_a_nip_is_grouped_8_6_1_3_and_anything_else_left_out():
    assert format_nip("197606062003121005") == "19760606 200312 1 005"
    assert format_nip("19760606 200312 1 005") == "19760606 200312 1 005"
    assert format_nip("19760606-200312.1-005") == "19760606 200312 1 005"
    for other in ("NUPTK 123", "-", "", "1234567890123456", "19760606200312100X", "١٩٧٦٠٦٠٦٢٠٠٣١٢١٠٠٥"):
        assert format_nip(other) == ""


def test_services_may_be_given_a_moment_but_never_a_naive_one():
    moment = datetime(2025, 10, 1, 8, tzinfo=timezone(timedelta(hours=7)))
    assert clock.now(moment) is moment
    assert clock.now().tzinfo is not None
    with pytest.raises(ValueError, match="aware"):
        clock.now(datetime(2025, 10, 1, 8))  # noqa: DTZ001  (a naive time is the point)
