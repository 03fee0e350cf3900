"""Reading the input of the scheme snp-profile: what each code may take, and what is refused by name."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accreditation.json_input import parse_json
from accreditation.scoring import InputError, Scheme
from accreditation.snp_profile import ProfileResult, SnpProfile
from evaluations.scoring import OutcomeState
from standards.instruments import InstrumentSpec
from tests.factories import the_library

LIBRARY = the_library()
# A published version never changes, and this one measures two of the eight standards.
INSTRUMENT = next(spec for spec in LIBRARY.instruments if (spec.instrument, spec.version) == ("eds-snp", "2025.1"))
SCHEME = SnpProfile(LIBRARY.catalogue, INSTRUMENT)
SUBINDICATORS = [row.code for row in LIBRARY.catalogue.rows if row.level == "subindicator"]


def score(text: str | dict, form: str = "SD") -> ProfileResult:
    raw = text if isinstance(text, str) else json.dumps(text)
    return SCHEME.score(form, parse_json(raw.encode()))


def levels(**codes) -> ProfileResult:
    return score({"levels": {code.replace("_", "."): value for code, value in codes.items()}})


def test_the_scheme_fits_the_interface():
    scheme: Scheme = SCHEME
    assert (scheme.key, "SLB" in scheme.forms) == ("snp-profile", True)


def test_level_four_everywhere_is_seven_and_complete():
    result = score({"levels": dict.fromkeys(SUBINDICATORS, 4)}).as_dict()
    assert result["total"] == {"score": "7.00", "category": "SNP"}
    assert (result["measured"], result["coverage"]) == (8, "1.00")
    assert [row["code"] for row in result["standards"]] == list("12345678")
    assert len(result["indicators"]) == 29


def test_nothing_answered_is_nothing_measured():
    result = score({"levels": {}}).as_dict()
    assert result["total"] == {"score": None, "category": None}
    assert (result["measured"], result["coverage"]) == (0, "0.00")
    assert result["standards"][0] == {"code": "1", "score": None, "category": None}
    assert result["indicators"][0] == {"code": "1.1", "score": None}


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("8.1.1.a", {"count": 45, "of": 60}, Fraction(3, 4)),
        ("8.1.1.a", {"count": 70, "of": 60}, Fraction(1)),
        ("8.1.1.a", 2, Fraction(1, 2)),
        ("8.1.2.a", True, Fraction(1)),
        ("8.1.2.a", False, Fraction(0)),
        ("8.1.2.a", 1, Fraction(1, 4)),
        ("8.3.2.a", {"met": ["a", "b", "c", "d"]}, Fraction(1, 2)),
        ("8.3.2.a", {"met": ["a", "d", "e", "f", "g", "h"]}, Fraction(1, 2)),  # capped: b and c must hold
        ("8.3.2.a", 4, Fraction(1)),
        ("8.3.1.a", 3, Fraction(3, 4)),
    ],
)
def test_an_item_takes_its_native_answer_or_a_level(code, value, expected):
    for name in (code, code.removesuffix(".a")):
        result = score({"levels": {name: value}})
        assert result.answers.outcomes[code].fraction == expected
        assert result.profile.figure(code.removesuffix(".a")).score == expected * 7


def test_a_ratio_of_nothing_is_not_applicable():
    result = levels(**{"8_1_1": {"count": 0, "of": 0}})
    assert result.answers.outcomes["8.1.1.a"].state is OutcomeState.NOT_APPLICABLE
    assert result.profile.coverage == 0


def test_a_subindicator_without_questions_takes_a_level():
    assert levels(**{"1_1_1": 3}).profile.figure("1.1.1").score == Fraction(21, 4)


def test_na_leaves_the_mean_and_is_not_expected():
    with_na = levels(**{"8_2_1": "NA", "8_3_1": 3, "1_1_1": "NA"})
    assert with_na.profile.figure("8").score == Fraction(21, 4)
    assert with_na.profile.coverage == Fraction(1, 187)


def test_null_and_empty_scores_are_left_out_but_zero_counts():
    text = '{"levels": {"8.3.1": null}, "scores": {"5.2.5": "", "5.2.6": "0", "5.2.7": null}}'
    result = score(text)
    assert result.profile.figure("5.2").printed == "0.00"
    assert result.profile.figure("8").score is None
    assert result.profile.coverage == Fraction(1, 189)


@pytest.mark.parametrize("written", ['"6.83"', '"6,83"', "6.83", '" 6.83 "', "6.830", "683e-2"])
def test_a_score_is_read_exactly_as_it_is_printed(written):
    assert score(f'{{"scores": {{"5.2.7": {written}}}}}').profile.figure("5.2.7").score == Fraction(683, 100)


def test_levels_and_scores_may_stand_together():
    result = score({"levels": {"8.1.2": True}, "scores": {"5.2.7": 7}})
    assert (result.profile.measured, result.profile.total.printed) == (2, "7.00")


def test_the_same_subindicator_left_out_once_is_not_given_twice():
    assert score({"levels": {"8.1.1": None, "8.1.1.a": 3}, "scores": {"8.1.1": ""}}).profile.measured == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{}", "levels"),
        ("[]", "objek"),
        ("3", "objek"),
        ("null", "objek"),
        ('{"levels": {}, "level": {}}', "level"),
        ('{"levels": []}', "levels"),
        ('{"levels": null}', "levels"),
        ('{"scores": "x"}', "scores"),
        ('{"levels": {"9.9.9": 3}}', "9.9.9"),
        ('{"levels": {"8.1.1.z": 3}}', "8.1.1.z"),
        ('{"levels": {"8.1": 3}}', "8.1"),
        ('{"levels": {"8": 3}}', "8"),
        ('{"scores": {"8.1.1.a": 3}}', "8.1.1.a"),
        ('{"scores": {"8.1": 3}}', "8.1"),
        ('{"levels": {"8.1.1": 0}}', "8.1.1"),
        ('{"levels": {"8.1.1": 5}}', "8.1.1"),
        ('{"levels": {"8.1.1": 2.5}}', "8.1.1"),
        ('{"levels": {"8.1.1": "3"}}', "8.1.1"),
        ('{"levels": {"8.1.1": ""}}', "8.1.1"),
        ('{"levels": {"8.1.1": "na"}}', "8.1.1"),
        ('{"levels": {"8.1.1": true}}', "8.1.1"),
        ('{"levels": {"8.1.1": [3]}}', "8.1.1"),
        ('{"levels": {"8.1.1": {"count": -1, "of": 2}}}', "8.1.1"),
        ('{"levels": {"8.1.1": {"count": 1.5, "of": 2}}}', "8.1.1"),
        ('{"levels": {"8.1.1": {"count": 1}}}', "8.1.1"),
        ('{"levels": {"8.3.2": {"met": ["z"]}}}', "8.3.2"),
        ('{"levels": {"8.3.2": {"met": ["a", "a"]}}}', "8.3.2"),
        ('{"levels": {"1.1.1": true}}', "1.1.1"),
        ('{"levels": {"1.1.1": {"count": 1, "of": 2}}}', "1.1.1"),
        ('{"levels": {"1.1.1": 9}}', "1.1.1"),
        ('{"scores": {"5.2.7": "7.01"}}', "5.2.7"),
        ('{"scores": {"5.2.7": -0.01}}', "5.2.7"),
        ('{"scores": {"5.2.7": "enam"}}', "5.2.7"),
        ('{"scores": {"5.2.7": "6.8.3"}}', "5.2.7"),
        ('{"scores": {"5.2.7": "٦"}}', "5.2.7"),
        ('{"scores": {"5.2.7": true}}', "5.2.7"),
        ('{"scores": {"5.2.7": [6]}}', "5.2.7"),
        ('{"scores": {"5.2.7": NaN}}', "5.2.7: nilai .*NaN"),
        ('{"scores": {"5.2.7": Infinity}}', "5.2.7: nilai .*Infinity"),
        ('{"scores": {"5.2.7": 1e999999999}}', "5.2.7: nilai .*1e999999999"),
        ('{"scores": {"5.2.7": 1e-999999999}}', "5.2.7: nilai"),
        ('{"scores": {"5.2.7": 1e9999999999999999999999}}', "5.2.7: nilai"),
        ('{"scores": {"5.2.7": 0.' + "1" * 5000 + "}}", "5.2.7: nilai .*0.1111111111…"),
        ('{"levels": {"8.1.1": ' + "9" * 5000 + "}}", "8.1.1: .*999999999999…"),
        ('{"levels": {"8.1.1.a": {"count": NaN, "of": 3}}}', "8.1.1.a: "),
        ('{"levels": NaN}', "levels: harus objek"),
        ('{"levels": ', "baris"),
        ("[" * 100_000, "bersarang"),
    ],
)
def test_wrong_input_is_refused_by_name(text, named):
    with pytest.raises(InputError, match=re.sub(r"\.(?!\*)", r"\.", named)):
        score(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"levels": {"8.1.1": 3, "8.1.1": 3}}',
        '{"levels": {"8.1.1.a": 3, "8.1.1.a": 2}}',
        '{"levels": {"8.1.1": 3, "8.1.1.a": 3}}',
        '{"levels": {"8.1.1.a": 3, "8.1.1": 3}}',
        '{"levels": {"8.1.1": "NA", "8.1.1.a": 3}}',
        '{"levels": {"8.1.1": 3}, "scores": {"8.1.1": 3}}',
        '{"levels": {"8.1.1.a": 3}, "scores": {"8.1.1": 3}}',
        '{"levels": {"1.1.1": 3}, "scores": {"1.1.1": 3}}',
        '{"scores": {"8.1.1": 3, "8.1.1": 3}}',
    ],
)
def test_a_code_given_twice_is_refused_by_name(text):
    with pytest.raises(InputError, match=r"(8\.1\.1|1\.1\.1).*diberikan dua kali"):
        score(text)


def test_a_key_written_twice_is_refused():
    with pytest.raises(InputError, match="levels: diberikan dua kali"):
        score('{"levels": {}, "levels": {}}')


@pytest.mark.parametrize("form", ["TK", "sd", ""])
def test_an_unknown_form_is_refused_by_name(form):
    with pytest.raises(InputError, match=f"“{form}”"):
        score({"levels": {}}, form)


def only_at(form: str, code: str) -> SnpProfile:
    """The scheme with *code* asked at schools of *form* alone."""
    items = [item.model_dump() | ({"forms": (form,)} if item.code == code else {}) for item in INSTRUMENT.items]
    return SnpProfile(LIBRARY.catalogue, InstrumentSpec(**(INSTRUMENT.model_dump() | {"items": items})))


@pytest.mark.parametrize("code", ["8.3.3.a", "8.3.3"])
def test_a_question_of_other_forms_is_refused_by_name(code):
    scheme = only_at("SMK", "8.3.3.a")
    with pytest.raises(InputError, match=f"{code}: tidak ditanyakan untuk SD"):
        scheme.score("SD", {"levels": {code: 3}})
    assert scheme.score("SMK", {"levels": {code: 3}}).profile.measured == 1


def test_a_byte_order_mark_is_forgiven_and_other_encodings_are_not():
    assert parse_json(b"\xef\xbb\xbf{}") == {}
    with pytest.raises(InputError, match="UTF-8"):
        parse_json('{"levels": {}}'.encode("utf-16"))


def test_the_explanation_names_items_levels_scores_limits_and_source():
    result = score({"levels": {"8.1.1": {"count": 45, "of": 60}, "1.1.1": 3}, "scores": {"5.2.7": "6.83"}})
    lines = [f"{node.title} {node.value} {node.formula} {node.source}" for _, node in result.explain().walk()]
    text = "\n".join(lines)
    for words in ("8.1.1.a", "45/60 = 3/4", "level 3 bernilai 3/4", "6,83", "nilai diberikan langsung", "Menuju SNP 4"):
        assert words in text
    assert INSTRUMENT.rules.source in text


@given(st.dictionaries(st.sampled_from(SUBINDICATORS), st.integers(1, 3), min_size=1), st.data())
def test_one_level_more_never_lowers_the_total(codes, data):
    raised = data.draw(st.sampled_from(sorted(codes)))
    before = score({"levels": codes}).profile.total.score
    after = score({"levels": codes | {raised: codes[raised] + 1}}).profile.total.score
    assert after >= before


@given(st.dictionaries(st.sampled_from(SUBINDICATORS), st.integers(0, 700), min_size=1), st.randoms())
def test_the_order_of_the_codes_does_not_matter(codes, random):
    scores = {code: f"{value // 100}.{value % 100:02}" for code, value in codes.items()}
    shuffled = list(scores.items())
    random.shuffle(shuffled)
    assert score({"scores": scores}).as_dict() == score({"scores": dict(shuffled)}).as_dict()
