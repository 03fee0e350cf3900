"""The texts of eds-snp 2025.1: complete, short, plain, distinct, and true to their own calculation."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from fractions import Fraction

import pytest

from evaluations.values import Checklist, fraction_of, reading_level
from standards.catalogue import ItemSpec
from tests.factories import the_library

LIBRARY = the_library()
EDS = LIBRARY.newest("eds-snp")
FORBIDDEN = re.compile(r"\b(silabus|KTSP|RPP|KKM|pendekatan ilmiah|TPPK|siswa\w*)\b", re.IGNORECASE)


def words(text: str) -> list[str]:
    return text.split()


def texts(item: ItemSpec) -> list[str]:
    found = [item.question, item.help, item.window, *item.levels.values(), *item.evidence]
    found += [reason.text for reason in item.na] + [point.text for point in item.points or ()]
    if item.ratio:
        found += [item.ratio.count, item.ratio.of, item.ratio.where, item.ratio.unit]
    return found


items = pytest.mark.parametrize("item", EDS.items, ids=lambda item: item.code)


def test_all_23_subindicators_of_standards_7_and_8_are_asked_about():
    wanted = {row.code for row in LIBRARY.catalogue.rows if row.level == "subindicator" and row.code[0] in "78"}
    assert {item.subindicator for item in EDS.items} == wanted
    assert len(wanted) == 23


def test_every_kind_occurs_at_least_twice():
    kinds = Counter(item.kind for item in EDS.items)
    assert set(kinds) == {"rubric", "ratio", "yesno", "checklist"}
    assert min(kinds.values()) >= 2


@items
def test_questions_and_levels_are_short(item):
    assert len(words(item.question)) <= 35
    assert item.question.endswith("?")
    for level, text in item.levels.items():
        assert len(words(text)) <= 40, f"level {level}: {len(words(text))} kata"


@items
def test_outdated_words_are_not_used(item):
    assert [match.group() for text in texts(item) if (match := FORBIDDEN.search(text))] == []


@items
def test_levels_are_distinct_and_none_is_empty_praise(item):
    levels = [set(re.findall(r"\w+", text.lower())) for text in item.levels.values()]
    for one, other in itertools.combinations(levels, 2):
        assert len(one & other) / len(one | other) < 0.8


def test_no_two_texts_are_near_duplicates_of_each_other():
    said = [
        (item.code, level, set(re.findall(r"\w+", text.lower())))
        for item in EDS.items
        for level, text in item.levels.items()
    ]
    close = [
        (one[:2], other[:2])
        for one, other in itertools.combinations(said, 2)
        if one[0] != other[0] and len(one[2] & other[2]) / len(one[2] | other[2]) > 0.5
    ]
    assert close == []
    assert len({item.question for item in EDS.items}) == len(EDS.items)


@items
def test_every_question_says_what_proves_it_and_what_it_rests_on(item):
    assert 2 <= len(item.evidence) <= 5
    assert item.basis
    assert item.help


@items
def test_whoever_is_judged_does_not_answer(item):
    about_the_head = item.code.startswith("7.3.")
    assert ("kepala" in item.not_by) == about_the_head
    assert ("kepala" in item.answered_by) != about_the_head


@pytest.mark.parametrize("item", [i for i in EDS.items if i.kind == "checklist"], ids=lambda item: item.code)
def test_a_checklist_with_a_missing_must_point_never_reads_as_level_3(item):
    must = [point.code for point in item.points if point.must]
    assert item.cap < item.bands[3]
    for missing in must:
        value = Checklist(frozenset(point.code for point in item.points if point.code != missing))
        assert fraction_of(item, value, EDS.rules) <= item.cap
        assert reading_level(item, value, EDS.rules) <= 2


@pytest.mark.parametrize("item", [i for i in EDS.items if i.kind == "checklist"], ids=lambda item: item.code)
def test_the_described_levels_of_a_checklist_agree_with_its_bands(item):
    names = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
    numbers = {name: number for number, name in enumerate(names)}
    top = next(numbers[w] for w in re.findall(r"[Kk]e(\w+)", item.levels[4]) if w in numbers)
    assert top == len(item.points)
    most = numbers[re.search(r"[Pp]aling banyak (\w+)", item.levels[1])[1]]
    total = len(item.points)
    assert Fraction(most, total) < item.bands[2] <= Fraction(most + 1, total)


@pytest.mark.parametrize("item", [i for i in EDS.items if i.kind == "ratio"], ids=lambda item: item.code)
def test_a_ratio_says_what_is_counted_of_what_and_where_it_stands(item):
    assert item.ratio.where
    assert len({item.ratio.count, item.ratio.of}) == 2
