"""What the pages of data pokok show: groups with their cells, what is missing, what is wrong, what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from schools.academic_year import AcademicYear
from schools.basic_data import (
    NO,
    YES,
    Cell,
    CellProblem,
    CellValue,
    FormSheet,
    Group,
    check,
    form_sheet,
    read_values,
    show,
)
from schools.models import BasicData, School, User
from schools.permissions import can_edit_basic_data

SPARE_ROWS = 2  # of open rows, how many empty ones are offered below those in use
ANSWERS = (("", "Belum diisi"), (YES, YES), (NO, NO))


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell as it is shown: what was typed or is stored, and what there is to say about it."""

    cell: Cell
    text: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    theirs: str | None = None  # in a conflict: what somebody else saved meanwhile

    @property
    def id(self) -> str:
        return f"isian-{self.cell.code}"

    @property
    def described_by(self) -> str:
        """Ids of the texts that belong to the field, for screen readers."""
        parts = [f"{self.id}-help"] if self.cell.help and not self.cell.row else []
        if self.errors or self.warnings or self.theirs is not None:
            parts.append(f"{self.id}-kabar")
        return " ".join(parts)

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """Choices of a yes or no; what was typed and cannot be read stays visible as a choice of its own."""
        known = [value for value, _ in ANSWERS]
        return ANSWERS if self.text in known else (*ANSWERS, (self.text, self.text[:20]))


@dataclass(frozen=True, slots=True)
class GroupView:
    group: Group
    rows: tuple[tuple[str, tuple[CellView, ...]], ...]
    filled: int
    expected: int

    @property
    def cells(self) -> tuple[CellView, ...]:
        return tuple(cell for _, cells in self.rows for cell in cells)

    @property
    def explained(self) -> list[Cell]:
        """Of a table the columns that need more words than their title."""
        return [cell for cell in self.group.rows[0].cells if cell.help]

    @property
    def troubled(self) -> bool:
        return any(cell.errors for cell in self.cells)

    @property
    def state(self) -> tuple[str, str]:
        """Tone and label of the badge."""
        if self.troubled:
            return "bad", "Perlu diperbaiki"
        if not self.expected and not any(cell.text for cell in self.cells):
            return "neutral", "Diisi bila ada"
        if self.filled < self.expected:
            return "neutral", f"{self.filled} dari {self.expected} terisi"
        if any(cell.warnings for cell in self.cells):
            return "attention", "Periksa lagi"
        return "good", "Lengkap"


@dataclass
class SheetView:
    """The sheet of a school and year for one person; *typed* is what was sent and could not be saved."""

    user: User
    school: School
    year: AcademicYear
    stored: BasicData | None
    typed: Mapping[str, str] | None = None
    problems: Iterable[CellProblem] = ()
    theirs: Mapping[str, CellValue] | None = None
    error: str = ""
    sheet: FormSheet = field(init=False)

    def __post_init__(self) -> None:
        self.sheet = form_sheet(self.school.form, self.school.naungan)
        self.can_edit = can_edit_basic_data(self.user, self.school)

    @property
    def version(self) -> int:
        return self.stored.writes if self.stored else 0

    @cached_property
    def texts(self) -> dict[str, str]:
        """What stands in every cell."""
        if self.typed is not None:
            return {code: self.typed.get(code, "") for code in self.sheet.cells}
        known = self.stored.known if self.stored else {}
        return {code: show(cell, known.get(code)) for code, cell in self.sheet.cells.items()}

    @cached_property
    def values(self) -> dict[str, CellValue]:
        return read_values(self.sheet, self.texts)[0]

    @cached_property
    def _told(self) -> dict[str, dict[str, list[str]]]:
        told: dict[str, dict[str, list[str]]] = {"error": {}, "warning": {}}
        for problem in [*self.problems, *check(self.values, self.sheet)]:
            messages = told[problem.severity].setdefault(problem.code, [])
            if problem.message not in messages:
                messages.append(problem.message)
        return told

    @cached_property
    def groups(self) -> list[GroupView]:
        expected = {cell.code for cell in self.sheet.expected(self.values)}
        views = []
        for group in self.sheet.groups:
            rows = tuple(
                (row.label, tuple(self._cell(cell) for cell in row.cells)) for row in group.rows[: self._shown(group)]
            )
            wanted = {cell.code for cell in group.cells} & expected
            filled = sum(1 for code in wanted if self.texts[code].strip())
            views.append(GroupView(group, rows, filled, len(wanted)))
        return views

    def _shown(self, group: Group) -> int:
        """How many rows: all, or of open ones those down to the last in use and a few to fill."""
        if not group.open:
            return len(group.rows)
        used = [i for i, row in enumerate(group.rows, start=1) if any(self.texts[c.code].strip() for c in row.cells)]
        last = max(used, default=0)
        return last + SPARE_ROWS if self.can_edit else last

    def _cell(self, cell: Cell) -> CellView:
        theirs = None
        if self.theirs is not None and self.theirs.get(cell.code) != self.values.get(cell.code):
            theirs = show(cell, self.theirs.get(cell.code)) or "kosong"
        return CellView(
            cell,
            self.texts[cell.code],
            tuple(self._told["error"].get(cell.code, ())),
            tuple(self._told["warning"].get(cell.code, ())),
            theirs,
        )

    @property
    def filled(self) -> int:
        return sum(group.filled for group in self.groups)

    @property
    def expected(self) -> int:
        return sum(group.expected for group in self.groups)

    @property
    def troubled(self) -> list[CellView]:
        """Cells that keep the sheet from being saved, for the links on top of the page."""
        return [cell for group in self.groups for cell in group.cells if cell.errors]

    @property
    def totals(self) -> list[tuple[str, int, str]]:
        """Label, sum and unit of the totals that are known."""
        sums = [(total, self.sheet.amount([total.code], self.values)) for total in self.sheet.totals]
        return [(total.label, amount, total.unit) for total, amount in sums if amount is not None]
