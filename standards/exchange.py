"""A whole own instrument as one YAML file or one XLSX workbook, and back.

Both go through the same validation (standards.own). A file is taken over whole or not at all; every problem is
named with line and field (YAML, DataFileError) or with sheet, row and column (XLSX, WorkbookError). What is written
by one side reads back as the same instrument by both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import yaml

from common.formats import format_bytes
from common.xlsx import (
    Cell,
    CellProblem,
    Column,
    Limits,
    Row,
    Sheet,
    Table,
    WorkbookError,
    read_workbook,
    write_workbook,
)
from common.yamlfile import DataFileError, Problem, parse_yaml
from standards.catalogue import DATA_DIR, Catalogue
from standards.instruments import InstrumentSpec
from standards.items import Answerer, Form, ItemSpec
from standards.own import LABELS, MAX_ITEMS, MAX_LIST, MAX_TOGETHER, SCORING, Fault, Place, validate

TEMPLATE = DATA_DIR / "own-instrument.yaml"
YAML_SIZE = 1024 * 1024
LIMITS = Limits(rows=1 + MAX_ITEMS * MAX_LIST, columns=60, text=MAX_TOGETHER * 2 + MAX_LIST)

# Words of the cells for the choices of the model.
KINDS = {"rubrik": "rubric", "rasio": "ratio", "ya/tidak": "yesno", "daftar periksa": "checklist"}
DIMENSIONS = {"masukan": "input", "proses": "process", "hasil": "output"}
ANSWERERS = {word: word for word in get_args(Answerer)}
GATHERING = {word: word for word in ("dokumen", "observasi", "wawancara", "angket")}
FORMS = {form.casefold(): form for form in get_args(Form)}
YES_NO = {"ya": True, "tidak": False}

# Names of the model in messages for people who see a table or a form instead.
WORDS = {
    "levels": "level",
    "bands": "batas level",
    "cap": "nilai tertinggi tanpa hal wajib",
    "points": "hal daftar periksa",
    "ratio": "hitungan, dari, dan satuan",
    "answered_by": "dijawab oleh",
    "not_by": "tidak dijawab oleh",
    "jenis ratio": "jenis rasio",
    "jenis rubric": "jenis rubrik",
    "jenis yesno": "jenis ya/tidak",
    "jenis checklist": "jenis daftar periksa",
}
_WORD = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(WORDS, key=len, reverse=True)))


def in_words(message: str) -> str:
    """A message of the model with the words of tables and forms instead of the names of fields."""
    return _WORD.sub(lambda match: WORDS[match[0]], message.replace(" (must)", ""))


# --- YAML -------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def to_yaml(spec: InstrumentSpec) -> str:
    """The instrument as one YAML file. Raises ValueError for one that is no own instrument below the SNP."""
    return yaml.dump(_content(spec), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def from_yaml(
    content: bytes, catalogue: Catalogue, bases: Collection[str], *, name: str = "instrumen.yaml"
) -> InstrumentSpec:
    """The instrument of one YAML file, called *name* in messages. Raises DataFileError with every problem.

    *bases* are the keys of the legal bases that a question may name.
    """
    path = Path(name)
    if len(content) > YAML_SIZE:
        message = f"berkas terlalu besar ({format_bytes(len(content))}, paling besar {format_bytes(YAML_SIZE)})"
        raise DataFileError([Problem(path.name, 0, "", message)])
    document = parse_yaml(content, path)
    spec, found = validate(document.data, catalogue, bases)
    if spec is None:
        raise DataFileError(sorted((document.problem(*fault) for fault in found), key=lambda problem: problem.line))
    return spec


def template_yaml() -> str:
    """A file to start from, with one question of every kind and with explanations."""
    return TEMPLATE.read_text("utf-8")


def _content(spec: InstrumentSpec) -> dict[str, Any]:
    """What a file says of an instrument: nothing that follows by itself or was left out."""
    if spec.scoring != SCORING or spec.origin != "own" or spec.tree or spec.scopes:
        raise ValueError(f"{spec.instrument} {spec.version} is no own instrument below the SNP")
    data = spec.model_dump(mode="json", exclude={"origin", "scoring", "items"}, exclude_defaults=True)
    if spec.labels == LABELS:
        del data["labels"]
    data["items"] = [_item_content(item) for item in spec.items]
    return data


def _item_content(item: ItemSpec) -> dict[str, Any]:
    data = item.model_dump(mode="json", exclude_defaults=True)
    for name in ("levels", "bands"):
        if name in data:
            data[name] = {int(level): data[name][level] for level in sorted(data[name], reverse=True)}
    return data


# --- XLSX: the layout --------------------------------------------------------------------------------

HEADER, QUESTIONS, POINTS, GUIDE = "Instrumen", "Pertanyaan", "Hal daftar periksa", "Petunjuk"
FIELD, VALUE, MEANING = "isian", "nilai", "penjelasan"

# isian -> (place in the instrument, penjelasan)
HEADER_ROWS: dict[str, tuple[Place, str]] = {
    "nama instrumen": (("title",), "Nama seperti dibaca orang."),
    "kode instrumen": (("instrument",), "Huruf kecil, angka, dan tanda hubung; misalnya sdn-1-literasi."),
    "versi": (("version",), "Tahun, titik, nomor; misalnya 2026.1. Versi yang sudah terbit tidak berubah lagi."),
    "sumber": (("source",), "Dari mana pertanyaan ini: siapa menyusunnya, rapat apa, atau naskah apa."),
    "catatan": (("note",), "Boleh kosong."),
    "bentuk pendidikan": (("forms",), f"Siapa yang ditanya, dipisah koma: {', '.join(FORMS.values())}."),
    "sebutan standar": (("labels", "standard"), "Biasanya: standar."),
    "sebutan indikator": (("labels", "indicator"), "Biasanya: indikator."),
    "sebutan subindikator": (("labels", "subindicator"), "Biasanya: subindikator."),
    "sebutan pertanyaan": (("labels", "item"), "Biasanya: pertanyaan."),
}
MAY_BE_EMPTY = "catatan"

Read = Callable[[Cell, list[CellProblem]], Any]


def _one(words: Mapping[str, Any]) -> Read:
    return lambda cell, problems: cell.choice(words, problems)


def _several(words: Mapping[str, str]) -> Read:
    """Words with commas between them."""

    def read(cell: Cell, problems: list[CellProblem]) -> list[str] | None:
        found = []
        for word in re.split(r"[,;\n]", cell.text(problems)):
            if word.strip():
                found.append(Cell(cell.sheet, cell.row, cell.column, word).choice(words, problems))
        return [word for word in found if word is not None] or None

    return read


def _lines(cell: Cell, problems: list[CellProblem]) -> list[str] | None:
    return [line.strip() for line in cell.text(problems).split("\n") if line.strip()] or None


def _reasons(cell: Cell, problems: list[CellProblem]) -> list[dict[str, str]] | None:
    found = []
    for line in _lines(cell, problems) or ():
        code, colon, text = line.partition(":")
        if not colon:
            message = f"'{line[:40]}': tulis kode, titik dua, lalu alasan; misalnya tanpa-komite: Komite belum dibentuk"
            problems.append(cell.problem(message))
        found.append({"code": code.strip(), "text": text.strip()})
    return found or None


def _fraction(cell: Cell, problems: list[CellProblem]) -> str | None:
    """3/4, 0,75, or the number 0.75; the model says what is no fraction."""
    if isinstance(cell.value, int | Decimal) and not isinstance(cell.value, bool):
        return f"{cell.value:f}" if isinstance(cell.value, Decimal) else str(cell.value)
    return cell.text(problems).replace(",", ".") or None


def _plain(cell: Cell, problems: list[CellProblem]) -> str | None:
    return cell.text(problems) or None


# kolom -> (place in the question, how its cell is read, width, choices offered)
COLUMNS: dict[str, tuple[Place, Read, int, tuple[str, ...]]] = {
    "kode": (("code",), _plain, 12, ()),
    "di bawah": ((), _plain, 12, ()),
    "jenis": (("kind",), _one(KINDS), 16, tuple(KINDS)),
    "pertanyaan": (("question",), _plain, 50, ()),
    **{f"level {level}": (("levels", level), _plain, 40, ()) for level in (4, 3, 2, 1)},
    "hitungan": (("ratio", "count"), _plain, 30, ()),
    "dari": (("ratio", "of"), _plain, 30, ()),
    "satuan": (("ratio", "unit"), _plain, 12, ()),
    "sumber angka": (("ratio", "where"), _plain, 25, ()),
    **{f"batas level {level}": (("bands", level), _fraction, 10, ()) for level in (4, 3, 2)},
    "nilai tertinggi tanpa hal wajib": (("cap",), _fraction, 14, ()),
    "jangka waktu": (("window",), _plain, 20, ()),
    "dijawab oleh": (("answered_by",), _several(ANSWERERS), 20, ()),
    "tidak dijawab oleh": (("not_by",), _several(ANSWERERS), 20, ()),
    "dikumpulkan lewat": (("gather",), _several(GATHERING), 22, ()),
    "narasumber": (("informants",), _lines, 20, ()),
    "bentuk": (("forms",), _several(FORMS), 16, ()),
    "bobot": (("weight",), _fraction, 8, ()),
    "dimensi": (("dimension",), _one(DIMENSIONS), 12, tuple(DIMENSIONS)),
    "kelompok": (("group",), _plain, 16, ()),
    "petunjuk": (("help",), _plain, 40, ()),
    "contoh bukti": (("evidence",), _lines, 40, ()),
    "alasan tidak berlaku": (("na",), _reasons, 30, ()),
    "dasar hukum": (("basis",), _lines, 20, ()),
}
NEEDED = ("kode", "jenis", "pertanyaan", "level 4", "level 1", "jangka waktu", "dijawab oleh", "dikumpulkan lewat")
POINT_COLUMNS = ("kode pertanyaan", "huruf", "hal", "wajib")

GUIDE_LINES = (
    f"Isi lembar {HEADER}, {QUESTIONS}, dan {POINTS}. Jangan mengubah nama lembar dan judul kolom; urutannya boleh.",
    "Sel berisi teks atau angka saja: tanpa rumus, tanpa sel gabungan. Lembar lain dan lembar ini tidak dibaca.",
    "kode: kode indikator atau subindikator, titik, huruf s, nomor. 7.2.s1 menggantung di bawah indikator 7.2, "
    "8.2.1.s2 di bawah subindikator 8.2.1. Kolom di bawah boleh kosong; bila diisi harus cocok dengan kodenya.",
    "jenis: rubrik (pilih level), rasio (berapa dari berapa), ya/tidak, atau daftar periksa (hal yang terpenuhi).",
    "level 4 sampai 1: uraian tiap level. Untuk ya/tidak hanya level 4 (ya) dan level 1 (tidak).",
    "hitungan, dari, satuan, sumber angka: hanya untuk rasio.",
    "batas level 4, 3, 2: hanya untuk rasio dan daftar periksa; bagian yang harus tercapai, ditulis 3/4 atau 0,75.",
    "nilai tertinggi tanpa hal wajib: hanya untuk daftar periksa yang memuat hal wajib, misalnya 1/2.",
    f"dijawab oleh, tidak dijawab oleh: {', '.join(ANSWERERS)}, dipisah koma.",
    f"dikumpulkan lewat: {', '.join(GATHERING)}, dipisah koma.",
    f"bentuk: {', '.join(FORMS.values())}, dipisah koma. Kosong berarti semua bentuk dari lembar {HEADER}.",
    "contoh bukti, narasumber, dasar hukum: satu per baris dalam sel (Alt+Enter).",
    "alasan tidak berlaku: satu per baris, kode lalu titik dua; misalnya tanpa-komite: Komite belum dibentuk.",
    f"{POINTS}: satu baris per hal; huruf a, b, c; wajib diisi ya atau tidak (kosong berarti tidak).",
)


# --- XLSX: writing -----------------------------------------------------------------------------------


def to_xlsx(spec: InstrumentSpec) -> bytes:
    """The instrument as a workbook. Raises ValueError for one that is no own instrument below the SNP."""
    data = {"labels": LABELS.model_dump(), **_content(spec)}
    items: list[dict[str, Any]] = data["items"]
    header = [(name, _shown(_at(data, place)), meaning) for name, (place, meaning) in HEADER_ROWS.items()]
    points = [
        (item["code"], point["code"], point["text"], "ya" if point.get("must") else "tidak")
        for item in items
        for point in item.get("points", ())
    ]
    return write_workbook(
        [
            Sheet(
                name=HEADER,
                columns=(
                    Column(title=FIELD, width=24, locked=True),
                    Column(title=VALUE, width=60),
                    Column(title=MEANING, width=60, locked=True),
                ),
                rows=header,
            ),
            Sheet(
                name=QUESTIONS,
                columns=tuple(
                    Column(title=title, width=width, choices=choices)
                    for title, (_, _, width, choices) in COLUMNS.items()
                ),
                rows=[_question_row(item) for item in items],
                spare=MAX_ITEMS - len(items),
                freeze="B2",
            ),
            Sheet(
                name=POINTS,
                columns=tuple(
                    Column(
                        title=title, width=60 if title == "hal" else 18, choices=("ya", "tidak") * (title == "wajib")
                    )
                    for title in POINT_COLUMNS
                ),
                rows=points,
                spare=500,
            ),
            Sheet(
                name=GUIDE, columns=(Column(title="Cara mengisi", width=110),), rows=[(line,) for line in GUIDE_LINES]
            ),
        ]
    )


def template_xlsx(catalogue: Catalogue, bases: Collection[str]) -> bytes:
    """A workbook to start from, with one question of every kind."""
    return to_xlsx(from_yaml(TEMPLATE.read_bytes(), catalogue, bases, name=TEMPLATE.name))


def _question_row(item: Mapping[str, Any]) -> list[str | None]:
    words = {"kind": {code: word for word, code in KINDS.items()}, "dimension": {c: w for w, c in DIMENSIONS.items()}}
    row: list[str | None] = []
    for title, (place, read, _, _) in COLUMNS.items():
        value = item["code"].rpartition(".")[0] if title == "di bawah" else _at(item, place)
        if place and place[0] in words and value is not None:
            value = words[str(place[0])][value]
        row.append(_shown(value, lines=read in (_lines, _reasons)))
    return row


def _at(data: Mapping[Any, Any], place: Place) -> Any:
    value: Any = data
    for step in place:
        if (value := value.get(step)) is None:
            return None
    return value


def _shown(value: Any, *, lines: bool = False) -> str | None:
    if isinstance(value, list):
        shown = [f"{one['code']}: {one['text']}" if isinstance(one, dict) else one for one in value]
        return ("\n" if lines else ", ").join(shown)
    return value


# --- XLSX: reading -----------------------------------------------------------------------------------


class _Reading:
    """The data of a workbook in the form of the YAML file, with the cell of every place."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.problems: list[CellProblem] = []
        self.cells: dict[Place, Cell] = {}
        self.rows: dict[str, int] = {}  # code of a question -> its number
        self.data: dict[str, Any] = {"items": []}
        self._header(tables[HEADER])
        self._questions(tables[QUESTIONS])
        self._points(tables[POINTS])

    def problem(self, place: Place, message: str) -> CellProblem:
        """Said at the cell of the place, or of its nearest part that has one."""
        for length in range(len(place), 0, -1):
            if cell := self.cells.get(place[:length]):
                return cell.problem(in_words(message))
        sheet = QUESTIONS if place[:1] == ("items",) else HEADER
        field = f"{'.'.join(map(str, place))}: " if place and place != ("items",) else ""
        return CellProblem(sheet, 0, "", field + in_words(message))

    def further(self, found: list[Fault]) -> list[CellProblem]:
        """The faults that do not merely follow from a cell which could not be read and is named already."""
        named = {(problem.sheet, problem.row, problem.column) for problem in self.problems if problem.row}
        unread = [place for place, cell in self.cells.items() if (cell.sheet, cell.row, cell.column) in named]
        problems = []
        for place, message in found:
            problem = self.problem(place, message)
            at_unread = (problem.sheet, problem.row, problem.column) in named
            if not at_unread and not any(place == other[: len(place)] for other in unread):
                problems.append(problem)
        return problems

    def _put(self, target: dict[Any, Any], place: Place, value: Any) -> None:
        if value is not None:
            for step in place[:-1]:
                target = target.setdefault(step, {})
            target[place[-1]] = value

    def _header(self, table: Table) -> None:
        letters = table.columns([FIELD, VALUE, MEANING], self.problems, optional=[MEANING])
        if not {FIELD, VALUE} <= letters.keys():
            return
        for row in table.below():
            name_cell, cell = row.cell(letters[FIELD]), row.cell(letters[VALUE])
            name = " ".join(name_cell.text(self.problems).casefold().split())
            if name not in HEADER_ROWS:
                if not (name_cell.empty and cell.empty):
                    offered = ", ".join(HEADER_ROWS)
                    self.problems.append(name_cell.problem(f"isian '{name[:40]}' tidak dikenal; yang ada: {offered}"))
                continue
            place = HEADER_ROWS[name][0]
            if place in self.cells:
                self.problems.append(name_cell.problem(f"isian '{name}' tertulis dua kali"))
            self.cells[place] = cell
            read = _several(FORMS) if place == ("forms",) else _plain
            self._put(self.data, place, read(cell, self.problems))
        for name, (place, _) in HEADER_ROWS.items():
            if place not in self.cells and place[0] != "labels" and name != MAY_BE_EMPTY:
                self.problems.append(CellProblem(HEADER, 0, "", f"isian '{name}' tidak ada; tambahkan barisnya"))

    def _questions(self, table: Table) -> None:
        letters = table.columns(
            list(COLUMNS), self.problems, optional=[title for title in COLUMNS if title not in NEEDED]
        )
        for index, row in enumerate(table.below()):
            item: dict[str, Any] = {}
            for title, (place, read, _, _) in COLUMNS.items():
                if title not in letters:
                    continue
                cell = row.cell(letters[title])
                value = read(cell, self.problems)
                if title == "di bawah":
                    self._check_parent(row, letters, value)
                else:
                    self.cells[("items", index, *place)] = cell
                    self.cells.setdefault(("items", index, place[0]), cell)
                    self._put(item, place, value)
            self.cells[("items", index)] = row.cell(letters.get("kode", "A"))
            if "code" in item:
                self.rows.setdefault(item["code"], index)
            self.data["items"].append(item)

    def _check_parent(self, row: Row, letters: Mapping[str, str], below: str | None) -> None:
        if below is None or "kode" not in letters:
            return
        code = row.cell(letters["kode"]).text([])
        if code and code.rpartition(".")[0] != below:
            message = f"'{below[:40]}' tidak cocok dengan kode {code[:40]}; samakan, atau kosongkan sel ini"
            self.problems.append(row.cell(letters["di bawah"]).problem(message))

    def _points(self, table: Table) -> None:
        letters = table.columns(POINT_COLUMNS, self.problems)
        if len(letters) < len(POINT_COLUMNS):
            return
        code_letter, *fields = (letters[title] for title in POINT_COLUMNS)
        for row in table.below():
            cell = row.cell(code_letter)
            code = cell.text(self.problems)
            index = self.rows.get(code)
            if index is None:
                message = f"pertanyaan '{code[:40]}' tidak ada di lembar {QUESTIONS}; periksa kodenya"
                self.problems.append(cell.problem(message))
                continue
            points = self.data["items"][index].setdefault("points", [])
            place = ("items", index, "points", len(points))
            self.cells.setdefault(place[:3], cell)
            self.cells[place] = cell
            point: dict[str, Any] = {}
            for name, read, letter in zip(
                ("code", "text", "must"), (_plain, _plain, _one(YES_NO)), fields, strict=True
            ):
                self.cells[(*place, name)] = row.cell(letter)
                self._put(point, (name,), read(row.cell(letter), self.problems))
            points.append(point)


def from_xlsx(content: bytes, catalogue: Catalogue, bases: Collection[str]) -> InstrumentSpec:
    """The instrument of a workbook. Raises WorkbookError with every problem."""
    tables = read_workbook(content, limits=LIMITS, sheets=(HEADER, QUESTIONS, POINTS))
    reading = _Reading(tables)
    spec, found = validate(reading.data, catalogue, bases)
    reading.problems += reading.further(found)
    if spec is None or reading.problems:
        raise WorkbookError(reading.problems)
    return spec
