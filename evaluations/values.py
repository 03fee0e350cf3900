"""What a school answers, as frozen values parsed from JSON. Pure: no Django, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from standards.instruments import Rules
from standards.items import LEVELS, ItemSpec

LARGEST_COUNT = 10**15  # rupiah of a whole province still fit


@dataclass(frozen=True, slots=True)
class Rubric:
    """A described level, 1 (lowest) to 4. Also how an assessor's level stands for an item of another kind."""

    level: int

    def to_json(self) -> dict[str, Any]:
        return {"level": self.level}


@dataclass(frozen=True, slots=True)
class Ratio:
    """``count`` out of ``of``, both whole numbers of at least 0."""

    count: int
    of: int

    def to_json(self) -> dict[str, Any]:
        return {"count": self.count, "of": self.of}


@dataclass(frozen=True, slots=True)
class YesNo:
    value: bool

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value}


@dataclass(frozen=True, slots=True)
class Checklist:
    """Codes of the points that hold."""

    met: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        return {"met": sorted(self.met)}


Value = Rubric | Ratio | YesNo | Checklist


def _whole(raw: Any, field: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError(f"{field} harus bilangan bulat")
    if not 0 <= raw <= LARGEST_COUNT:
        raise ValueError(f"{field} harus 0 sampai {LARGEST_COUNT}")
    return raw


def _keys(raw: Mapping[str, Any], *wanted: str) -> None:
    if set(raw) != set(wanted):
        raise ValueError(f"harus memuat tepat {' dan '.join(wanted)}")


def parse_level(raw: Any) -> Rubric:
    """Raises ValueError unless *raw* is a whole number from 1 to 4."""
    if isinstance(raw, bool) or not isinstance(raw, int) or raw not in LEVELS:
        raise ValueError("level harus bilangan bulat 1, 2, 3, atau 4")
    return Rubric(raw)


def parse_value(item: ItemSpec, raw: Any) -> Value:
    """The stored or posted form of an answer to *item*. Raises ValueError with a message in Indonesian."""
    if not isinstance(raw, Mapping):
        raise ValueError("bentuk jawaban tidak cocok dengan jenis pertanyaan")
    if item.kind == "rubric":
        _keys(raw, "level")
        return parse_level(raw["level"])
    if item.kind == "ratio":
        _keys(raw, "count", "of")
        return Ratio(_whole(raw["count"], "count"), _whole(raw["of"], "of"))
    if item.kind == "yesno":
        _keys(raw, "value")
        if not isinstance(raw["value"], bool):
            raise ValueError("jawaban harus ya atau tidak")
        return YesNo(raw["value"])
    _keys(raw, "met")
    met = raw["met"]
    if not isinstance(met, list | tuple) or not all(isinstance(code, str) for code in met):
        raise ValueError("met harus daftar kode hal")
    if len(set(met)) != len(met):
        raise ValueError("kode hal tertulis dua kali")
    known = {point.code for point in item.points or ()}
    if unknown := sorted(set(met) - known):
        raise ValueError(f"hal {', '.join(unknown)} tidak ada dalam pertanyaan ini")
    return Checklist(frozenset(met))


def fraction_of(item: ItemSpec, value: Value, rules: Rules) -> Fraction | None:
    """How much of the item is reached, 0 to 1, exact; None for a ratio of nothing, which is "tidak berlaku".

    Rubric by the table of the instrument; ratio min(1, count/of); checklist met/points, at most ``cap`` while a
    must point is missing; yes 1, no 0.
    """
    if isinstance(value, Rubric):
        return rules.rubric[value.level]
    if isinstance(value, Ratio):
        return None if value.of == 0 else min(Fraction(1), Fraction(value.count, value.of))
    if isinstance(value, YesNo):
        return Fraction(int(value.value))
    points = item.points or ()
    share = Fraction(len(value.met), len(points))
    if item.cap is not None and any(point.must and point.code not in value.met for point in points):
        return min(share, item.cap)
    return share


def reading_level(item: ItemSpec, value: Value, rules: Rules) -> int | None:
    """The level 1-4 as which people read the answer; None for a ratio of nothing. The score never uses it."""
    if isinstance(value, Rubric):
        return value.level
    if isinstance(value, YesNo):
        return 4 if value.value else 1
    reached = fraction_of(item, value, rules)
    if reached is None:
        return None
    bands = item.bands or {}
    return next((level for level in (4, 3, 2) if reached >= bands[level]), 1)


def describe(item: ItemSpec, value: Value) -> str:
    """The answer in a few Indonesian words, for page, receipt and report."""
    if isinstance(value, Rubric):
        return f"Level {value.level}"
    if isinstance(value, Ratio):
        count, of = (f"{number:,}".replace(",", ".") for number in (value.count, value.of))
        return f"{count} dari {of} {item.ratio.unit if item.ratio else ''}".strip()
    if isinstance(value, YesNo):
        return "Ya" if value.value else "Tidak"
    return f"{len(value.met)} dari {len(item.points or ())} hal terpenuhi"


def describe_fraction(item: ItemSpec, value: Value, rules: Rules) -> str:
    """The calculation of :func:`fraction_of` in words, for "dari mana angka ini?"."""
    reached = fraction_of(item, value, rules)
    if isinstance(value, Rubric):
        return f"level {value.level} bernilai {reached}"
    if isinstance(value, Ratio):
        if reached is None:
            return "pembagi 0: tidak berlaku"
        capped = " (paling tinggi 1)" if value.count > value.of else ""
        return f"{value.count}/{value.of} = {reached}{capped}"
    if isinstance(value, YesNo):
        return f"{'ya' if value.value else 'tidak'} bernilai {reached}"
    total = len(item.points or ())
    share = Fraction(len(value.met), total)
    if reached != share:
        return f"{len(value.met)}/{total} = {share}; ada hal wajib yang belum terpenuhi, paling tinggi {reached}"
    return f"{len(value.met)}/{total} = {share}"
