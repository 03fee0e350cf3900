"""The academic year as a value: July to June, written 2026/2027, addressed by its start year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

FIRST, LAST = 2000, 2100


@dataclass(frozen=True, slots=True, order=True)
class AcademicYear:
    """Raises ValueError for a start year outside 2000-2100."""

    start: int

    def __post_init__(self) -> None:
        if not FIRST <= self.start <= LAST:
            raise ValueError(f"tahun pelajaran {self.start} di luar {FIRST}-{LAST}")

    @classmethod
    def of(cls, day: date) -> AcademicYear:
        """The year that *day* falls into; it changes on 1 July."""
        return cls(day.year if day.month >= 7 else day.year - 1)

    @classmethod
    def parse(cls, text: str) -> AcademicYear:
        """``2026/2027`` or ``2026``. Raises ValueError when the second year is not the first plus one."""
        match = re.fullmatch(r"\s*(\d{4})(?:\s*/\s*(\d{4}))?\s*", text)
        if match is None or (match[2] and int(match[2]) != int(match[1]) + 1):
            raise ValueError(f"tahun pelajaran ditulis seperti 2026/2027, bukan '{text}'")
        return cls(int(match[1]))

    def __str__(self) -> str:
        return f"{self.start}/{self.start + 1}"

    @property
    def first_day(self) -> date:
        return date(self.start, 7, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, 6, 30)

    def previous(self) -> AcademicYear:
        return AcademicYear(self.start - 1)

    def following(self) -> AcademicYear:
        return AcademicYear(self.start + 1)
