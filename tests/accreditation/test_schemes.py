"""The held rules of the three schemes, with every number of the sources written out once more."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accreditation.schemes import AccreditationScheme, score
from accreditation.scoring import Answers, CannotScoreError, InputError, Rating, Scheme
from accreditation.weighted import ComponentFigure, Totals, WeightedResult, verdict
from tests.accreditation import second
from tests.accreditation.scheme_inputs import SCHEMES, items, scored

BAN, IASP, IA = SCHEMES["ban-2017"], SCHEMES["iasp-2020"], SCHEMES["ia-2024"]
MOST = {"isi": 148, "proses": 268, "skl": 104, "ptk": 220, "sarpras": 240, "pengelolaan": 208, "pembiayaan": 176,
        "penilaian": 184}  # fmt: skip
UNSCORED = {"ban-2017": {"SMP", "MTs", "SMA", "MA", "SMK", "MAK", "SLB"}, "iasp-2020": {"SLB"}, "ia-2024": {"SLB"}}
FORMS = ["SD", "MI", "SMP", "MTs", "SMA", "MA", "SMK", "MAK", "SLB"]


def ban(**obtained: int) -> WeightedResult:
    return scored("ban-2017", "SD", {"obtained": MOST | obtained})


# --- what can be scored -----------------------------------------------------------------------------------


def test_the_instrument_in_force_comes_first():
    assert list(SCHEMES) == ["ia-2024", "iasp-2020", "ban-2017"]
    assert [scheme.spec.in_force for scheme in SCHEMES.values()] == [True, False, False]


@pytest.mark.parametrize("key", SCHEMES)
def test_every_form_is_scored_or_refused_with_a_reason(key):
    scheme = SCHEMES[key]
    assert set(scheme.forms) == set(FORMS) - UNSCORED[key]
    for form in UNSCORED[key]:
        with pytest.raises(CannotScoreError, match="tidak ditemukan"):
            score(scheme, form, Answers())
    with pytest.raises(InputError, match="“TK”"):
        score(scheme, "TK", Answers())


def test_the_scheme_fits_the_interface_that_all_share():
    scheme: Scheme = AccreditationScheme(BAN)
    assert (scheme.key, scheme.forms) == ("ban-2017", ("SD", "MI"))


# --- ban-2017 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["SD", "MI"])
def test_the_119_items_carry_the_weights_of_lampiran_iv(form):
    layout = BAN.layouts[form]
    assert list(layout.items) == [str(number) for number in range(1, 120)]
    weights = [item.weight for item in layout.items.values()]
    assert weights == [int(weight) for _, _, part in second.BAN for weight in part]
    assert (sum(weights), 4 * sum(weights)) == (387, 1548)
    assert [len(part.items) for part in layout.components] == [10, 21, 7, 16, 21, 15, 16, 13]
    assert [part.item_weights for part in layout.components] == [37, 67, 26, 55, 60, 52, 44, 46]
    assert [part.weight for part in layout.components] == [14, 14, 14, 16, 12, 10, 10, 10]
    assert {part.code: 4 * part.item_weights for part in layout.components} == MOST


def test_the_standards_are_mapped_by_name_and_not_by_their_number_in_the_instrument():
    standards = {part.code: part.standard for part in BAN.layouts["SD"].components}
    assert standards == {
        "isi": "2", "proses": "3", "skl": "1", "ptk": "5", "sarpras": "6", "pengelolaan": "7", "pembiayaan": "8",
        "penilaian": "4",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "score"), [("A", "100.00"), ("B", "75.00"), ("C", "50.00"), ("D", "25.00"), ("E", "0.00")]
)
def test_the_same_answer_everywhere_gives_its_share_of_100(letter, score):
    output = scored("ban-2017", "SD", {"answers": {str(item): letter for item in range(1, 120)}}).as_dict()
    assert output["score"] == score


def with_final(result: WeightedResult, final: Fraction) -> tuple[ComponentFigure, ...]:
    """Components that are all this good on 0-100, so that no condition but that on NA can fail above 61."""
    return tuple(replace(figure, value=figure.weight * final / 100) for figure in result.present.components)


@pytest.mark.parametrize(
    ("hundredths", "rounded", "letter"),
    [
        (10000, 100, "A"), (9050, 91, "A"), (9049, 90, "B"), (8050, 81, "B"), (8049, 80, "C"),
        (7050, 71, "C"), (7049, 70, "D"), (6050, 61, "D"), (6049, 60, "E"), (0, 0, "E"),
    ],
)  # fmt: skip
def test_the_borders_of_the_ranks_of_2017(hundredths, rounded, letter):
    totals = Totals(with_final(ban(), Fraction(hundredths, 100)), None, Fraction(0))
    assert totals.rounded == rounded
    found = verdict(BAN.spec, totals)
    assert found.rank is not None
    assert found.rank.letter == letter
    assert found.met["nilai-akhir"] is (rounded >= 71)


@pytest.mark.parametrize(("points", "scaled", "met"), [(146, 61, True), (145, 60, False)])
def test_sarana_dan_prasarana_needs_61(points, scaled, met):
    output = ban(sarpras=points).as_dict()
    assert {row["code"]: row["scaled"] for row in output["components"]}["sarpras"] == scaled
    assert {row["code"]: row["met"] for row in output["conditions"]} == {
        "nilai-akhir": True, "sarpras": met, "komponen": True,
    }  # fmt: skip
    assert (output["status"], output["rank"]) == (("TERAKREDITASI", "A") if met else ("TIDAK_TERAKREDITASI", None))


@pytest.mark.parametrize(
    ("code", "enough", "short"),
    [("isi", 74, 72), ("proses", 133, 131), ("skl", 52, 51), ("ptk", 110, 108), ("pengelolaan", 103, 102),
     ("pembiayaan", 88, 87), ("penilaian", 91, 90)],
)  # fmt: skip
def test_no_component_may_fall_below_50(code, enough, short):
    for points, met in ((enough, True), (short, False)):
        output = ban(**{code: points}).as_dict()
        scaled = {row["code"]: row["scaled"] for row in output["components"]}[code]
        assert (scaled >= 50) is met
        assert {row["code"]: row["met"] for row in output["conditions"]}["komponen"] is met
        assert output["score"] >= "71"
        assert (output["status"], output["rank"] is None) == (
            ("TERAKREDITASI", False) if met else ("TIDAK_TERAKREDITASI", True)
        )


def test_a_school_below_71_keeps_d_or_e_whatever_else_fails():
    low = {code: int(most * 0.65) for code, most in MOST.items()}
    assert ban(**low).as_dict()["rank"] == "D"
    assert ban(**low | {"sarpras": 0}).as_dict()["rank"] == "E"


def test_points_and_the_answers_that_make_them_are_the_same_school():
    answers = {str(item): "ABCDE"[item % 5] for item in range(1, 120)}
    points = {
        code: sum(second.LETTERS[answers[item]] * weight for item, weight in part)
        for code, part in second.ban_items().items()
    }
    assert (
        scored("ban-2017", "SD", {"answers": answers}).as_dict()
        == scored("ban-2017", "SD", {"obtained": points}).as_dict()
    )


# --- iasp-2020 --------------------------------------------------------------------------------------------


def test_the_forms_of_iasp_are_asked_as_many_items_as_the_sources_say():
    counts = {form: len(layout.items) for form, layout in IASP.layouts.items()}
    assert counts == {"SD": 36, "MI": 36, "SMP": 35, "MTs": 35, "SMA": 35, "MA": 35, "SMK": 44, "MAK": 44}
    parts = {form: [len(part.items) for part in layout.components] for form, layout in IASP.layouts.items()}
    assert (parts["SD"], parts["SMA"], parts["SMK"]) == ([11, 7, 5, 13], [11, 7, 4, 13], [13, 9, 5, 17])
    assert [4 * count for count in parts["SMK"]] == [52, 36, 20, 68]
    for layout in IASP.layouts.values():
        assert [part.weight for part in layout.components] == [35, 29, 18, 18]
        assert {item.weight for item in layout.items.values()} == {1}


def iasp(form: str, level: int, statement: int) -> dict:
    codes, count = items("iasp-2020", form), second.STATEMENTS[second.kin(form)]
    return scored("iasp-2020", form, {"levels": dict.fromkeys(codes, level), "ipr": [statement] * count}).as_dict()


@pytest.mark.parametrize("form", second.OTHER_FORMS)
def test_all_at_1_is_25_and_all_at_4_is_100(form):
    lowest, highest = iasp(form, 1, 1), iasp(form, 4, 4)
    assert (lowest["score"], lowest["ik"], lowest["ipr"]) == ("25.00", "25.00", "25.00")
    assert (highest["score"], highest["rank"]) == ("100.00", "A")
    assert (lowest["status"], lowest["rank"]) == ("TIDAK_TERAKREDITASI", None)


def test_ipr_counts_15_and_performance_85_of_100():
    """One public program prints the labels the other way round."""
    assert iasp("SMA", 4, 1)["score"] == "88.75"
    assert iasp("SMA", 1, 4)["score"] == "36.25"


def test_a_school_below_the_entry_rule_is_told_so_and_still_sees_its_figure():
    output = iasp("SMK", 4, 2)
    assert (output["score"], output["ik"], output["ipr"]) == ("92.50", "100.00", "50.00")
    assert {row["code"]: row["met"] for row in output["conditions"]} == {"nilai-akhir": True, "ipr": False}
    assert (output["status"], output["rank"]) == ("TIDAK_TERAKREDITASI", None)
    assert any("belum divisitasi" in note for note in output["notes"])


@pytest.mark.parametrize(
    ("statements", "ipr", "met"), [([3] * 4 + [2] * 6, "60.00", True), ([3] * 3 + [2] * 7, "57.50", False)]
)
def test_ipr_needs_60(statements, ipr, met):
    output = scored(
        "iasp-2020", "SMK", {"levels": dict.fromkeys(items("iasp-2020", "SMK"), 4), "ipr": statements}
    ).as_dict()
    assert (output["ipr"], {row["code"]: row["met"] for row in output["conditions"]}["ipr"]) == (ipr, met)


def test_an_ipm_question_answered_with_no_leaves_the_score_and_takes_the_letter():
    school = {"levels": dict.fromkeys(items("iasp-2020", "SMA"), 4), "ipr": [4] * 9}
    yes = dict.fromkeys(("izin", "kepala", "lulusan", "waktu", "mapel"), True)
    for ipm in (None, {}, {"izin": True, "mapel": None}, yes):
        output = scored("iasp-2020", "SMA", school | {"ipm": ipm}).as_dict()
        assert (output["score"], output["status"], output["rank"], output["notes"]) == (
            "100.00",
            "TERAKREDITASI",
            "A",
            [],
        )
    output = scored("iasp-2020", "SMA", school | {"ipm": yes | {"lulusan": False}}).as_dict()
    assert (output["score"], output["status"], output["rank"]) == ("100.00", "TIDAK_TERAKREDITASI", None)
    (note,) = output["notes"]
    assert "Sudah pernah meluluskan murid" in note


@pytest.mark.parametrize(
    ("final", "rounded", "letter"),
    [("100", 100, "A"), ("90.5", 91, "A"), ("90.49", 90, "B"), ("80.5", 81, "B"), ("80.499999", 80, "C"),
     ("70.5", 71, "C"), ("70.4999999", 70, None), ("25", 25, None)],
)  # fmt: skip
def test_the_borders_of_the_ranks_of_iasp(final, rounded, letter):
    result = scored("iasp-2020", "SMA", {"levels": dict.fromkeys(items("iasp-2020", "SMA"), 4), "ipr": [4] * 9})
    figures = with_final(result, Fraction(final))
    totals = Totals(figures, Fraction(final), Fraction(15, 100))
    assert (totals.final, totals.rounded) == (Fraction(final), rounded)
    found = verdict(IASP.spec, Totals(figures, max(totals.index, 60), Fraction(0)))
    assert (found.rank.letter if found.rank else None) == letter
    assert found.status == ("TERAKREDITASI" if letter else "TIDAK_TERAKREDITASI")


def test_special_items_are_known_by_their_numbers_elsewhere_too():
    numbers = {"SMK": {str(36 + place): f"SMK-{place + 1}" for place in range(9)}, "SD": {"36": "SD-1"}}
    for form, names in numbers.items():
        for number, code in names.items():
            by_number = scored("iasp-2020", form, {"levels": {number: 3}}).as_dict()
            assert by_number == scored("iasp-2020", form, {"levels": {code: 3}}).as_dict()
            assert by_number["score"] == "75.00"
    for form in ("SMP", "SMA"):
        with pytest.raises(InputError, match=r"^levels 36: "):
            scored("iasp-2020", form, {"levels": {"36": 3}})


def test_only_a_complete_school_close_to_a_limit_is_told_that_its_rank_is_an_estimate():
    close = {"levels": dict.fromkeys(items("iasp-2020", "SMA"), 3) | {"1": 2}, "ipr": [3] * 9}
    assert scored("iasp-2020", "SMA", close).as_dict()["notes"] == []
    codes = items("iasp-2020", "SMA")
    near = {"levels": dict.fromkeys(codes, 3) | dict.fromkeys(list(codes)[:8], 4), "ipr": [3] * 9}
    output = scored("iasp-2020", "SMA", near).as_dict()
    assert output["score"] == "80.41"
    assert ["81 (B)" in note for note in output["notes"]] == [True]
    near["levels"].pop("35")
    assert scored("iasp-2020", "SMA", near).as_dict()["notes"] == []
    assert ban(isi=0).as_dict()["notes"] == []


# --- ia-2024 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", second.OTHER_FORMS)
def test_ia2024_asks_45_indikator_of_every_form(form):
    layout = IA.layouts[form]
    assert len(layout.items) == 45
    assert [len(layout.components), len(layout.groups)] == ([4, 16] if second.kin(form) == "SMK" else [3, 14])


def test_ia2024_has_no_letter_and_no_status_without_own_thresholds():
    output = scored("ia-2024", "SMA", {"levels": dict.fromkeys(items("ia-2024", "SMA"), 4)}).as_dict()
    assert (output["mean"], output["rank"]) == ("4.00", None)
    assert {"status", "score", "rank_basis"}.isdisjoint(output)


def test_na_is_left_out_of_every_mean_and_of_what_is_expected():
    levels = dict.fromkeys(items("ia-2024", "SMA"), 3)
    for code in second.MAY_BE_NA:
        levels[code] = "NA"
    output = scored("ia-2024", "SMA", {"levels": levels}).as_dict()
    assert (output["mean"], output["coverage"], output["not_applicable"]) == ("3.00", "1.00", 3)
    assert {row["mean"] for row in (*output["butir"], *output["components"])} == {"3.00"}
    assert output["interval"] == {"low": "3.00", "high": "3.00"}


@given(st.sampled_from(("campuran", "terpisah")), st.integers(1, 4))
def test_the_rubric_of_3_10_3_is_kept_and_changes_no_figure(context, level):
    plain = scored("ia-2024", "SMA", {"levels": {"3.10.3": level}})
    told = scored("ia-2024", "SMA", {"levels": {"3.10.3": {"level": level, "context": context}}})
    assert told.as_dict() == plain.as_dict()
    assert (dict(told.answers.contexts), dict(plain.answers.contexts)) == ({"3.10.3": context}, {})


# --- estimates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["iasp-2020", "ia-2024"])
def test_an_estimate_widens_the_interval_and_leaves_status_open(key):
    codes = list(items(key, "SMA"))
    sure = {code: Rating.given(3) for code in codes}
    unsure = sure | {codes[0]: Rating(3, 1, 4, estimated=True)}
    statements = (3,) * 9 if key == "iasp-2020" else ()
    exact = score(SCHEMES[key], "SMA", Answers(sure, statements=statements))
    open_ = score(SCHEMES[key], "SMA", Answers(unsure, statements=statements))
    low, high = open_.as_dict()["interval"].values()
    assert exact.as_dict()["interval"]["low"] == exact.as_dict()["interval"]["high"]
    assert low < exact.as_dict()["interval"]["low"] < high
    assert open_.as_dict()["coverage"] == "1.00"


@pytest.mark.parametrize("bounds", [(3, 4, 4), (3, 1, 2), (3, 4, 2)])
def test_an_estimate_lies_between_its_ends(bounds):
    with pytest.raises(ValueError, match="level"):
        Rating(*bounds)
