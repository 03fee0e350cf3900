"""Reading an uploaded workbook without trusting it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from posixpath import join, normpath, split

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from common.formats import format_bytes, format_decimal
from common.texts import visible_text, without_control
from common.xlsx.tables import (
    DEFAULT_LIMITS,
    MAX_PROBLEMS,
    Cell,
    CellProblem,
    Limits,
    Row,
    Table,
    Value,
    WorkbookError,
    refused,
    short,
)

SAVE_AS = "buka di Excel, LibreOffice, atau Google Sheets lalu simpan sebagai Excel (.xlsx)"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how the format writes signs that XML cannot hold
_DAMAGED = f"berkas Excel ini rusak dan tidak terbaca; {SAVE_AS}, lalu unggah lagi"
_MACROS = "berkas ini berisi makro (.xlsm); simpan sebagai Excel Workbook (.xlsx) tanpa makro, lalu unggah lagi"
_MACRO_KINDS = ("macroenabled", "vbaproject", "macrosheet")  # in the types that a workbook declares for its parts
_COORDINATE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ZIP_TROUBLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
_XML_TROUBLE = (ParseError, DefusedXmlException, ValueError, LookupError)  # the last two: strange encodings


class _Enough(Exception):
    """The rest of this part is not needed."""


class _Target:
    """Receives the events of one XML part; names come without namespace."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.opened(tag.rpartition("}")[2], attributes)

    def end(self, tag: str) -> None:
        self.closed(tag.rpartition("}")[2])

    def data(self, text: str) -> None:
        """Text between the tags."""

    def close(self) -> None:
        """The parser calls this at the end."""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, name: str) -> None:
        """An element ends."""


class _Elements(_Target):
    """The elements *names* of a small part in a row, up to *most*."""

    def __init__(self, names: Collection[str], most: int = 20_000) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self.names, self.most = names, most

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name not in self.names:
            return
        if len(self.found) >= self.most:
            raise refused(_DAMAGED)
        self.found.append((name, attributes))


class _Styles(_Target):
    """Which cell styles show a date or a time, by number; old workbooks carry tens of thousands of styles."""

    def __init__(self) -> None:
        self.formats = dict(BUILTIN_FORMATS)
        self.dated: set[int] = set()
        self.number, self.inside = 0, False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self.formats[int(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")[:200]
        elif name == "cellXfs":
            self.inside = True
        elif name == "xf" and self.inside:
            if is_date_format(self.formats.get(int(attributes.get("numFmtId", "0")), "General")):
                self.dated.add(self.number)
            self.number += 1

    def closed(self, name: str) -> None:
        if name == "cellXfs":
            self.inside = False


class _Strings(_Target):
    """The shared strings that are wanted, by number."""

    def __init__(self, wanted: set[int], most: int) -> None:
        self.texts: dict[int, str] = {}
        self.wanted, self.most = wanted, most
        self.number, self.length, self.phonetic, self.inside = -1, 0, 0, False
        self.parts: list[str] = []

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.number += 1
            self.parts, self.length = [], 0
        elif name == "rPh":
            self.phonetic += 1
        elif name == "t":
            self.inside = self.phonetic == 0 and self.number in self.wanted

    def data(self, text: str) -> None:
        if self.inside and self.length <= self.most:
            self.parts.append(text)
            self.length += len(text)

    def closed(self, name: str) -> None:
        if name == "t":
            self.inside = False
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "si" and self.number in self.wanted:
            self.texts[self.number] = "".join(self.parts)
            if len(self.texts) == len(self.wanted):
                raise _Enough


@dataclass(slots=True)
class _Raw:
    """A cell as it stands in the part, before shared strings and dates are looked up."""

    row: int
    column: str
    kind: str
    style: int
    text: str
    formula: bool


class _Sheet(_Target):
    """The cells of one sheet; stops at the first cell beyond the limits."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.cells: list[_Raw] = []
        self.problems: list[CellProblem] = []
        self.row = self.column = self.length = self.seen = 0
        self.cell: _Raw | None = None
        self.inside, self.phonetic = False, 0
        self.parts: list[str] = []

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            if self.row < 1:
                raise refused(_DAMAGED)
        elif name == "c":
            self._open_cell(attributes)
        elif name == "rPh":
            self.phonetic += 1
        elif name in ("v", "t"):
            self.inside = self.phonetic == 0
        elif name == "f" and self.cell:
            self.cell.formula = True
        elif name == "mergeCell" and len(self.problems) <= MAX_PROBLEMS:
            self._merged(attributes.get("ref", ""))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self.seen += 1
        if self.seen > self.limits.cells:
            message = "terlalu banyak sel, juga yang kosong tetapi berformat; salin tabelnya saja ke lembar baru"
            raise refused(message, self.name)
        self.column += 1
        letters = ""
        if coordinate := attributes.get("r"):
            if (match := _COORDINATE.fullmatch(coordinate)) is None:
                raise refused(_DAMAGED)
            letters, self.row = match[1], int(match[2])
            self.column = column_index_from_string(letters)
        kind, style = attributes.get("t", "n"), int(attributes.get("s", 0))
        self.cell = _Raw(self.row, letters or get_column_letter(self.column), kind, style, "", False)
        self.parts, self.length = [], 0

    def data(self, text: str) -> None:
        if self.inside and self.cell and self.length <= self.limits.text:
            self.parts.append(text)
            self.length += len(text)

    def closed(self, name: str) -> None:
        if name in ("v", "t"):
            self.inside = False
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "c" and self.cell:
            self.cell.text = "".join(self.parts)
            if self.cell.text or self.cell.formula:
                self._keep(self.cell)
            self.cell = None

    def _keep(self, cell: _Raw) -> None:
        if self.row > self.limits.rows:
            most = format_decimal(self.limits.rows)
            raise refused(
                f"lebih dari {most} baris; bagi menjadi beberapa berkas, atau hapus isi di bawah baris {most}",
                self.name,
            )
        if self.column > self.limits.columns:
            most = get_column_letter(self.limits.columns)
            raise refused(f"ada isi di sebelah kanan kolom {most}; hapus kolom yang tidak perlu", self.name)
        self.cells.append(cell)

    def _merged(self, area: str) -> None:
        match = _COORDINATE.match(area)
        message = f"sel {area} digabung; pilih sel itu, batalkan gabungannya (Unmerge Cells), lalu isi tiap sel"
        self.problems.append(CellProblem(self.name, int(match[2]) if match else 0, match[1] if match else "", message))


class _Package:
    """The parts of an opened workbook; a name in other letters than its reference is found too."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.casefold(): name for name in archive.namelist()}

    def feed(self, name: str, target: _Target) -> None:
        """Stream one part through *target*. Raises WorkbookError for a missing or damaged one."""
        if (found := self.names.get(name.casefold())) is None:
            raise refused(_DAMAGED)
        parser = XMLParser(target=target, forbid_dtd=True)
        try:
            with self.archive.open(found) as part:
                while block := part.read(64 * 1024):
                    parser.feed(block)
            parser.close()
        except _Enough:
            return
        except (*_ZIP_TROUBLE, *_XML_TROUBLE):
            raise refused(_DAMAGED) from None

    def elements(self, name: str, *names: str) -> list[tuple[str, dict[str, str]]]:
        target = _Elements(names)
        self.feed(name, target)
        return target.found

    def relations(self, source: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: id -> (kind, name of the part)."""
        folder, name = split(source)
        found = {}
        for _, attributes in self.elements(join(folder, "_rels", f"{name}.rels"), "Relationship"):
            if attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = target[1:] if target.startswith("/") else normpath(join(folder, target))
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)
        return found


def _no_workbook(data: bytes) -> str:
    """What somebody uploaded that is no workbook, and what to do about it."""
    head = data[:1024].lstrip()
    if not data.strip():
        return "berkas kosong; pilih berkas Excel (.xlsx) yang sudah diisi"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):  # the container of old Office files
        if "EncryptedPackage".encode("utf-16-le") in data:
            return "berkas ini dikunci dengan kata sandi; hapus kata sandinya di Excel, simpan, lalu unggah lagi"
        return f"ini berkas Excel lama (.xls); {SAVE_AS}"
    if head.startswith(b"%PDF"):
        return "ini berkas PDF; unggah tabel Excel (.xlsx) yang menjadi asalnya"
    if head[:1] == b"<":
        return f"ini halaman web atau XML yang dinamai Excel; {SAVE_AS}"
    try:
        text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "ignore")
    except UnicodeError:
        text = "\x00"
    if text and all(sign.isprintable() or sign in "\r\n\t" for sign in text):
        return f"ini berkas teks atau CSV; {SAVE_AS}"
    return f"ini bukan berkas Excel (.xlsx); {SAVE_AS}"


def _opened(data: bytes, limits: Limits) -> _Package:
    """The archive, once its size, its parts and its kind are harmless."""
    if len(data) > limits.size:
        raise refused(
            f"berkas terlalu besar ({format_bytes(len(data))}, paling besar {format_bytes(limits.size)}); hapus gambar "
            "dan lembar yang tidak perlu"
        )
    if not data.startswith(b"PK"):
        raise refused(_no_workbook(data))
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*_ZIP_TROUBLE, ValueError):
        raise refused(_DAMAGED) from None
    parts = archive.infolist()
    names = [part.filename.casefold() for part in parts]
    unpacked = sum(part.file_size for part in parts)  # reading never goes beyond what a part says of itself
    if any(part.flag_bits & 1 for part in parts):
        raise refused("berkas ini dikunci dengan kata sandi; hapus kata sandinya, simpan, lalu unggah lagi")
    if unpacked > limits.unpacked or (unpacked > limits.size and unpacked > limits.ratio * len(data)):
        raise refused(
            f"isi berkas terlalu besar (paling besar {format_bytes(limits.unpacked)} setelah dibuka); salin tabelnya "
            "saja ke berkas baru, tanpa baris dan kolom kosong di sekelilingnya"
        )
    # Whatever writes workbooks packs with deflate; zipfile unpacks the other methods beyond what a part says of itself.
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise refused(f"susunan berkas ini tidak wajar; {SAVE_AS}")
    if len(parts) > limits.parts or len(set(names)) != len(names):
        raise refused(f"susunan berkas ini tidak wajar; {SAVE_AS}")
    if "mimetype" in names and not any(name.startswith("xl/") for name in names):
        raise refused(f"ini berkas OpenDocument (.ods); {SAVE_AS}")
    if "xl/workbook.bin" in names:
        raise refused(f"ini berkas Excel biner (.xlsb); {SAVE_AS}")
    if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise refused(f"ini bukan berkas Excel (.xlsx); {SAVE_AS}")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise refused(_MACROS)
    if any(name.startswith("xl/externallinks/") for name in names):
        raise refused(
            "berkas ini bertaut ke berkas lain; putuskan tautannya (Data > Edit Links > Break Link), simpan, lalu "
            "unggah lagi"
        )
    package = _Package(archive)
    for _, attributes in package.elements("[Content_Types].xml", "Default", "Override"):
        kind = attributes.get("ContentType", "").casefold()
        if any(sign in kind for sign in _MACRO_KINDS):
            raise refused(_MACROS)
    return package


def _dates(package: _Package, part: str | None) -> frozenset[int]:
    """Numbers of the cell styles that show a date or a time."""
    if part is None:
        return frozenset()
    styles = _Styles()
    package.feed(part, styles)
    return frozenset(styles.dated)


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refused(_DAMAGED) from None


@dataclass(slots=True)
class _Reader:
    """Turns raw cells into values."""

    limits: Limits
    strings: Mapping[int, str]
    dates: frozenset[int]
    epoch: datetime
    problems: list[CellProblem] = field(default_factory=list)
    signs: int = 0  # of all texts so far

    def table(self, sheet: str, raw: Iterable[_Raw]) -> Table:
        rows: dict[int, dict[str, Cell]] = {}
        for one in raw:
            cell = Cell(sheet, one.row, one.column, self._value(sheet, one))
            if not cell.empty:
                rows.setdefault(one.row, {})[one.column] = cell
        return Table(sheet, tuple(Row(sheet, number, rows[number]) for number in sorted(rows)))

    def _value(self, sheet: str, one: _Raw) -> Value:
        message = ""
        if one.formula:
            message = "berisi rumus; salin lalu tempel sebagai nilai (Paste Special > Values)"
        elif one.kind == "e":
            message = f"berisi galat {short(one.text)}; perbaiki isinya atau kosongkan sel ini"
        elif one.kind in ("s", "str", "inlineStr"):
            whole = self.strings[_int(one.text)] if one.kind == "s" else one.text
            self.signs += len(whole)  # thousands of cells may name one long shared text
            if self.signs > self.limits.signs:
                most = format_decimal(self.limits.signs)
                message = f"terlalu banyak tulisan (paling banyak {most} tanda); bagi menjadi beberapa berkas"
                raise refused(message, sheet)
            text = visible_text(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), whole))
            if len(whole) > self.limits.text:  # not all of it was collected
                message = f"terlalu panjang (paling banyak {format_decimal(self.limits.text)} tanda); ringkaskan"
            elif without_control(text) != text:
                message = "berisi tanda yang tidak terlihat dan tidak dapat disimpan; hapus isinya lalu ketik ulang"
            else:
                return text or None
        elif one.kind == "b":
            return one.text.strip() == "1"
        else:
            try:
                return self._number(one)
            except (ValueError, OverflowError, InvalidOperation):
                message = "berisi tanggal atau angka yang tidak terbaca; hapus isinya lalu ketik ulang"
        self.problems.append(CellProblem(sheet, one.row, one.column, message))
        return None

    def _number(self, one: _Raw) -> Value:
        if one.kind == "d":
            return datetime.fromisoformat(one.text)
        double = float(one.text)
        if one.style in self.dates:
            return from_excel(double, self.epoch)
        number = Decimal(repr(double))  # 4.35 as it was typed, not the 4.3499999999999996 of the file
        if not number.is_finite():
            raise ValueError(one.text)
        return int(number) if number == number.to_integral_value() else number


def _sheets(package: _Package) -> tuple[list[tuple[str, str, bool]], dict[str, str], datetime]:
    """([(sheet, part, hidden)], other parts by kind, first day of the calendar)."""
    main = next((path for kind, path in package.relations("").values() if kind == "officeDocument"), "")
    relations = package.relations(main)
    epoch, sheets = WINDOWS_EPOCH, []
    for name, attributes in package.elements(main, "workbookPr", "sheet"):
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch = MAC_EPOCH
        elif name == "sheet":
            key = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            kind, part = relations.get(key, ("", ""))
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((visible_text(attributes.get("name", "")), part, hidden))
    return sheets, dict(relations.values()), epoch


def _chosen(found: list[tuple[str, str, bool]], wanted: Sequence[str] | None, limits: Limits) -> list[tuple[str, str]]:
    """Name and part of the sheets to read, by the caller's names for them."""
    visible = {name.casefold(): (name, part) for name, part, hidden in found if not hidden}
    if wanted is None:
        if len(visible) > limits.sheets:
            raise refused(f"lebih dari {limits.sheets} lembar; hapus lembar yang tidak perlu")
        return list(visible.values())
    hidden_names = {name.casefold() for name, _, hidden in found if hidden}
    problems, chosen = [], []
    for name in wanted:
        if name.casefold() in visible:
            chosen.append((name, visible[name.casefold()][1]))
        elif name.casefold() in hidden_names:
            problems.append(
                CellProblem(name, 0, "", "lembar ini disembunyikan; tampilkan dulu (Unhide) dan periksa isinya")
            )
        else:
            there = ", ".join(f"'{visible_name}'" for visible_name, _ in visible.values()) or "tidak satu pun"
            message = f"lembar ini tidak ada (yang ada: {short(there)}); pakai nama lembar seperti dalam templat"
            problems.append(CellProblem(name, 0, "", message))
    if problems:
        raise WorkbookError(problems)
    return chosen


def read_workbook(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, sheets: Sequence[str] | None = None
) -> dict[str, Table]:
    """The tables of an uploaded workbook by sheet, in the order of *sheets* (all visible ones when None).

    Raises WorkbookError with every problem of the wanted sheets: not a workbook, locked, with macros or links, too
    large, damaged, a sheet that is missing or hidden, formulas, merged cells, error values, control characters.
    """
    package = _opened(data, limits)
    with package.archive:
        found, parts, epoch = _sheets(package)
        problems: list[CellProblem] = []
        targets: list[_Sheet] = []
        for name, part in _chosen(found, sheets, limits):
            target = _Sheet(name, limits)
            package.feed(part, target)
            problems += target.problems
            targets.append(target)
        wanted = {
            _int(cell.text) for target in targets for cell in target.cells if cell.kind == "s" and not cell.formula
        }
        strings = _Strings(wanted, limits.text)
        if wanted:
            package.feed(parts.get("sharedStrings", ""), strings)
        if len(strings.texts) < len(wanted):
            raise refused(_DAMAGED)
        reader = _Reader(limits, strings.texts, _dates(package, parts.get("styles")), epoch, problems)
        tables = {target.name: reader.table(target.name, target.cells) for target in targets}
    if problems:
        raise WorkbookError(sorted(problems, key=_place))
    return tables


def _place(problem: CellProblem) -> tuple[str, int, int]:
    return problem.sheet, problem.row, column_index_from_string(problem.column) if problem.column else 0
