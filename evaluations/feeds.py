"""Answers that data pokok can propose: formulas over the figures of the sheet, as data, and their evaluation.

Pure: knows neither Django nor the database. A proposal is only ever a proposal: a person looks at it and answers.
The formulas stand in data/feeds/<instrument>-<version>.yaml, which says what its words mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import Field, model_validator

from common.formats import format_date, format_decimal
from common.yamlfile import DataFileError, Document, Problem, parse, read_yaml
from evaluations.values import Checklist, Ratio, Value, YesNo
from schools.academic_year import AcademicYear
from schools.basic_data import NO, YES, CellValue, FormSheet, Values, form_sheet, load_sheet, sheet_for
from schools.words import words_for
from standards.instruments import InstrumentSpec
from standards.items import Form, Frozen, ItemSpec, Text
from standards.library import Library

FEEDS_DIR = Path(__file__).parent / "data" / "feeds"

Names = tuple[Text, ...]


# --- the file ---------------------------------------------------------------------------------------


class Sums(Frozen):
    """A ratio: what is counted of what."""

    count: Names = Field(min_length=1)
    of: Names = Field(min_length=1)


class Comparison(Frozen):
    """Holds when the sum reaches a number or another sum."""

    sum: Names = Field(min_length=1)
    at_least: int | Names


class Feed(Frozen):
    """The formula of one item."""

    item: Text
    note: Text
    forms: tuple[Form, ...] | None = Field(default=None, min_length=1)
    when: tuple[Comparison, ...] = ()
    only_yes: bool = False
    ratio: Sums | None = None
    yesno: Comparison | None = None
    checklist: dict[str, Comparison] | None = None

    @model_validator(mode="after")
    def _one_formula(self) -> Feed:
        given = [name for name in ("ratio", "yesno", "checklist") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("harus memuat tepat satu dari ratio, yesno, dan checklist")
        if self.only_yes and self.yesno is None:
            raise ValueError("only_yes hanya ada pada yesno")
        return self

    @property
    def kind(self) -> str:
        return "ratio" if self.ratio else "yesno" if self.yesno else "checklist"

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        asked = (self.yesno,) if self.yesno else tuple((self.checklist or {}).values())
        return (*self.when, *asked)

    @property
    def sums(self) -> tuple[Names, ...]:
        """Every sum that the formula looks at."""
        found: list[Names] = [self.ratio.count, self.ratio.of] if self.ratio else []
        for comparison in self.comparisons:
            found.append(comparison.sum)
            if isinstance(comparison.at_least, tuple):
                found.append(comparison.at_least)
        return tuple(found)


class FeedsSpec(Frozen):
    """All formulas of one version of an instrument."""

    instrument: Text
    version: Text
    feeds: tuple[Feed, ...] = Field(min_length=1)


def _check(document: Document, spec: FeedsSpec, instrument: InstrumentSpec) -> Iterator[Problem]:
    if (spec.instrument, spec.version) != (instrument.instrument, instrument.version):
        yield document.problem(("version",), f"bukan rumus untuk {instrument.instrument} {instrument.version}")
    sheet = load_sheet()
    forms = {form: sheet_for(sheet, form, words_for("KEMENDIKDASMEN")) for form in instrument.forms}
    seen: set[tuple[str, str]] = set()
    for index, feed in enumerate(spec.feeds):
        place = ("feeds", index)
        if not any(feed.item in instrument.asked(form) for form in instrument.forms):
            yield document.problem((*place, "item"), f"pertanyaan {feed.item} tidak ada dalam versi ini")
            continue
        names = {name for names in feed.sums for name in names}
        if unknown := sorted(name for name in names if not any(one.knows(name) for one in forms.values())):
            yield document.problem(place, f"isian {', '.join(unknown)} tidak ada pada data pokok")
        for form in feed.forms or instrument.forms:
            item = instrument.asked(form).get(feed.item)
            if item is not None:
                if (feed.item, form) in seen:
                    yield document.problem((*place, "item"), f"{feed.item} sudah punya rumus untuk {form}")
                seen.add((feed.item, form))
                yield from _check_form(document, place, feed, item, forms[form], form)
            elif feed.forms:
                yield document.problem((*place, "forms"), f"{feed.item} tidak ditanyakan di {form}")


def _check_form(
    document: Document, place: tuple[str, int], feed: Feed, item: ItemSpec, sheet: FormSheet, form: str
) -> Iterator[Problem]:
    if item.kind != feed.kind:
        yield document.problem((*place, feed.kind), f"{feed.item} berjenis {item.kind}, bukan {feed.kind} ({form})")
    elif feed.checklist is not None and set(feed.checklist) != {point.code for point in item.points or ()}:
        yield document.problem((*place, "checklist"), f"setiap hal harus punya rumus, dan tidak ada yang lain ({form})")
    for names in feed.sums:
        if not any(sheet.knows(name) for name in names):
            yield document.problem(place, f"{' + '.join(names)} tidak diisi di {form}")


def load_feeds(path: Path, instrument: InstrumentSpec) -> FeedsSpec:
    """Read the formulas for *instrument*. Raises DataFileError with file, line and field for every fault: an unknown
    item, another kind, a point without formula, a figure that the form of education is not asked."""
    document = read_yaml(path)
    spec = parse(document, FeedsSpec)
    if problems := list(_check(document, spec, instrument)):
        raise DataFileError(problems)
    return spec


def check_feeds(library: Library | None, folder: Path = FEEDS_DIR) -> None:
    """Read the formulas of every version. Raises DataFileError with every problem of all files; without a *library*
    nothing can be said."""
    if library is None:
        return
    specs = {f"{spec.instrument}-{spec.version}": spec for spec in library.instruments}
    drafts = {f"{instrument}-{version}" for instrument, version in library.drafts}
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.stem in drafts or path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.suffix != ".yaml" or path.stem not in specs:
            problems.append(Problem(path.name, 0, "", "nama berkas bukan <instrumen>-<versi>.yaml dari versi yang ada"))
            continue
        try:
            load_feeds(path, specs[path.stem])
        except DataFileError as error:
            problems += error.problems
    if problems:
        raise DataFileError(problems)


# --- for one school ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feeds:
    """The formulas that apply to a school, with its sheet."""

    sheet: FormSheet
    by_item: dict[str, Feed]

    def __contains__(self, code: object) -> bool:
        """Whether data pokok can ever propose an answer to the item of this code."""
        return code in self.by_item


_LOADED: dict[tuple[str, str], FeedsSpec | None] = {}


def feeds_for(instrument: InstrumentSpec, form: str, naungan: str) -> Feeds:
    """What the sheet proposes to a school of *form* and *naungan*; nothing for a version without a file.

    A published version does not change, so its file is read once per process. Raises DataFileError.
    """
    key = (instrument.instrument, instrument.version)
    if key not in _LOADED:
        path = FEEDS_DIR / f"{'-'.join(key)}.yaml"
        _LOADED[key] = load_feeds(path, instrument) if path.exists() else None
    spec = _LOADED[key]
    asked = {item.code for item in instrument.items_for(form)}
    feeds = spec.feeds if spec else ()
    found = {feed.item: feed for feed in feeds if feed.item in asked and (feed.forms is None or form in feed.forms)}
    return Feeds(form_sheet(form, naungan), found)


def _holds(comparison: Comparison, sheet: FormSheet, values: Values) -> bool | None:
    """None while a figure is missing."""
    reached = sheet.amount(comparison.sum, values)
    wanted = comparison.at_least if isinstance(comparison.at_least, int) else sheet.amount(comparison.at_least, values)
    return None if reached is None or wanted is None else reached >= wanted


def propose(feeds: Feeds, item: ItemSpec, values: Values) -> Value | None:
    """The answer that the sheet suggests, in the form of evaluations.values; None while a needed figure is empty,
    when a condition of the formula does not hold, or when the sheet knows nothing about the item."""
    feed = feeds.by_item.get(item.code)
    if feed is None or not all(_holds(condition, feeds.sheet, values) for condition in feed.when):
        return None
    if feed.ratio is not None:
        count, of = (feeds.sheet.amount(names, values) for names in (feed.ratio.count, feed.ratio.of))
        return None if count is None or of is None else Ratio(count, of)
    if feed.yesno is not None:
        answer = _holds(feed.yesno, feeds.sheet, values)
        return None if answer is None or (feed.only_yes and not answer) else YesNo(answer)
    met = {code: _holds(comparison, feeds.sheet, values) for code, comparison in (feed.checklist or {}).items()}
    return None if None in met.values() else Checklist(frozenset(code for code, holds in met.items() if holds))


def missing(feeds: Feeds, item: ItemSpec, values: Values) -> tuple[str, ...]:
    """Titles of the empty figures that keep the sheet from proposing an answer."""
    feed = feeds.by_item.get(item.code)
    names = [name for group in feed.sums for name in group] if feed else []
    return feeds.sheet.missing(names, values)


def _named(names: Names, feeds: Feeds) -> str:
    """``Guru berijazah S1/D4 + Guru berijazah S2 atau S3``."""
    return " + ".join(feeds.sheet.title(name) for name in names if feeds.sheet.knows(name))


def _figures(comparison: Comparison, feeds: Feeds, values: Values) -> str:
    """``Ruang kelas: Dapat dipakai 5, Semua rombel 6``; of a yes or no its answer."""
    sides = [comparison.sum, *([comparison.at_least] if isinstance(comparison.at_least, tuple) else [])]
    parts = []
    for names in sides:
        answer = values.get(names[0])
        shown = (YES if answer else NO) if isinstance(answer, bool) else feeds.sheet.amount(names, values)
        parts.append(f"{_named(names, feeds)} {format_decimal(shown) if isinstance(shown, int) else shown}")
    return ", ".join(parts)


def explain(feeds: Feeds, item: ItemSpec, values: Values, *, year: AcademicYear, recorded: date | None = None) -> str:
    """Where a proposal comes from: ``data pokok 2026/2027 (ijazah guru), Guru berijazah S1/D4 + Guru berijazah S2 atau
    S3, dari Semua guru, dicatat 3 Oktober 2026``. What is proposed stands beside it. "" where nothing is proposed."""
    value = propose(feeds, item, values)
    if value is None:
        return ""
    feed = feeds.by_item[item.code]
    parts = [f"data pokok {year} ({feed.note})"]
    if feed.ratio is not None:
        parts.append(f"{_named(feed.ratio.count, feeds)}, dari {_named(feed.ratio.of, feeds)}")
    if feed.yesno is not None:
        parts.append(_figures(feed.yesno, feeds, values))
    if isinstance(value, Checklist):
        lacking = [
            f"{point.text} ({_figures(comparison, feeds, values)})"
            for point in item.points or ()
            if point.code not in value.met and (comparison := (feed.checklist or {}).get(point.code))
        ]
        parts += [f"belum terpenuhi: {'; '.join(lacking)}"] if lacking else []
    if recorded is not None:
        parts.append(f"dicatat {format_date(recorded)}")
    return ", ".join(parts)


def used(feeds: Feeds, item: ItemSpec, values: Values) -> dict[str, CellValue]:
    """The cells that a proposal rests on, with their values: what must be compared to see that the sheet changed."""
    feed = feeds.by_item.get(item.code)
    names = {name for names in feed.sums for name in names} if feed else set()
    codes = [code for name in names for code in feeds.sheet.codes(name, values)]
    groups = [group for group in feeds.sheet.groups if group.open and group.key in names]
    codes += [cell.code for group in groups for row in group.in_use(values) for cell in row.cells]
    return {code: values[code] for code in sorted(codes) if code in values}
