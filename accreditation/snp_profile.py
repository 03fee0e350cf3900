"""The scheme ``snp-profile``: the quality profile 0-7 of a school from JSON input. Pure: no Django, no I/O.

Rules and sources: docs/algorithms/quality-profile.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accreditation.json_input import named, shown
from accreditation.scoring import InputError
from common.explanation import Explanation
from common.rounding import round_half_up
from evaluations.scoring import (
    NOT_APPLICABLE,
    Figure,
    Outcome,
    OutcomeState,
    Profile,
    build_profile,
    explain_profile,
    outcome_of,
)
from evaluations.values import Value, YesNo, parse_level, parse_value
from standards.catalogue import Catalogue
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec

NA = "NA"
_SCORE = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,30})?")
_KEYS = ("levels", "scores")


@dataclass(frozen=True)
class Answers:
    """The input in the terms of :func:`evaluations.scoring.build_profile`."""

    outcomes: Mapping[str, Outcome]  # by item
    given: Mapping[str, Fraction | Outcome]  # by subindicator


@dataclass(frozen=True)
class ProfileResult:
    """A profile together with what it was made from."""

    catalogue: Catalogue
    instrument: InstrumentSpec
    form: str
    answers: Answers
    profile: Profile

    def as_dict(self) -> dict[str, Any]:
        profile = self.profile
        return {
            "total": {"score": profile.total.printed, "category": profile.total.category},
            "measured": profile.measured,
            "standards": [{**_figure(f), "category": f.category} for f in profile.standards],
            "indicators": [_figure(f) for f in profile.indicators],
            "coverage": f"{round_half_up(profile.coverage):f}",
        }

    def explain(self) -> Explanation:
        answers = self.answers
        return explain_profile(
            self.catalogue, self.instrument, self.form, self.profile, answers.outcomes, given=answers.given
        )


def _figure(figure: Figure) -> dict[str, str | None]:
    return {"code": figure.code, "score": figure.printed}


@dataclass(frozen=True)
class SnpProfile:
    """The profile on one version of the self-evaluation instrument."""

    catalogue: Catalogue
    instrument: InstrumentSpec
    key: str = "snp-profile"

    @property
    def forms(self) -> tuple[str, ...]:
        return self.instrument.forms

    def score(self, form: str, data: Mapping[str, Any]) -> ProfileResult:
        """*data* holds ``levels`` and/or ``scores``. Raises InputError that names what is wrong."""
        if form not in self.forms:
            raise InputError(f"Bentuk pendidikan “{named(form)}” tidak dikenal; pilih {', '.join(self.forms)}.")
        answers = read_answers(self.catalogue, self.instrument, form, data)
        profile = build_profile(self.catalogue, self.instrument, form, answers.outcomes, given=answers.given)
        return ProfileResult(self.catalogue, self.instrument, form, answers, profile)


def read_answers(catalogue: Catalogue, instrument: InstrumentSpec, form: str, data: Mapping[str, Any]) -> Answers:
    """Check and convert the input. null leaves a code out, in ``scores`` "" does too.

    Raises InputError for unknown keys and codes, values that a code does not take, and a code given twice.
    """
    if unknown := [key for key in data if key not in _KEYS]:
        raise InputError(f"Kunci “{named(unknown[0])}” tidak dikenal; yang dipakai hanya levels dan scores.")
    if not data:
        raise InputError("Masukan kosong: beri levels, scores, atau keduanya.")
    for key, codes in data.items():
        if not isinstance(codes, Mapping):
            raise InputError(f'{key}: harus objek, misalnya {{"{key}": {{"8.1.1": 3}}}}.')
    reader = _Reader(catalogue, instrument, form)
    for code, raw in data.get("levels", {}).items():
        if raw is not None:
            reader.level(code, raw)
    for code, raw in data.get("scores", {}).items():
        if raw is not None and raw != "":
            reader.score(code, raw)
    return Answers(reader.outcomes, reader.given)


@dataclass
class _Reader:
    """Collects outcomes code by code, and refuses a second word on the same thing."""

    catalogue: Catalogue
    instrument: InstrumentSpec
    form: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    given: dict[str, Fraction | Outcome] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)  # subindicators given as such

    def level(self, code: str, raw: Any) -> None:
        """An answer, level or "NA" for an item or for a whole subindicator."""
        item = self.instrument.asked(self.form).get(code)
        if item is None and any(code == other.code for other in self.instrument.items):
            raise InputError(f"{code}: tidak ditanyakan untuk {self.form}.")
        if item is not None:
            self._claim(item.subindicator, code, whole=False)
            self.outcomes[code] = self._outcome(item, code, raw)
            return
        self._require_subindicator(code)
        self._claim(code, code, whole=True)
        everywhere = [item for item in self.instrument.items if item.subindicator == code]
        items = [item for item in everywhere if item.asked_at(self.form)]
        if everywhere and not items:
            raise InputError(f"{code}: tidak ditanyakan untuk {self.form}.")
        for item in items:
            self.outcomes[item.code] = self._outcome(item, code, raw)
        if not items:
            self.given[code] = self._without_items(code, raw)

    def score(self, code: str, raw: Any) -> None:
        """A score 0-7 of a subindicator."""
        self._require_subindicator(code)
        self._claim(code, code, whole=True)
        scale = self.instrument.profile_rules.scale
        if isinstance(raw, str) and _SCORE.fullmatch(raw.strip()):
            value = Decimal(raw.strip().replace(",", "."))
        elif isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            value = Decimal(raw)
        else:
            raise InputError(f"{code}: nilai {shown(raw)} bukan bilangan 0 sampai {scale}.")
        if not 0 <= value <= scale:
            raise InputError(f"{code}: nilai {shown(raw)} di luar 0 sampai {scale}.")
        self.given[code] = Fraction(value)

    def _require_subindicator(self, code: str) -> None:
        row = self.catalogue.by_code.get(code)
        if row is None:
            raise InputError(f"Kode {named(code)} tidak dikenal.")
        if row.level != "subindicator":
            raise InputError(f"{code} bukan subindikator atau pertanyaan; beri nilai pada subindikatornya.")

    def _claim(self, subindicator: str, code: str, *, whole: bool) -> None:
        """A subindicator is given as a whole once, or by its items."""
        by_items = any(done.startswith(f"{subindicator}.") for done in self.outcomes)
        if subindicator in self.whole or (whole and by_items):
            also = "" if subindicator == code else f" (lewat {subindicator} dan pertanyaannya)"
            raise InputError(f"{code}: diberikan dua kali{also}.")
        if whole:
            self.whole.add(subindicator)

    def _outcome(self, item: ItemSpec, code: str, raw: Any) -> Outcome:
        if raw == NA:
            return NOT_APPLICABLE
        try:
            value = self._value(item, raw)
        except ValueError as error:
            raise InputError(f"{code}: {error}; yang diberikan {shown(raw)}.") from None
        return outcome_of(item, value, self.instrument.profile_rules)

    @staticmethod
    def _value(item: ItemSpec, raw: Any) -> Value:
        if isinstance(raw, bool) and item.kind == "yesno":
            return YesNo(raw)
        return parse_value(item, raw) if isinstance(raw, Mapping) else parse_level(raw)

    def _without_items(self, code: str, raw: Any) -> Outcome:
        if raw == NA:
            return NOT_APPLICABLE
        try:
            level = parse_level(raw).level
        except ValueError as error:
            raise InputError(f'{code}: {error}, atau "{NA}"; yang diberikan {shown(raw)}.') from None
        fraction = self.instrument.profile_rules.rubric[level]
        return Outcome(OutcomeState.ANSWERED, fraction, level, f"Level {level}", f"level {level} bernilai {fraction}")
