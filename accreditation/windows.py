"""Whether proof lies within the time that a rubric looks back on. Pure: no Django, no clock.

How many years an item looks back, and the source of that, stands with the scheme (``catalogue.Windows``). What a date
means here is our own reading: the years are counted back from a day, and proof of exactly that many years ago counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """Where one piece of proof stands against a window, the ones to look at first."""

    TOO_OLD = "TOO_OLD"
    EXPIRED = "EXPIRED"
    UNDATED = "UNDATED"
    AHEAD = "AHEAD"
    CURRENT = "CURRENT"


NAMES = {
    Standing.TOO_OLD: "Terlalu lama",
    Standing.EXPIRED: "Masa berlaku habis",
    Standing.UNDATED: "Tanpa tanggal",
    Standing.AHEAD: "Tanggalnya belum tiba",
    Standing.CURRENT: "Masih berlaku",
}


def since(on: date, years: int) -> date:
    """The first day that still counts *years* back from *on*; 29 February has its day before in a shorter year.

    Raises ValueError when *years* is below 1 or leads before year 1.
    """
    if years < 1:
        raise ValueError(f"years must be at least 1, not {years}")
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        if on.year <= years:
            raise
        return date(on.year - years, 2, 28)


def standing(dated: date | None, valid_until: date | None, *, years: int, on: date) -> Standing:
    """Where proof of that date stands on the day *on*. Its last day of validity still counts.

    What is too old is too old whatever its validity; without a date, only a validity that ended says anything.
    """
    if dated is not None and dated < since(on, years):
        return Standing.TOO_OLD
    if valid_until is not None and valid_until < on:
        return Standing.EXPIRED
    if dated is None:
        return Standing.UNDATED
    return Standing.AHEAD if dated > on else Standing.CURRENT


@dataclass(frozen=True, slots=True)
class Dated:
    """One piece of proof by its code, with what the school says about its time."""

    code: str
    dated: date | None
    valid_until: date | None


def sort_out(proofs: Iterable[Dated], *, years: int, on: date) -> dict[Standing, tuple[str, ...]]:
    """Codes by standing, in the order of :class:`Standing`, each list from the oldest date; standings of none are left
    out. Of two pieces of the same code the first counts."""
    once: dict[str, Dated] = {}
    for proof in proofs:
        once.setdefault(proof.code, proof)
    found: dict[Standing, list[Dated]] = {one: [] for one in Standing}
    for proof in once.values():
        found[standing(proof.dated, proof.valid_until, years=years, on=on)].append(proof)
    return {
        one: tuple(proof.code for proof in sorted(rows, key=lambda proof: (proof.dated or date.max, proof.code)))
        for one, rows in found.items()
        if rows
    }
