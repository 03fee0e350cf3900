"""How a number came to be: a tree that page and report unfold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """One figure: what it is, its value as shown, the calculation, its source, and the figures it rests on."""

    title: str
    value: str
    formula: str = ""
    source: str = ""
    parts: tuple[Explanation, ...] = field(default=())

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Explanation]]:
        """This figure and all below it, with their depth, in reading order."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"title": self.title, "value": self.value}
        if self.formula:
            data["formula"] = self.formula
        if self.source:
            data["source"] = self.source
        if self.parts:
            data["parts"] = [part.as_dict() for part in self.parts]
        return data
