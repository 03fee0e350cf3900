"""Data pokok as a spreadsheet: the template, files as people send them, and every kind of bad one."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from common.xlsx import WorkbookError
from schools.academic_year import AcademicYear
from schools.basic_data import form_sheet
from schools.basic_data_xlsx import PAGE, read_upload, write_template

YEAR, NPSN = AcademicYear(2026), "20999901"
SD, SMK = form_sheet("SD", "KEMENDIKDASMEN"), form_sheet("SMK", "KEMENDIKDASMEN")
VALUE, FIRST = 4, 4  # the column of values; the row of the first cell, below titles, NPSN and year


def template(values=(), sheet=SD, npsn=NPSN, year=YEAR):
    return write_template(sheet, dict(values), npsn=npsn, school="SD Uji", year=year)


def read(data, sheet=SD):
    return read_upload(data, sheet, npsn=NPSN, year=YEAR)


def edited(change, values=(), sheet=SD):
    """The template after *change* was done to its sheet."""
    book = load_workbook(io.BytesIO(template(values, sheet)))
    change(book[PAGE])
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(page, code):
    return next(row[0].row for row in page.iter_rows() if row[0].value == code)


def put(code, value):
    return lambda page: setattr(page.cell(row_of(page, code), VALUE), "value", value)


def at(row, column, value):
    return lambda page: setattr(page.cell(row, column), "value", value)


def unnamed(page):
    at(FIRST, 1, None)(page)
    at(FIRST, VALUE, 3)(page)


def problems(data, sheet=SD):
    with pytest.raises(WorkbookError) as caught:
        read(data, sheet)
    return [str(problem) for problem in caught.value.problems]


# --- good files -------------------------------------------------------------------------------------


@settings(max_examples=15)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            code: st.booleans() if cell.kind == "yesno" else st.integers(0, 999_999)
            for code, cell in SD.cells.items()
            if cell.kind != "text"
        },
    )
)
def test_a_template_that_comes_back_unchanged_says_what_is_stored(values):
    found = read(template(values.items()))
    assert found.values == values
    assert {*found.blank} == SD.cells.keys() - values.keys()


def test_names_of_programmes_come_back_too_whatever_they_look_like():
    values = {
        "keahlian_nama_1": "=1+1",
        "keahlian_nama_2": "2026",
        "keahlian_nama_3": "Teknik +",
        "keahlian_murid_1": 3,
    }
    assert read(template(values.items(), SMK), SMK).values == values


def test_labels_are_protected_and_values_are_open():
    page = load_workbook(io.BytesIO(template({"guru": 12}.items())))[PAGE]
    assert page.protection.sheet
    cells = page[row_of(page, "guru")]
    assert [cell.protection.locked for cell in cells] == [True, True, True, False, True, True]
    assert cells[VALUE - 1].value == 12
    assert "daftar guru" in cells[5].value


def test_there_are_instructions_that_ask_for_counts_and_no_names():
    page = load_workbook(io.BytesIO(template()))["Petunjuk"]
    text = " ".join(str(row[0].value) for row in page.iter_rows())
    assert "data pribadi tidak ditulis" in text


@pytest.mark.parametrize(
    ("code", "written", "value"),
    [
        ("guru", 12, 12), ("guru", 12.0, 12), ("guru", "12", 12), ("guru", " 1.250 ", 1250), ("guru", 0, 0),
        ("kepala_s1", "YA", True), ("kepala_s1", "tidak", False), ("kepala_s1", True, True),
    ],
)  # fmt: skip
def test_values_are_read_as_people_type_them(code, written, value):
    assert read(edited(put(code, written))).values == {code: value}


def test_rows_that_were_taken_out_say_nothing_about_their_cells():
    found = read(edited(lambda page: page.delete_rows(row_of(page, "guru"))))
    assert "guru" not in found.blank
    assert "guru" not in found.values


def test_columns_for_readers_may_be_missing_and_moved():
    book = Workbook()
    page = book.worksheets[0]
    page.title = PAGE
    for row in (("isian", "KODE"), (NPSN, "npsn"), ("2026/2027", "tahun_pelajaran"), (7, "guru")):
        page.append(row)
    assert read(saved(book)).values == {"guru": 7}


# --- bad files: sheet, row and column ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (put("guru", "banyak"), "guru", "Semua guru: Tulis bilangan bulat"),
        (put("guru", 12.5), "guru", "tanpa angka di belakang koma"),
        (put("guru", -1), "guru", "tidak boleh kurang dari 0"),
        (put("guru", 10**9), "guru", "terlalu besar"),
        (put("guru", "=10+2"), "guru", "rumus"),
        (put("kepala_s1", "mungkin"), "kepala_s1", "Tulis “Ya” atau “Tidak”"),
        (put("npsn", "20999902"), "npsn", "berkas ini untuk NPSN '20999902', sedangkan halaman ini 20999901"),
        (put("npsn", None), "npsn", "berkas ini untuk NPSN ''"),
        (put("tahun_pelajaran", "2025/2026"), "tahun_pelajaran", "berkas ini untuk tahun pelajaran '2025/2026'"),
        (lambda page: page.delete_rows(2), f"{PAGE}: ", "baris npsn tidak ada"),
        (at(FIRST, 1, "murid_tk"), f"{PAGE}!A4: ", "kode 'murid_tk' tidak dikenal"),
        (at(FIRST + 1, 1, "murid_l_1"), f"{PAGE}!A5: ", "kode murid_l_1 sudah ada di baris 4"),
        (unnamed, f"{PAGE}!A4: ", "isian ini tanpa kode"),
        (at(1, VALUE, "Jumlah"), f"{PAGE}!D1: ", "kolom 'Jumlah' tidak dikenal"),
        (lambda page: page.merge_cells("D5:D6"), f"{PAGE}!D5: ", "sel D5:D6 digabung"),
        (at(100_000, VALUE, 1), f"{PAGE}: ", "lebih dari 500 baris"),
        (lambda page: setattr(page, "title", "Lembar1"), "", PAGE),
    ],
)
def test_a_bad_cell_is_named_by_sheet_row_and_column(change, place, message):
    found = next(problem for problem in problems(edited(change)) if message in problem)
    if place and not place.startswith(PAGE):
        page = load_workbook(io.BytesIO(template()))[PAGE]
        place = f"{PAGE}!D{row_of(page, place)}: "
    assert found.startswith(place)


def test_all_problems_are_told_at_once():
    def spoil(page):
        put("guru", "banyak")(page)
        put("mapel", 1.5)(page)

    assert len(problems(edited(spoil))) == 2


def test_a_template_of_another_form_of_education_is_refused_with_its_codes():
    assert any("kode 'lab_perlu_kepala' tidak dikenal" in one for one in problems(template(sheet=SMK), SD))


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)
    return out.getvalue()


def macros():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template())) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr("xl/vbaProject.bin", b"macro")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "berkas kosong"),
        (b"kode;isian\nguru;12\n", "teks atau CSV"),
        (b"%PDF-1.7 x", "PDF"),
        (b"PK\x03\x04 broken", "rusak"),
        (bomb(), "terlalu besar"),
        (macros(), "makro"),
    ],
    ids=["empty", "csv", "pdf", "damaged", "bomb", "macros"],
)
def test_what_is_no_usable_workbook_is_refused_as_a_whole(data, message):
    found = problems(data)
    assert len(found) == 1
    assert message in found[0]
