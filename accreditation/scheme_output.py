"""Answers as the JSON that ``accreditation.scheme_input`` reads: the way back. Pure: no Django, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from accreditation.catalogue import SchemeData
from accreditation.scheme_input import NA
from accreditation.scoring import Answers
from common.rounding import round_half_up

_THRESHOLD_DIGITS = 9  # as many decimals as the input takes


@dataclass(frozen=True)
class Copy:
    """Answers as plain input: estimates have become levels (or sums) like those that somebody gave.

    ``estimated`` names what was an estimate, ``left_out`` the components whose sum has no place beside letters.
    """

    data: Mapping[str, Any]
    estimated: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()


def plain_copy(scheme: SchemeData, form: str, answers: Answers) -> Copy:
    """*answers* as input, the items in the order of the instrument; {} when nothing was answered.

    The input takes either letters or sums. Where the school gave letters, sums of other components are left out; a
    sum that is an estimate is rounded half up to whole points.
    """
    layout = scheme.layouts[form]
    levels = _levels(scheme, form, answers)
    data: dict[str, Any] = {}
    estimated = {code for code, rating in answers.ratings.items() if rating.estimated}
    left_out: tuple[str, ...] = ()
    if levels:
        data["answers" if scheme.spec.scale.letters else "levels"] = levels
        left_out = tuple(part.name for part in layout.components if part.code in answers.obtained)
    elif answers.obtained:
        data["obtained"] = {
            part.code: int(round_half_up(answers.obtained[part.code], 0))
            for part in layout.components
            if part.code in answers.obtained
        }
        estimated |= answers.estimated
    if scheme.spec.index is not None and any(value is not None for value in answers.statements):
        data[scheme.spec.index.code] = list(answers.statements)
    if answers.entry:
        data["ipm"] = dict(answers.entry)
    if answers.thresholds:
        data["thresholds"] = {letter: _number(least) for letter, least in answers.thresholds.items()}
    return Copy(data, frozenset(estimated), left_out)


def _levels(scheme: SchemeData, form: str, answers: Answers) -> dict[str, int | str]:
    letters = scheme.spec.scale.letters
    found: dict[str, int | str] = {}
    for code in scheme.layouts[form].items:
        rating = answers.ratings.get(code)
        if rating is not None:
            found[code] = letters[rating.level] if letters else rating.level
        elif code in answers.not_applicable:
            found[code] = NA
    return found


def _number(value: Fraction) -> str:
    return f"{round_half_up(value, _THRESHOLD_DIGITS).normalize():f}"
