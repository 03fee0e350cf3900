"""What the readiness page shows: three results side by side, what is missing, and the years before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from accreditation.distribution import DistributionResult, Part
from accreditation.explaining import standing
from accreditation.gap_presentation import GapRow
from accreditation.models import CompulsoryUpload, ReadinessSummary
from accreditation.place import Place
from accreditation.schemes import Result
from accreditation.services.readiness import Readiness
from accreditation.weighted import WeightedResult
from common.charts import Bar
from common.formats import format_decimal
from common.rounding import round_half_up
from evaluations.services.profiles import KINDS, view_name
from schools.academic_year import AcademicYear
from schools.words import Words

EMPTY = "–"


@dataclass(frozen=True)
class Column:
    """One of the three ways of looking."""

    kind: str
    label: str
    result: Result
    direct: int  # items that the school answered itself
    estimated: int  # items that are estimates

    @property
    def answered(self) -> int:
        """Items with a level of their own; a component that was given as a sum counts with all its items."""
        if isinstance(self.result, DistributionResult):
            return self.result.whole.rated
        return self.result.answered

    @property
    def asked(self) -> int:
        return self.result.whole.applicable if isinstance(self.result, DistributionResult) else self.result.asked

    @property
    def headline(self) -> str:
        """The one figure that stands for the scheme: its final value, or the mean level."""
        if isinstance(self.result, DistributionResult):
            return number(self.result.whole.mean)
        return number(self.result.present.final)

    @property
    def span(self) -> str:
        """Between which figures the headline must lie once all is answered; "" for nothing known or left open."""
        if not self.answered:
            return ""
        return _means(self.result) if isinstance(self.result, DistributionResult) else _between(self.result)

    @property
    def basis(self) -> str:
        """``12 dari 45 terisi, 4 di antaranya perkiraan``."""
        text = f"{self.answered} dari {self.asked} terisi"
        return f"{text}, {self.estimated} di antaranya perkiraan" if self.estimated else text


@dataclass(frozen=True)
class Cell:
    label: str  # of its column
    text: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the table of figures."""

    title: str
    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True)
class Check:
    """A condition, or a document that must be there. ``met`` is None while that is open."""

    text: str
    met: bool | None
    note: str = ""
    open: str = "belum dapat ditentukan"
    yes: str = "terpenuhi"
    no: str = "belum terpenuhi"

    @property
    def tone(self) -> str:
        return {True: "good", False: "attention", None: "neutral"}[self.met]

    @property
    def state(self) -> str:
        return {True: self.yes, False: self.no, None: self.open}[self.met]


@dataclass(frozen=True)
class YearLine:
    """What was stored for one year under the same scheme."""

    year: AcademicYear
    scope: str
    texts: tuple[Cell, ...]
    estimated: int


def number(value: Fraction | None) -> str:
    """Two decimals with a comma, or a dash."""
    return EMPTY if value is None else format_decimal(round_half_up(value))


def columns_of(readiness: Readiness, words: Words) -> list[Column]:
    found = []
    for kind in KINDS:
        result = readiness.results[kind]
        ratings = result.answers.ratings
        estimated = sum(rating.estimated for rating in ratings.values())
        found.append(
            Column(
                kind,
                view_name(kind, words),
                result,
                len(ratings) - estimated,
                estimated + _items_of(result, result.answers.estimated),
            )
        )
    return found


def _items_of(result: Result, components: frozenset[str]) -> int:
    return sum(len(result.layout.by_code[code].items) for code in components)


# --- the table of figures ---------------------------------------------------------------------------------


def lines_of(columns: list[Column]) -> list[Line]:
    """The figures, row by row, with the three ways of looking as columns."""
    if all(isinstance(column.result, WeightedResult) for column in columns):
        return _weighted_lines(columns)
    return _distribution_lines(columns)


def _weighted_lines(columns: list[Column]) -> list[Line]:
    results = [column.result for column in columns if isinstance(column.result, WeightedResult)]

    def line(title: str, texts: list[tuple[str, str]], *, strong: bool = False) -> Line:
        cells = (Cell(column.label, text, note) for column, (text, note) in zip(columns, texts, strict=True))
        return Line(title, tuple(cells), strong)

    spec = results[0].spec
    lines = [
        line("Nilai akhir", [(number(result.present.final), _between(result)) for result in results], strong=True),
        line("Status dan peringkat hasil hitung", [(_sentence(standing(one)), "") for one in results], strong=True),
    ]
    if spec.index is not None:
        lines.append(line("Kinerja (IK)", [(number(result.present.performance), "") for result in results]))
        lines.append(line(spec.index.name, [(number(result.present.index), "") for result in results]))
    for place, component in enumerate(results[0].layout.components):
        figures = [result.present.components[place] for result in results]
        texts = [
            (number(figure.value), "" if figure.scaled is None else f"skala 100: {figure.scaled}") for figure in figures
        ]
        lines.append(line(f"{component.name} (bobot {component.weight})", texts))
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _between(result: WeightedResult) -> str:
    low, high = result.interval
    return "" if low == high else f"nilai akhirnya terletak antara {format_decimal(low)} dan {format_decimal(high)}"


def _distribution_lines(columns: list[Column]) -> list[Line]:
    results = [column.result for column in columns if isinstance(column.result, DistributionResult)]
    spec = results[0].spec

    def line(title: str, texts: list[tuple[str, str]], *, strong: bool = False) -> Line:
        cells = (Cell(column.label, text, note) for column, (text, note) in zip(columns, texts, strict=True))
        return Line(title, tuple(cells), strong)

    lines = [
        line(
            spec.scale.shown(level), [(str(r.whole.counts[level]), share(r.whole, level)) for r in results], strong=True
        )
        for level in reversed(spec.scale.levels)
    ]
    lines.append(line("Tidak berlaku", [(str(r.whole.not_applicable), "") for r in results]))
    lines.append(line("Belum terisi", [(str(r.whole.unanswered), "") for r in results]))
    lines.append(
        line(f"Rata-rata semua {spec.labels.item}", [(number(r.whole.mean), _means(r)) for r in results], strong=True)
    )
    for place, part in enumerate(results[0].components):
        title = f"{spec.labels.component.capitalize()} {part.code} {part.name}"
        lines.append(line(title, [(number(r.components[place].mean), _count(r.components[place])) for r in results]))
    if results[0].answers.thresholds:
        letters = [(r.rank or "belum dapat ditentukan", "asumsi sendiri") for r in results]
        lines.append(line("Huruf menurut ambang sendiri", letters))
    return lines


def share(part: Part, level: int) -> str:
    """``40% dari yang terisi``, a whole percentage, half up."""
    value = part.share(level)
    return "" if value is None else f"{round_half_up(value * 100, 0)}% dari yang terisi"


def _means(result: DistributionResult) -> str:
    interval = result.interval
    if interval is None or interval[0] == interval[1]:
        return ""
    return f"bila semuanya terisi: antara {number(interval[0])} dan {number(interval[1])}"


def _count(part: Part) -> str:
    return f"{part.rated} dari {part.applicable} terisi"


@dataclass(frozen=True)
class Spread:
    """How many items stand at each category, as bars."""

    names: tuple[str, ...]
    bars: tuple[Bar, ...]


def spread_of(columns: list[Column]) -> Spread | None:
    """The categories of every way of looking, the best first; None for a scheme with a final value."""
    results = [column.result for column in columns if isinstance(column.result, DistributionResult)]
    if not results:
        return None
    scale = results[0].spec.scale
    names = (*(scale.shown(level) for level in reversed(scale.levels)), "Belum terisi", "Tidak berlaku")
    bars = (
        Bar(column.label, (*result.whole.counts.values(), result.whole.unanswered, result.whole.not_applicable))
        for column, result in zip(columns, results, strict=True)
    )
    return Spread(names, tuple(bars))


# --- what must be there -----------------------------------------------------------------------------------


def checks_of(claimed: Result) -> list[Check]:
    """Conditions of the scheme, and what must hold before a visit."""
    if isinstance(claimed, DistributionResult):
        return []
    found = [Check(condition.text, claimed.met(condition.code)) for condition in claimed.spec.conditions]
    entry = claimed.spec.entry
    for question in entry.questions if entry else ():
        found.append(
            Check(question.text, claimed.answers.entry.get(question.code), entry.title if entry else "", "belum diisi")
        )
    return found


def documents_of(place: Place) -> list[Check]:
    """Compulsory documents, and whether the school has put anything there; one query."""
    documents = place.scheme.spec.documents
    if documents is None or not place.drafts:
        return []
    rows = CompulsoryUpload.objects.filter(cycle=place.cycle, scheme=place.scheme.key)
    there = set(rows.values_list("document", flat=True))
    return [
        Check(document.name, document.code in there, yes="sudah ada", no="belum ada") for document in documents.items
    ]


# --- what to do next --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something that is still missing, and where the school sees to it."""

    text: str
    url: str


def steps_of(place: Place, claimed: Column, rows: list[GapRow], documents: list[Check]) -> list[Step]:
    """What is to be done next under the scheme in force, for those who may do it; nothing under an old scheme, since
    nobody should prepare for that one."""
    if not place.sispena_writable or not place.scheme.spec.in_force:
        return []
    item = place.scheme.spec.labels.item
    empty = claimed.asked - claimed.answered
    unproved = sum(bool(row.missing_proof) for row in rows)
    wanted = sum(not check.met for check in documents)
    steps = [
        (empty, f"Isi {empty} {item} yang masih kosong", place.instrument_url),
        (unproved, f"Lengkapi bukti untuk {unproved} {item}", place.url("gaps")),
        (wanted, f"Siapkan {wanted} dokumen wajib", f"{place.url('sispena')}#dokumen"),
    ]
    return [Step(text, url) for count, text, url in steps if count]


# --- the years before -------------------------------------------------------------------------------------


def history_of(place: Place) -> list[YearLine]:
    """Stored figures of the school under this scheme, the newest year first; one query. They rest on what was
    submitted, and figures of another scope are named as such. A year without any figure is left out."""
    rows = (
        ReadinessSummary.objects.filter(cycle__school=place.school, scheme=place.scheme.key)
        .exclude(data={})
        .select_related("cycle")
        .order_by("-cycle__year")
    )
    return [_year(place, row) for row in rows if any(Fraction(row.data[kind]["coverage"]) for kind in KINDS)]


def _year(place: Place, row: ReadinessSummary) -> YearLine:
    key = "score" if place.scheme.spec.kind == "weighted" else "mean"
    cells = []
    for kind in KINDS:
        data: Mapping[str, Any] = row.data[kind]
        value = data[key]
        text = EMPTY if value is None else format_decimal(value)
        if data.get("rank"):
            text = f"{text} ({data['rank']})"
        share_answered = round_half_up(Fraction(data["coverage"]) * 100, 0)
        cells.append(Cell(view_name(kind, place.school.words), text, f"terisi {share_answered}%"))
    return YearLine(AcademicYear(row.cycle.year), row.data["scope"], tuple(cells), row.data["claimed"]["estimated"])
