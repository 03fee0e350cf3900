"""What a table of a spreadsheet is to its reader: sheets, rows, cells with their address, and what is wrong where."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import TypeVar

from common.formats import format_date, format_decimal

Choice = TypeVar("Choice")
Value = str | int | Decimal | bool | datetime | time | None

EXACT_DIGITS = 15  # of a number; a spreadsheet turns the rest into zeros
MAX_PROBLEMS = 100  # named one by one; more help nobody


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong in one place; without row the whole sheet, without sheet the whole file."""

    sheet: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.sheet:
            return self.message
        return f"{self.sheet}!{self.column}{self.row}: {self.message}" if self.row else f"{self.sheet}: {self.message}"


class WorkbookError(Exception):
    """A workbook that cannot be used. ``problems`` holds every fault found, not only the first."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        shown = list(problems[:MAX_PROBLEMS])
        if rest := len(problems) - len(shown):
            shown.append(CellProblem("", 0, "", f"... dan {format_decimal(rest)} masalah lain"))
        super().__init__("\n".join(str(problem) for problem in shown))
        self.problems = shown


def refused(message: str, sheet: str = "") -> WorkbookError:
    return WorkbookError([CellProblem(sheet, 0, "", message)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a workbook is read. Rows and columns count from the top left, the header among them."""

    size: int = 5 * 1024 * 1024  # of the file
    unpacked: int = 20 * 1024 * 1024
    ratio: int = 200  # unpacked to packed; a table full of zeros reaches about 100
    parts: int = 500
    sheets: int = 30
    rows: int = 2000
    columns: int = 60
    text: int = 5000  # signs in one cell
    signs: int = 2_000_000  # in all cells together
    cells: int = 200_000  # of one sheet, empty ones with a format among them


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its address. The methods read it as what a column needs; they note what is wrong in *problems*
    and then answer like an empty cell."""

    sheet: str
    row: int
    column: str
    value: Value = None

    @property
    def empty(self) -> bool:
        return self.value is None

    def problem(self, message: str) -> CellProblem:
        return CellProblem(self.sheet, self.row, self.column, message)

    def text(self, problems: list[CellProblem]) -> str:
        """The text; "" for an empty cell. A whole number is read as its digits (a class called 7), anything else
        that is no text is refused: who typed 7.10 or 3/4 finds 7.1 or a date there."""
        match self.value:
            case None:
                return ""
            case str() as text:
                return text
            case bool():
                problems.append(self.problem("berisi TRUE/FALSE; tulis sebagai kata"))
            case int() as number:
                if abs(number) < 10**EXACT_DIGITS:
                    return str(number)
                problems.append(
                    self.problem(
                        f"angka yang lebih panjang dari {EXACT_DIGITS} digit tidak disimpan utuh oleh Excel; "
                        "ubah format sel menjadi Teks lalu ketik ulang"
                    )
                )
            case Decimal():
                problems.append(self.problem("berisi angka desimal; ubah format sel menjadi Teks lalu ketik ulang"))
            case _:
                problems.append(self.problem(f"berisi {self._moment()}; ubah format sel menjadi Teks lalu ketik ulang"))
        return ""

    def number(self, problems: list[CellProblem]) -> Decimal | None:
        """A number, also one that was typed as text with a decimal comma (12,5); None for an empty cell."""
        match self.value:
            case None:
                return None
            case bool():
                problems.append(self.problem("berisi TRUE/FALSE; tulis angka"))
            case int() | Decimal() as number:
                if abs(number) < 10**EXACT_DIGITS:
                    return Decimal(number)
                problems.append(self.problem("angka terlalu besar; periksa isinya"))
            case str() as text:
                if re.fullmatch(r"-?[0-9]{1,15}(,[0-9]{1,9})?", text):
                    return Decimal(text.replace(",", "."))
                problems.append(self.problem(f"'{short(text)}' bukan angka; tulis angkanya saja, tanpa satuan"))
            case _:
                problems.append(self.problem(f"berisi {self._moment()}; ubah format sel ke Angka lalu ketik ulang"))
        return None

    def whole(self, problems: list[CellProblem]) -> int | None:
        """A whole number (12.0 is one, 12.5 is not); None for an empty cell."""
        number = self.number(problems)
        if number is None:
            return None
        if number != number.to_integral_value():
            problems.append(self.problem(f"{format_decimal(number)} bukan bilangan bulat; tulis tanpa koma"))
            return None
        return int(number)

    def choice(self, words: Mapping[str, Choice], problems: list[CellProblem]) -> Choice | None:
        """The choice behind one of *words* (written small), however it is written; None for an empty cell."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) and {"ya", "tidak"} <= words.keys():
            return words["ya" if self.value else "tidak"]
        found: list[CellProblem] = []
        word = " ".join(self.text(found).casefold().split())
        if not found and word in words:
            return words[word]
        offered = ", ".join(words)
        problems.extend(found or [self.problem(f"'{short(word)}' tidak dikenal; pilih salah satu: {offered}")])
        return None

    def _moment(self) -> str:
        return f"tanggal ({format_date(self.value.date())})" if isinstance(self.value, datetime) else "jam"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something; ``number`` as the spreadsheet shows it."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]

    def cell(self, column: str) -> Cell:
        """The cell under a column letter, empty where nothing stands."""
        return self.cells.get(column) or Cell(self.sheet, self.number, column)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its rows from top to bottom, without the empty ones."""

    sheet: str
    rows: tuple[Row, ...]

    def columns(
        self, titles: Sequence[str], problems: list[CellProblem], *, optional: Collection[str] = (), header: int = 1
    ) -> dict[str, str]:
        """The letter of each title in the header row. Missing, unknown and repeated titles are problems; case, line
        breaks and order do not matter."""
        known = {_title(title): title for title in titles}
        found: dict[str, str] = {}
        for cell in next((row.cells.values() for row in self.rows if row.number == header), ()):
            if (title := known.get(_title(cell.text(problems)))) is None:
                name = short(str(cell.value))
                problems.append(cell.problem(f"kolom '{name}' tidak dikenal; periksa ejaannya atau hapus kolom ini"))
            elif title in found:
                problems.append(cell.problem(f"kolom '{title}' sudah ada di {found[title]}{header}; hapus salah satu"))
            else:
                found[title] = cell.column
        missing = [title for title in titles if title not in found and title not in optional]
        if missing:
            names = ", ".join(f"'{title}'" for title in missing)
            message = f"baris {header} belum memuat judul kolom {names}; pakai judul seperti dalam templat"
            problems.append(CellProblem(self.sheet, 0, "", message))
        return found

    def below(self, header: int = 1) -> tuple[Row, ...]:
        """The rows under the header row."""
        return tuple(row for row in self.rows if row.number > header)


def _title(text: str) -> str:
    return " ".join(text.casefold().split())


def short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."
