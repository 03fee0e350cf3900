"""Data pokok as data: the file, what each form is asked, what is typed, and what contradicts itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.yamlfile import DataFileError
from schools.basic_data import (
    SHEET_FILE,
    CellProblem,
    check,
    form_sheet,
    known_values,
    load_sheet,
    parse_cell,
    read_values,
    show,
)
from schools.choices import EducationForm, Naungan

FORMS = [(form, Naungan.KEMENAG if form.startswith("M") else Naungan.KEMENDIKDASMEN) for form in EducationForm.values]
SHEETS = {form: form_sheet(form, naungan) for form, naungan in FORMS}
SD, SMK, SLB = SHEETS["SD"], SHEETS["SMK"], SHEETS["SLB"]
each_form = pytest.mark.parametrize("form", SHEETS)


def told(sheet, severity=None, **values):
    return [problem.code for problem in check(values, sheet) if severity in (None, problem.severity)]


# --- the file ---------------------------------------------------------------------------------------


@each_form
def test_every_form_is_asked_for_pupils_teachers_staff_rooms_toilets_and_land(form):
    groups = {group.key for group in SHEETS[form].groups}
    assert {"murid", "guru", "kepala", "administrasi", "pustaka", "ruang", "jamban", "lahan"} <= groups


def test_a_plain_primary_school_is_not_asked_about_laboratories():
    assert not [code for code in SD.cells if "lab" in code.split("_") or code.startswith("alat_")]
    assert "lab_perlu_kepala" in SMK.cells


@pytest.mark.parametrize(
    ("form", "grades"),
    [("SD", range(1, 7)), ("MTs", range(7, 10)), ("MA", range(10, 13)), ("MAK", range(10, 14)), ("SLB", range(1, 13))],
)
def test_pupils_are_asked_per_grade_of_the_form(form, grades):
    assert [row.key for row in SHEETS[form].group("murid").rows] == [str(grade) for grade in grades]


@each_form
def test_no_field_asks_for_a_name_or_a_number_of_a_person(form):
    cells = SHEETS[form].cells.values()
    assert {cell.kind for cell in cells if cell.group != "keahlian"} <= {"number", "yesno", "area"}
    assert not [cell.code for cell in cells if {"nik", "nip", "nisn", "nuptk"} & {*cell.label.lower().split()}]


@each_form
def test_texts_speak_the_words_of_the_naungan_and_leave_no_placeholder(form):
    texts = [group.title + group.about for group in SHEETS[form].groups]
    texts += [cell.label + cell.help + cell.name for cell in SHEETS[form].cells.values()]
    assert not [text for text in texts if "{" in text]
    said = " ".join(texts)
    assert ("EMIS" in said, "Dapodik" in said) == ((True, False) if form.startswith("M") else (False, True))


@each_form
def test_a_form_that_is_asked_for_a_part_is_asked_for_its_whole(form):
    sheet = SHEETS[form]
    sums = [rule for rule in sheet.rules if not rule.each and isinstance(rule.right, tuple)]
    assert [rule for rule in sums if any(map(sheet.knows, rule.left)) and not all(map(sheet.knows, rule.right))] == []


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ('kind: area, label: "Luas lahan"', 'kind: luas, label: "Luas lahan"', "kind", "harus salah satu dari"),
        ("{code: guru_s1,", "{code: guru,", "code", "guru sudah dipakai"),
        ("{data_system}: data tanah", "{sistem}: data tanah", "groups.", "{sistem} bukan kata dari words.yaml"),
        ("of: [murid_l, murid_p]", "of: [murid_l, murid_x]", "totals.0.of", "tidak ada isian angka murid_x"),
        ("of: [rombel]", "of: [keahlian_nama]", "totals.1.of", "tidak ada isian angka keahlian_nama"),
        ("left: [mapel_sesuai]", "left: [mapel_cocok]", "left", "isian mapel_cocok tidak ada"),
        ("each: alat", "each: perkakas", "each", "kelompok berbaris perkakas tidak ada"),
        ("semua mata pelajaran ({right})", "semua mata pelajaran ({kanan})", "rules", "{kanan} tidak dikenal"),
        ('row_title: "Alat"', "", "groups", "row_title diisi bila"),
        ("forms: [SLB]", "forms: [TK]", "forms", "harus salah satu dari"),
    ],
)
def test_a_fault_in_the_file_is_named_with_line_and_field(tmp_path, old, new, field, message):
    text = SHEET_FILE.read_text()
    path = tmp_path / "basic_data.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataFileError) as caught:
        load_sheet(path)
    problem = next(one for one in caught.value.problems if message in one.message)
    assert problem.line > 1
    assert field in problem.field


# --- what is typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "raw", "value"),
    [
        ("guru", "14", 14), ("guru", " 1.250 ", 1250), ("guru", 14, 14), ("guru", 14.0, 14), ("guru", "0", 0),
        ("guru", "", None), ("guru", "  ", None), ("guru", None, None), ("lahan", "20.000.000", 20_000_000),
        ("kepala_s1", "Ya", True), ("kepala_s1", " tidak ", False), ("kepala_s1", True, True), ("kepala_s1", "", None),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_people_write_it(code, raw, value):
    found = parse_cell(SD.cells[code], raw)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("guru", "-1"), ("guru", "1,5"), ("guru", 1.5), ("guru", "banyak"), ("guru", True), ("guru", "1000001"),
        ("guru", float("nan")), ("guru", float("inf")), ("guru", [1]), ("kepala_s1", "mungkin"), ("kepala_s1", 1),
    ],
)  # fmt: skip
def test_a_cell_that_says_something_else_is_refused_with_what_to_write(code, raw):
    with pytest.raises(ValueError, match=r"(Tulis|terlalu besar|kurang dari 0)"):
        parse_cell(SD.cells[code], raw)


def test_a_name_of_a_programme_is_one_line_without_signs_that_cannot_be_stored():
    cell = SMK.cells["keahlian_nama_1"]
    assert parse_cell(cell, " Teknik \n Otomotif\0\ud800 ") == "Teknik Otomotif"
    assert parse_cell(cell, "\0") is None
    with pytest.raises(ValueError, match="Terlalu panjang"):
        parse_cell(cell, "x" * 81)


values_of = {
    "number": st.integers(min_value=0, max_value=1_000_000),
    "area": st.integers(min_value=0, max_value=100_000_000),
    "yesno": st.booleans(),
    "text": st.text(alphabet="abc 123.", min_size=1, max_size=80).map(str.strip).filter(bool).map(
        lambda text: " ".join(text.split())
    ),
}  # fmt: skip


def sheets_of(sheet):
    return st.fixed_dictionaries({}, optional={code: values_of[cell.kind] for code, cell in sheet.cells.items()})


@given(sheets_of(SMK))
def test_whatever_is_stored_is_shown_and_read_back_the_same(values):
    typed = {code: show(SMK.cells[code], value) for code, value in values.items()}
    assert read_values(SMK, typed) == (values, [])
    assert known_values(SMK, {**values, "hilang": 3}) == values


def test_what_cannot_be_read_is_named_and_the_rest_is_kept():
    values, problems = read_values(SD, {"guru": "dua belas", "guru_s1": "9", "kepala_s1": "", "asing": "1"})
    assert values == {"guru_s1": 9}
    assert [problem.code for problem in problems] == ["guru"]


# --- what contradicts itself ------------------------------------------------------------------------


def test_an_empty_sheet_contradicts_nothing_and_expects_what_is_not_optional():
    assert check({}, SD) == []
    expected = {cell.code for cell in SD.expected({})}
    assert "guru" in expected
    assert "tas_pendidikan" not in expected


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"guru": 12, "guru_s1": 10, "guru_s2": 3}, "guru_s1"),
        ({"guru": 12, "guru_sertifikat": 13}, "guru_sertifikat"),
        ({"guru": 5, "guru_pns": 3, "guru_honorer": 3}, "guru_pns"),
        ({"ruang_ada_kelas": 6, "ruang_layak_kelas": 7}, "ruang_layak_kelas"),
        ({"jamban_ada_putri": 0, "jamban_layak_putri": 1}, "jamban_layak_putri"),
        ({"murid_tidak_mampu": 4, "murid_bebas_biaya": 5}, "murid_bebas_biaya"),
        ({"tas": 1, "tas_pendidikan": 2}, "tas_pendidikan"),
    ],
)
def test_a_part_is_never_larger_than_its_whole(values, at):
    assert told(SD, "error", **values) == [at]
    assert told(SD, "error", **dict.fromkeys(values, 0)) == []


def test_a_message_says_both_numbers():
    assert check({"guru": 12, "guru_sertifikat": 13}, SD) == [
        CellProblem("guru_sertifikat", "Guru bersertifikat pendidik (13) lebih banyak daripada semua guru (12).")
    ]


def test_a_whole_that_is_not_known_yet_contradicts_nothing():
    assert told(SD, guru_sertifikat=13) == []
    grades = {f"rombel_{grade}": 1 for grade in range(1, 6)}
    assert told(SD, rombel_batas=9, **grades) == [], "one grade is missing, so that all classes are not known"
    assert told(SD, rombel_batas=9, **grades, rombel_6=1) == ["rombel_batas"]


def test_parts_that_fall_short_are_unusual_only_once_all_are_filled():
    half = {"guru": 12, "guru_s1": 9}
    assert told(SD, **half) == []
    assert told(SD, **half, guru_s2=1, guru_bawah_s1=0) == ["guru_bawah_s1"]
    assert told(SD, "error", **half, guru_s2=1, guru_bawah_s1=0) == []


def test_pupils_without_a_class_are_unusual_in_their_grade():
    assert told(SD, "warning", murid_l_2=10, murid_p_2=12, rombel_2=0) == ["rombel_2"]
    assert told(SD, murid_l_2=0, murid_p_2=0, rombel_2=0) == []


def test_open_rows_count_where_they_are_filled():
    rows = {"keahlian_nama_1": "TKR", "keahlian_murid_1": 60, "keahlian_murid_3": 20, "keahlian_nama_3": "TKJ"}
    assert [row.key for row in SMK.group("keahlian").in_use(rows)] == ["1", "3"]
    assert SMK.amount(["keahlian"], rows) == 2
    assert SMK.amount(["keahlian_murid"], rows) == 80
    assert SMK.amount(["keahlian_ruang"], rows) is None
    assert SMK.amount(["keahlian_ruang"], {**rows, "keahlian_ruang_1": True, "keahlian_ruang_3": False}) == 1
    assert "keahlian_murid_2" not in {cell.code for cell in SMK.expected(rows)}


def test_a_programme_with_figures_but_no_name_is_pointed_out():
    assert told(SMK, "warning", keahlian_murid_2=20) == ["keahlian_nama_2"]


def test_a_sum_is_unknown_while_a_part_is_empty_and_when_nothing_is_asked():
    assert SD.amount(["guru_s1", "guru_s2"], {"guru_s1": 3}) is None
    assert SD.missing(["guru_s1", "guru_s2"], {"guru_s1": 3}) == ("Guru berijazah S2 atau S3",)
    assert SD.amount(["lab_perlu_kepala"], {}) is None
    assert SMK.amount(["keahlian"], {}) is None
    assert SMK.missing(["keahlian"], {}) == ("Konsentrasi keahlian",)


def test_names_have_titles_that_people_know():
    assert SD.title("guru_s1") == "Guru berijazah S1/D4"
    assert SD.title("ruang_layak_kelas") == "Ruang kelas: Dapat dipakai"
    assert SD.title("jamban_layak") == "Jamban: Layak pakai"
    assert SD.title("semua_rombel") == "Semua rombel"
    assert SMK.title("keahlian") == "Konsentrasi keahlian"
    with pytest.raises(KeyError):
        SD.title("lab_perlu_kepala")


@given(sheets_of(SLB))
def test_checking_never_fails_and_names_cells_of_the_sheet(values):
    assert {problem.code for problem in check(values, SLB)} <= SLB.cells.keys()
