"""Data pokok as a spreadsheet: the template with the present values, and what somebody wrote into it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common import xlsx
from schools.academic_year import AcademicYear
from schools.basic_data import NO, YES, Cell, CellValue, FormSheet, Kind, Values, parse_cell

PAGE = "Data pokok"
HELP_PAGE = "Petunjuk"
CODE, PART, ASKED, VALUE, UNIT, WHERE = "Kode", "Bagian", "Yang diisi", "Isian", "Satuan", "Di mana angkanya"
NPSN, YEAR = "npsn", "tahun_pelajaran"
ROWS = 500  # read at most; the longest sheet has some 150
_WANTED: dict[Kind, str] = {"number": "", "area": "", "yesno": f"{YES} atau {NO}", "text": "tulisan"}
_HELP = (
    "Isi kolom Isian saja, lalu unggah berkas ini di halaman Data pokok. Sebelum disimpan, perubahannya ditampilkan.",
    f"Angka: bilangan bulat, misalnya 45 atau 1.250. Ya/tidak: tulis {YES} atau {NO}.",
    "Sel kosong tidak mengubah apa-apa: isian lama tetap ada sampai Anda memilih mengosongkannya saat mengunggah.",
    "Kosong berarti belum diketahui; 0 berarti memang tidak ada.",
    "Tulis jumlah saja. Nama, nomor induk, dan data pribadi tidak ditulis di berkas ini.",
    "Jangan mengubah kolom Kode, menggabungkan sel, atau memakai rumus. Baris yang tidak diisi boleh dibiarkan.",
)


def write_template(sheet: FormSheet, values: Values, *, npsn: str, school: str, year: AcademicYear) -> bytes:
    """The workbook that people fill in: one row per cell, the present values in it, everything else protected."""
    columns = (
        xlsx.Column(title=CODE, width=24, locked=True),
        xlsx.Column(title=PART, width=28, locked=True),
        xlsx.Column(title=ASKED, width=52, locked=True),
        xlsx.Column(title=VALUE, width=18),
        xlsx.Column(title=UNIT, width=16, locked=True),
        xlsx.Column(title=WHERE, width=70, locked=True),
    )
    rows: list[tuple[str | int | Decimal | None, ...]] = [
        (NPSN, "Berkas ini", "NPSN", npsn, "", f"Berkas ini untuk {school}."),
        (YEAR, "Berkas ini", "Tahun pelajaran", str(year), "", "Data pokok disimpan per tahun pelajaran."),
    ]
    for group in sheet.groups:
        for cell in group.cells:
            value = values.get(cell.code)
            written = (YES if value else NO) if isinstance(value, bool) else value
            rows.append((cell.code, group.title, cell.name, written, _WANTED[cell.kind] or cell.unit, cell.help))
    help_rows = [(line,) for line in _HELP]
    return xlsx.write_workbook(
        [
            xlsx.Sheet(name=PAGE, columns=columns, rows=rows, freeze="D2"),
            xlsx.Sheet(
                name=HELP_PAGE, columns=(xlsx.Column(title="Cara mengisi", width=110, locked=True),), rows=help_rows
            ),
        ]
    )


@dataclass(frozen=True)
class Uploaded:
    """What an uploaded workbook says: values, cells left empty, and where each code stands."""

    values: dict[str, CellValue]
    blank: tuple[str, ...]
    places: dict[str, xlsx.Cell]


def read_upload(data: bytes, sheet: FormSheet, *, npsn: str, year: AcademicYear) -> Uploaded:
    """Read a filled template. Raises common.xlsx.WorkbookError with every problem and its sheet, row and column."""
    table = xlsx.read_workbook(data, sheets=[PAGE], limits=xlsx.Limits(rows=ROWS))[PAGE]
    problems: list[xlsx.CellProblem] = []
    columns = table.columns([CODE, PART, ASKED, VALUE, UNIT, WHERE], problems, optional=[PART, ASKED, UNIT, WHERE])
    if CODE not in columns or VALUE not in columns:
        raise xlsx.WorkbookError(problems)
    places: dict[str, xlsx.Cell] = {}
    for row in table.below():
        named, written = row.cell(columns[CODE]), row.cell(columns[VALUE])
        code = named.text(problems).strip().lower()
        if not code:
            if not written.empty:
                problems.append(named.problem("isian ini tanpa kode; salin kembali kodenya dari templat"))
        elif code in places:
            problems.append(named.problem(f"kode {code} sudah ada di baris {places[code].row}; hapus salah satu baris"))
        elif code not in sheet.cells and code not in (NPSN, YEAR):
            problems.append(
                named.problem(f"kode '{code[:40]}' tidak dikenal; unduh templat baru, lalu salin isiannya ke sana")
            )
        else:
            places[code] = written
    problems += _other_owner(places, table, npsn=npsn, year=year)
    values: dict[str, CellValue] = {}
    blank = []
    for code, place in places.items():
        if (cell := sheet.cells.get(code)) is None:
            continue
        try:
            value = parse_cell(cell, _plain(cell, place))
        except ValueError as error:
            problems.append(place.problem(f"{cell.name}: {error}"))
        else:
            if value is None:
                blank.append(code)
            else:
                values[code] = value
    if problems:
        raise xlsx.WorkbookError(problems)
    return Uploaded(values, tuple(blank), places)


def _plain(cell: Cell, place: xlsx.Cell) -> object:
    """What stands in the cell, for parse_cell: a name that looks like a number is still a name."""
    value = place.value
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if cell.kind == "text" and isinstance(value, int) else value


def _other_owner(
    places: dict[str, xlsx.Cell], table: xlsx.Table, *, npsn: str, year: AcademicYear
) -> list[xlsx.CellProblem]:
    """A file of another school or year is refused as a whole, however well it is filled."""
    problems: list[xlsx.CellProblem] = []
    for code, wanted, name in ((NPSN, npsn, "NPSN"), (YEAR, str(year), "tahun pelajaran")):
        if (place := places.get(code)) is None:
            message = f"baris {code} tidak ada, sehingga tidak jelas untuk siapa berkas ini; pakai templat sekolah"
            problems.append(xlsx.CellProblem(table.sheet, 0, "", message))
        elif (found := place.text(problems).strip()) != wanted:
            problems.append(place.problem(f"berkas ini untuk {name} '{found[:20]}', sedangkan halaman ini {wanted}"))
    return problems
