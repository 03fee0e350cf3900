"""Answers in stored form: what is accepted, what is refused, how it reads."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.values import (
    LARGEST_COUNT,
    Checklist,
    Ratio,
    Rubric,
    YesNo,
    describe,
    describe_fraction,
    fraction_of,
    parse_level,
    parse_value,
    reading_level,
)
from tests.factories import the_library

EDS = the_library().newest("eds-snp")
RULES = EDS.rules
RUBRIC, RATIO = EDS.asked("SD")["7.1.1.a"], EDS.asked("SD")["8.1.1.a"]
YESNO, CHECKLIST = EDS.asked("SD")["8.1.2.a"], EDS.asked("SD")["8.3.2.a"]
BY_KIND = {"rubric": RUBRIC, "ratio": RATIO, "yesno": YESNO, "checklist": CHECKLIST}


@pytest.mark.parametrize(
    ("item", "raw"),
    [
        (RUBRIC, {"level": 3}),
        (RATIO, {"count": 5, "of": 6}),
        (RATIO, {"count": 0, "of": 0}),
        (RATIO, {"count": LARGEST_COUNT, "of": LARGEST_COUNT}),
        (YESNO, {"value": False}),
        (CHECKLIST, {"met": []}),
        (CHECKLIST, {"met": ["a", "c"]}),
    ],
)
def test_a_value_survives_the_way_to_the_database_and_back(item, raw):
    value = parse_value(item, raw)
    assert value.to_json() == raw
    assert parse_value(item, value.to_json()) == value


def test_a_question_whose_title_is_not_public_takes_no_answer():
    closed = the_library().newest("iasp-2020").asked("SMK")["SMK-1"]
    with pytest.raises(ValueError, match="judul pertanyaan ini belum diketahui"):
        parse_value(closed, {"level": 3})
    opened = the_library().newest("iasp-2020").asked("SMK")["1"]
    assert parse_value(opened, {"level": 3}) == Rubric(3)


def test_the_order_of_checked_points_does_not_matter():
    assert parse_value(CHECKLIST, {"met": ["c", "a"]}) == parse_value(CHECKLIST, {"met": ["a", "c"]})


@pytest.mark.parametrize(
    ("item", "raw"),
    [
        *[(item, None) for item in BY_KIND.values()],
        *[(item, []) for item in BY_KIND.values()],
        *[(item, {}) for item in BY_KIND.values()],
        (RUBRIC, {"level": 0}), (RUBRIC, {"level": 5}), (RUBRIC, {"level": True}), (RUBRIC, {"level": "3"}),
        (RUBRIC, {"level": 3.0}), (RUBRIC, {"level": None}), (RUBRIC, {"level": 3, "extra": 1}),
        (RUBRIC, {"value": True}),
        (RATIO, {"count": 1}), (RATIO, {"count": -1, "of": 2}), (RATIO, {"count": 1, "of": -2}),
        (RATIO, {"count": 1.5, "of": 2}), (RATIO, {"count": True, "of": 2}), (RATIO, {"count": "1", "of": 2}),
        (RATIO, {"count": 1, "of": LARGEST_COUNT + 1}), (RATIO, {"level": 3}),
        (YESNO, {"value": 1}), (YESNO, {"value": "ya"}), (YESNO, {"value": None}),
        (CHECKLIST, {"met": "abc"}), (CHECKLIST, {"met": ["z"]}), (CHECKLIST, {"met": ["a", "a"]}),
        (CHECKLIST, {"met": [1]}), (CHECKLIST, {"met": {"a": True}}),
    ],
)  # fmt: skip
def test_tampered_values_are_refused_with_a_message(item, raw):
    with pytest.raises(ValueError, match=r"\w"):
        parse_value(item, raw)


@pytest.mark.parametrize("raw", [0, 5, True, False, "1", 1.0, None])
def test_only_whole_numbers_from_1_to_4_are_levels(raw):
    with pytest.raises(ValueError, match="level"):
        parse_level(raw)


@given(count=st.integers(0, 10**6), of=st.integers(1, 10**6))
def test_a_ratio_is_never_more_than_everything(count, of):
    share = fraction_of(RATIO, Ratio(count, of), RULES)
    assert 0 <= share <= 1
    assert share == min(Fraction(1), Fraction(count, of))


@pytest.mark.parametrize(
    ("count", "level"),
    [(0, 1), (1, 1), (49, 1), (50, 2), (74, 2), (75, 3), (99, 3), (100, 4), (120, 4)],
)
def test_bands_are_read_from_their_lower_limit_on(count, level):
    assert reading_level(RATIO, Ratio(count, 100), RULES) == level


def test_the_reading_level_of_every_kind():
    assert [reading_level(RUBRIC, Rubric(n), RULES) for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert [reading_level(YESNO, YesNo(answer), RULES) for answer in (True, False)] == [4, 1]
    assert reading_level(RATIO, Ratio(0, 0), RULES) is None
    assert reading_level(CHECKLIST, Checklist(frozenset("abcdefgh")), RULES) == 4
    assert reading_level(CHECKLIST, Checklist(frozenset("bcdefgh")), RULES) == 2  # a must point is missing
    assert reading_level(CHECKLIST, Checklist(frozenset("abc")), RULES) == 1


def test_an_assessors_level_may_stand_for_any_kind():
    for item in BY_KIND.values():
        assert fraction_of(item, Rubric(3), RULES) == Fraction(3, 4)
        assert reading_level(item, Rubric(3), RULES) == 3
        assert describe(item, Rubric(3)) == "Level 3"


@pytest.mark.parametrize(
    ("item", "value", "words", "working"),
    [
        (RUBRIC, Rubric(2), "Level 2", "level 2 bernilai 1/2"),
        (RATIO, Ratio(45, 60), "45 dari 60 murid", "45/60 = 3/4"),
        (RATIO, Ratio(70, 60), "70 dari 60 murid", "70/60 = 1 (paling tinggi 1)"),
        (RATIO, Ratio(0, 0), "0 dari 0 murid", "pembagi 0: tidak berlaku"),
        (RATIO, Ratio(1250000, 2500000), "1.250.000 dari 2.500.000 murid", "1250000/2500000 = 1/2"),
        (YESNO, YesNo(True), "Ya", "ya bernilai 1"),
        (YESNO, YesNo(False), "Tidak", "tidak bernilai 0"),
        (CHECKLIST, Checklist(frozenset("abcd")), "4 dari 8 hal terpenuhi", "4/8 = 1/2"),
        (
            CHECKLIST,
            Checklist(frozenset("bcdefgh")),
            "7 dari 8 hal terpenuhi",
            "7/8 = 7/8; ada hal wajib yang belum terpenuhi, paling tinggi 1/2",
        ),
    ],
)
def test_values_and_their_calculation_read_in_plain_words(item, value, words, working):
    assert describe(item, value) == words
    assert describe_fraction(item, value, RULES) == working
