"""The form of the shortest way: what is to be reached, what a level costs, and what must stay. Pure: no Django.

The target is kept as JSON: ``{"score": 85}``, ``{"rank": "B"}``, ``{"at_least": {"4": 10}, "mean": "3.25"}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

from accreditation.catalogue import WHOLE, Component, SchemeData, SchemeItem
from accreditation.scheme_form import SHOWN, Field
from accreditation.scoring import Answers
from accreditation.shortest import MOST_EFFORT, Target, statement_code
from accreditation.weighted import statements_of
from common.formats import format_decimal
from common.numbers import parse_whole
from common.rounding import round_half_up

INDEX = "index"  # the tick that keeps all statements of the index where they are
_MEAN = re.compile(r"[0-9]([.,][0-9]{1,4})?")


class Sent(Protocol):
    """What a browser sent (a QueryDict)."""

    def get(self, key: str, default: str, /) -> Any: ...
    def getlist(self, key: str, /) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class EffortRow:
    """One item that may go up."""

    item: SchemeItem
    start: str  # in the words of the scheme
    effort: str  # as typed
    fixed: bool
    error: str = ""

    @property
    def id(self) -> str:
        return f"effort-{self.item.code.replace('.', '-')}"

    @property
    def name(self) -> str:
        return f"effort-{self.item.code}"


@dataclass(frozen=True, slots=True)
class EffortPart:
    """The items of one component that may go up."""

    component: Component
    rows: tuple[EffortRow, ...]

    @property
    def touched(self) -> bool:
        return any(row.error for row in self.rows)

    @property
    def filled(self) -> int:
        return sum(bool(row.effort or row.fixed) for row in self.rows)


class PathForm:
    """*answers* are the present ones, *efforts* what is kept for the items, *data* what was sent."""

    def __init__(
        self, scheme: SchemeData, form: str, answers: Answers, efforts: Mapping[str, int], data: Sent | None = None
    ) -> None:
        self.scheme = scheme
        self.form = form
        self.answers = answers
        self.kept = {code: effort for code, effort in efforts.items() if code in scheme.layouts[form].items}
        self.data = data
        self.target = Target()
        self.errors: dict[str, str] = {}  # by field; "" for the whole target
        if data is not None:
            self.target = self._read_target()
            self._read_efforts()

    def is_valid(self) -> bool:
        return self.data is not None and not self.errors

    def add_error(self, message: str, name: str = "") -> None:
        self.errors[name] = message
        for drawn in ("fields", "parts"):
            self.__dict__.pop(drawn, None)

    # --- the target -----------------------------------------------------------------------------------

    @property
    def _upper(self) -> list[int]:
        """The better half of the levels, the best first."""
        levels = list(self.scheme.spec.scale.levels)
        return levels[: len(levels) // 2 - 1 : -1]

    @property
    def _lower(self) -> list[int]:
        levels = list(self.scheme.spec.scale.levels)
        return levels[: len(levels) // 2]

    @property
    def applicable(self) -> int:
        """Items that apply."""
        return sum(code not in self.answers.not_applicable for code in self.scheme.layouts[self.form].items)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the target; together they say what must hold."""
        spec = self.scheme.spec
        if spec.kind == "weighted":
            ranks = [(rank.letter, f"{rank.letter} ({rank.name})") for rank in spec.ranks if rank.accredited]
            return (
                self._field("rank", "Peringkat hitung, sedikitnya", choices=(("", "Tidak dipilih"), *ranks)),
                self._field("score", "Nilai akhir, sedikitnya", most=WHOLE),
            )
        label, shown = spec.labels.item, spec.scale.shown
        best, worst = spec.scale.highest, spec.scale.lowest
        found = [
            self._field(
                f"at_least-{level}",
                f"Jumlah {label} pada level {shown(level)}{' atau lebih baik' if level < best else ''}, sedikitnya",
                most=self.applicable,
            )
            for level in self._upper
        ]
        found += [
            self._field(
                f"at_most-{level}",
                f"Jumlah {label} pada level {shown(level)}{' atau lebih rendah' if level > worst else ''}, "
                "paling banyak",
                most=self.applicable,
            )
            for level in self._lower
        ]
        return (*found, self._field("mean", f"Rata-rata semua {label}, sedikitnya", most=spec.scale.highest))

    def _field(
        self, name: str, label: str, *, most: int | None = None, choices: Iterable[tuple[str, str]] = ()
    ) -> Field:
        span = "" if most is None else f"0 sampai {most}"
        return Field(name, label, self._text(name)[:SHOWN], tuple(choices), self.errors.get(name, ""), span)

    def _text(self, name: str) -> str:
        return "" if self.data is None else str(self.data.get(name, "")).strip()

    def _whole(self, name: str, most: int) -> int | None:
        try:
            return parse_whole(self._text(name), most)
        except ValueError as error:
            self.errors[name] = f"{error} Paling tinggi {most}."
            return None

    def _read_target(self) -> Target:
        spec = self.scheme.spec
        if spec.kind == "weighted":
            rank = self._text("rank")
            if rank and rank not in {one.letter for one in spec.ranks if one.accredited}:
                self.errors["rank"] = "Pilih salah satu peringkat dari daftar."
            target = Target(score=self._whole("score", WHOLE), rank=rank or None)
        else:
            least = {level: self._whole(f"at_least-{level}", self.applicable) for level in self._upper}
            most = {level: self._whole(f"at_most-{level}", self.applicable) for level in self._lower}
            target = Target(
                at_least={level: number for level, number in least.items() if number is not None},
                at_most={level: number for level, number in most.items() if number is not None},
                mean=self._read_mean(),
            )
        if not self.errors and target == Target():
            self.errors[""] = "Isi dahulu apa yang ingin dicapai: sedikitnya satu kotak di bawah."
        return target

    def _read_mean(self) -> Fraction | None:
        text, scale = self._text("mean"), self.scheme.spec.scale
        if not text:
            return None
        mean = Fraction(text.replace(",", ".")) if _MEAN.fullmatch(text) else None
        if mean is None or not scale.lowest <= mean <= scale.highest:
            self.errors["mean"] = f"Tulis bilangan {scale.lowest} sampai {scale.highest}, misalnya 3,25."
            return None
        return mean

    # --- efforts and items that stay -------------------------------------------------------------------

    def _read_efforts(self) -> None:
        for code in self._raisable:
            text = self._text(f"effort-{code}")
            try:
                if parse_whole(text, MOST_EFFORT) == 0:
                    raise ValueError
            except ValueError:
                self.errors[f"effort-{code}"] = f"Tulis bilangan bulat 1 sampai {MOST_EFFORT}, atau kosongkan."

    def start_of(self, code: str) -> int:
        """The level from which an item goes up: unanswered at the lowest, an estimate at its low end."""
        rating = self.answers.ratings.get(code)
        return self.scheme.spec.scale.lowest if rating is None else rating.low

    @cached_property
    def _raisable(self) -> dict[str, SchemeItem]:
        highest = self.scheme.spec.scale.highest
        return {
            code: item
            for code, item in self.scheme.layouts[self.form].items.items()
            if item.titled and code not in self.answers.not_applicable and self.start_of(code) < highest
        }

    @cached_property
    def parts(self) -> tuple[EffortPart, ...]:
        """The components with what may go up in them."""
        found = []
        for component in self.scheme.layouts[self.form].components:
            rows = tuple(self._row(item) for item in component.items if item.code in self._raisable)
            if rows:
                found.append(EffortPart(component, rows))
        return tuple(found)

    def _row(self, item: SchemeItem) -> EffortRow:
        name = f"effort-{item.code}"
        kept = str(self.kept.get(item.code, ""))
        return EffortRow(
            item,
            self.scheme.spec.scale.shown(self.start_of(item.code)),
            kept if self.data is None else self._text(name)[:SHOWN],
            item.code in self._ticked,
            self.errors.get(name, ""),
        )

    @property
    def _ticked(self) -> frozenset[str]:
        return frozenset() if self.data is None else frozenset(map(str, self.data.getlist("fixed")))

    @property
    def index_fixed(self) -> bool:
        return INDEX in self._ticked

    @property
    def fixed(self) -> frozenset[str]:
        """Codes that must not go up."""
        index = self.scheme.spec.index
        found = {code for code in self._ticked if code in self.scheme.layouts[self.form].items}
        if index is not None and self.index_fixed:
            found |= {statement_code(index, place + 1) for place in range(statements_of(index, self.form))}
        return frozenset(found)

    @property
    def efforts(self) -> dict[str, int]:
        """Effort per level by item, of valid input; items that cannot go up now keep what is known of them."""
        texts = {code: self._text(f"effort-{code}") for code in self._raisable}
        found = {code: effort for code, effort in self.kept.items() if code not in texts}
        return found | {code: int(parse_whole(text, MOST_EFFORT) or 1) for code, text in texts.items() if text}

    @property
    def problem(self) -> str:
        """What is wrong with the form as a whole; "" when nothing is."""
        return self.errors.get("", "")

    @property
    def troubled(self) -> list[tuple[str, str, str]]:
        """Place, name and message of every field with an error, for the links on top of the page."""
        found = [(field.id, field.label, field.error) for field in self.fields if field.error]
        rows = [row for part in self.parts for row in part.rows if row.error]
        label = self.scheme.spec.labels.item
        return found + [(row.id, f"Upaya {label} {row.item.code}", row.error) for row in rows]


# --- the target as it is kept and shown ----------------------------------------------------------------


def target_data(target: Target) -> dict[str, Any]:
    """The target as JSON, without what is not given."""
    found: dict[str, Any] = {}
    if target.score is not None:
        found["score"] = target.score
    if target.rank is not None:
        found["rank"] = target.rank
    for name, counts in (("at_least", target.at_least), ("at_most", target.at_most)):
        if counts:
            found[name] = {str(level): number for level, number in counts.items()}
    if target.mean is not None:
        found["mean"] = f"{round_half_up(target.mean, 4).normalize():f}"
    return found


def target_words(scheme: SchemeData, data: Mapping[str, Any]) -> str:
    """``peringkat hitung B, nilai akhir sedikitnya 85``."""
    label, scale = scheme.spec.labels.item, scheme.spec.scale
    found = []
    if "rank" in data:
        found.append(f"peringkat hitung sedikitnya {data['rank']}")
    if "score" in data:
        found.append(f"nilai akhir sedikitnya {data['score']}")
    for level, number in data.get("at_least", {}).items():
        better = " atau lebih baik" if int(level) < scale.highest else ""
        found.append(f"sedikitnya {number} {label} pada level {scale.shown(int(level))}{better}")
    for level, number in data.get("at_most", {}).items():
        worse = " atau lebih rendah" if int(level) > scale.lowest else ""
        found.append(f"paling banyak {number} {label} pada level {scale.shown(int(level))}{worse}")
    if "mean" in data:
        found.append(f"rata-rata sedikitnya {format_decimal(data['mean'])}")
    return "; ".join(found)
