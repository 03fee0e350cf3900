"""Made-up schemes of a few items, small enough to try every way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accreditation.catalogue import Component, Layout, SchemeData, SchemeItem, SchemeSpec

FORM = "SD"
Parts = dict[str, tuple[int, list[int]]]  # component: its weight, and the weights of its items
CONDITIONS = [{"code": "nilai-akhir", "of": "final", "at_least": 71, "text": "Nilai akhir sedikitnya 71"}]
RANKS = [
    {"letter": "A", "name": "Unggul", "at_least": 91, "accredited": True},
    {"letter": "B", "name": "Baik", "at_least": 81, "accredited": True},
    {"letter": "C", "name": "Cukup", "at_least": 71, "accredited": True},
    {"letter": "D", "name": "Kurang", "at_least": 0, "accredited": False},
]


def _spec(kind: str, scale: tuple[int, int], **more: Any) -> SchemeSpec:
    base = {
        "scheme": "contoh", "version": "2000.1", "title": "Skema contoh", "kind": kind, "in_force": False,
        "years": "contoh", "basis": "contoh", "status": "unverified", "source": "karangan untuk uji",
        "labels": {"component": "komponen", "item": "butir", "group": "kelompok"},
        "scale": {"lowest": scale[0], "highest": scale[1]},
    }  # fmt: skip
    return SchemeSpec.model_validate(base | more)


def weighted(
    parts: Parts,
    *,
    scale: tuple[int, int] = (0, 4),
    digits: int | None = 2,
    index: tuple[str, int, int] | None = None,  # share, highest, statements
    conditions: Iterable[dict[str, Any]] = (),
    untitled: Iterable[str] = (),
) -> SchemeData:
    """A weighted scheme; its items are numbered through from "1"."""
    components: list[Component] = []
    number = 0
    for code, (weight, items) in parts.items():
        numbers = range(number + 1, number + len(items) + 1)
        number += len(items)
        rows = (
            SchemeItem(str(n), code, item, titled=str(n) not in untitled)
            for n, item in zip(numbers, items, strict=True)
        )
        components.append(Component(code, code.capitalize(), weight, tuple(rows)))
    table = [{"code": c.code, "name": c.name, "weight": c.weight, "weights": parts[c.code][1]} for c in components]
    more: dict[str, Any] = {}
    asked = [*CONDITIONS, *conditions]
    if index is not None:
        if not any(condition["of"] == "index" for condition in asked):
            asked.append({"code": "ipr", "of": "index", "at_least": 0, "text": "Indeks sedikitnya 0"})
        more["index"] = {
            "code": "ipr", "name": "Indeks", "share": index[0], "highest": index[1], "statements": {FORM: index[2]},
            "status": "unverified", "source": "karangan",
        }  # fmt: skip
    spec = _spec(
        "weighted",
        scale,
        tables=[{"forms": [FORM], "components": table}],
        rounding={"component_digits": digits, "status": "unverified", "source": "karangan"},
        conditions=asked,
        conditions_source="karangan",
        conditions_status="unverified",
        ranks=RANKS,
        ranks_source="karangan",
        ranks_status="unverified",
        **more,
    )
    return SchemeData(spec, {FORM: Layout(tuple(components))})


def distribution(items: int, *, scale: tuple[int, int] = (1, 4), untitled: Iterable[str] = ()) -> SchemeData:
    """A scheme without a rule of rank; its items are numbered from "1"."""
    rows = tuple(SchemeItem(str(n), "satu", 1, na=True, titled=str(n) not in untitled) for n in range(1, items + 1))
    spec = _spec("distribution", scale, instrument={"instrument": "contoh", "version": "2000.1"})
    return SchemeData(spec, {FORM: Layout((Component("satu", "Satu", None, rows),))})
