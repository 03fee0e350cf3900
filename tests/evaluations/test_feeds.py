"""Answers proposed from data pokok: the formulas fit instrument and sheet, and only what is known is proposed."""

from __future__ import annotations

import re
import shutil
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.yamlfile import DataFileError
from evaluations import cycles
from evaluations import feeds as module
from evaluations.feeds import FEEDS_DIR, Feeds, explain, feeds_for, load_feeds, missing, propose, used
from evaluations.values import Checklist, Ratio, YesNo, parse_value
from schools.academic_year import AcademicYear
from schools.choices import Naungan
from schools.words import WORDS_FILE
from standards.checks import other_problems
from standards.instruments import INSTRUMENTS_DIR, load_instrument
from tests.factories import the_library

LIBRARY = the_library()
SPEC = load_instrument(
    INSTRUMENTS_DIR / "eds-snp" / "2026.1", LIBRARY.catalogue, {basis.key for basis in LIBRARY.legal_bases}
)
FILE = FEEDS_DIR / "eds-snp-2026.1.yaml"
YEAR = AcademicYear(2026)


def of(form: str) -> Feeds:
    return feeds_for(SPEC, form, Naungan.KEMENAG if form.startswith("M") else Naungan.KEMENDIKDASMEN)


def item(code, form="SD"):
    return SPEC.asked(form)[code]


def proposed(code, form="SD", **values):
    return propose(of(form), item(code, form), values)


def full(form):
    """A sheet on which every figure is 3 and every answer yes; one programme where there are programmes."""
    values = {}
    for code, cell in of(form).sheet.cells.items():
        if cell.group != "keahlian" or cell.row == "1":
            values[code] = {"yesno": True, "text": "Teknik"}.get(cell.kind, 3)
    return values


def test_the_check_of_all_data_files_reads_formulas_cycles_and_words_too(tmp_path, monkeypatch):
    """What a principal meets first, a word or a date, is no smaller fault than one in a question."""
    words, models, formulas = (tmp_path / name for name in ("words.yaml", "cycle_models.yaml", "feeds"))
    words.write_text(WORDS_FILE.read_text("utf-8").replace("principal:", "kepala:", 1), "utf-8")
    models.write_text(cycles.FILE.read_text("utf-8").replace("default: ", "default: x", 1), "utf-8")
    shutil.copytree(FEEDS_DIR, formulas)
    (formulas / "eds-snp-2099.1.yaml").write_text("x", "utf-8")
    broken = formulas / "eds-snp-2026.1.yaml"
    broken.write_text(broken.read_text("utf-8").replace("item: ", "item: 9", 1), "utf-8")
    assert not other_problems(the_library())
    monkeypatch.setattr(cycles, "FILE", models)
    monkeypatch.setattr(module.check_feeds, "__defaults__", (formulas,))
    found = "\n".join(map(str, other_problems(the_library())))
    assert "cycle_models.yaml:" in found
    assert "eds-snp-2099.1.yaml: nama berkas" in found
    assert re.search(r"eds-snp-2026\.1\.yaml:\d+: feeds\.0\.item: pertanyaan 9", found)
    monkeypatch.setattr("schools.words.WORDS_FILE", words)
    assert re.search(r"words\.yaml:\d+: \w+\.principal: wajib diisi", "\n".join(map(str, other_problems(None))))


# --- formulas and instrument ------------------------------------------------------------------------


@pytest.mark.parametrize("form", SPEC.forms)
def test_a_full_sheet_proposes_an_answer_to_every_item_that_has_a_formula(form):
    feeds, values = of(form), full(form)
    assert feeds.by_item
    for code in feeds.by_item:
        value = propose(feeds, item(code, form), values)
        assert value is not None, code
        assert parse_value(item(code, form), value.to_json()) == value
        assert missing(feeds, item(code, form), values) == ()
        assert set(used(feeds, item(code, form), values)) <= values.keys()


@pytest.mark.parametrize("form", SPEC.forms)
def test_an_empty_sheet_proposes_nothing_and_says_what_is_missing(form):
    feeds = of(form)
    for code in feeds.by_item:
        assert propose(feeds, item(code, form), {}) is None
        assert explain(feeds, item(code, form), {}, year=YEAR) == ""
        assert missing(feeds, item(code, form), {})


@pytest.mark.parametrize(
    ("form", "least"), [("SD", 20), ("MI", 20), ("SMP", 35), ("SMA", 38), ("SMK", 38), ("MAK", 38), ("SLB", 25)]
)
def test_the_sheet_feeds_a_good_part_of_the_items_that_are_counted(form, least):
    assert len(of(form).by_item) >= least


def test_a_version_without_formulas_is_fed_nothing(monkeypatch):
    monkeypatch.setattr(module, "_LOADED", {})
    feeds = feeds_for(SPEC.model_copy(update={"version": "2031.1"}), "SD", Naungan.KEMENDIKDASMEN)
    assert feeds.by_item == {}
    assert "5.1.1.a" not in feeds
    assert propose(feeds, item("5.1.1.a"), full("SD")) is None
    assert missing(feeds, item("5.1.1.a"), {}) == ()
    assert used(feeds, item("5.1.1.a"), full("SD")) == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('version: "2026.1"', 'version: "2025.1"', "bukan rumus untuk eds-snp 2026.1"),
        ("item: 5.1.1.a", "item: 5.1.99.a", "pertanyaan 5.1.99.a tidak ada"),
        ("item: 5.1.4.a", "item: 5.1.1.a", "5.1.1.a sudah punya rumus untuk SD"),
        ("item: 5.1.1.a", "item: 1.1.1.a", "1.1.1.a berjenis rubric, bukan ratio"),
        ("count: [guru_s1, guru_s2]", "count: [guru_s1, guru_s9]", "isian guru_s9 tidak ada pada data pokok"),
        ("of: [mapel]", "of: [teknisi]", "teknisi tidak diisi di SD"),
        ("      h: {sum: [jamban_layak], at_least: 1}\n    note", "    note", "setiap hal harus punya rumus"),
        ("item: 5.4.1.a", "item: 5.4.1.a\n    forms: [SD]", "5.4.1.a tidak ditanyakan di SD"),
        ("ratio: {count: [guru_sertifikat], of: [guru]}", "only_yes: true", "tepat satu dari ratio, yesno"),
        ('of: [guru]}\n    note: "sertifikat', 'of: [guru]}\n    only_yes: true\n    note: "sertifikat', "hanya ada"),
        ("of: [mapel]", "of: []", "sedikitnya 1"),
    ],
)
def test_a_formula_that_does_not_fit_is_named_with_its_line(tmp_path, old, new, message):
    text = FILE.read_text()
    assert old in text
    path = tmp_path / FILE.name
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataFileError) as caught:
        load_feeds(path, SPEC)
    problem = next(one for one in caught.value.problems if message in one.message)
    assert problem.file == FILE.name
    assert problem.line > 1


def test_formulas_for_one_form_alone_are_used_there_alone(tmp_path, monkeypatch):
    path = tmp_path / FILE.name
    path.write_text(FILE.read_text().replace("item: 5.1.1.a", "item: 5.1.1.a\n    forms: [SMP]", 1))
    monkeypatch.setattr(module, "FEEDS_DIR", tmp_path)
    monkeypatch.setattr(module, "_LOADED", {})
    assert "5.1.1.a" in of("SMP")
    assert "5.1.1.a" not in of("SD")


# --- proposals --------------------------------------------------------------------------------------


def test_a_ratio_is_summed_and_waits_for_every_figure():
    assert proposed("5.1.1.a", guru=14, guru_s1=11, guru_s2=1) == Ratio(12, 14)
    assert proposed("5.1.1.a", guru=14, guru_s1=11) is None
    assert proposed("5.1.1.a", guru=14, guru_s1=0, guru_s2=0) == Ratio(0, 14)
    assert missing(of("SD"), item("5.1.1.a"), {"guru": 14, "guru_s1": 11}) == ("Guru berijazah S2 atau S3",)


def test_classes_are_summed_over_all_grades():
    grades = {f"rombel_{grade}": 1 for grade in range(1, 7)}
    assert proposed("3.2.1.a", rombel_batas=5, **grades) == Ratio(5, 6)
    del grades["rombel_6"]
    assert proposed("3.2.1.a", rombel_batas=5, **grades) is None


def test_what_does_not_exist_is_a_ratio_of_nothing():
    assert proposed("5.4.2.a", "SMP", kepala_lab=0, kepala_lab_pendidikan=0) == Ratio(0, 0)


def test_a_yes_or_no_is_taken_over():
    assert proposed("5.2.1.a", kepala_s1=True) == YesNo(True)
    assert proposed("5.2.1.a", kepala_s1=False) == YesNo(False)


def test_conditions_of_an_appointed_head_are_not_proposed_for_an_acting_one():
    assert proposed("5.2.2.a", kepala_umur=False, kepala_definitif=True) == YesNo(False)
    assert proposed("5.2.2.a", kepala_umur=False, kepala_definitif=False) is None
    assert proposed("5.2.2.a", kepala_umur=True) is None


def test_no_is_not_proposed_where_the_post_may_not_be_needed():
    assert proposed("5.3.1.a", "SMP", tas_kepala=True) == YesNo(True)
    assert proposed("5.3.1.a", "SMP", tas_kepala=False) is None


def test_a_school_that_charges_nothing_is_not_proposed_a_ratio_of_exemptions():
    families = {"murid_tidak_mampu": 20, "murid_bebas_biaya": 18}
    assert proposed("8.1.1.a", ada_biaya=True, **families) == Ratio(18, 20)
    assert proposed("8.1.1.a", ada_biaya=False, **families) is None


def test_a_checklist_is_proposed_point_by_point_once_all_points_are_known():
    values = {**full("SD"), **{f"rombel_{grade}": 1 for grade in range(1, 7)}}
    values |= {"ruang_layak_kelas": 6, "ruang_layak_kantin": 0}
    assert proposed("6.1.6.a", **values) == Checklist(frozenset("abcdefh"))
    values["ruang_layak_kelas"] = 5
    assert proposed("6.1.6.a", **values) == Checklist(frozenset("bcdefh"))
    del values["ruang_layak_kantin"]
    assert proposed("6.1.6.a", **values) is None


def test_programmes_are_counted_by_their_rows():
    rows = {"keahlian_nama_1": "TKR", "keahlian_ruang_1": True, "keahlian_nama_2": "TKJ", "keahlian_ruang_2": False}
    assert proposed("6.1.6.c", "SMK", **rows) == Ratio(1, 2)
    assert proposed("6.1.6.c", "SMK", **rows, keahlian_nama_3="DPIB") is None
    assert {"keahlian_nama_2", "keahlian_ruang_1"} <= used(of("SMK"), item("6.1.6.c", "SMK"), rows).keys()


def test_a_proposal_says_where_it_comes_from():
    values = {"guru": 14, "guru_s1": 11, "guru_s2": 1, "kepala_s1": True}
    assert explain(of("SD"), item("5.1.1.a"), values, year=YEAR, recorded=date(2026, 10, 3)) == (
        "data pokok 2026/2027 (ijazah guru), Guru berijazah S1/D4 + Guru berijazah S2 atau S3, "
        "dari Semua guru, dicatat 3 Oktober 2026"
    )
    assert explain(of("SD"), item("5.2.1.a"), values, year=YEAR) == (
        "data pokok 2026/2027 (data kepala), Apakah kepala berijazah S1/D4 atau lebih tinggi? Ya"
    )


def test_a_proposed_checklist_names_what_it_found_lacking():
    values = {**full("SD"), **{f"rombel_{grade}": 1 for grade in range(1, 7)}, "ruang_layak_kelas": 5}
    assert explain(of("SD"), item("6.1.6.a"), values, year=YEAR) == (
        "data pokok 2026/2027 (ruang dan jamban yang dapat dipakai), "
        "belum terpenuhi: Ruang kelas untuk setiap rombel (Ruang kelas: Dapat dipakai 5, Semua rombel 6)"
    )
    assert "belum terpenuhi" not in explain(of("SD"), item("6.1.6.a"), {**values, "ruang_layak_kelas": 6}, year=YEAR)


def test_a_proposal_rests_on_its_own_cells_alone():
    values = {**full("SD"), "guru": 14}
    rests = used(of("SD"), item("5.1.4.a"), values)
    assert rests == {"guru": 14, "guru_sertifikat": 3}
    assert used(of("SD"), item("5.1.4.a"), {**values, "mapel": 99}) == rests


@given(
    st.sampled_from(SPEC.forms).flatmap(
        lambda form: st.tuples(
            st.just(form),
            st.fixed_dictionaries(
                {},
                optional={
                    code: st.booleans() if cell.kind == "yesno" else st.integers(0, 5)
                    for code, cell in of(form).sheet.cells.items()
                    if cell.kind != "text"
                },
            ),
        )
    )
)
def test_whatever_the_sheet_says_a_proposal_is_an_answer_that_can_be_stored(case):
    form, values = case
    for code in of(form).by_item:
        value = propose(of(form), item(code, form), values)
        assert (value is None) == (explain(of(form), item(code, form), values, year=YEAR) == "")
        if value is not None:
            assert parse_value(item(code, form), value.to_json()) == value
            assert missing(of(form), item(code, form), values) == ()
