"""Schemes of accreditation, read from data files. Pure: no Django, no database.

A scheme says how the answers of one school become figures: its items and weights, roundings, conditions and ranks, each
with source and status. Where the weights of a form of education are not known, the scheme says so (``unscored``) and
never borrows those of another. docs/algorithms/ explains every scheme with an example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from common.yamlfile import DataFileError, Document, FieldError, Problem, parse, read_yaml
from standards.catalogue import Catalogue, Status
from standards.crosswalk import Ref
from standards.instruments import InstrumentSpec
from standards.items import ExactFraction, Form, Frozen, Text
from standards.library import Library
from standards.wording import read_as

DATA_DIR = Path(__file__).parent / "data"
WHOLE = 100  # the weights of all components together, and the highest final value

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Weight = Annotated[int, Field(ge=1, le=WHOLE)]


def _once(field: str, values: Iterable[object]) -> None:
    """Raises FieldError when a value stands twice among those that must differ."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            shown = " di ".join(value) if isinstance(value, tuple) else value
            raise FieldError(field, f"{shown} tertulis dua kali")
        seen.add(value)


class Labels(Frozen):
    """What the scheme calls its parts."""

    component: Text
    item: Text
    group: str = ""  # between component and item, where there is such a thing


class Scale(Frozen):
    """Levels of an item, from worst to best."""

    lowest: int = Field(ge=0, le=1)
    highest: int = Field(ge=2, le=9)
    letters: dict[int, Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]] | None = None
    names: dict[int, Text] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Scale:
        for field in ("letters", "names"):
            given = getattr(self, field)
            if given is not None and sorted(given) != list(self.levels):
                raise FieldError(field, f"harus memuat tepat {', '.join(map(str, self.levels))}")
            _once(field, given.values() if given is not None else ())
        return self

    @property
    def levels(self) -> range:
        return range(self.lowest, self.highest + 1)

    def shown(self, level: int) -> str:
        """The level as the instrument writes it: a letter, a name with its number, or the number."""
        if self.letters:
            return self.letters[level]
        return f"{level} ({self.names[level]})" if self.names else str(level)


class ComponentSpec(Frozen):
    """A component with its weight. Its items are numbered here by their weights, or stand below ``part`` of the
    instrument, where all weigh the same."""

    code: Code
    name: Text
    weight: Weight
    standard: Annotated[str, StringConstraints(pattern=r"^[1-8]$")] | None = None  # of the eight standards
    weights: tuple[Weight, ...] = ()
    part: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> ComponentSpec:
        if bool(self.weights) == bool(self.part):
            raise FieldError("weights", "isi weights (bobot tiap butir) atau part (bagian instrumen), salah satu")
        return self


class TableSpec(Frozen):
    """The components of some forms of education."""

    forms: tuple[Form, ...] = Field(min_length=1)
    components: tuple[ComponentSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> TableSpec:
        _once("components", (component.code for component in self.components))
        _once("components", (component.part for component in self.components if component.part))
        if (total := sum(component.weight for component in self.components)) != WHOLE:
            raise FieldError("components", f"bobot semua komponen berjumlah {total}, seharusnya {WHOLE}")
        return self


class Unscored(Frozen):
    """Forms of education that the scheme cannot score, and why."""

    forms: tuple[Form, ...] = Field(min_length=1)
    reason: Text


class IndexSpec(Frozen):
    """Statements beside the items, each scored 1 to ``highest``, that make up a share of the final value."""

    code: Code
    name: Text
    share: ExactFraction
    highest: int = Field(ge=2, le=9)
    statements: dict[Form, Annotated[int, Field(ge=1, le=50)]]
    status: Status
    source: Text
    note: str = ""

    @model_validator(mode="after")
    def _share(self) -> IndexSpec:
        if not 0 < self.share < 1:
            raise FieldError("share", "harus di antara 0 dan 1")
        return self


class EntryQuestion(Frozen):
    code: Code
    text: Text


class EntrySpec(Frozen):
    """Yes/no conditions that are not scored: all must hold before a visit."""

    title: Text
    status: Status
    source: Text
    questions: tuple[EntryQuestion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> EntrySpec:
        _once("questions", (question.code for question in self.questions))
        return self


class Rounding(Frozen):
    """To how many decimals the value of a component is rounded before it is used; None: it stays exact."""

    component_digits: Annotated[int, Field(ge=0, le=4)] | None
    status: Status
    source: Text


class Condition(Frozen):
    """What must hold for the status. Compared as whole numbers, half up; an index as it is."""

    code: Code
    of: Literal["final", "component", "every_component", "index"]
    at_least: Annotated[int, Field(ge=0, le=WHOLE)]
    text: Text
    component: str = ""

    @model_validator(mode="after")
    def _named(self) -> Condition:
        if bool(self.component) != (self.of == "component"):
            raise FieldError("component", "diisi bila, dan hanya bila, syaratnya atas satu komponen")
        return self


class Rank(Frozen):
    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    name: Text
    at_least: Annotated[int, Field(ge=0, le=WHOLE)]
    accredited: bool


class ContextOption(Frozen):
    code: Code
    text: Text


class Context(Frozen):
    """An item with more than one rubric: the level is stored with the one that was used."""

    item: Text
    forms: tuple[Form, ...] = Field(min_length=1)
    options: tuple[ContextOption, ...] = Field(min_length=2)
    source: Text

    @model_validator(mode="after")
    def _whole(self) -> Context:
        _once("options", (option.code for option in self.options))
        return self


class NotApplicable(Frozen):
    """Items that may not apply, beside those for which the instrument itself offers it."""

    forms: tuple[Form, ...] = Field(min_length=1)
    items: tuple[Text, ...] = Field(min_length=1)
    status: Status
    source: Text


class ThresholdSpec(Frozen):
    """Letters for which a school may enter thresholds of its own, the best first."""

    letters: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]$")], ...] = Field(min_length=1)
    note: Text

    @model_validator(mode="after")
    def _whole(self) -> ThresholdSpec:
        _once("letters", self.letters)
        return self


class DocumentSpec(Frozen):
    code: Code
    name: Text


class Documents(Frozen):
    """What a school must upload before the visit."""

    status: Status
    source: Text
    items: tuple[DocumentSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Documents:
        _once("items", (item.code for item in self.items))
        return self


class Window(Frozen):
    """How many years back the rubric of an item looks."""

    item: Text
    forms: tuple[Form, ...] = Field(min_length=1)
    years: Annotated[int, Field(ge=1, le=10)]
    text: Text


class Windows(Frozen):
    status: Status
    source: Text
    rows: tuple[Window, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Windows:
        _once("rows", ((row.item, form) for row in self.rows for form in row.forms))
        return self


class SchemeSpec(Frozen):
    """One scheme in one version, as its file says."""

    scheme: Code
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,3}$")]
    title: Text
    kind: Literal["weighted", "distribution"]
    in_force: bool
    years: Text
    basis: Text
    status: Status
    source: Text
    note: str = ""
    labels: Labels
    scale: Scale
    instrument: Ref | None = None
    aliases: dict[str, Text] = {}
    tables: tuple[TableSpec, ...] = ()
    unscored: tuple[Unscored, ...] = ()
    index: IndexSpec | None = None
    entry: EntrySpec | None = None
    rounding: Rounding | None = None
    conditions: tuple[Condition, ...] = ()
    conditions_source: Text = ""
    conditions_status: Status | None = None
    ranks: tuple[Rank, ...] = ()
    ranks_source: Text = ""
    ranks_status: Status | None = None
    contexts: tuple[Context, ...] = ()
    not_applicable: tuple[NotApplicable, ...] = ()
    thresholds: ThresholdSpec | None = None
    documents: Documents | None = None
    windows: Windows | None = None

    @model_validator(mode="after")
    def _whole(self) -> SchemeSpec:
        rules = ("conditions", "conditions_source", "conditions_status", "ranks", "ranks_source", "ranks_status")
        weighted = ("tables", "rounding", *rules)
        for field in weighted:
            if bool(getattr(self, field)) != (self.kind == "weighted"):
                need = "wajib" if self.kind == "weighted" else "tidak dipakai"
                raise FieldError(field, f"{need} untuk jenis {self.kind}")
        if self.kind == "distribution" and self.instrument is None:
            raise FieldError("instrument", "wajib untuk jenis distribution")
        if self.kind == "distribution" and not self.labels.group:
            raise FieldError("labels", "group wajib untuk jenis distribution")
        limits = [rank.at_least for rank in self.ranks]
        if limits != sorted(set(limits), reverse=True):
            raise FieldError("ranks", "tulis peringkat dari yang tertinggi, tiap batas sekali")
        if [rank.accredited for rank in self.ranks] != sorted((r.accredited for r in self.ranks), reverse=True):
            raise FieldError("ranks", "peringkat terakreditasi berdiri di atas yang tidak terakreditasi")
        _once("ranks", (rank.letter for rank in self.ranks))
        _once("conditions", (condition.code for condition in self.conditions))
        _once("contexts", ((context.item, form) for context in self.contexts for form in context.forms))
        named = [form for table in self.tables for form in table.forms]
        named += [form for entry in self.unscored for form in entry.forms]
        _once("tables" if self.tables else "unscored", named)
        if self.instrument is None and any(c.part for table in self.tables for c in table.components):
            raise FieldError("instrument", "wajib, karena komponen menunjuk bagian instrumen (part)")
        scored = {form for table in self.tables for form in table.forms}
        if self.index is not None and set(self.index.statements) != scored:
            raise FieldError("index", "statements harus memuat tepat bentuk pendidikan yang dinilai")
        if (self.index is None) == any(condition.of == "index" for condition in self.conditions):
            raise FieldError("conditions", "syarat atas indeks ada bila, dan hanya bila, skema ini memiliki indeks")
        least = [rank.at_least for rank in self.ranks if rank.accredited][-1:]
        if least != [condition.at_least for condition in self.conditions if condition.of == "final"]:
            raise FieldError("conditions", "harus satu syarat nilai akhir, setinggi peringkat terakreditasi terendah")
        for table in self.tables:
            codes = {component.code for component in table.components}
            if missing := [c.component for c in self.conditions if c.component and c.component not in codes]:
                raise FieldError("conditions", f"komponen {missing[0]} tidak ada untuk {', '.join(table.forms)}")
        return self


# --- a scheme together with its items ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SchemeItem:
    """One item of a scheme in one form of education."""

    code: str
    component: str
    weight: int
    name: str = ""  # "" where the wording is not known
    group: str = ""
    na: bool = False  # whether "tidak berlaku" may be answered
    titled: bool = True  # False: its title is not public


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a scheme in one form of education. ``weight`` is None where a scheme weighs nothing."""

    code: str
    name: str
    weight: int | None
    items: tuple[SchemeItem, ...]
    standard: str | None = None

    @property
    def item_weights(self) -> int:
        return sum(item.weight for item in self.items)


@dataclass(frozen=True, slots=True)
class Group:
    """A part between component and item (a butir of IA2024)."""

    code: str
    name: str
    component: str


@dataclass(frozen=True)
class Layout:
    """What a scheme asks of one form of education."""

    components: tuple[Component, ...]
    groups: tuple[Group, ...] = ()

    @cached_property
    def items(self) -> dict[str, SchemeItem]:
        return {item.code: item for component in self.components for item in component.items}

    @cached_property
    def by_code(self) -> dict[str, Component]:
        return {component.code: component for component in self.components}


@dataclass(frozen=True)
class SchemeData:
    """A scheme and what it asks of every form of education that it can score."""

    spec: SchemeSpec
    layouts: Mapping[str, Layout]

    @property
    def key(self) -> str:
        return self.spec.scheme

    @property
    def forms(self) -> tuple[str, ...]:
        return tuple(self.layouts)

    def reason(self, form: str) -> str:
        """Why *form* cannot be scored; "" when it can, or when the form does not exist."""
        return next((entry.reason for entry in self.spec.unscored if form in entry.forms), "")

    @property
    def sources(self) -> tuple[tuple[str, str, str], ...]:
        """What rests on what: subject, source and status of every part of the rule."""
        spec = self.spec
        rows: list[tuple[str, str, str]] = [("Skema", spec.source, spec.status)]
        rows += [(f"Tidak berlaku ({', '.join(r.forms)})", r.source, r.status) for r in spec.not_applicable]
        if spec.rounding:
            rows.append(("Pembulatan", spec.rounding.source, spec.rounding.status))
        if spec.index:
            rows.append((spec.index.name, spec.index.source, spec.index.status))
        if spec.conditions_status:
            rows.append(("Syarat status", spec.conditions_source, spec.conditions_status))
        if spec.ranks_status:
            rows.append(("Peringkat", spec.ranks_source, spec.ranks_status))
        return tuple(rows)


def _part_items(
    part: str, component: str, form: str, instrument: InstrumentSpec, tree: Catalogue
) -> tuple[SchemeItem, ...]:
    """The items below one part of the first level, with the names that the tree gives them."""
    rows = tree.by_code
    return tuple(
        SchemeItem(
            code,
            component,
            1,
            rows[item.subindicator].name,
            rows[item.subindicator].parent,
            bool(item.na),
            item.answerable,
        )
        for code, item in instrument.asked(form).items()
        if item.standard == part
    )


def _weighted(table: TableSpec, form: str, instrument: InstrumentSpec | None, tree: Catalogue | None) -> Layout:
    components: list[Component] = []
    number = 1
    for spec in table.components:
        if spec.part and instrument is not None and tree is not None:
            items = _part_items(spec.part, spec.code, form, instrument, tree)
        else:
            numbered = enumerate(spec.weights, start=number)
            items = tuple(SchemeItem(str(at), spec.code, weight) for at, weight in numbered)
            number += len(items)
        components.append(Component(spec.code, read_as(spec.name, form), spec.weight, items, spec.standard))
    return Layout(tuple(components))


def _as_instrument(form: str, instrument: InstrumentSpec, tree: Catalogue) -> Layout:
    """Components and groups as the tree of the instrument has them."""
    codes = dict.fromkeys(item.standard for item in instrument.asked(form).values())
    components = tuple(
        Component(code, tree.by_code[code].name, None, _part_items(code, code, form, instrument, tree))
        for code in codes
    )
    groups = dict.fromkeys(item.group for component in components for item in component.items)
    return Layout(components, tuple(Group(code, tree.by_code[code].name, tree.by_code[code].parent) for code in groups))


def _excusing(spec: SchemeSpec, form: str, layout: Layout) -> Layout:
    """The layout with "tidak berlaku" where the scheme allows it beside the instrument."""
    codes = {code for rule in spec.not_applicable if form in rule.forms for code in rule.items}
    parts = tuple(
        replace(part, items=tuple(replace(item, na=item.na or item.code in codes) for item in part.items))
        for part in layout.components
    )
    return Layout(parts, layout.groups)


def _problems(
    document: Document, spec: SchemeSpec, instrument: InstrumentSpec | None, layouts: Mapping[str, Layout]
) -> Iterator[Problem]:
    """What only shows when the items are known."""
    refused = [form for entry in spec.unscored for form in entry.forms]
    for form in get_args(Form):
        if (form in layouts) == (form in refused):
            told = "dinilai, tetapi juga disebut" if form in refused else "tidak dinilai dan tidak disebut"
            yield document.problem(("unscored",), f"{form} {told} di antara yang belum dapat dinilai")
    for form, layout in layouts.items():
        for component in layout.components:
            if not component.items:
                yield document.problem(
                    ("tables",), f"komponen {component.code} tidak punya {spec.labels.item} di {form}"
                )
        if instrument is not None and (forgotten := [c for c in instrument.asked(form) if c not in layout.items]):
            yield document.problem(
                ("tables",), f"{spec.labels.item} {forgotten[0]} di {form} tidak masuk komponen mana pun"
            )
        for context in spec.contexts:
            if form in context.forms and context.item not in layout.items:
                yield document.problem(("contexts",), f"{context.item} tidak ada di {form}")
        for rule in spec.not_applicable:
            if form in rule.forms and (unknown := [code for code in rule.items if code not in layout.items]):
                yield document.problem(("not_applicable",), f"{unknown[0]} tidak ada di {form}")
        for window in spec.windows.rows if spec.windows else ():
            if form in window.forms and window.item not in layout.items:
                yield document.problem(("windows", "rows"), f"{window.item} tidak ada di {form}")
    known = {code for layout in layouts.values() for code in layout.items}
    for form, layout in layouts.items():
        names = [alias for code, alias in spec.aliases.items() if code in layout.items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            yield document.problem(("aliases",), f"{twice[0]} menunjuk lebih dari satu {spec.labels.item} di {form}")
    for code, alias in spec.aliases.items():
        if code not in known:
            yield document.problem(("aliases", code), f"{code} tidak ada")
        if alias in known:
            yield document.problem(("aliases", code), f"{alias} sudah menjadi kode {spec.labels.item}")


def _with_items(document: Document, spec: SchemeSpec, library: Library) -> SchemeData:
    instrument = None
    if spec.instrument is not None:
        name = (spec.instrument.instrument, spec.instrument.version)
        instrument = next((s for s in library.instruments if (s.instrument, s.version) == name), None)
        if instrument is None:
            raise DataFileError([document.problem(("instrument",), f"{spec.instrument} tidak ada di antara instrumen")])

    def tree(form: str) -> Catalogue:
        return (instrument and instrument.catalogue(form)) or library.catalogue

    layouts: dict[str, Layout] = {}
    if spec.kind == "distribution" and instrument is not None:
        layouts = {form: _as_instrument(form, instrument, tree(form)) for form in instrument.forms}
        layouts = {form: _excusing(spec, form, layout) for form, layout in layouts.items()}
    for table in spec.tables:
        layouts |= {form: _weighted(table, form, instrument, tree(form)) for form in table.forms}
    if problems := list(_problems(document, spec, instrument, layouts)):
        raise DataFileError(problems)
    return SchemeData(spec, layouts)


def load_schemes(library: Library, folder: Path = DATA_DIR / "schemes") -> dict[str, SchemeData]:
    """All schemes by key, the one in force first. Raises DataFileError with every problem of all files."""
    found: list[SchemeData] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read_yaml(path)
            spec = parse(document, SchemeSpec)
            if spec.scheme != path.stem:
                problems.append(document.problem(("scheme",), f"tidak cocok dengan nama berkas {path.name}"))
            found.append(_with_items(document, spec, library))
        except DataFileError as error:
            problems += error.problems
    if not problems and sum(scheme.spec.in_force for scheme in found) != 1:
        problems.append(Problem(folder.name, 0, "in_force", "tepat satu skema harus berlaku sekarang"))
    if problems:
        raise DataFileError(problems)
    newest_first = sorted(found, key=lambda scheme: scheme.spec.version, reverse=True)
    ordered = sorted(newest_first, key=lambda scheme: not scheme.spec.in_force)
    return {scheme.key: scheme for scheme in ordered}


def windows_of(spec: SchemeSpec, form: str) -> dict[str, Window]:
    """The windows of time by item, for one form of education."""
    return {row.item: row for row in (spec.windows.rows if spec.windows else ()) if form in row.forms}


def contexts_of(spec: SchemeSpec, form: str) -> dict[str, Context]:
    """Items with more than one rubric, by code, for one form of education."""
    return {context.item: context for context in spec.contexts if form in context.forms}


def total(values: Iterable[Fraction]) -> Fraction:
    """Sum that is a Fraction even of nothing."""
    return sum(values, Fraction(0))
