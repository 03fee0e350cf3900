"""The texts of eds-snp, every version of it, drafts too: complete, short, plain, distinct, and true to their own
calculation."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from fractions import Fraction

import pytest

from evaluations.values import Checklist, fraction_of, reading_level
from standards.instruments import INSTRUMENTS_DIR, InstrumentSpec, load_instrument
from standards.items import ItemSpec
from tests.factories import the_library

LIBRARY = the_library()
BASES = {basis.key for basis in LIBRARY.legal_bases}
EDITIONS: dict[str, InstrumentSpec] = {
    folder.name: load_instrument(folder, LIBRARY.catalogue, BASES)
    for folder in sorted((INSTRUMENTS_DIR / "eds-snp").iterdir())
}
ITEMS = [(spec, item) for spec in EDITIONS.values() for item in spec.items]
FORBIDDEN = re.compile(r"\b(silabus|KTSP|RPP|KKM|pendekatan ilmiah|TPPK|siswa\w*)\b", re.IGNORECASE)
NUMBERS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")


def words(text: str) -> list[str]:
    return text.split()


def texts(item: ItemSpec) -> list[str]:
    found = [item.question, item.help, item.window, *item.levels.values(), *item.evidence]
    found += [reason.text for reason in item.na] + [point.text for point in item.points or ()]
    if item.ratio:
        found += [item.ratio.count, item.ratio.of, item.ratio.where, item.ratio.unit]
    return found


def each(kind: str = "") -> pytest.MarkDecorator:
    """Every item of every version, or those of one kind."""
    chosen = [(spec, item) for spec, item in ITEMS if kind in ("", item.kind)]
    return pytest.mark.parametrize(
        ("spec", "item"), chosen, ids=[f"{spec.version} {item.code}" for spec, item in chosen]
    )


items = each()
editions = pytest.mark.parametrize("spec", EDITIONS.values(), ids=EDITIONS)


@pytest.mark.parametrize(("edition", "standards", "count"), [("2025.1", "78", 23), ("2026.1", "12345678", 189)])
def test_all_subindicators_of_the_measured_standards_are_asked_about(edition, standards, count):
    wanted = {row.code for row in LIBRARY.catalogue.rows if row.level == "subindicator" and row.code[0] in standards}
    assert {item.subindicator for item in EDITIONS[edition].items} == wanted
    assert len(wanted) == count


@editions
def test_every_kind_occurs_at_least_twice(spec):
    kinds = Counter(item.kind for item in spec.items)
    assert set(kinds) == {"rubric", "ratio", "yesno", "checklist"}
    assert min(kinds.values()) >= 2


@editions
def test_every_form_is_asked_about_every_standard_that_is_measured(spec):
    measured = {item.standard for item in spec.items}
    for form in spec.forms:
        assert set(spec.standards_for(form)) == measured


def test_a_plain_primary_school_is_not_asked_about_what_it_does_not_have():
    asked = {item.subindicator for item in EDITIONS["2026.1"].items_for("SD")}
    assert not [code for code in asked if code.startswith("5.4.")], "laboratory staff"
    assert len(asked) < 160
    assert len(EDITIONS["2026.1"].items_for("SMK")) > 180


@editions
def test_a_scope_stands_for_every_indicator_of_every_form_in_at_most_four_hours_for_three(spec):
    for scope, form in itertools.product(spec.scopes, spec.forms):
        chosen = spec.items_for(form, scope=scope.key)
        wanted = {item.subindicator.rpartition(".")[0] for item in spec.items_for(form)}
        assert {item.subindicator.rpartition(".")[0] for item in chosen} == wanted, form
        if scope.items is not None:
            assert sum(spec.minutes[item.kind] for item in chosen) <= 4 * 60 * 3
            assert all(3 <= len(words(item.why)) <= 25 for item in scope.items)
            assert len({item.why for item in scope.items}) == len(scope.items)


@items
def test_questions_and_levels_are_short(spec, item):
    assert len(words(item.question)) <= 35
    assert item.question.endswith("?")
    for level, text in item.levels.items():
        assert len(words(text)) <= 40, f"level {level}: {len(words(text))} kata"


@items
def test_outdated_words_are_not_used(spec, item):
    assert [match.group() for text in texts(item) if (match := FORBIDDEN.search(text))] == []


@items
def test_levels_are_distinct_and_none_is_empty_praise(spec, item):
    levels = [set(re.findall(r"\w+", text.lower())) for text in item.levels.values()]
    for one, other in itertools.combinations(levels, 2):
        assert len(one & other) / len(one | other) < 0.8


@editions
def test_no_two_texts_are_near_duplicates_of_each_other(spec):
    said = [
        (item.code, level, set(re.findall(r"\w+", text.lower())))
        for item in spec.items
        for level, text in item.levels.items()
    ]
    close = [
        (one[:2], other[:2])
        for one, other in itertools.combinations(said, 2)
        if one[0] != other[0] and len(one[2] & other[2]) / len(one[2] | other[2]) > 0.5
    ]
    assert close == []
    assert len({item.question for item in spec.items}) == len(spec.items)


@items
def test_every_question_says_what_proves_it_and_what_it_rests_on(spec, item):
    assert 2 <= len(item.evidence) <= 5
    assert item.basis
    assert item.help


@pytest.mark.parametrize(
    ("spec", "item"),
    [(spec, item) for spec, item in ITEMS if item.code.startswith(("5.2.", "7.3."))],
    ids=lambda value: getattr(value, "code", getattr(value, "version", "")),
)
def test_the_head_does_not_answer_what_is_about_the_head(spec, item):
    assert "kepala" in item.not_by
    assert "kepala" not in item.answered_by


@each("checklist")
def test_a_checklist_with_a_missing_must_point_never_reads_as_level_3(spec, item):
    must = [point.code for point in item.points if point.must]
    assert item.cap < item.bands[3]
    for missing in must:
        value = Checklist(frozenset(point.code for point in item.points if point.code != missing))
        assert fraction_of(item, value, spec.rules) <= item.cap
        assert reading_level(item, value, spec.rules) <= 2


@each("checklist")
def test_the_described_levels_of_a_checklist_agree_with_its_bands(spec, item):
    numbers = {name: number for number, name in enumerate(NUMBERS)}
    top = next(numbers[w] for w in re.findall(r"[Kk]e(\w+)", item.levels[4]) if w in numbers)
    assert top == len(item.points)
    most = numbers[re.search(r"[Pp]aling banyak (\w+)", item.levels[1])[1]]
    total = len(item.points)
    assert Fraction(most, total) < item.bands[2] <= Fraction(most + 1, total)


@each("ratio")
def test_a_ratio_says_what_is_counted_of_what_and_where_it_stands(spec, item):
    assert item.ratio.where
    assert len({item.ratio.count, item.ratio.of}) == 2
