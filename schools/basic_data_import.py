"""Taking data pokok over from a spreadsheet: what would change, carried signed from the preview to the confirmation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing

from common.errors import DomainError, StateError
from common.xlsx import Cell as Place
from schools.academic_year import AcademicYear
from schools.basic_data import Cell, CellValue, FormSheet, check, form_sheet, show
from schools.models import BasicData, School, User

SALT = "schools.basic_data_import"
LIFETIME = 2 * 60 * 60  # seconds between preview and confirmation


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of the preview. ``new`` is "" for a cell that the file leaves empty."""

    cell: Cell
    old: str
    new: str


@dataclass(frozen=True)
class Preview:
    """What a file would change in the sheet as it stands. Nothing is stored yet.

    ``values`` is what the file says, ``blank`` the cells that it leaves empty, ``version`` the state of the sheet
    that the person compares with.
    """

    sheet: FormSheet
    old: Mapping[str, CellValue]
    version: int
    values: Mapping[str, CellValue]
    blank: Collection[str]
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def changes(self) -> list[Change]:
        return [
            Change(cell, show(cell, self.old.get(code)), show(cell, self.values[code]))
            for code, cell in self.sheet.cells.items()
            if code in self.values and self.values[code] != self.old.get(code)
        ]

    @property
    def emptied(self) -> list[Change]:
        """Cells with a value that the file leaves empty: they stay, unless the person says otherwise."""
        return [
            Change(cell, show(cell, self.old[code]), "")
            for code, cell in self.sheet.cells.items()
            if code in self.blank and code in self.old
        ]

    @property
    def unchanged(self) -> int:
        return sum(1 for code, value in self.values.items() if self.old.get(code) == value)

    def merged(self, clear: Collection[str] = ()) -> dict[str, CellValue]:
        """The whole sheet after the import. Only cells that the file leaves empty can be cleared."""
        cleared = set(clear) & set(self.blank)
        both = {**self.old, **self.values}
        return {code: both[code] for code in self.sheet.cells if code in both and code not in cleared}

    def told(self, severity: str) -> list[str]:
        """Contradictions (errors) or unusual figures (warnings) of the sheet after the import, with their place."""
        found = []
        for problem in check(self.merged(), self.sheet):
            if problem.severity == severity:
                text = f"{self.sheet.cells[problem.code].name}: {problem.message}"
                place = self.places.get(problem.code)
                found.append(str(place.problem(text)) if place else text)
        return found


def preview(
    school: School,
    stored: BasicData | None,
    values: Mapping[str, CellValue],
    blank: Collection[str],
    places: Mapping[str, Place] | None = None,
) -> Preview:
    """Compare what a file says with the sheet as it stands."""
    sheet = form_sheet(school.form, school.naungan)
    old = stored.known if stored else {}
    return Preview(sheet, old, stored.writes if stored else 0, values, tuple(blank), places or {})


def pack(found: Preview, *, school: School, year: AcademicYear, user: User) -> str:
    """The preview as a signed text for a hidden field: this person, this school, this year, this state."""
    content = {
        "school": school.pk, "year": year.start, "user": user.pk, "version": found.version,
        "values": dict(found.values), "blank": [change.cell.code for change in found.emptied],
    }  # fmt: skip
    return signing.dumps(content, salt=SALT, compress=True)


def unpack(text: str, *, school: School, year: AcademicYear, user: User) -> dict[str, Any]:
    """What :func:`pack` wrote. Raises StateError when it is too old, DomainError when it is not ours."""
    try:
        content: dict[str, Any] = signing.loads(text, salt=SALT, max_age=LIFETIME)
    except signing.SignatureExpired:
        raise StateError("Pratinjau ini sudah lebih dari dua jam. Unggah berkasnya sekali lagi.") from None
    except signing.BadSignature:
        raise DomainError("Pratinjau ini tidak terbaca. Unggah berkasnya sekali lagi.") from None
    if (content["school"], content["year"], content["user"]) != (school.pk, year.start, user.pk):
        raise DomainError("Pratinjau ini untuk sekolah, tahun, atau akun lain. Unggah berkasnya sekali lagi.")
    return content
