"""Which questions of one standard stand together on its page. Pure: knows neither Django nor the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standards.catalogue import CatalogueRow
from standards.groups import GroupSpec
from standards.items import ItemSpec


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one card shows: the questions of a group under one indicator, or a single question.

    ``group`` is None for a question that stands alone: none of its group is asked here beside it, and there is no sheet
    to print. ``elsewhere`` are the questions of the group under other indicators.
    """

    group: GroupSpec | None
    items: tuple[ItemSpec, ...]
    elsewhere: tuple[ItemSpec, ...] = ()

    @property
    def with_sheet(self) -> bool:
        return self.group is not None and self.group.sheet is not None

    def beside(self, code: str) -> tuple[str, ...]:
        """Codes of the questions that are answered together with *code*."""
        return tuple(one.code for one in (*self.items, *self.elsewhere) if one.code != code)


@dataclass(frozen=True, slots=True)
class Shown:
    """A bundle with what the page draws for each of its questions; code and anchor of those elsewhere."""

    bundle: Bundle
    parts: tuple[Any, ...]
    elsewhere: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """An indicator with what stands below it."""

    row: CatalogueRow
    parts: tuple[Shown, ...]


def indicator_of(item: ItemSpec) -> str:
    """The part of the second level below which it stands; an own question may hang below that one itself."""
    return ".".join(item.subindicator.split(".")[:2])


def anchor_of(code: str) -> str:
    """``butir-8-1-1-a``: where the question stands on its page."""
    return f"butir-{code.replace('.', '-')}"


def grouped(
    rows: Iterable[CatalogueRow], found: Mapping[str, Sequence[Bundle]], card: Callable[[ItemSpec], Any]
) -> list[Group]:
    """The indicators *rows* that have questions, each with its bundles; *card* draws one question."""

    def shown(bundle: Bundle) -> Shown:
        elsewhere = tuple((one.code, anchor_of(one.code)) for one in bundle.elsewhere)
        return Shown(bundle, tuple(card(item) for item in bundle.items), elsewhere)

    return [Group(row, tuple(shown(bundle) for bundle in found[row.code])) for row in rows if row.code in found]


def members(items: Sequence[ItemSpec], item: ItemSpec) -> tuple[ItemSpec, ...]:
    """The questions among *items* of one standard that are answered together with *item*, itself included."""
    if not item.group:
        return (item,)
    return tuple(one for one in items if one.group == item.group)


def partners(items: Sequence[ItemSpec], item: ItemSpec) -> tuple[ItemSpec, ...]:
    """The others of :func:`members`: what a proof of *item* may prove as well."""
    return tuple(one for one in members(items, item) if one.code != item.code)


def bundles(items: Sequence[ItemSpec], groups: Mapping[str, GroupSpec]) -> dict[str, list[Bundle]]:
    """Cards by indicator. A group stands where the first of its questions under that indicator stands; all else keeps
    the order of *items*, which are those of one standard."""
    found: dict[str, list[Bundle]] = {}
    done: set[str] = set()
    for item in items:
        if item.code in done:
            continue
        indicator = indicator_of(item)
        together = members(items, item)
        here = tuple(one for one in together if indicator_of(one) == indicator)
        bundle = Bundle(groups.get(item.group or ""), here, tuple(one for one in together if one not in here))
        if bundle.group is None or (len(together) == 1 and not bundle.with_sheet):
            bundle = Bundle(None, (item,))
        found.setdefault(indicator, []).append(bundle)
        done |= {one.code for one in bundle.items}
    return found
