"""What good is, as data: the eight standards and the instruments that ask about them.

Pure: reads and validates files, knows neither Django nor the database. Every fault is reported with file,
line and field (common.yamlfile.DataFileError).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import (
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from common.canonical import canonical_json, sha256_text
from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from standards.items import LEVELS, ExactFraction, Form, Frozen, ItemSpec, Kind, Text

DATA_DIR = Path(__file__).parent / "data"
INSTRUMENTS_DIR = DATA_DIR / "instruments"
STANDARD_FILE = re.compile(r"standard-[1-9]\d?\.yaml")
SCOPES_FILE = "scopes.yaml"
UNKNOWN_FILE = "nama berkas tidak dikenal; di sini hanya instrument.yaml, scopes.yaml, dan standard-<nomor>.yaml"
DRAFT_MARK = "DRAFT.md"  # a version folder that holds this file is still being written and is not loaded
SNP_CODE = re.compile(r"[1-9]\d?(\.[1-9]\d?){0,2}")
NAME_LENGTH = 250  # of a name or a title in the tables; SQLite would keep a longer one, PostgreSQL refuses it

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH)]
Status = Literal["confirmed", "partly_confirmed", "unverified"]


# --- the eight standards ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One standard, indicator or subindicator, with how sure its wording is and where it was seen."""

    code: str
    level: Literal["standard", "indicator", "subindicator"]
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
    """8 standards, 29 indicators, 189 subindicators, in the order of their codes."""

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
    """Read the catalogue. Raises DataFileError for a wrong column, code, level, status or parent."""
    problems: list[Problem] = []
    rows: list[CatalogueRow] = []
    depth = {"standard": 1, "indicator": 2, "subindicator": 3}
    seen: set[str] = set()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataFileError([Problem(path.name, 0, "", "berkas tidak ditemukan")]) from None
    except UnicodeDecodeError:
        raise DataFileError([Problem(path.name, 0, "", "bukan UTF-8")]) from None
    reader = csv.DictReader(text.splitlines())
    wanted = ["code", "level", "name", "name_en", "status", "note", "source"]
    if reader.fieldnames != wanted:
        raise DataFileError([Problem(path.name, 1, "", f"kolom harus: {', '.join(wanted)}")])
    for raw in reader:
        line = reader.line_num
        if None in raw or None in raw.values():
            problems.append(Problem(path.name, line, "", "jumlah kolom tidak cocok"))
            continue
        row = CatalogueRow(**raw)  # type: ignore[arg-type]  # level and status are checked just below
        if depth.get(row.level) != row.code.count(".") + 1:
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
        if not row.name or not row.source:
            problems.append(Problem(path.name, line, "name" if not row.name else "source", "wajib diisi"))
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


def load_legal_bases(path: Path, standards: set[str]) -> tuple[LegalBasisSpec, ...]:
    """Read the legal bases. Raises DataFileError, also for one of a standard that is not among *standards*."""
    document = read_yaml(path)
    bases = parse(document, LegalBasisFile).bases
    problems = [
        document.problem(("bases", index, "standard"), f"standar {basis.standard} tidak ada dalam katalog")
        for index, basis in enumerate(bases)
        if basis.standard is not None and basis.standard not in standards
    ]
    if problems:
        raise DataFileError(problems)
    return bases


# --- instruments ------------------------------------------------------------------------------------


class Category(Frozen):
    """A name for scores up to and including ``upper`` (two decimals)."""

    upper: ExactFraction
    name: Text


class Rules(Frozen):
    """How answers become a profile. All of it is data of the instrument version."""

    rubric: dict[int, ExactFraction]
    scale: int = Field(gt=0)
    standard_from: Literal["indicators", "subindicators"]
    digits: int = Field(ge=0, le=6)
    categories: tuple[Category, ...] = Field(min_length=1)
    source: Text

    @model_validator(mode="after")
    def _sane(self) -> Rules:
        if set(self.rubric) != set(LEVELS):
            raise ValueError("rubric harus memuat level 1 sampai 4")
        values = [self.rubric[level] for level in LEVELS]
        if values != sorted(set(values)) or not (values[0] >= 0 and values[-1] <= 1):
            raise ValueError("rubric harus naik dari level 1 ke 4, di antara 0 dan 1")
        uppers = [category.upper for category in self.categories]
        if uppers != sorted(set(uppers)) or uppers[-1] != self.scale:
            raise ValueError("batas kategori harus naik dan berakhir pada nilai skala")
        return self


class Labels(Frozen):
    """What this instrument calls its parts."""

    standard: Text
    indicator: Text
    subindicator: Text
    item: Text


class _Header(Frozen):
    instrument: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=40)]
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,3}$")]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    origin: Literal["official", "own"]
    source: Text
    note: str = ""
    forms: tuple[Form, ...] = Field(min_length=1)
    labels: Labels
    rules: Rules


class _ItemsFile(Frozen):
    standard: Text
    items: tuple[ItemSpec, ...] = Field(min_length=1)


class ScopeItem(Frozen):
    """One question of a scope, and why it was chosen."""

    code: Text
    why: Text


class Scope(Frozen):
    """A choice among the questions of a version; without ``items`` it takes all of them."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=20)]
    name: Text
    about: Text
    items: tuple[ScopeItem, ...] | None = Field(default=None, min_length=1)

    @property
    def codes(self) -> frozenset[str] | None:
        """Codes of the questions of this scope; None when it takes all of them."""
        return None if self.items is None else frozenset(item.code for item in self.items)


class _ScopesFile(Frozen):
    minutes: dict[Kind, Annotated[int, Field(gt=0)]]
    scopes: tuple[Scope, ...] = Field(min_length=1)

    @field_validator("minutes")
    @classmethod
    def _all_kinds(cls, minutes: dict[Kind, int]) -> dict[Kind, int]:
        if missing := [kind for kind in get_args(Kind) if kind not in minutes]:
            raise ValueError(f"menit belum ditulis untuk {', '.join(missing)}")
        return minutes

    @field_validator("scopes")
    @classmethod
    def _once(cls, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
        keys = [scope.key for scope in scopes]
        if len(set(keys)) != len(keys):
            raise ValueError("kunci cakupan tertulis dua kali")
        for scope in scopes:
            codes = [item.code for item in scope.items or ()]
            if twice := sorted({code for code in codes if codes.count(code) > 1}):
                raise ValueError(f"cakupan {scope.key} memuat dua kali: {', '.join(twice)}")
        return scopes


class InstrumentSpec(_Header):
    """One version of an instrument, complete: header, rules and items in the order of their codes.

    ``scopes`` is empty for a version that is always asked as a whole; ``minutes`` estimates the time of one person
    for one item of a kind, with the evidence at hand.
    """

    items: tuple[ItemSpec, ...]
    scopes: tuple[Scope, ...] = ()
    minutes: dict[Kind, int] = {}

    @cached_property
    def _asked(self) -> dict[tuple[str, str], dict[str, ItemSpec]]:
        return {}

    def asked(self, form: str, scope: str = "") -> dict[str, ItemSpec]:
        """What schools of *form* are asked in a scope, by code and in the order of the codes.

        *scope* is the key of a scope; "" asks everything. Raises KeyError for an unknown scope.
        """
        if (form, scope) not in self._asked:
            chosen = self.scope(scope).codes if scope else None
            items = (item for item in self.items if item.asked_at(form))
            self._asked[form, scope] = {item.code: item for item in items if chosen is None or item.code in chosen}
        return self._asked[form, scope]

    def items_for(self, form: str, standard: str | None = None, scope: str = "") -> tuple[ItemSpec, ...]:
        """Items of :meth:`asked`, of one standard or of all."""
        items = self.asked(form, scope).values()
        return tuple(item for item in items if standard in (None, item.standard))

    def standards_for(self, form: str, scope: str = "") -> tuple[str, ...]:
        """Codes of the standards that this instrument measures at *form*, in order."""
        return tuple(dict.fromkeys(item.standard for item in self.asked(form, scope).values()))

    def scope(self, key: str) -> Scope:
        """Raises KeyError for an unknown key."""
        for scope in self.scopes:
            if scope.key == key:
                return scope
        raise KeyError(key)

    def canonical(self) -> str:
        """The content as text that is always the same; what a version leaves out is left out here."""
        data = self.model_dump(mode="json")
        if not self.scopes:
            del data["scopes"], data["minutes"]
        return canonical_json(data)

    def sha256(self) -> str:
        return sha256_text(self.canonical())


def _sort_key(code: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in code.split("."))


def _check_items(
    documents: list[tuple[Document, _ItemsFile]], header: _Header, catalogue: Catalogue, bases: set[str]
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for document, content in documents:
        if content.standard not in {row.code for row in catalogue.standards}:
            yield document.problem(("standard",), f"standar {content.standard} tidak ada dalam katalog")
        for index, item in enumerate(content.items):
            place = ("items", index)
            if item.code in seen:
                yield document.problem((*place, "code"), f"{item.code} sudah ada di {seen[item.code]}")
            seen[item.code] = document.path.name
            if item.standard != content.standard:
                yield document.problem((*place, "code"), f"{item.code} bukan bagian dari standar {content.standard}")
            row = catalogue.by_code.get(item.subindicator)
            if row is None or row.level != "subindicator":
                yield document.problem((*place, "code"), f"subindikator {item.subindicator} tidak ada dalam katalog")
            for form in item.forms or ():
                if form not in header.forms:
                    yield document.problem((*place, "forms"), f"{form} tidak termasuk instrumen ini")
            for key in item.basis:
                if key not in bases:
                    yield document.problem((*place, "basis"), f"dasar hukum '{key}' tidak dikenal")


def _check_scopes(document: Document, content: _ScopesFile, codes: set[str]) -> Iterator[Problem]:
    for index, scope in enumerate(content.scopes):
        for number, item in enumerate(scope.items or ()):
            if item.code not in codes:
                place = ("scopes", index, "items", number, "code")
                yield document.problem(place, f"pertanyaan {item.code} tidak ada dalam versi ini")


def load_instrument(folder: Path, catalogue: Catalogue, bases: set[str]) -> InstrumentSpec:
    """Read one version from its folder (instrument.yaml, standard-*.yaml and, where there are scopes, scopes.yaml).

    Raises DataFileError with every problem of all its files.
    """
    problems: list[Problem] = []
    header: _Header | None = None
    try:
        header = parse(read_yaml(folder / "instrument.yaml"), _Header)
    except DataFileError as error:
        problems += error.problems
    problems += [
        Problem(
            path.name,
            0,
            "",
            UNKNOWN_FILE,
        )
        for path in sorted(folder.iterdir())
        if path.name not in {"instrument.yaml", SCOPES_FILE, DRAFT_MARK}
        and not STANDARD_FILE.fullmatch(path.name)
        and not path.name.startswith(".")
        and not path.name.endswith("~")
    ]
    documents: list[tuple[Document, _ItemsFile]] = []
    for path in sorted(folder.glob("standard-*.yaml")):
        try:
            document = read_yaml(path)
            documents.append((document, parse(document, _ItemsFile)))
        except DataFileError as error:
            problems += error.problems
    if header is not None:
        problems += _check_items(documents, header, catalogue, bases)
        if (header.instrument, header.version) != (folder.parent.name, folder.name):
            problems.append(
                Problem(
                    "instrument.yaml",
                    0,
                    "",
                    f"isi tidak cocok dengan folder {folder.parent.name}/{folder.name}",
                )
            )
    scopes: _ScopesFile | None = None
    if (folder / SCOPES_FILE).exists():
        try:
            document = read_yaml(folder / SCOPES_FILE)
            scopes = parse(document, _ScopesFile)
            codes = {item.code for _, content in documents for item in content.items}
            problems += _check_scopes(document, scopes, codes)
        except DataFileError as error:
            problems += error.problems
    if not documents and not problems:
        problems.append(Problem("instrument.yaml", 0, "", "tidak ada berkas standard-*.yaml"))
    if problems or header is None:
        raise DataFileError(problems)
    items = sorted((item for _, content in documents for item in content.items), key=lambda i: _sort_key(i.code))
    return InstrumentSpec(
        **header.model_dump(),
        items=tuple(items),
        scopes=scopes.scopes if scopes else (),
        minutes=scopes.minutes if scopes else {},
    )


@dataclass(frozen=True)
class Library:
    """Everything in the data files, checked against each other."""

    catalogue: Catalogue
    legal_bases: tuple[LegalBasisSpec, ...]
    instruments: tuple[InstrumentSpec, ...]

    def newest(self, instrument: str) -> InstrumentSpec:
        """The highest version of an instrument. Raises KeyError for an unknown one."""
        found = [spec for spec in self.instruments if spec.instrument == instrument]
        if not found:
            raise KeyError(instrument)
        return max(found, key=lambda spec: _sort_key(spec.version))


def load_library(data_dir: Path = DATA_DIR) -> Library:
    """Read and check all data files.

    Raises DataFileError: for a broken catalogue or list of legal bases with all problems of that file, else with
    all problems of all instruments.
    """
    catalogue = load_catalogue(data_dir / "snp.csv")  # everything else refers to it
    bases = load_legal_bases(data_dir / "legal_basis.yaml", {row.code for row in catalogue.standards})
    problems: list[Problem] = []
    instruments = []
    folders = (p for p in (data_dir / "instruments").glob("*/*") if p.is_dir() and not (p / DRAFT_MARK).exists())
    for folder in sorted(folders):
        try:
            instruments.append(load_instrument(folder, catalogue, {basis.key for basis in bases}))
        except DataFileError as error:
            shown = f"{folder.parent.name}/{folder.name}"
            problems += [Problem(f"{shown}/{p.file}", p.line, p.field, p.message) for p in error.problems]
    if not instruments and not problems:
        problems.append(Problem("instruments", 0, "", "tidak ada satu pun versi instrumen"))
    if problems:
        raise DataFileError(problems)
    return Library(catalogue, bases, tuple(instruments))
