"""Tables from a spreadsheet: refused with the cell and what to do next, or read as they were meant."""

from __future__ import annotations

import io
import re
import time
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import MAC_EPOCH

from common.texts import plain_text
from common.xlsx import Cell, CellProblem, Column, Limits, Sheet, WorkbookError, read_workbook, write_workbook

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows: tuple[object, ...], sheet: str = "Guru") -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(row)
    return saved(book)


def changed(data: bytes, parts: dict[str, bytes | None]) -> bytes:
    """The archive with other parts; None takes one out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            if content is not None:
                target.writestr(name, content)
    return out.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def sheet_xml(inside: str, after: str = "") -> bytes:
    """A workbook whose only sheet holds these rows as they stand."""
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{inside}</sheetData>{after}</worksheet>"
    )
    return changed(workbook(("a",)), {"xl/worksheets/sheet1.xml": xml.encode()})


def shared(strings: str, cells: str) -> bytes:
    """A workbook as Excel and LibreOffice write it: texts stand in a part of their own."""
    xml = f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"
    book = workbook(("a",))
    relation = b'<Relationship Id="texts" Type="http://x/sharedStrings" Target="SharedStrings.xml"/></Relationships>'
    relations = part(book, "xl/_rels/workbook.xml.rels").replace(b"</Relationships>", relation)
    parts: dict[str, bytes | None] = {
        "xl/worksheets/sheet1.xml": xml.encode(),
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>".encode(),
        "xl/_rels/workbook.xml.rels": relations,
    }
    return changed(book, parts)


def problems(data: bytes, limits: Limits | None = None, sheets: list[str] | None = None) -> list[str]:
    with pytest.raises(WorkbookError) as caught:
        read_workbook(data, limits=limits or Limits(), sheets=sheets)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


def values(data: bytes, sheet: str = "Guru") -> list[list[object]]:
    return [[cell.value for cell in row.cells.values()] for row in read_workbook(data)[sheet].rows]


# --- files that are no usable workbook ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "berkas kosong; pilih berkas Excel"),
        (b" \n", "berkas kosong; pilih berkas Excel"),
        (OLD_OFFICE + b"\x00" * 600, "Excel lama (.xls); buka di Excel, LibreOffice, atau Google Sheets lalu simpan"),
        (OLD_OFFICE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "dikunci dengan kata sandi; hapus"),
        (b"%PDF-1.7\n%\xe2\xe3", "ini berkas PDF; unggah tabel Excel (.xlsx) yang menjadi asalnya"),
        (b"<html><table><tr><td>Nama", "halaman web atau XML yang dinamai Excel"),
        (b"nama;jumlah\nBudi;3\n", "ini berkas teks atau CSV"),
        ("nama;jumlah\nBudi;3\n".encode("utf-16"), "ini berkas teks atau CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "ini bukan berkas Excel (.xlsx)"),
        (b"\xff\xfe\x00", "ini bukan berkas Excel (.xlsx)"),
        (b"PK\x03\x04 terpotong", "berkas Excel ini rusak dan tidak terbaca"),
        (workbook(("a",))[:-40], "berkas Excel ini rusak dan tidak terbaca"),
    ],
)
def test_a_file_that_is_no_workbook_is_told_what_it_is_and_what_to_do(data, wanted):
    found = problems(data)
    assert len(found) == 1
    assert wanted in found[0]


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument (.ods)"),
        ({"word/document.xml": b"<a/>", "[Content_Types].xml": b"<Types/>"}, "bukan berkas Excel"),
        ({"xl/workbook.bin": b"\x00"}, "Excel biner (.xlsb)"),
    ],
)
def test_other_office_files_are_named(parts, wanted):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert wanted in problems(out.getvalue())[0]


def test_an_archive_locked_with_a_password_is_refused():
    data = bytearray(workbook(("a",)))
    for match in re.finditer(rb"PK\x01\x02", bytes(data)):
        data[match.start() + 8] |= 1  # the flag of an encrypted part in the directory
    assert "kata sandi" in problems(bytes(data))[0]


def test_macros_are_refused_by_part_and_by_content_type():
    plain = workbook(("a",))
    assert "berisi makro (.xlsm)" in problems(changed(plain, {"xl/vbaProject.bin": b"\x00"}))[0]
    types = part(plain, "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert "berisi makro (.xlsm)" in problems(changed(plain, {"[Content_Types].xml": types}))[0]


@pytest.mark.parametrize("kind", ["application/vnd.ms-office.vbaProject", "application/vnd.ms-excel.macrosheet+xml"])
def test_macros_are_found_under_any_name(kind):
    book = workbook(("a",))
    override = f'<Override PartName="/xl/lain.bin" ContentType="{kind}"/></Types>'.encode()
    types = part(book, "[Content_Types].xml").replace(b"</Types>", override)
    assert "makro" in problems(changed(book, {"[Content_Types].xml": types, "xl/lain.bin": b"x"}))[0]


def test_links_to_other_files_are_refused():
    data = changed(workbook(("a",)), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    assert "Break Link" in problems(data)[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"),
        ("xl/worksheets/sheet1.xml", b"bukan xml"),
        ("xl/worksheets/sheet1.xml", b"\xff\xfe\x00\x00"),
        ("xl/worksheets/sheet1.xml", b'<?xml version="1.0" encoding="tak-ada"?><worksheet/>'),
        ("xl/worksheets/sheet1.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
        ("xl/worksheets/sheet1.xml", b'<worksheet><sheetData><row r="x"/></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", b'<worksheet><sheetData><row r="-5"/></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", b'<worksheet><sheetData><row><c r="??"/></row></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", b'<worksheet><row><c t="s"><v>99</v></c></row></worksheet>'),
        ("xl/worksheets/sheet1.xml", b'<worksheet><row><c t="s"><v>satu</v></c></row></worksheet>'),
        ("xl/worksheets/sheet1.xml", None),
        ("xl/workbook.xml", None),
        ("xl/workbook.xml", b"<workbook><sheets>"),
        ("xl/_rels/workbook.xml.rels", b"<Relationships>"),
        ("_rels/.rels", None),
        ("xl/worksheets/sheet1.xml", b'<worksheet><row><c t="s"><v>0</v></c></row></worksheet>'),
        ("xl/styles.xml", b"<styleSheet>"),
        ("xl/styles.xml", b'<styleSheet><numFmts><numFmt numFmtId="x"/></numFmts></styleSheet>'),
        ("[Content_Types].xml", b"<Types>" + b"<Default/>" * 30_000 + b"</Types>"),
    ],
)
def test_damaged_parts_never_end_in_a_traceback(name, content):
    found = problems(changed(workbook(("a", "b")), {name: content}))
    assert found == [found[0]]
    assert "rusak" in found[0] or "berkas Excel" in found[0]


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10**6), sign=st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused_and_nothing_else(place, sign):
    data = bytearray(workbook(("Nama", "Jumlah"), ("Budi", 3), (datetime(2026, 7, 1), 4.5)))  # noqa: DTZ001
    data[place % len(data)] = sign
    try:
        read_workbook(bytes(data))
    except WorkbookError as error:
        assert error.problems  # noqa: PT017  (either way is right; a third is not)


# --- too much -------------------------------------------------------------------------------------------


def test_a_hundred_thousand_rows_are_refused_quickly_and_in_flat_memory():
    book = Workbook(write_only=True)
    page = book.create_sheet("Guru")
    for number in range(100_000):
        page.append([f"Guru {number}", number, "S1"])
    data = saved(book)
    tracemalloc.start()
    started = time.perf_counter()
    found = problems(data)
    took, (_, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [
        "Guru: lebih dari 2.000 baris; bagi menjadi beberapa berkas, atau hapus isi di bawah baris 2.000",
    ]
    assert took < 2
    assert peak < 20 * 1024 * 1024


def test_what_a_sheet_says_of_its_size_is_not_believed():
    dimension = '<dimension ref="A1:XFD1048576"/>'
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'{dimension}<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData></worksheet>'
    )
    assert values(changed(workbook(("a",)), {"xl/worksheets/sheet1.xml": xml.encode()})) == [[7]]
    far = sheet_xml('<row r="999999999"><c><v>1</v></c></row>')
    assert "lebih dari 2.000 baris" in problems(far)[0]


def test_rows_and_columns_count_up_to_the_limit_and_empty_ones_do_not_count():
    limits = Limits(rows=3, columns=2)
    full = workbook(("a", "b"), ("c", "d"), ("e", "f"))
    assert len(read_workbook(full, limits=limits)["Guru"].rows) == 3
    assert "lebih dari 3 baris" in problems(workbook(("a",), ("b",), ("c",), ("d",)), limits)[0]
    assert "di sebelah kanan kolom B" in problems(workbook(("a", "b", "c")), limits)[0]
    formatted = '<row r="1"><c r="A1"><v>1</v></c><c r="Z1" s="0"/></row><row r="5000"><c r="A5000" s="0"/></row>'
    assert values(sheet_xml(formatted)) == [[1]]


def test_a_sheet_of_formatted_emptiness_is_refused():
    empty = sheet_xml('<row r="1"><c r="A1" s="0"/><c r="B1" s="0"/></row>' * 100_001)
    assert problems(empty)[0].startswith("Guru: terlalu banyak sel, juga yang kosong tetapi berformat")


def test_a_bomb_is_refused_before_it_is_unpacked():
    zeros = changed(workbook(("a",)), {"xl/media/nol.bin": b"\x00" * 30_000_000})
    assert len(zeros) < 100_000
    started = time.perf_counter()
    assert "isi berkas terlalu besar (paling besar 20,0 MB setelah dibuka)" in problems(zeros)[0]
    assert time.perf_counter() - started < 1
    dense = changed(workbook(("a",)), {"xl/media/nol.bin": b"\x00" * 9_000_000})
    assert "isi berkas terlalu besar" in problems(dense)[0]


def test_a_part_that_lies_about_its_size_is_not_read_beyond_it():
    data = bytearray(changed(workbook(("a",)), {"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 9_000_000}))
    entry = bytes(data).rindex(b"xl/worksheets/sheet1.xml") - 46
    data[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    assert "rusak" in problems(bytes(data))[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_that_no_spreadsheet_uses_and_that_unpacks_without_limit_is_refused(method):
    out = io.BytesIO(workbook(("a",)))
    with zipfile.ZipFile(out, "a", method) as archive:
        archive.writestr("xl/media/nol.bin", b"\x00" * 1000)
    assert "susunan berkas ini tidak wajar" in problems(out.getvalue())[0]


def test_one_long_text_in_thousands_of_cells_is_refused_quickly():
    cells = '<c t="s"><v>0</v></c>' * 60
    data = shared(f"<si><t>{'panjang' * 700}</t></si>", "</row><row>".join([cells] * 1000))
    started = time.perf_counter()
    assert "Guru: terlalu banyak tulisan (paling banyak 2.000.000 tanda)" in problems(data)[0]
    assert time.perf_counter() - started < 10


def test_workbooks_that_grew_for_years_with_their_styles_and_names_are_read():
    book = workbook(("a", 46000))
    styles = (
        f"<styleSheet><cellStyleXfs>{'<xf/>' * 30_000}</cellStyleXfs>"
        f'<cellXfs><xf/>{"<xf/>" * 30_000}<xf numFmtId="14"/></cellXfs>'
        f"<cellStyles>{'<cellStyle/>' * 30_000}</cellStyles></styleSheet>"
    )
    names = b"</sheets><definedNames>" + b'<definedName name="x">1</definedName>' * 25_000 + b"</definedNames>"
    sheet = part(book, "xl/worksheets/sheet1.xml").replace(b'r="B1"', b'r="B1" s="30001"')
    grown = changed(
        book,
        {
            "xl/styles.xml": styles.encode(),
            "xl/workbook.xml": part(book, "xl/workbook.xml").replace(b"</sheets>", names),
            "xl/worksheets/sheet1.xml": sheet,
        },
    )
    assert read_workbook(grown)["Guru"].rows[0].cell("B").value == datetime(2025, 12, 9)  # noqa: DTZ001


def test_a_file_too_large_and_one_of_too_many_parts_are_refused():
    assert "berkas terlalu besar" in problems(workbook(("a",)), Limits(size=100))[0]
    many = changed(workbook(("a",)), {f"xl/media/{n}.txt": b"" for n in range(600)})
    assert "susunan berkas ini tidak wajar" in problems(many)[0]


def test_deep_nesting_and_one_endless_cell_are_harmless():
    assert "rusak" in problems(sheet_xml("<a>" * 200_000))[0]
    long = sheet_xml(f'<row><c t="inlineStr"><is><t>{"x" * 3_000_000}</t></is></c></row>')
    assert problems(long) == ["Guru!A1: terlalu panjang (paling banyak 5.000 tanda); ringkaskan"]
    spaces = sheet_xml(f'<row><c t="inlineStr"><is><t xml:space="preserve">{" " * 9000}ujung</t></is></c></row>')
    assert "terlalu panjang" in problems(spaces)[0]


def test_more_problems_than_anybody_reads_are_counted():
    found = problems(workbook(*([f"={n}+1"] for n in range(150))))
    assert len(found) == 101
    assert found[-1] == "... dan 50 masalah lain"


# --- cells nobody can mean ------------------------------------------------------------------------------


def test_all_bad_cells_are_named_at_once_in_their_order():
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Guru"
    page["B7"] = "=SUM(B1:B6)"
    page["C7"] = "#REF!"
    page["A3"] = "a"
    page.merge_cells("A3:B3")
    page["AA2"] = "=A1"
    assert problems(saved(book)) == [
        "Guru!AA2: berisi rumus; salin lalu tempel sebagai nilai (Paste Special > Values)",
        "Guru!A3: sel A3:B3 digabung; pilih sel itu, batalkan gabungannya (Unmerge Cells), lalu isi tiap sel",
        "Guru!B7: berisi rumus; salin lalu tempel sebagai nilai (Paste Special > Values)",
        "Guru!C7: berisi galat #REF!; perbaiki isinya atau kosongkan sel ini",
    ]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ('<c r="A1" t="str"><f>B1</f><v>Budi</v></c>', "berisi rumus"),
        ('<c r="A1"><f t="shared" si="0"/></c>', "berisi rumus"),
        ('<c r="A1" t="e"><v>#DIV/0!</v></c>', "berisi galat #DIV/0!"),
        ('<c r="A1" t="inlineStr"><is><t>a_x0007_b</t></is></c>', "tanda yang tidak terlihat"),
        ('<c r="A1" t="inlineStr"><is><t>_xD800_</t></is></c>', "tanda yang tidak terlihat"),
        ('<c r="A1"><v>banyak</v></c>', "angka yang tidak terbaca"),
        ('<c r="A1"><v>nan</v></c>', "angka yang tidak terbaca"),
        ('<c r="A1"><v>1e999</v></c>', "angka yang tidak terbaca"),
        ('<c r="A1" t="d"><v>2026-13-01</v></c>', "tanggal atau angka yang tidak terbaca"),
    ],
)
def test_a_bad_cell_is_named(cell, wanted):
    found = problems(sheet_xml(f'<row r="1">{cell}</row>'))
    assert found[0].startswith("Guru!A1: ")
    assert wanted in found[0]


# --- cells as they were meant ---------------------------------------------------------------------------


def test_untidy_texts_are_tidied():
    rows = values(workbook(("\u00a0 Budi\u00a0Santoso \u200b", "baris\r\nkedua", "\ufeff12"), ("   ", "x")))
    assert rows == [["Budi Santoso", "baris\nkedua", "12"], ["x"]]


def test_rich_texts_phonetic_hints_and_escaped_signs_are_read_as_their_text():
    book = Workbook()
    page = book.worksheets[0]
    page["A1"] = CellRichText("Ibu ", TextBlock(InlineFont(b=True), "Sri"))
    assert values(saved(book), "Sheet") == [["Ibu Sri"]]
    hint = '<c r="A1" t="inlineStr"><is><t>nama</t><rPh><t>bunyi</t></rPh></is></c>'
    assert values(sheet_xml(f"<row>{hint}</row>")) == [["nama"]]
    assert values(sheet_xml('<row><c t="str"><v>a_x000D__x000A_b_x005F_x0041_</v></c></row>')) == [["a\nb_x0041_"]]


def test_shared_texts_are_looked_up_by_their_number():
    strings = (
        "<si><t>tidak dipakai</t></si><si><r><t>Ibu </t></r><r><t>Sri</t></r><rPh><t>x</t></rPh></si><si><t/></si>"
    )
    cells = '<c t="s"><v>1</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c>'
    assert values(shared(strings, cells)) == [["Ibu Sri", "Ibu Sri"]]
    assert "rusak" in problems(shared(strings, '<c t="s"><v>3</v></c>'))[0]
    assert "rusak" in problems(shared("<si>", '<c t="s"><v>0</v></c>'))[0]
    long = f"<si><t>{'x' * 100_000}</t></si>"
    assert problems(shared(long, '<c r="A1" t="s"><v>0</v></c>'))[0].startswith("Guru!A1: terlalu panjang")


def test_numbers_are_exact_and_dates_are_dates():
    cells = "".join(f"<c><v>{text}</v></c>" for text in ("12", "12.0", "4.3499999999999996", "1E3", "-7"))
    assert values(sheet_xml(f"<row>{cells}</row>")) == [[12, 12, Decimal("4.35"), 1000, -7]]
    assert values(sheet_xml('<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>')) == [[True, False]]
    moment = datetime(2026, 7, 13)  # noqa: DTZ001
    assert values(workbook((moment, date(2026, 7, 13)))) == [[moment, moment]]
    old = Workbook()
    old.epoch = MAC_EPOCH
    old.worksheets[0]["A1"] = moment
    assert values(saved(old), "Sheet") == [[moment]]
    assert values(sheet_xml('<row><c t="d"><v>2026-07-13</v></c></row>')) == [[moment]]


def test_cells_without_address_follow_their_neighbours():
    rows = read_workbook(sheet_xml('<row><c><v>1</v></c><c><v>2</v></c></row><row r="4"><c r="C4"><v>3</v></c></row>'))
    assert [
        (cell.row, cell.column, cell.value) for row in rows["Guru"].rows for cell in row.cells.values()
    ] == [(1, "A", 1), (1, "B", 2), (4, "C", 3)]  # fmt: skip


def of(value) -> Cell:
    return Cell("Guru", 7, "C", value)


@pytest.mark.parametrize(
    ("value", "read", "wanted", "message"),
    [
        (None, "text", "", ""),
        ("VII-a", "text", "VII-a", ""),
        (7, "text", "7", ""),
        (197606062003121005, "text", "", "tidak disimpan utuh oleh Excel"),
        (Decimal("7.1"), "text", "", "berisi angka desimal; ubah format sel menjadi Teks"),
        (datetime(2026, 4, 3), "text", "", "berisi tanggal (3 April 2026); ubah format sel menjadi Teks"),  # noqa: DTZ001
        (True, "text", "", "berisi TRUE/FALSE"),
        (None, "whole", None, ""),
        (12, "whole", 12, ""),
        ("12", "whole", 12, ""),
        (Decimal("12.5"), "whole", None, "12,5 bukan bilangan bulat"),
        ("12,5", "whole", None, "12,5 bukan bilangan bulat"),
        ("1.200", "whole", None, "'1.200' bukan angka; tulis angkanya saja"),
        ("dua", "whole", None, "'dua' bukan angka"),
        (10**20, "whole", None, "angka terlalu besar"),
        (False, "whole", None, "berisi TRUE/FALSE; tulis angka"),
        (datetime(2026, 4, 3), "whole", None, "berisi tanggal (3 April 2026); ubah format sel ke Angka"),  # noqa: DTZ001
        ("12,5", "number", Decimal("12.5"), ""),
        (Decimal("0.75"), "number", Decimal("0.75"), ""),
        (None, "number", None, ""),
    ],
)
def test_a_cell_is_read_as_what_its_column_needs(value, read, wanted, message):
    found: list[CellProblem] = []
    assert getattr(of(value), read)(found) == wanted
    assert [str(problem)[:9] for problem in found] == (["Guru!C7: "] if message else [])
    assert message in "".join(map(str, found))


def test_a_choice_is_found_however_it_is_written():
    words = {"daftar periksa": 1, "ya": 2, "tidak": 3}
    found: list[CellProblem] = []
    given = ["Daftar  Periksa", "YA", True, False, None]
    assert [of(value).choice(words, found) for value in given] == [1, 2, 2, 3, None]
    assert found == []
    assert of("mungkin").choice(words, found) is None
    assert str(found[0]) == "Guru!C7: 'mungkin' tidak dikenal; pilih salah satu: daftar periksa, ya, tidak"
    assert of(True).choice({"rubrik": 1}, found) is None
    assert "berisi TRUE/FALSE" in str(found[1])


def test_columns_are_found_by_their_titles_in_any_order():
    table = read_workbook(workbook(("JUMLAH\nmurid", "Nama"), (3, "Budi")))["Guru"]
    found: list[CellProblem] = []
    letters = table.columns(["Nama", "Jumlah murid", "Catatan"], found, optional=["Catatan"])
    assert (letters, found) == ({"Jumlah murid": "A", "Nama": "B"}, [])
    row = table.below()[0]
    assert (row.number, row.cell("B").text(found), row.cell("Z").empty) == (2, "Budi", True)
    assert row.cell("Z").problem("x") == CellProblem("Guru", 2, "Z", "x")


def test_missing_unknown_and_repeated_titles_are_named():
    table = read_workbook(workbook(("Nama", "nama", "Umur")))["Guru"]
    found: list[CellProblem] = []
    table.columns(["Nama", "Jumlah"], found)
    assert [str(problem) for problem in found] == [
        "Guru!B1: kolom 'Nama' sudah ada di A1; hapus salah satu",
        "Guru!C1: kolom 'Umur' tidak dikenal; periksa ejaannya atau hapus kolom ini",
        "Guru: baris 1 belum memuat judul kolom 'Jumlah'; pakai judul seperti dalam templat",
    ]


# --- which sheets ---------------------------------------------------------------------------------------


def three_sheets() -> bytes:
    book = Workbook()
    book.worksheets[0].title = "Guru"
    book.worksheets[0]["A1"] = "a"
    book.create_sheet("Coretan")["A1"] = "=1+1"
    hidden = book.create_sheet("Arsip")
    hidden["A1"] = "lama"
    hidden.sheet_state = "hidden"
    return saved(book)


def test_only_the_sheets_asked_for_are_read_and_hidden_ones_never():
    assert list(read_workbook(three_sheets(), sheets=["guru"])) == ["guru"]
    assert problems(three_sheets())[0].startswith("Coretan!A1: berisi rumus")
    assert problems(three_sheets(), sheets=["Guru", "Arsip", "Murid"]) == [
        "Arsip: lembar ini disembunyikan; tampilkan dulu (Unhide) dan periksa isinya",
        "Murid: lembar ini tidak ada (yang ada: 'Guru', 'Coretan'); pakai nama lembar seperti dalam templat",
    ]


def test_too_many_sheets_are_refused_and_chart_sheets_passed_over():
    book = Workbook()
    book.create_chartsheet("Grafik")
    assert list(read_workbook(saved(book))) == ["Sheet"]
    book.create_sheet("Dua")
    assert problems(saved(book), Limits(sheets=1)) == ["lebih dari 1 lembar; hapus lembar yang tidak perlu"]


# --- writing --------------------------------------------------------------------------------------------

SHEET = Sheet(
    name="Guru",
    columns=(
        Column(title="Kode", width=10, locked=True),
        Column(title="Jenis", choices=("ya", 'kata "lain"')),
        Column(title="Jumlah", number=True),
    ),
    rows=[("7.10", "ya", 3), ("3/4", None, Decimal("1.5")), ("=1+1", "-x", None)],
    spare=5,
    freeze="B2",
)


def test_the_same_content_gives_the_same_bytes():
    first = write_workbook([SHEET])
    time.sleep(1.1)  # a second later: the time of a save has no finer grain
    assert write_workbook([SHEET]) == first


def test_a_written_sheet_has_titles_widths_lists_protection_and_frozen_panes():
    page = load_workbook(io.BytesIO(write_workbook([SHEET])))["Guru"]
    assert [cell.value for cell in page[1]] == ["Kode", "Jenis", "Jumlah"]
    assert page["A1"].font.bold
    assert page.column_dimensions["A"].width == 10
    assert page.freeze_panes == "B2"
    assert page.protection.sheet
    assert [page[place].protection.locked for place in ("A2", "B2", "A1", "B1")] == [True, False, True, True]
    assert not page.column_dimensions["B"].protection.locked  # the spare rows below
    rule = page.data_validations.dataValidation[0]
    assert (rule.formula1, str(rule.sqref)) == ('"ya,kata ""lain"""', "B2:B9")
    assert (page["A2"].number_format, page["C2"].number_format) == ("@", "General")
    assert page.column_dimensions["A"].number_format == "@"


def test_no_text_becomes_a_formula():
    texts = ["=1+1", "+62811", "-", "@SUM(A1)", "#REF!", "{=A1}", "'x"]
    data = write_workbook([Sheet(name="Guru", columns=(Column(title="Nama"),), rows=[(text,) for text in texts])])
    assert [row[0] for row in values(data)] == ["Nama", *texts]
    page = load_workbook(io.BytesIO(data))["Guru"]
    assert {cell.data_type for cell in page["A"]} == {"s"}
    assert page["A2"].quotePrefix


@pytest.mark.parametrize(
    ("column", "row", "message"),
    [
        (Column(title="a"), ("x" * 32_768,), "a cell holds 32767"),
        (Column(title="a"), ("x", "y"), "zip"),
        (Column(title="a", choices=("x" * 256,)), ("x",), "do not fit into a list"),
        (Column(title="a", choices=("satu, dua",)), ("x",), "do not fit into a list"),
    ],
)
def test_what_a_sheet_cannot_hold_is_refused_while_writing(column, row, message):
    with pytest.raises(ValueError, match=message):
        write_workbook([Sheet(name="Guru", columns=(column,), rows=[row])])


anything = st.text(max_size=60) | st.sampled_from(
    ["_x0041_", "_x0000_x0020_", "_x005F_x0041_", "=A1", "\u00a0", "a\r\nb", "\x07", "x_x000D_"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(anything, st.integers(-(10**14), 10**14)), max_size=6))
def test_texts_and_whole_numbers_come_back_as_they_were_written(rows):
    columns = (Column(title="Teks"), Column(title="Angka", number=True))
    table = read_workbook(write_workbook([Sheet(name="Guru", columns=columns, rows=rows)]))["Guru"]
    found: list[CellProblem] = []
    back = [(row.cell("A").text(found), row.cell("B").whole(found)) for row in table.below()]
    assert (back, found) == ([(plain_text(text), number) for text, number in rows], [])


@given(st.text())
def test_a_plain_text_stays_as_it_is(text):
    assert plain_text(plain_text(text)) == plain_text(text)
