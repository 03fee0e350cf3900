"""The texts of every version of every instrument, drafts too: complete, short, plain, distinct, and true to their own
calculation."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest

from evaluations.values import Checklist, fraction_of, reading_level
from standards import lint
from standards.instruments import INSTRUMENTS_DIR, InstrumentSpec, load_instrument
from standards.items import ItemSpec
from standards.lint import words
from tests.factories import the_library

LIBRARY = the_library()
BASES = {basis.key for basis in LIBRARY.legal_bases}
EDITIONS: dict[str, InstrumentSpec] = {
    f"{folder.parent.name} {folder.name}": load_instrument(folder, LIBRARY.catalogue, BASES)
    for folder in sorted(INSTRUMENTS_DIR.glob("*/*"))
}
EDS = {name: spec for name, spec in EDITIONS.items() if spec.instrument == "eds-snp"}
OF_TREE = {name: spec for name, spec in EDITIONS.items() if spec.tree}
ITEMS = [(spec, item) for spec in EDITIONS.values() for item in spec.items if item.answerable]
PLACEHOLDERS = [(spec, item) for spec in EDITIONS.values() for item in spec.items if not item.answerable]
NUMBERS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")

Check = Callable[[InstrumentSpec, ItemSpec], None]


def of(chosen: list[tuple[InstrumentSpec, ItemSpec]]) -> Callable[[Check], Callable[[], None]]:
    """One test that looks at all these questions and names every one that does not pass."""

    def decorate(check: Check) -> Callable[[], None]:
        def run() -> None:
            faults = []
            for spec, item in chosen:
                try:
                    check(spec, item)
                except AssertionError as error:
                    forms = "" if item.forms is None else item.forms[0]
                    faults.append(f"{spec.instrument} {spec.version} {forms}{item.code}: {error}")
            assert chosen
            assert not faults, "\n".join(faults)

        run.__name__ = check.__name__
        return run

    return decorate


def each(kind: str) -> Callable[[Check], Callable[[], None]]:
    """Every item of one kind."""
    return of([(spec, item) for spec, item in ITEMS if item.kind == kind])


items = of(ITEMS)
editions = pytest.mark.parametrize("spec", EDITIONS.values(), ids=EDITIONS)
eds_editions = pytest.mark.parametrize("spec", EDS.values(), ids=EDS)
tree_editions = pytest.mark.parametrize("spec", OF_TREE.values(), ids=OF_TREE)


@pytest.mark.parametrize(("edition", "standards", "count"), [("2025.1", "78", 23), ("2026.1", "12345678", 189)])
def test_all_subindicators_of_the_measured_standards_are_asked_about(edition, standards, count):
    wanted = {row.code for row in LIBRARY.catalogue.rows if row.level == "subindicator" and row.code[0] in standards}
    assert {item.subindicator for item in EDS[f"eds-snp {edition}"].items} == wanted
    assert len(wanted) == count


@eds_editions
def test_every_kind_occurs_at_least_twice(spec):
    kinds = Counter(item.kind for item in spec.items)
    assert set(kinds) == {"rubric", "ratio", "yesno", "checklist"}
    assert min(kinds.values()) >= 2


@eds_editions
def test_every_form_is_asked_about_every_standard_that_is_measured(spec):
    measured = {item.standard for item in spec.items}
    for form in spec.forms:
        assert set(spec.standards_for(form)) == measured


def test_a_plain_primary_school_is_not_asked_about_what_it_does_not_have():
    asked = {item.subindicator for item in EDS["eds-snp 2026.1"].items_for("SD")}
    assert not [code for code in asked if code.startswith("5.4.")], "laboratory staff"
    assert len(asked) < 160
    assert len(EDS["eds-snp 2026.1"].items_for("SMK")) > 180


@eds_editions
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
    assert len(words(item.question)) <= lint.QUESTION_WORDS
    assert item.question.endswith("?")
    for level, text in item.levels.items():
        assert len(words(text)) <= lint.LEVEL_WORDS, f"level {level}: {len(words(text))} kata"


@items
def test_outdated_words_are_not_used(spec, item):
    assert [match.group() for _, text in lint.named_texts(item) if (match := lint.OUTDATED.search(text))] == []


@items
def test_levels_are_distinct_and_none_is_empty_praise(spec, item):
    levels = [lint.vocabulary(text) for text in item.levels.values()]
    for one, other in itertools.combinations(levels, 2):
        assert lint.likeness(one, other) < lint.SAME_LEVEL


@editions
def test_no_two_texts_are_near_duplicates_of_each_other(spec):
    close = [(one.code, level, other.code, its) for one, level, other, its in lint.close_texts(spec)]
    assert close == []
    questions = [item.question for item in spec.items if item.answerable]
    assert len(set(questions)) == len(questions)


@items
def test_every_question_says_what_proves_it_and_how_to_answer(spec, item):
    assert 2 <= len(item.evidence) <= 5
    assert len(set(item.evidence)) == len(item.evidence)
    assert item.help
    assert len(words(item.help)) <= lint.HELP_WORDS


@of([(spec, item) for spec, item in ITEMS if spec.instrument == "eds-snp"])
def test_every_question_on_the_snp_says_what_it_rests_on(spec, item):
    assert item.basis


ABOUT_THE_HEAD = {
    "eds-snp": re.compile(r"5\.2\.|7\.3\."),
    "ia-2024": re.compile(r"2\."),  # the component is the leadership of the head
    "iasp-2020": re.compile(r"(24|25)$"),
}


@of([(spec, item) for spec, item in ITEMS if ABOUT_THE_HEAD[spec.instrument].match(item.code)])
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
        assert reading_level(item, value) <= 2


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


# --- instruments with parts of their own --------------------------------------------------------------

COUNTS = {  # questions asked, and those of them that can be answered
    "ia-2024": dict.fromkeys(["SD", "MI", "SMP", "MTs", "SMA", "MA", "SMK", "MAK"], (45, 45)),
    "iasp-2020": dict.fromkeys(["SD", "MI"], (36, 34))
    | dict.fromkeys(["SMP", "MTs", "SMA", "MA"], (35, 34))
    | dict.fromkeys(["SMK", "MAK"], (44, 34))
    | {"SLB": (40, 34)},
}


@tree_editions
def test_every_form_is_asked_as_many_questions_as_the_instrument_is_known_to_have(spec):
    found = {
        form: (len(spec.asked(form)), sum(item.answerable for item in spec.items_for(form))) for form in spec.forms
    }
    assert found == COUNTS[spec.instrument]


@tree_editions
def test_every_part_of_the_third_level_has_a_question_and_every_question_a_part(spec):
    for form in spec.forms:
        catalogue = spec.catalogue(form)
        third = [row.code for row in catalogue.rows if row.level == "subindicator"]
        assert [item.subindicator for item in spec.items_for(form)] == third
        for code in third:
            indicator = catalogue.by_code[catalogue.by_code[code].parent]
            assert indicator.level == "indicator"
            assert catalogue.by_code[indicator.parent].level == "standard"


@of(PLACEHOLDERS)
def test_a_question_without_a_public_title_says_so_in_the_tree(spec, item):
    for form in item.forms or spec.forms:
        row = spec.catalogue(form).by_code[item.subindicator]
        assert (row.name, row.status) == ("judul belum diketahui", "unverified")
    assert item.status == "unverified"


def test_nothing_of_ia_2024_is_called_official():
    spec = EDITIONS["ia-2024 2025.1"]
    assert {row.status for row in spec.tree} == {"partly_confirmed", "unverified"}
    assert all(row.source and row.note for row in spec.tree)


def test_the_four_vocational_rubrics_that_are_public_are_told_from_those_built_on_a_title():
    asked = EDITIONS["ia-2024 2025.1"].asked("SMK")
    assert [code for code, item in asked.items() if item.status == "own"] == ["2.6.1", "3.13.3", "4.16.1", "4.16.2"]
    assert all("Hanya judulnya yang terbaca" in item.note for item in asked.values() if item.status == "unverified")


@of([(spec, item) for spec, item in ITEMS if spec.tree])
def test_a_question_of_another_instrument_says_where_it_comes_from_and_what_is_ours(spec, item):
    assert item.source
    assert item.note
    assert item.snp
    assert item.status in {"own", "unverified"}
    assert set(item.answered_by) != {"kepala"}
