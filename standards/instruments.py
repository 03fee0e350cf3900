"""The instruments that ask about the parts of a catalogue, as data: one folder per version.

Pure: reads and validates files, knows neither Django nor the database. Every fault is reported with file,
line and field (common.yamlfile.DataFileError).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, field_validator, model_validator

from common.canonical import canonical_json, sha256_text
from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from standards.catalogue import (
    DATA_DIR,
    DEPTH,
    DRAFT_MARK,
    Catalogue,
    CatalogueRow,
    Level,
    Status,
    Title,
)
from standards.groups import GROUPS_FILE, GroupSpec, read_as_group, read_groups
from standards.items import LEVELS, SNP_ITEM_CODE, ExactFraction, Form, Frozen, ItemSpec, Kind, Text, later
from standards.wording import read_as, worded

SCHOOL_KEY, OFFICE_KEY = "sekolah-", "dinas-"  # how the keys of instruments begin that belong to somebody
OWNED_KEY = f"awalan “{SCHOOL_KEY}” dan “{OFFICE_KEY}” hanya untuk instrumen milik sekolah dan dinas"

INSTRUMENTS_DIR = DATA_DIR / "instruments"
STANDARD_FILE = re.compile(r"standard-[1-9]\d?\.yaml")
COMPONENT_FILE = re.compile(r"component-[1-9]\d?(-[a-z0-9-]+)?\.yaml")
TREE_FILE = "tree.yaml"
SCOPES_FILE = "scopes.yaml"
UNKNOWN_FILE = (
    "nama berkas tidak dikenal; di sini hanya instrument.yaml, scopes.yaml, groups.yaml, dan standard-<nomor>.yaml, "
    "atau dengan tree.yaml component-<nomor>.yaml (juga component-<nomor>-<bentuk>.yaml)"
)
RETIRED_MARK = "RETIRED.md"  # no cycle starts any more on a version whose folder holds this file


# --- one version ------------------------------------------------------------------------------------


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


class Scoring(Frozen):
    """Of an instrument without rules: its figures are worked out elsewhere, and where; or its results are shown as
    levels and nothing is worked out from them."""

    status: Literal["elsewhere", "levels"]
    note: Text


class Labels(Frozen):
    """What this instrument calls its parts."""

    standard: Text
    indicator: Text
    subindicator: Text
    item: Text


class About(Frozen):
    """How a version is called, where it comes from, and for whom it is."""

    instrument: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=40)]
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,3}$")]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    source: Text
    note: str = ""
    forms: tuple[Form, ...] = Field(min_length=1)
    labels: Labels


class _Header(About):
    origin: Literal["official", "own"]
    rules: Rules | None = later(None)
    scoring: Scoring | None = later(None)

    @model_validator(mode="after")
    def _scored(self) -> _Header:
        if (self.rules is None) == (self.scoring is None):
            raise ValueError(
                "isi salah satu: rules (profil dihitung dari jawaban) atau scoring (dihitung di tempat lain)"
            )
        return self


class TreeRow(Frozen):
    """One part of an instrument that is not built on the SNP. ``status`` speaks of its name alone."""

    code: Annotated[str, StringConstraints(pattern=r"^[1-9]\d?(\.[A-Za-z0-9-]+){0,2}$", max_length=12)]
    level: Level
    name: Title
    status: Status
    note: str = ""
    source: Text
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _depth(self) -> TreeRow:
        if DEPTH[self.level] != self.code.count(".") + 1:
            raise ValueError(f"level {self.level} tidak cocok dengan kode {self.code}")
        return self

    @property
    def parent(self) -> str:
        return self.code.rpartition(".")[0]

    def at(self, form: str) -> bool:
        """Whether the instrument has this part for schools of *form*."""
        return self.forms is None or form in self.forms


class _TreeFile(Frozen):
    rows: tuple[TreeRow, ...] = Field(min_length=1)


class _StandardFile(Frozen):
    standard: Text
    items: tuple[ItemSpec, ...] = Field(min_length=1)


class _ComponentFile(Frozen):
    component: Text
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)
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
    """One version of an instrument, complete: header, parts, rules and items in the order of their parts.

    ``tree`` is empty for an instrument whose parts are the SNP. The same code may stand twice in items and tree, for
    forms of education that have nothing in common; look things up by form. ``scopes`` is empty for a version that is
    always asked as a whole; ``minutes`` estimates the time of one person for one item of a kind, with the evidence at
    hand.
    """

    tree: tuple[TreeRow, ...] = later(())
    items: tuple[ItemSpec, ...]
    scopes: tuple[Scope, ...] = later(())
    minutes: dict[Kind, int] = later({})
    groups: tuple[GroupSpec, ...] = later(())

    @cached_property
    def _catalogues(self) -> dict[str, Catalogue]:
        return {}

    def catalogue(self, form: str) -> Catalogue | None:
        """The parts of this instrument for schools of *form*, in their words; None when they are those of the SNP.

        Every instrument without a tree shares those (standards.services.the_catalogue).
        """
        if not self.tree:
            return None
        if form not in self._catalogues:
            rows = (row for row in self.tree if row.at(form))
            self._catalogues[form] = Catalogue(
                tuple(
                    CatalogueRow(row.code, row.level, read_as(row.name, form), "", row.status, row.note, row.source)
                    for row in rows
                )
            )
        return self._catalogues[form]

    @property
    def profile_rules(self) -> Rules:
        """The rules by which answers become a profile. Raises ValueError for an instrument that has none."""
        if self.rules is None:
            raise ValueError(f"{self.instrument} {self.version} has no rules: its figures are worked out elsewhere")
        return self.rules

    @cached_property
    def _asked(self) -> dict[tuple[str, str], dict[str, ItemSpec]]:
        return {}

    def asked(self, form: str, scope: str = "") -> dict[str, ItemSpec]:
        """What schools of *form* are asked in a scope, by code and in the order of the parts.

        In the words of *form* (standards.wording), except what a school wrote for itself. What is stored, compared or
        edited is ``items``, as written.

        *scope* is the key of a scope; "" asks everything. Raises KeyError for an unknown scope.
        """
        if (form, scope) not in self._asked:
            if scope:
                chosen = self.scope(scope).codes
                items = self.asked(form)
                asked = {code: item for code, item in items.items() if chosen is None or code in chosen}
            else:
                items = {item.code: item for item in self.items if form in self.forms and item.asked_at(form)}
                own = self.instrument.startswith(SCHOOL_KEY)
                asked = items if own else {code: worded(item, form) for code, item in items.items()}
            self._asked[form, scope] = asked
        return self._asked[form, scope]

    @cached_property
    def _groups(self) -> dict[str, dict[str, GroupSpec]]:
        return {}

    def groups_for(self, form: str) -> dict[str, GroupSpec]:
        """Groups by key, in the same words as :meth:`asked`."""
        if form not in self._groups:
            own = self.instrument.startswith(SCHOOL_KEY)
            self._groups[form] = {one.key: one if own else read_as_group(one, form) for one in self.groups}
        return self._groups[form]

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
        """The content as text that is always the same; fields that came later are in it only where they are used."""
        return canonical_json(self.model_dump(mode="json"))

    def sha256(self) -> str:
        return sha256_text(self.canonical())


def code_order(code: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in code.split("."))


# --- reading a version from its files -----------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """One file of questions: where it stands, its part of the first level, its questions with the forms of the file."""

    document: Document
    field: str  # in which the part of the first level is named
    part: str
    items: tuple[ItemSpec, ...]

    @property
    def name(self) -> str:
        return self.document.path.name


def _read_source(path: Path) -> _Source:
    """Raises DataFileError."""
    document = read_yaml(path)
    if STANDARD_FILE.fullmatch(path.name):
        standard = parse(document, _StandardFile)
        return _Source(document, "standard", standard.standard, standard.items)
    component = parse(document, _ComponentFile)
    items = tuple(
        item if item.forms or not component.forms else item.model_copy(update={"forms": component.forms})
        for item in component.items
    )
    return _Source(document, "component", component.component, items)


def _check_items(sources: list[_Source], header: _Header, bases: set[str] | None) -> Iterator[Problem]:
    """What every question must obey, whatever its parts are."""
    seen: dict[tuple[str, str], str] = {}
    for source in sources:
        for index, item in enumerate(source.items):
            place = ("items", index)
            at = item.forms or header.forms
            if elsewhere := [seen[item.code, form] for form in at if (item.code, form) in seen]:
                yield source.document.problem((*place, "code"), f"{item.code} sudah ada di {elsewhere[0]}")
            seen |= {(item.code, form): source.name for form in at}
            if item.standard != source.part:
                kind = "standar" if source.field == "standard" else "komponen"
                message = f"{item.code} bukan bagian dari {kind} {source.part}"
                yield source.document.problem((*place, "code"), message)
            for form in item.forms or ():
                if form not in header.forms:
                    yield source.document.problem((*place, "forms"), f"{form} tidak termasuk instrumen ini")
            for key in item.basis:
                if bases is not None and key not in bases:
                    yield source.document.problem((*place, "basis"), f"dasar hukum '{key}' tidak dikenal")


def _check_on_snp(sources: list[_Source], catalogue: Catalogue | None) -> Iterator[Problem]:
    """Questions whose parts are the SNP; without a *catalogue* what can be said without it."""
    for source in sources:
        if catalogue and source.part not in {row.code for row in catalogue.standards}:
            yield source.document.problem((source.field,), f"standar {source.part} tidak ada dalam katalog")
        for index, item in enumerate(source.items):
            place = ("items", index)
            if item.part:
                yield source.document.problem((*place, "part"), "hanya untuk instrumen dengan tree.yaml")
            elif not SNP_ITEM_CODE.fullmatch(item.code):
                message = f"'{item.code}' bukan kode pertanyaan; contoh 8.2.1.a (kode subindikator dan satu huruf)"
                yield source.document.problem((*place, "code"), message)
            elif catalogue:
                row = catalogue.by_code.get(item.subindicator)
                if row is None or row.level != "subindicator":
                    message = f"subindikator {item.subindicator} tidak ada dalam katalog"
                    yield source.document.problem((*place, "code"), message)
            if item.dimension is None:
                yield source.document.problem((*place, "dimension"), "wajib diisi")
            if not item.answerable:
                message = "setiap subindikator SNP bernama, jadi pertanyaannya dapat ditulis"
                yield source.document.problem((*place, "answerable"), message)


def _check_tree(document: Document, rows: tuple[TreeRow, ...], header: _Header) -> Iterator[Problem]:
    """Parts: named once per form, each below its parent, and only of forms that the instrument has."""
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(rows):
        place = ("rows", index)
        for form in row.forms or ():
            if form not in header.forms:
                yield document.problem((*place, "forms"), f"{form} tidak termasuk instrumen ini")
        at = [form for form in row.forms or header.forms if form in header.forms]
        if twice := [form for form in at if (row.code, form) in seen]:
            yield document.problem((*place, "code"), f"{row.code} tertulis dua kali untuk {', '.join(twice)}")
        if row.parent and (without := [form for form in at if (row.parent, form) not in seen]):
            message = f"induk {row.parent} tidak ada di atasnya untuk {', '.join(without)}"
            yield document.problem((*place, "code"), message)
        seen |= {(row.code, form) for form in at}


def _check_on_tree(
    sources: list[_Source], document: Document, rows: tuple[TreeRow, ...], header: _Header
) -> Iterator[Problem]:
    """Questions whose parts stand in tree.yaml: each below one part, each part with a question."""
    third = {(row.code, form) for row in rows if row.level == "subindicator" for form in row.forms or header.forms}
    asked: set[tuple[str, str]] = set()
    for source in sources:
        if source.part not in {row.code for row in rows if row.level == "standard"}:
            yield source.document.problem((source.field,), f"komponen {source.part} tidak ada dalam {TREE_FILE}")
        for index, item in enumerate(source.items):
            place = ("items", index)
            at = item.forms or header.forms
            if missing := [form for form in at if (item.subindicator, form) not in third and form in header.forms]:
                message = (
                    f"{item.subindicator} bukan bagian tingkat ketiga (subindicator) dalam {TREE_FILE} "
                    f"untuk {', '.join(missing)}"
                )
                yield source.document.problem((*place, "part" if item.part else "code"), message)
            asked |= {(item.subindicator, form) for form in at}
            wanted = ["status", "source"] if item.answerable else ["status", "source", "note"]
            for field in wanted:
                if not getattr(item, field):
                    yield source.document.problem((*place, field), "wajib diisi")
    below = {(row.parent, form) for row in rows for form in row.forms or header.forms} | asked
    for index, row in enumerate(rows):
        empty = [form for form in row.forms or header.forms if (row.code, form) not in below]
        if empty and row.level == "subindicator":
            message = f"{row.code} belum memiliki pertanyaan untuk {', '.join(empty)}"
            yield document.problem(("rows", index, "code"), message)
        elif empty and not row.note:
            message = f"wajib diisi: mengapa {row.code} tidak memuat apa pun untuk {', '.join(empty)}"
            yield document.problem(("rows", index, "note"), message)


def _check_scopes(document: Document, content: _ScopesFile, codes: set[str]) -> Iterator[Problem]:
    for index, scope in enumerate(content.scopes):
        for number, item in enumerate(scope.items or ()):
            if item.code not in codes:
                place = ("scopes", index, "items", number, "code")
                yield document.problem(place, f"pertanyaan {item.code} tidak ada dalam versi ini")


def _check_names(folder: Path, *, with_tree: bool) -> Iterator[Problem]:
    """Every file is of a kind that this version reads; a misspelled one would be passed over in silence."""
    for path in sorted(folder.iterdir()):
        if path.name in {"instrument.yaml", TREE_FILE, SCOPES_FILE, GROUPS_FILE, DRAFT_MARK, RETIRED_MARK}:
            continue
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        if STANDARD_FILE.fullmatch(path.name):
            if with_tree:
                message = f"dengan {TREE_FILE} pertanyaan ditulis dalam component-<nomor>.yaml"
                yield Problem(path.name, 0, "", message)
        elif COMPONENT_FILE.fullmatch(path.name):
            if not with_tree:
                yield Problem(path.name, 0, "", f"memerlukan {TREE_FILE}, yang menyebut nama bagian-bagiannya")
        else:
            yield Problem(path.name, 0, "", UNKNOWN_FILE)


def _in_order(items: Iterable[ItemSpec], tree: tuple[TreeRow, ...]) -> tuple[ItemSpec, ...]:
    """By the place of their part in the tree, then by code; without a tree by code alone."""
    places: Mapping[tuple[str, str], int] = {
        (row.code, form): place for place, row in enumerate(tree) for form in row.forms or get_args(Form)
    }

    def key(item: ItemSpec) -> tuple[int, tuple[tuple[int, str], ...]]:
        first = (item.forms or get_args(Form))[0]
        return places.get((item.subindicator, first), 0), code_order(item.code)

    return tuple(sorted(items, key=key))


def load_instrument(folder: Path, catalogue: Catalogue | None, bases: set[str] | None) -> InstrumentSpec:
    """Read one version from its folder: instrument.yaml; standard-*.yaml on the SNP, or tree.yaml and
    component-*.yaml; scopes.yaml where there are scopes, groups.yaml where questions are answered together.

    What cannot be read (None) is not compared with. Raises DataFileError with every problem of all its files.
    """
    with_tree = (folder / TREE_FILE).exists()
    problems: list[Problem] = []
    header: _Header | None = None
    try:
        header = parse(read_yaml(folder / "instrument.yaml"), _Header)
    except DataFileError as error:
        problems += error.problems
    problems += _check_names(folder, with_tree=with_tree)
    pattern = "component-*.yaml" if with_tree else "standard-*.yaml"
    sources: list[_Source] = []
    paths = sorted(folder.glob(pattern))
    for path in paths:
        try:
            sources.append(_read_source(path))
        except DataFileError as error:
            problems += error.problems
    tree: tuple[TreeRow, ...] = ()
    if with_tree:
        try:
            document = read_yaml(folder / TREE_FILE)
            tree = parse(document, _TreeFile).rows
            if header is not None:
                problems += _check_tree(document, tree, header)
                if not problems:  # a broken file would make every part of its questions look empty
                    problems += _check_on_tree(sources, document, tree, header)
        except DataFileError as error:
            problems += error.problems
    else:
        problems += _check_on_snp(sources, catalogue)
    if header is not None:
        problems += _check_items(sources, header, bases)
        if (header.instrument, header.version) != (folder.parent.name, folder.name):
            message = f"isi tidak cocok dengan folder {folder.parent.name}/{folder.name}"
            problems.append(Problem("instrument.yaml", 0, "", message))
        if header.instrument.startswith((SCHOOL_KEY, OFFICE_KEY)):
            problems.append(Problem("instrument.yaml", 0, "instrument", OWNED_KEY))
    scopes: _ScopesFile | None = None
    if (folder / SCOPES_FILE).exists():
        try:
            document = read_yaml(folder / SCOPES_FILE)
            scopes = parse(document, _ScopesFile)
            if len(sources) == len(paths):  # of a broken file no question is known
                problems += _check_scopes(document, scopes, {item.code for source in sources for item in source.items})
        except DataFileError as error:
            problems += error.problems
    found = [(source.document, source.items) for source in sources]
    groups, wrong = read_groups(folder, found, complete=not problems)
    problems += wrong
    if not sources and not problems:
        problems.append(Problem("instrument.yaml", 0, "", f"tidak ada berkas {pattern}"))
    if problems or header is None:
        raise DataFileError(problems)
    return InstrumentSpec(
        **header.model_dump(),
        tree=tree,
        items=_in_order((item for source in sources for item in source.items), tree),
        scopes=scopes.scopes if scopes else (),
        minutes=scopes.minutes if scopes else {},
        groups=groups,
    )
