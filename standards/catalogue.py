"""What good is, as data: the parts in which quality is measured (the eight standards of the SNP first of all) and the
legal bases. The instruments that ask about them are in standards.instruments.

Pure: reads and validates files, knows neither Django nor the database. Every fault is reported with file,
line and field (common.yamlfile.DataFileError).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints, field_validator, model_validator

from common.yamlfile import DataFileError, Problem, decode, parse, read_bytes, read_yaml
from standards.items import Frozen, Text

DATA_DIR = Path(__file__).parent / "data"
DRAFT_MARK = "DRAFT.md"  # a folder of data that holds this file is still being written and is not loaded
SNP_CODE = re.compile(r"[1-9]\d?(\.[1-9]\d?){0,2}")
NAME_LENGTH = 250  # of a name or a title in the tables; SQLite would keep a longer one, PostgreSQL refuses it

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH)]
Status = Literal["confirmed", "partly_confirmed", "unverified"]  # of a name: is it the official one?
Level = Literal["standard", "indicator", "subindicator"]  # what people call them is data of the instrument
DEPTH: dict[str, int] = {"standard": 1, "indicator": 2, "subindicator": 3}


# --- the parts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One standard, indicator or subindicator (or what an instrument with a tree of its own has in their place), with
    how sure its wording is and where it was seen."""

    code: str
    level: Level
    name: str
    name_en: str
    status: Status
    note: str
    source: str

    @property
    def parent(self) -> str:
        """Code of the row above; "" for a standard."""
        return self.code.rpartition(".")[0]


@dataclass(frozen=True)
class Catalogue:
    """Parts in three levels, each below its parent, in the order in which they are read.

    The SNP has 8 standards, 29 indicators and 189 subindicators; an instrument with a tree of its own has one
    catalogue per form of education (InstrumentSpec.catalogue).
    """

    rows: tuple[CatalogueRow, ...]

    @cached_property
    def by_code(self) -> dict[str, CatalogueRow]:
        return {row.code: row for row in self.rows}

    @cached_property
    def standards(self) -> tuple[CatalogueRow, ...]:
        return tuple(row for row in self.rows if row.level == "standard")

    @cached_property
    def _children(self) -> dict[str, tuple[CatalogueRow, ...]]:
        found: dict[str, list[CatalogueRow]] = {}
        for row in self.rows:
            found.setdefault(row.parent, []).append(row)
        return {code: tuple(rows) for code, rows in found.items()}

    def children(self, code: str) -> tuple[CatalogueRow, ...]:
        return self._children.get(code, ())

    def part(self, standard: str) -> Catalogue:
        """One standard alone, for a page that needs the figures of that one."""
        return Catalogue(tuple(row for row in self.rows if row.code.partition(".")[0] == standard))


def load_catalogue(path: Path = DATA_DIR / "snp.csv") -> Catalogue:
    """Read the catalogue of the SNP. Raises DataFileError for a wrong column, code, level, status or parent."""
    problems: list[Problem] = []
    rows: list[CatalogueRow] = []
    seen: set[str] = set()
    reader = csv.DictReader(io.StringIO(decode(read_bytes(path), path), newline=""), strict=True)
    wanted = ["code", "level", "name", "name_en", "status", "note", "source"]
    read: list[tuple[int, dict[str, str]]] = []
    try:
        if reader.fieldnames != wanted:
            raise DataFileError([Problem(path.name, 1, "", f"kolom harus: {', '.join(wanted)}")])
        for raw in reader:
            read.append((reader.line_num, raw))
    except csv.Error:  # a quotation mark that stays open, or a field without end
        line = (read[-1][0] if read else reader.line_num) + 1
        message = "mulai di baris ini isinya tidak terbaca; periksa tanda kutipnya"
        raise DataFileError([Problem(path.name, line, "", message)]) from None
    if not read:
        raise DataFileError([Problem(path.name, 0, "", "tidak memuat satu baris pun")])
    for end, raw in read:
        line = end - sum(value.count("\n") for value in raw.values() if isinstance(value, str))
        if None in raw or None in raw.values():
            problems.append(Problem(path.name, line, "", "jumlah kolom tidak cocok"))
            continue
        row = CatalogueRow(**raw)  # type: ignore[arg-type]  # level and status are checked just below
        if DEPTH.get(row.level) != row.code.count(".") + 1:
            problems.append(Problem(path.name, line, "level", f"tidak cocok dengan kode {row.code}"))
        if not SNP_CODE.fullmatch(row.code):
            problems.append(Problem(path.name, line, "code", f"'{row.code}' bukan kode; contoh 8, 8.2, 8.2.1"))
        for field in ("name", "name_en"):
            if len(getattr(row, field)) > NAME_LENGTH:
                problems.append(Problem(path.name, line, field, f"terlalu panjang (paling banyak {NAME_LENGTH} tanda)"))
        if row.code in seen:
            problems.append(Problem(path.name, line, "code", f"{row.code} tertulis dua kali"))
        if row.parent and row.parent not in seen:
            problems.append(Problem(path.name, line, "code", f"induk {row.parent} tidak ada di atasnya"))
        for field in ("name", "source"):
            if not getattr(row, field).strip():
                problems.append(Problem(path.name, line, field, "wajib diisi"))
        if row.status not in ("confirmed", "partly_confirmed", "unverified"):
            problems.append(Problem(path.name, line, "status", f"'{row.status}' tidak dikenal"))
        seen.add(row.code)
        rows.append(row)
    if problems:
        raise DataFileError(problems)
    return Catalogue(tuple(rows))


# --- legal bases ------------------------------------------------------------------------------------


class LegalBasisSpec(Frozen):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: Title
    subject: Title
    standard: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    replaces: tuple[Text, ...] = ()
    status: Literal["verified", "unverified", "conflict"]
    source: Text
    note: str = ""

    @field_validator("valid_from", "valid_to")
    @classmethod
    def _day(cls, day: str | None) -> str | None:
        if day is not None:
            try:
                exact = date.fromisoformat(day).isoformat() == day
            except ValueError:
                exact = False
            if not exact:
                raise ValueError(f"'{day}' bukan tanggal; tulis seperti 2026-01-05")
        return day

    @model_validator(mode="after")
    def _period(self) -> LegalBasisSpec:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lebih awal daripada valid_from")
        return self


class LegalBasisFile(Frozen):
    bases: tuple[LegalBasisSpec, ...]

    @field_validator("bases")
    @classmethod
    def _unique(cls, bases: tuple[LegalBasisSpec, ...]) -> tuple[LegalBasisSpec, ...]:
        keys = [basis.key for basis in bases]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"kunci tertulis dua kali: {', '.join(sorted(twice))}")
        return bases


def load_legal_bases(path: Path, standards: set[str] | None) -> tuple[LegalBasisSpec, ...]:
    """Read the legal bases. Raises DataFileError, also for one of a standard that is not among *standards* (None: the
    catalogue cannot be read)."""
    document = read_yaml(path)
    bases = parse(document, LegalBasisFile).bases
    problems = [
        document.problem(("bases", index, "standard"), f"standar {basis.standard} tidak ada dalam katalog")
        for index, basis in enumerate(bases)
        if None not in (basis.standard, standards) and basis.standard not in (standards or ())
    ]
    if problems:
        raise DataFileError(problems)
    return bases
