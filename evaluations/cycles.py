"""The stages of a year, as data: names, order and proposed dates. Pure."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from common.yamlfile import DataFileError, parse, read_yaml

FILE = Path(__file__).parent / "data" / "cycle_models.yaml"


class StageSpec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    from_: str = Field(alias="from", pattern=r"^\d{2}-\d{2}$")
    to: str = Field(pattern=r"^\d{2}-\d{2}$")
    about: str

    def dates(self, year: int) -> tuple[date, date]:
        """Proposed first and last day in the academic year that starts in July of *year*."""
        return _day(self.from_, year), _day(self.to, year)


class CycleModelSpec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str
    status: Literal["confirmed", "unverified"]
    stages: tuple[StageSpec, ...] = Field(min_length=1)


class CycleModels(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    default: str
    models: dict[str, CycleModelSpec]


def _day(month_day: str, year: int) -> date:
    month, day = (int(part) for part in month_day.split("-"))
    return date(year if month >= 7 else year + 1, month, day)


def load_cycle_models() -> CycleModels:
    """Raises DataFileError, also for a default that is none of the models."""
    document = read_yaml(FILE)
    found = parse(document, CycleModels)
    if found.default not in found.models:
        raise DataFileError([document.problem(("default",), f"model {found.default} tidak ada di sini")])
    return found


@cache
def cycle_models() -> CycleModels:
    return load_cycle_models()
