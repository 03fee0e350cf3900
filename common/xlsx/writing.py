"""Writing a workbook for people: titles, widths, lists to choose from, and texts that stay texts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from common.texts import plain_text

CELL_LENGTH = 32_767  # signs that a cell can hold
_LIKE_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # would be read as the sign of that number


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column to write. ``choices`` are offered by the spreadsheet as a list; other words are refused there.
    A ``locked`` column cannot be typed into while the sheet is protected."""

    title: str
    width: int = 20
    choices: tuple[str, ...] = ()
    locked: bool = False
    number: bool = False  # other columns keep what is typed as text: 7.10 and 3/4 stay what they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet to write: a row of titles, then the rows. ``spare`` rows below are prepared for more.

    With a locked column the sheet is protected, without password, against typing beside the open cells. ``freeze``
    is the first cell that scrolls.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | int | Decimal | None]]
    spare: int = 0
    freeze: str = "A2"


_FIXED_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  (a workbook knows no zone)
_HEADER_FONT = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", start_color="1F4E5F")
_LOCKED_FILL = PatternFill("solid", start_color="EEF2F4")
_TOP = Alignment(vertical="top", wrap_text=True)


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX file; the same content gives the same bytes.

    Texts are written as :func:`common.texts.plain_text` spells them. Raises ValueError for a text longer than a cell
    holds, a row of another length than its header, or choices too long for a list in a cell (255 signs).
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    raw = io.BytesIO()
    book.save(raw)
    book.properties.created = book.properties.modified = _FIXED_DAY
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                content = tostring(book.properties.to_tree())
            entry = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _write_sheet(page: Worksheet, sheet: Sheet) -> None:
    page.freeze_panes = sheet.freeze
    last = 1 + len(sheet.rows) + sheet.spare
    protected = any(column.locked for column in sheet.columns)
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        dimension = page.column_dimensions[letter]
        dimension.width = column.width
        _dress(dimension, column)
        _write(page, 1, index, column.title)
        head = page.cell(1, index)
        head.font, head.fill, head.alignment = _HEADER_FONT, _HEADER_FILL, _TOP
        if column.choices and last > 1:
            offered = ",".join(choice.replace('"', '""') for choice in column.choices)
            if len(offered) > 255 or any("," in choice for choice in column.choices):
                raise ValueError(f"choices of {column.title!r} do not fit into a list")
            rule = DataValidation("list", formula1=f'"{offered}"', allow_blank=True, showErrorMessage=True)
            rule.errorTitle, rule.error = "Pilihan", f"Pilih salah satu: {', '.join(column.choices)}"[:255]
            rule.add(f"{letter}2:{letter}{last}")
            page.add_data_validation(rule)
    for number, row in enumerate(sheet.rows, 2):
        for index, (column, value) in enumerate(zip(sheet.columns, row, strict=True), 1):
            _write(page, number, index, value)
            cell = page.cell(number, index)
            _dress(cell, column)
            cell.alignment = _TOP
            if column.locked:
                cell.fill = _LOCKED_FILL
    if protected:
        page.protection.sheet = True
        page.protection.formatColumns = page.protection.formatRows = False  # False: allowed all the same


def _dress(cell: Any, column: Column) -> None:
    cell.number_format = "General" if column.number else "@"
    cell.protection = Protection(locked=column.locked)


def _write(page: Worksheet, row: int, column: int, value: str | int | Decimal | None) -> None:
    cell = page.cell(row, column)
    if not isinstance(value, str):
        cell.value = value
        return
    text = _LIKE_ESCAPED.sub("_x005F_", plain_text(value))
    if len(text) > CELL_LENGTH:
        raise ValueError(f"{page.title}!{cell.coordinate}: {len(text)} signs, a cell holds {CELL_LENGTH}")
    if text:
        cell.value = text
        cell.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
        cell.quotePrefix = text[0] in "=+-@"  # type: ignore[assignment]
