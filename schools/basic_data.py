"""Data pokok: the sheet of figures that a school fills in once a year, as data, and the rules of its cells.

Pure: knows neither Django nor the database. The fields stand in data/basic_data.yaml, which says what the words mean.
A value is a whole number, a yes or no, or (the name of a row) a text; an empty cell has no value and is not zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from common.formats import format_decimal
from common.numbers import parse_whole
from common.texts import clean_text
from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from schools.words import Words, words_for

SHEET_FILE = Path(__file__).parent / "data" / "basic_data.yaml"
LARGEST = {"number": 1_000_000, "area": 100_000_000}
TEXT_LIMIT = 80
YES, NO = "Ya", "Tidak"
_YES_NO = {"ya": True, "tidak": False}

Form = Literal["SD", "MI", "SMP", "MTs", "SMA", "MA", "SMK", "MAK", "SLB"]
Kind = Literal["number", "yesno", "area", "text"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
CellValue = int | bool | str
Values = Mapping[str, CellValue]
Severity = Literal["error", "warning"]


# --- the file ---------------------------------------------------------------------------------------


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldSpec(_Frozen):
    code: Code
    kind: Kind
    label: Text
    unit: str = ""
    help: str = ""
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)
    optional: bool = False


class RowSpec(_Frozen):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=20)]
    label: Text
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)


class GroupSpec(_Frozen):
    """Fields that belong together; with rows they are asked once per row."""

    key: Code
    title: Text
    about: Text
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)
    row_title: str = ""
    rows: tuple[RowSpec, ...] = ()
    open: bool = False
    fields: tuple[FieldSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> GroupSpec:
        if bool(self.rows) != bool(self.row_title):
            raise ValueError("row_title diisi bila, dan hanya bila, ada rows")
        if self.open and not self.rows:
            raise ValueError("open memerlukan rows")
        if not self.open and any(field.kind == "text" for field in self.fields):
            raise ValueError("isian teks hanya ada pada baris yang terbuka (open)")
        return self


class TotalSpec(_Frozen):
    code: Code
    label: Text
    unit: Text
    of: tuple[Code, ...] = Field(min_length=1)


class RuleSpec(_Frozen):
    """``left`` compared with ``right``; per row of the group ``each`` where that is given."""

    left: tuple[Code, ...] = Field(min_length=1)
    is_: Literal["at_most", "at_least"] = Field(alias="is")
    right: tuple[Code, ...] | int
    when: tuple[Code, ...] = ()
    each: str = ""
    severity: Severity
    message: Text

    @model_validator(mode="after")
    def _message(self) -> RuleSpec:
        if unknown := _placeholders(self.message) - {"left", "right"}:
            raise ValueError(f"{{{min(unknown)}}} tidak dikenal dalam pesan; yang ada {{left}} dan {{right}}")
        return self


class SheetSpec(_Frozen):
    """The whole file: every field of every form of education."""

    groups: tuple[GroupSpec, ...] = Field(min_length=1)
    totals: tuple[TotalSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()


_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_WORDS = {*Words.model_fields, "school_title"}


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _said(value: Any) -> Iterator[str]:
    """Every text in a group, for the check of its words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _said(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _said(part)


def _check_names(document: Document, spec: SheetSpec) -> Iterator[Problem]:
    seen: set[str] = set()
    groups: set[str] = set()

    def taken(name: str) -> bool:
        twice = name in seen
        seen.add(name)
        return twice

    for index, group in enumerate(spec.groups):
        if group.key in groups:
            yield document.problem(("groups", index, "key"), f"kelompok {group.key} tertulis dua kali")
        groups.add(group.key)
        if group.open and taken(group.key):
            yield document.problem(("groups", index, "key"), f"{group.key} sudah dipakai")
        keys = [row.key for row in group.rows]
        if len(set(keys)) != len(keys):
            yield document.problem(("groups", index, "rows"), "kunci baris tertulis dua kali")
        for number, one in enumerate(group.fields):
            if any([taken(one.code), *(taken(f"{one.code}_{key}") for key in keys)]):
                yield document.problem(("groups", index, "fields", number, "code"), f"{one.code} sudah dipakai")
        for text in _said(group):
            if unknown := _placeholders(text) - _WORDS:
                message = f"{{{min(unknown)}}} bukan kata dari words.yaml"
                yield document.problem(("groups", index), message)
    texts = {one.code for group in spec.groups for one in group.fields if one.kind == "text"}
    cells = seen - {group.key for group in spec.groups if group.open}
    totals: set[str] = set()
    for index, total in enumerate(spec.totals):
        if taken(total.code):
            yield document.problem(("totals", index, "code"), f"{total.code} sudah dipakai")
        totals.add(total.code)
        if unknown := set(total.of) - (cells - texts):
            yield document.problem(("totals", index, "of"), f"tidak ada isian angka {min(unknown)}")
    for index, rule in enumerate(spec.rules):
        sides = {"left": rule.left, "when": rule.when, "right": rule.right if isinstance(rule.right, tuple) else ()}
        known = cells | totals
        if rule.each:
            named = next((group for group in spec.groups if group.key == rule.each and group.rows), None)
            if named is None:
                yield document.problem(("rules", index, "each"), f"kelompok berbaris {rule.each} tidak ada")
                continue
            known = {one.code for one in named.fields}
        for side, names in sides.items():
            if unknown := set(names) - known:
                yield document.problem(("rules", index, side), f"isian {min(unknown)} tidak ada")


def load_sheet(path: Path = SHEET_FILE) -> SheetSpec:
    """Read the sheet. Raises DataFileError with file, line and field for every fault."""
    document = read_yaml(path)
    spec = parse(document, SheetSpec)
    if problems := list(_check_names(document, spec)):
        raise DataFileError(problems)
    return spec


# --- one school's sheet -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that is asked; ``label`` is the field's, ``name`` says the row too."""

    code: str
    field: str
    group: str
    row: str
    label: str
    name: str
    kind: Kind
    unit: str
    help: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``rows`` is one row without a label for a group that is asked once."""

    key: str
    title: str
    about: str
    row_title: str
    open: bool
    rows: tuple[Row, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for row in self.rows for cell in row.cells)

    def in_use(self, values: Values) -> tuple[Row, ...]:
        """Of open rows those with a value in any cell; of others all."""
        if not self.open:
            return self.rows
        return tuple(row for row in self.rows if any(cell.code in values for cell in row.cells))


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with, or unusual about, one cell; an error is not saved."""

    code: str
    message: str
    severity: Severity = "error"


@dataclass(frozen=True)
class FormSheet:
    """The sheet of one form of education, in the words of one naungan."""

    groups: tuple[Group, ...]
    totals: tuple[TotalSpec, ...]
    rules: tuple[RuleSpec, ...]
    cells: dict[str, Cell] = field(default_factory=dict)

    def group(self, key: str) -> Group | None:
        return next((group for group in self.groups if group.key == key), None)

    def codes(self, name: str, values: Values) -> tuple[str, ...]:
        """The cells that a cell, field or total stands for; of open rows those in use. () when none is asked."""
        if name in self.cells:
            return (name,)
        for total in self.totals:
            if total.code == name:
                return tuple(code for part in total.of for code in self.codes(part, values))
        return tuple(
            cell.code
            for group in self.groups
            for row in group.in_use(values)
            for cell in row.cells
            if cell.field == name
        )

    def knows(self, name: str) -> bool:
        """Whether the name of a cell, field, total or group of open rows means something on this sheet."""
        group = self.group(name)
        return (
            (group is not None and group.open)
            or name in self.cells
            or any(cell.field == name for cell in self.cells.values())
            or any(total.code == name and any(map(self.knows, total.of)) for total in self.totals)
        )

    def title(self, name: str) -> str:
        """What people call it: the label of a cell with its row, of a field with its group, of a total or a group.

        Raises KeyError for a name that means nothing on this sheet.
        """
        if name in self.cells:
            return self.cells[name].name
        labels = {total.code: total.label for total in self.totals}
        labels |= {group.key: group.title for group in self.groups if group.open}
        labels |= {cell.field: f"{group.title}: {cell.label}" for group in self.groups for cell in group.cells}
        return labels[name]

    def amount(self, names: Sequence[str], values: Values) -> int | None:
        """The sum of what the names stand for, yes counting as 1; None while any of it is empty.

        A group of open rows counts its rows in use. A name that this form is not asked adds nothing; a sum of nothing
        at all is None too.
        """
        found: list[int] = []
        for name in names:
            group = self.group(name)
            if group is not None and group.open:
                found += [1] * len(group.in_use(values))
                continue
            for code in self.codes(name, values):
                if not isinstance(value := values.get(code), int):
                    return None
                found.append(int(value))
        return sum(found) if found else None

    def missing(self, names: Sequence[str], values: Values) -> tuple[str, ...]:
        """Titles of what is empty and keeps :meth:`amount` from being known."""
        empty = [code for name in names for code in self.codes(name, values) if code not in values]
        titles = [self.cells[code].name for code in empty]
        titles += [
            group.title
            for group in self.groups
            if group.open and not group.in_use(values) and {group.key, *(cell.field for cell in group.cells)} & {*names}
        ]
        return tuple(dict.fromkeys(titles))

    def expected(self, values: Values) -> tuple[Cell, ...]:
        """The cells that make the sheet complete: optional ones and unused open rows are not among them."""
        return tuple(
            cell for group in self.groups for row in group.in_use(values) for cell in row.cells if not cell.optional
        )


def _asked(forms: tuple[Form, ...] | None, form: str) -> bool:
    return forms is None or form in forms


def sheet_for(spec: SheetSpec, form: str, words: Words) -> FormSheet:
    """What schools of *form* are asked, with their own words in every text."""
    terms = {**words.model_dump(), "school_title": words.school.capitalize()}

    def say(text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: terms[match[1]], text)

    groups = []
    for group in spec.groups:
        fields = [one for one in group.fields if _asked(one.forms, form)]
        rows = [row for row in group.rows if _asked(row.forms, form)]
        if not _asked(group.forms, form) or not fields or (group.rows and not rows):
            continue

        def cell(group: GroupSpec, one: FieldSpec, row: RowSpec | None) -> Cell:
            label = say(one.label)
            return Cell(
                code=f"{one.code}_{row.key}" if row else one.code,
                field=one.code,
                group=group.key,
                row=row.key if row else "",
                label=label,
                name=f"{say(row.label)}: {label}" if row else label,
                kind=one.kind,
                unit=say(one.unit),
                help=say(one.help),
                optional=one.optional,
            )

        made = (
            tuple(Row(row.key, say(row.label), tuple(cell(group, one, row) for one in fields)) for row in rows)
            if rows
            else (Row("", "", tuple(cell(group, one, None) for one in fields)),)
        )
        groups.append(Group(group.key, say(group.title), say(group.about), say(group.row_title), group.open, made))
    cells = {cell.code: cell for made_group in groups for cell in made_group.cells}
    return FormSheet(tuple(groups), spec.totals, spec.rules, cells)


@cache
def form_sheet(form: str, naungan: str) -> FormSheet:
    """The sheet of the data file for a form and naungan, read once per process."""
    return sheet_for(load_sheet(), form, words_for(naungan))


# --- what people type -------------------------------------------------------------------------------


def parse_cell(cell: Cell, raw: object) -> CellValue | None:
    """The value of what was typed on the page or stands in a spreadsheet; None when it is empty.

    Raises ValueError with a message in Indonesian that says what to write instead.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if cell.kind == "yesno":
        answer = raw if isinstance(raw, bool) else _YES_NO.get(str(raw).strip().lower())
        if answer is None:
            raise ValueError("Tulis “Ya” atau “Tidak”, atau kosongkan.")
        return answer
    if cell.kind == "text":
        text = " ".join(clean_text(str(raw)).split())
        if len(text) > TEXT_LIMIT:
            raise ValueError(f"Terlalu panjang: paling banyak {TEXT_LIMIT} tanda.")
        return text or None
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise ValueError("Tulis bilangan bulat, misalnya 45.")
    if isinstance(raw, float):
        if not raw.is_integer():
            raise ValueError("Tulis bilangan bulat, tanpa angka di belakang koma.")
        raw = int(raw)
    return parse_whole(str(raw), LARGEST[cell.kind])


def show(cell: Cell, value: CellValue | None) -> str:
    """A value as people read and type it: ``1.250``, ``Ya``; "" when empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    return format_decimal(value) if isinstance(value, int) else value


def read_values(sheet: FormSheet, raw: Mapping[str, object]) -> tuple[dict[str, CellValue], list[CellProblem]]:
    """The cells of *raw* that hold something, and what is wrong with the others; what is not asked is left out."""
    values: dict[str, CellValue] = {}
    problems = []
    for code, cell in sheet.cells.items():
        try:
            value = parse_cell(cell, raw.get(code))
        except ValueError as error:
            problems.append(CellProblem(code, str(error)))
        else:
            if value is not None:
                values[code] = value
    return values, problems


def known_values(sheet: FormSheet, stored: Mapping[str, Any]) -> dict[str, CellValue]:
    """Of a stored sheet what is still asked, in the order of the sheet."""
    return {code: stored[code] for code in sheet.cells if code in stored}


def check(values: Values, sheet: FormSheet) -> list[CellProblem]:
    """What contradicts itself (errors) or is unusual (warnings), in the order of the rules."""
    problems = []
    for rule in sheet.rules:
        group = sheet.group(rule.each) if rule.each else None
        if rule.each and group is None:
            continue
        for row in group.in_use(values) if group else (None,):
            suffix = f"_{row.key}" if row else ""
            if problem := _broken(rule, suffix, values, sheet):
                problems.append(problem)
    problems += _half_rows(values, sheet)
    return problems


def _broken(rule: RuleSpec, suffix: str, values: Values, sheet: FormSheet) -> CellProblem | None:
    left = tuple(f"{name}{suffix}" for name in rule.left)
    right = rule.right if isinstance(rule.right, int) else tuple(f"{name}{suffix}" for name in rule.right)
    filled = [code for name in left for code in sheet.codes(name, values) if code in values]
    limit = right if isinstance(right, int) else sheet.amount(right, values)
    if not filled or limit is None:
        return None
    if rule.when and not sheet.amount([f"{name}{suffix}" for name in rule.when], values):
        return None
    # Numbers are never negative: what is filled so far may exceed a limit, but says nothing about falling short.
    so_far = sheet.amount(filled, values) or 0
    if rule.is_ == "at_least" and sheet.amount(left, values) is None:
        return None
    if so_far <= limit if rule.is_ == "at_most" else so_far >= limit:
        return None
    message = rule.message.format(left=so_far, right=limit)
    return CellProblem(filled[0], message, rule.severity)


def _half_rows(values: Values, sheet: FormSheet) -> Iterator[CellProblem]:
    """Open rows that say figures but not of what."""
    for group in sheet.groups:
        named = [cell.field for cell in group.rows[0].cells if cell.kind == "text"] if group.open else []
        for row in group.in_use(values) if named else ():
            name = next(cell for cell in row.cells if cell.field == named[0])
            if name.code not in values:
                message = f"{row.label}: {name.label.lower()} belum ditulis."
                yield CellProblem(name.code, message, "warning")
