"""The worked tables of docs/algorithms/quality-profile.md, read from that very page."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from accreditation.json_input import parse_json
from accreditation.snp_profile import ProfileResult, SnpProfile
from evaluations.scoring import NOT_APPLICABLE, build_profile, outcome_of
from evaluations.values import parse_value
from standards.instruments import InstrumentSpec
from tests.accreditation.pages import table, text_of
from tests.factories import the_library, the_spec

PAGE = "quality-profile"
LIBRARY = the_library()
INSTRUMENT = the_spec()


def test_the_limits_on_the_page_are_those_of_the_instrument():
    limits = [(Fraction(upper), name) for upper, name in table(PAGE, "Up to", "Category")]
    assert limits == [(category.upper, category.name) for category in INSTRUMENT.rules.categories]


def test_the_level_table_on_the_page_is_that_of_the_instrument():
    ((_, text),) = [row for row in table(PAGE, "Kind", "Fraction") if row[0] == "rubric"]
    levels = text.partition("→")[2].partition("(")[0].split(",")
    assert [Fraction(level.strip()) for level in levels] == list(INSTRUMENT.rules.rubric.values())


def item(code: str, kind: str) -> dict:
    """A plain item of this kind for the subindicator *code*."""
    base = {
        "code": f"{code}.a", "kind": kind, "dimension": "process", "window": "tahun ini",
        "answered_by": ["guru"], "gather": ["dokumen"], "question": "?",
        "levels": dict.fromkeys((1, 2, 3, 4), "."),
    }  # fmt: skip
    if kind == "ratio":
        base |= {
            "ratio": {"count": "a", "of": "b", "unit": "murid"},
            "bands": {2: "1/4", 3: "1/2", 4: "3/4"},
        }
    return base


def test_the_example_that_ends_on_a_half_is_exact_and_rounds_up():
    rows = table(PAGE, "Subindicator", "Kind", "Answer", "Fraction", "Score")
    spec = InstrumentSpec(**(INSTRUMENT.model_dump() | {"items": [item(row[0], row[1]) for row in rows]}))
    outcomes = {}
    for code, _, answer, fraction, _ in rows:
        one, value = spec.asked("SD")[f"{code}.a"], json.loads(answer)
        outcomes[one.code] = NOT_APPLICABLE if value == "NA" else outcome_of(one, parse_value(one, value), spec.rules)
        assert outcomes[one.code].fraction == (None if fraction == "–" else Fraction(fraction))
    profile = build_profile(LIBRARY.catalogue, spec, "SD", outcomes)
    for code, _, _, _, score in rows:
        assert profile.figure(code).printed == (None if score == "–" else score)
    assert profile.figure("8").score == Fraction("2.625")
    assert profile.figure("8").printed == "2.63"
    assert "**21/8** = 2.625, printed **2.63**" in text_of(PAGE)


@pytest.fixture(scope="module")
def school() -> ProfileResult:
    data: dict[str, dict[str, object]] = {}
    for key, code, value in table(PAGE, "Key", "Code", "Value"):
        data.setdefault(key, {})[code] = json.loads(value)
    scheme = SnpProfile(LIBRARY.catalogue, INSTRUMENT)
    return scheme.score("SD", parse_json(json.dumps(data).encode()))


def test_the_whole_school_gives_every_figure_of_the_page(school):
    rows = {row[0]: row[1:] for row in table(PAGE, "Part", "Exact", "Score", "Category")}
    coverage, total = rows.pop("coverage"), rows.pop("total")
    profile = school.profile
    for code, (exact, score, category) in rows.items():
        figure = profile.figure(code)
        assert (figure.score, figure.printed, figure.category) == (Fraction(exact), score, category)
    assert (profile.total.score, profile.total.printed, profile.total.category) == (Fraction(total[0]), *total[1:])
    assert (profile.coverage, school.as_dict()["coverage"]) == (Fraction(coverage[0]), coverage[1])


def test_the_page_leaves_out_no_figure_that_the_school_has(school):
    rows = {row[0] for row in table(PAGE, "Part", "Exact", "Score", "Category")}
    figures = (*school.profile.standards, *school.profile.indicators)
    assert {figure.code for figure in figures if figure.score is not None} == rows - {"total", "coverage"}
